"""What is well and what is not on this machine, and what to do about it.

Each check ends in findings, which are data: `stslocal doctor` prints them, tests compare them.
"""

from stslocal.doctor.examination import examine
from stslocal.doctor.findings import Finding, State, exit_code

__all__ = ["Finding", "State", "examine", "exit_code"]
