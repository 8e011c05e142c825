"""What the sound server of Linux says about a device: PulseAudio, or PipeWire in its place.

PortAudio reaches it through ALSA and knows its devices as "default" or "pulse" only. `pactl` knows
which microphone that is, and whether it is muted.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from stslocal.audio.devices import Kind

_SYSTEM: str = sys.platform
DEFAULT_NAMES = ("default", "pulse", "pipewire", "sysdefault")
"""ALSA's devices that lead to the sound server's default."""
_SERVER_KINDS: dict[Kind, str] = {"input": "source", "output": "sink"}
_ANSWER_S = 2.0
"""The sound server answers at once, or something is wrong with it."""


def name_for_people(device_name: str, kind: Kind) -> str:
    """The name of a device as the person's sound settings have it, such as `Built-in Audio`.

    `device_name` is PortAudio's, and the answer where the sound server does not say more.
    """
    found = _find(device_name, kind) if _is_default(device_name) else None
    return found.get("Description", device_name) if found else device_name


def muted_source(device_name: str) -> str | None:
    """The sound server's name of this microphone, if it is muted there.

    `device_name` is PortAudio's, or what `name_for_people` gives for it. None where it is not
    muted, and where nobody can be asked.
    """
    found = _find(device_name, "input") or {}
    return found.get("Name") if found.get("Mute") == "yes" else None


def _is_default(device_name: str) -> bool:
    return device_name.partition(":")[0].strip().lower() in DEFAULT_NAMES


def _find(device_name: str, kind: Kind) -> dict[str, str] | None:
    """The device as the sound server lists it: the fields `Name`, `Description`, `Mute`."""
    if _SYSTEM != "linux":
        return None
    server_kind = _SERVER_KINDS[kind]
    is_default = _is_default(device_name)
    wanted = ask_server(f"get-default-{server_kind}").strip() if is_default else device_name
    for block in re.split(r"\n(?=\S)", ask_server("list", f"{server_kind}s")):
        fields = dict(re.findall(r"^\s+(Name|Description|Mute): (.+)$", block, re.MULTILINE))
        if wanted and wanted in (fields.get("Name"), fields.get("Description")):
            return fields
    return None


def ask_server(*question: str) -> str:
    """What `pactl` prints for these arguments; empty where it fails or there is none."""
    try:
        return subprocess.run(
            ["pactl", *question],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_S,
            check=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
