"""Sound cards as PortAudio lists them.

sounddevice loads at the first call, so that everything else works where PortAudio is missing: on
Linux its wheel brings none, and the error then names the system's package.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

from stslocal.errors import AudioDeviceError

Kind: TypeAlias = Literal["input", "output"]
"""Which side of a device: what it hears or what it plays."""

WORDS = {"input": "microphone", "output": "loudspeaker"}
"""What each side is called to a person."""

_SYSTEM: str = sys.platform

LOCK = threading.RLock()
"""PortAudio may be entered by one thread at a time. Its callbacks must never take this."""


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """A device as PortAudio lists it. The same card may be listed once for each host API."""

    index: int
    """PortAudio's number; another one after devices came or went."""
    name: str
    host_api: str
    """Such as `ALSA`, `Core Audio` or `Windows WASAPI`."""
    input_channels: int
    output_channels: int
    sample_rate: int
    """Hertz it works at by itself."""
    is_default_input: bool = False
    is_default_output: bool = False

    def channels(self, kind: Kind) -> int:
        """How many channels it hears or plays; 0 where it cannot."""
        return self.input_channels if kind == "input" else self.output_channels

    def is_default(self, kind: Kind) -> bool:
        """Whether the system takes it where none is named."""
        return self.is_default_input if kind == "input" else self.is_default_output

    def __str__(self) -> str:
        """One line for a list."""
        return (
            f"{self.index}: {self.name} ({self.host_api}, {self.input_channels} in,"
            f" {self.output_channels} out, {self.sample_rate} Hz)"
        )


def list_devices() -> list[AudioDevice]:
    """All devices, maybe none. Raises AudioDeviceError where PortAudio is missing."""
    with LOCK:
        sounddevice = portaudio()
        defaults = {kind: _default_index(sounddevice, kind) for kind in ("input", "output")}
        apis = [api["name"] for api in sounddevice.query_hostapis()]
        return [
            AudioDevice(
                index=index,
                name=device["name"],
                host_api=apis[device["hostapi"]],
                input_channels=device["max_input_channels"],
                output_channels=device["max_output_channels"],
                sample_rate=round(device["default_samplerate"]),
                is_default_input=index == defaults["input"],
                is_default_output=index == defaults["output"],
            )
            for index, device in enumerate(sounddevice.query_devices())
        ]


def find_device(wanted: str | int | None, kind: Kind) -> AudioDevice:
    """The device with that number, or whose name contains `wanted` (case does not matter).

    None is the system's default. Where one card is listed for several host APIs, the default's
    host API is preferred. Raises AudioDeviceError, which lists the devices, where none fits or
    several do.
    """
    devices = [device for device in list_devices() if device.channels(kind)]
    if not devices:
        raise AudioDeviceError(_none_found(kind))
    if wanted is None:
        return next((device for device in devices if device.is_default(kind)), devices[0])
    word, text = WORDS[kind], str(wanted).strip()
    if text.isdecimal():
        matches = [device for device in devices if device.index == int(text)]
    else:
        matches = _by_name(devices, text, kind)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise AudioDeviceError(
            f"several {word}s match {text!r}: give more of the name, or the number\n"
            + listed(matches)
        )
    raise AudioDeviceError(f"no {word} matches {text!r}: choose one of these\n{listed(devices)}")


def find_again(device: AudioDevice, kind: Kind) -> AudioDevice:
    """The same device in PortAudio's present list. Raises AudioDeviceError where it is gone."""
    for candidate in list_devices():
        same = (candidate.name, candidate.host_api) == (device.name, device.host_api)
        if same and candidate.channels(kind):
            return candidate
    raise AudioDeviceError(f"the {WORDS[kind]} {device.name!r} is gone: connect it again")


def _by_name(devices: list[AudioDevice], text: str, kind: Kind) -> list[AudioDevice]:
    lowered = text.lower()
    matches = [device for device in devices if lowered in device.name.lower()]
    exact = [device for device in matches if device.name.lower() == lowered]
    matches = exact or matches
    apis = {device.host_api for device in devices if device.is_default(kind)}
    return [device for device in matches if device.host_api in apis] or matches


def portaudio() -> Any:
    """The sounddevice module. Raises AudioDeviceError where PortAudio is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise AudioDeviceError(_portaudio_missing()) from error
    if _SYSTEM == "linux":
        _hush_alsa()
    return sounddevice


_IGNORE = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)(
    lambda file, line, function, error: None
)


@cache
def _hush_alsa() -> None:
    """Have ALSA not write of underruns into the terminal: they are counted."""
    with suppress(OSError, AttributeError):  # PortAudio may be built without ALSA
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_IGNORE)


def _portaudio_missing() -> str:
    what = "PortAudio is missing, without which no microphone or loudspeaker can be reached: "
    if _SYSTEM == "linux":
        return what + (
            "run `sudo apt install libportaudio2` (Debian, Ubuntu),"
            " `sudo dnf install portaudio` (Fedora) or `sudo pacman -S portaudio` (Arch)"
        )
    return what + "run `pip install --force-reinstall sounddevice`"


def _none_found(kind: Kind) -> str:
    what = f"no {WORDS[kind]} was found: connect one, "
    if _SYSTEM == "linux":
        return what + (
            "install `libasound2-plugins` (PulseAudio) or `pipewire-alsa` (PipeWire),"
            " or join the group that may use sound cards (`sudo usermod -aG audio $USER`)"
        )
    if _SYSTEM == "darwin":
        return what + "or allow it in System Settings > Privacy & Security > Microphone"
    return what + "or allow it in Settings > Privacy & security > Microphone"


def _default_index(sounddevice: Any, kind: str) -> int:
    try:
        return int(sounddevice.query_devices(kind=kind)["index"])
    except (sounddevice.PortAudioError, ValueError):  # there is none
        return -1


def listed(devices: list[AudioDevice]) -> str:
    """A line for each device."""
    return "\n".join(f"  {device}" for device in devices)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep ALSA and PortAudio from writing to the terminal; their errors arrive as exceptions."""
    try:
        kept = os.dup(2)
    except OSError:  # no standard error at all
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
