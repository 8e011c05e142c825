"""Whether live has ears and a mouth. Files need neither, so nothing here is `broken`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

from stslocal.audio.devices import KIND_NAMES, Kind, find_device, list_devices, stderr_silenced
from stslocal.audio.levels import Level, overall_level
from stslocal.audio.listening import measure_levels
from stslocal.doctor.findings import Finding
from stslocal.errors import AudioDeviceError

_SYSTEM: str = sys.platform
_EVERY_S = 0.1
_NOTHING_DBFS = -80.0
"""A microphone that is on has more noise of its own."""
_QUIET_DBFS = -40.0


def check_sound() -> Iterator[Finding]:
    """PortAudio, and the devices that live takes where none is named."""
    try:
        with stderr_silenced():
            count = len(list_devices())
    except AudioDeviceError as error:
        yield Finding("PortAudio", "note", f"{error}; files can be translated without it")
        return
    devices = "1 device" if count == 1 else f"{count} devices"
    yield Finding("PortAudio", "ok", devices, {"devices": count})
    kinds: tuple[Kind, ...] = ("input", "output")
    for kind in kinds:
        try:
            device = find_device(None, kind)
        except AudioDeviceError as error:
            # Where there is nothing at all, the same advice twice helps nobody.
            text = str(error) if count or kind == "input" else "none was found either"
            yield Finding(KIND_NAMES[kind], "note", text)
        else:
            text = f"{device.name} ({device.host_api}, {device.sample_rate} Hz)"
            yield Finding(
                KIND_NAMES[kind], "ok", text, {"index": device.index, "name": device.name}
            )


def check_level(seconds: float, announce: Callable[[str], None]) -> Finding:
    """Listen to the microphone for a while, which `announce` tells the person first."""
    try:
        device = find_device(None, "input")
        with closing(measure_levels(device, every_s=_EVERY_S)) as levels:
            announce(f"listening to {device.name} for {seconds:g} s: say something")
            heard = overall_level(list(islice(levels, max(1, round(seconds / _EVERY_S)))))
    except AudioDeviceError as error:
        return Finding("input level", "note", str(error))
    return judge_level(heard)


def judge_level(level: Level) -> Finding:
    """Whether speech at this level can be recognized."""
    text = f"peak {level.peak_dbfs:.0f} dBFS, RMS {level.rms_dbfs:.0f} dBFS"
    figures = {"peak_dbfs": level.peak_dbfs, "rms_dbfs": level.rms_dbfs}
    if level.peak_dbfs < _NOTHING_DBFS:
        advice = f"nothing arrives: switch the microphone on{_allow()}"
    elif level.peak_dbfs < _QUIET_DBFS:
        advice = "very quiet: speak, come closer or turn the input up"
    elif level.is_clipped:
        advice = "too loud, which distorts it: turn the input down"
    else:
        return Finding("input level", "ok", text, figures)
    return Finding(
        "input level",
        "note",
        f"{text}; {advice} (watch it with `stslocal devices --meter`)",
        figures,
    )


def _allow() -> str:
    """MacOS and Windows give silence to programs that may not listen."""
    if _SYSTEM == "darwin":
        return ", or allow it in System Settings > Privacy & Security > Microphone"
    if _SYSTEM == "win32":
        return ", or allow it in Settings > Privacy & security > Microphone"
    return ", or choose another as the system's default"
