"""What one live session takes of this machine, and so how many it keeps up with.

The server measures it at its first start; the doctor shows what was measured.
"""

from __future__ import annotations

from stslocal.loading.selection import EngineSelection
from stslocal.loading.speeds import MeasuredSpeed, Speeds
from stslocal.settings import Settings

MOST = 1000
"""Sessions at once, whatever was measured."""
_USED = 0.8
"""Share of the machine that sessions may take. The rest is for what comes at the same moment."""
_PREFIX = "a live session, "


def sessions_for(load: float) -> int:
    """The sessions that a machine keeps up with, of which one takes the share `load` of it."""
    return max(1, min(MOST, int(_USED / load))) if load > 0 else MOST


def load_key(selection: EngineSelection, settings: Settings) -> str:
    """The key under which `Speeds` keep the share that one session takes."""
    engines = "+".join(selection.as_settings().values())
    threads = settings.threads or "all"
    return f"{_PREFIX}{engines}, {settings.device} {settings.compute_type}, {threads} threads"


def recognition_key(recognizer: str, settings: Settings) -> str:
    """The key for a session that is only recognized."""
    threads = settings.threads or "all"
    return (
        f"{_PREFIX}{recognizer} alone, {settings.device} {settings.compute_type}, {threads} threads"
    )


def measured_sessions(speeds: Speeds) -> dict[str, MeasuredSpeed]:
    """The load of one session on this machine, by engines: `sessions_for` gives the number."""
    return {
        key.removeprefix(_PREFIX): speed
        for key in speeds.keys_with(_PREFIX)
        if (speed := speeds.get(key)) is not None
    }
