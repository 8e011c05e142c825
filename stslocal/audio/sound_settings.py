"""What the sound server of Linux says about a microphone: PulseAudio, or PipeWire in its place."""

from __future__ import annotations

import os
import subprocess
import sys

DEFAULT_SOURCE = "@DEFAULT_SOURCE@"
"""The sound server's name of the microphone that programs get."""
_SYSTEM: str = sys.platform
_PLUGINS = ("default", "pulse", "pipewire", "sysdefault")
"""ALSA's devices that lead to the sound server's default microphone."""
_ANSWER_S = 2.0


def muted_source(device_name: str) -> str | None:
    """The sound server's name of this microphone, if it is muted there.

    `device_name` is PortAudio's. None where it is not muted, and where nobody can be asked.
    """
    name = DEFAULT_SOURCE
    if device_name.partition(":")[0].strip().lower() not in _PLUGINS:
        if device_name not in _sources():
            return None
        name = device_name
    return name if _ask("get-source-mute", name).strip().lower().endswith("yes") else None


def _sources() -> list[str]:
    rows = [line.split("\t") for line in _ask("list", "short", "sources").splitlines()]
    return [row[1] for row in rows if len(row) > 1]


def _ask(*question: str) -> str:
    """The answer of `pactl`; empty where there is none."""
    if _SYSTEM != "linux":
        return ""
    try:
        return subprocess.run(
            ["pactl", *question],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_S,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
