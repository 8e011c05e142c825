"""Shows how many live sessions `stslocal serve` takes on this machine, where it was measured."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.doctor.findings import Finding
from stslocal.loading.session_load import measured_sessions
from stslocal.loading.speeds import Speeds


def check_sessions(speeds: Speeds) -> Iterator[Finding]:
    """Give the number for each set of engines with which a server was started here."""
    for engines, (sessions, measured) in measured_sessions(speeds).items():
        live = "1 live session" if sessions == 1 else f"{sessions} live sessions"
        yield Finding(
            "server",
            "ok",
            f"{live} at once with {engines} (measured {measured})",
            {"sessions": sessions, "engines": engines, "measured": measured},
        )
