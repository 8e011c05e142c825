"""Checks the microphone and the loudspeaker. Only live needs them, so nothing here is `broken`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

from stslocal.audio.devices import KIND_NAMES, Kind, find_device, list_devices, stderr_silenced
from stslocal.audio.levels import NOTHING_DBFS, QUIET_DBFS, Level, overall_level
from stslocal.audio.listening import measure_levels
from stslocal.doctor.findings import Finding
from stslocal.errors import AudioDeviceError
from stslocal.settings import Settings

_SYSTEM: str = sys.platform
_EVERY_S = 0.1


def check_sound(settings: Settings) -> Iterator[Finding]:
    """Check PortAudio, and the devices that live uses with these settings."""
    try:
        with stderr_silenced():
            count = len(list_devices())
    except AudioDeviceError as error:
        yield Finding("PortAudio", "note", f"{error}; files can be translated without it")
        return
    devices = "1 device" if count == 1 else f"{count} devices"
    yield Finding("PortAudio", "ok", devices, {"devices": count})
    kinds: tuple[tuple[Kind, str], ...] = (
        ("input", settings.input_device),
        ("output", settings.output_device),
    )
    for kind, wanted in kinds:
        try:
            device = find_device(wanted or None, kind)
        except AudioDeviceError as error:
            # With no device at all, the loudspeaker's advice would repeat the microphone's.
            text = str(error) if count or kind == "input" else "no loudspeaker was found either"
            yield Finding(KIND_NAMES[kind], "note", text)
        else:
            text = f"{device.name} ({device.host_api}, {device.sample_rate} Hz)"
            yield Finding(
                KIND_NAMES[kind], "ok", text, {"index": device.index, "name": device.name}
            )


def check_level(seconds: float, announce: Callable[[str], None], settings: Settings) -> Finding:
    """Listen to the microphone for `seconds`. `announce` gets a message before that starts."""
    try:
        device = find_device(settings.input_device or None, "input")
        with closing(measure_levels(device, every_s=_EVERY_S)) as levels:
            announce(f"listening to {device.name} for {seconds:g} s: say something")
            level = overall_level(list(islice(levels, max(1, round(seconds / _EVERY_S)))))
    except AudioDeviceError as error:
        return Finding("input level", "note", str(error))
    return judge_level(level)


def judge_level(level: Level) -> Finding:
    """Judge whether speech at this level can be recognized."""
    text = f"loudest {level.peak_dbfs:.0f} dB, average {level.rms_dbfs:.0f} dB"
    figures = {"peak_dbfs": level.peak_dbfs, "rms_dbfs": level.rms_dbfs}
    if level.peak_dbfs < NOTHING_DBFS:
        advice = f"nothing arrives: switch the microphone on{_or_other_remedy()}"
    elif level.peak_dbfs < QUIET_DBFS:
        advice = "very quiet: speak, come closer or turn the input up"
    elif level.is_clipped:
        advice = "too loud, so the sound is distorted: turn the input down"
    else:
        return Finding("input level", "ok", text, figures)
    return Finding(
        "input level",
        "note",
        f"{text}; {advice} (watch it with `stslocal devices --meter`)",
        figures,
    )


def _or_other_remedy() -> str:
    """The end of the advice. macOS and Windows give silence to programs without permission."""
    if _SYSTEM == "darwin":
        return ", or allow it in System Settings > Privacy & Security > Microphone"
    if _SYSTEM == "win32":
        return ", or allow it in Settings > Privacy & security > Microphone"
    return ", or choose another as the system's default"
