"""What is said when the translation of one recording of several fails."""

from __future__ import annotations

from pathlib import Path

from stslocal.errors import StslocalError, root_cause


def sentence_of(error: Exception, source: Path) -> str:
    """Say what failed, with the recording's name."""
    if isinstance(error, StslocalError):
        reason = str(root_cause(error))
    elif isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        reason = f"{where}{error.strerror}"
    else:
        reason = (
            f"internal error ({type(error).__name__}: {error}): run it again with -vv to see where"
        )
    return reason if source.name in reason else f"{source}: {reason}"
