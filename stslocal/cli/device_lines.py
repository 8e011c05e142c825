"""The sentences about the microphone and the loudspeaker of a live session."""

from __future__ import annotations

import sys

from stslocal.audio.devices import KIND_NAMES
from stslocal.audio.sound_settings import muted_source
from stslocal.metrics import DeviceChanged, MicrophoneFault, MicrophoneTrouble

_SYSTEM: str = sys.platform

_FAULTS: dict[MicrophoneTrouble, str] = {
    "quiet": 'speech from "{}" is very quiet: come closer to it, or turn its level up in the sound'
    " settings",
    "too loud": '"{}" is too loud and distorted: turn its level down in the sound settings, or go'
    " further away from it",
    "telephone": '"{}" sounds like a telephone, and words are recognized wrongly: where it is a'
    " Bluetooth headset, use another microphone with --input-device",
}
_FAULTS_OF_A_RECORDING: dict[MicrophoneTrouble, str] = {
    "quiet": 'speech in "{}" is very quiet: words may be missing',
    "too loud": '"{}" is distorted, because it was recorded too loud: words may be wrong',
    "telephone": '"{}" has the sound of a telephone: words may be wrong',
}


class DeviceLines:
    """Knows the devices of a session by name. One thread uses it."""

    def __init__(self) -> None:
        self._input_name = KIND_NAMES["input"]
        self._is_recording = False

    def ready(self, input_name: str, output_name: str | None) -> None:
        """Take the names; `output_name` is None where a recording is simulated."""
        self._input_name, self._is_recording = input_name, output_name is None

    def line(self, event: DeviceChanged | MicrophoneFault) -> str:
        """Say what happened and what to do. The sound server is asked why there is no sound."""
        if isinstance(event, DeviceChanged):
            if event.device == "input":
                self._input_name = event.name
            news = "is back" if event.present else "is gone: the session goes on when it is back"
            return f'the {KIND_NAMES[event.device]} "{event.name}" {news}'
        name = self._input_name
        if event.fault == "silent":
            return self._silent(name) if event.present else f'sound comes from "{name}" again'
        faults = _FAULTS_OF_A_RECORDING if self._is_recording else _FAULTS
        return faults[event.fault].format(name)

    def _silent(self, name: str) -> str:
        if self._is_recording:
            return f'there is no sound in "{name}" here'
        source = muted_source(name)
        if source is not None:
            return (
                f'no sound comes from "{name}", because it is muted in the sound settings: unmute'
                f" it there, or with `pactl set-source-mute {source} 0`"
            )
        return (
            f'no sound comes from "{name}": is it muted, or the wrong one?{_permission()}'
            " `stslocal devices` lists them"
        )


def _permission() -> str:
    """The question for systems that give silence to programs without permission."""
    if _SYSTEM == "darwin":
        return " Is it allowed in System Settings > Privacy & Security > Microphone?"
    if _SYSTEM == "win32":
        return " Is it allowed in Settings > Privacy & security > Microphone?"
    return ""
