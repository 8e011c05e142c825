"""What is said of an error that no other room has put in words."""

from __future__ import annotations

from pathlib import Path

from stslocal.errors import StslocalError, root_cause


def internal_error(bug: Exception) -> str:
    """Say that a fault of this program ended the work: the person can report it."""
    return f"internal error ({type(bug).__name__}: {bug}): run it again with -vv to see where"


def sentence_of(error: Exception, source: Path) -> str:
    """Say what failed, with the recording's name."""
    if isinstance(error, StslocalError):
        reason = str(root_cause(error))
    elif isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        reason = f"{where}{error.strerror}"
    else:
        reason = internal_error(error)
    return reason if source.name in reason else f"{source}: {reason}"
