"""Checks this machine, its models and their speed, and says how to repair faults.

Each check gives findings, which are data: `stslocal doctor` prints them, and tests compare them.
"""

from stslocal.doctor.examination import examine
from stslocal.doctor.findings import Finding, State, exit_code

__all__ = ["Finding", "State", "examine", "exit_code"]
