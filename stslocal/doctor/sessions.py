"""Shows how many live sessions `stslocal serve` takes on this machine, where it was measured."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.doctor.findings import Finding
from stslocal.loading.session_load import measured_sessions, sessions_for
from stslocal.loading.speeds import Speeds


def check_sessions(speeds: Speeds) -> Iterator[Finding]:
    """Give the number for each set of engines with which a server was started here."""
    for engines, load in measured_sessions(speeds).items():
        sessions, measured = sessions_for(load.real_time_factor), load.measured
        memory = f", {load.memory_mb:.0f} MB each at most" if load.memory_mb else ""
        live = "1 live session" if sessions == 1 else f"{sessions} live sessions"
        yield Finding(
            "server",
            "ok",
            f"{live} at once with {engines} (measured {measured}{memory})",
            {
                "sessions": sessions,
                "engines": engines,
                "measured": measured,
                "session_memory_mb": load.memory_mb,
            },
        )
