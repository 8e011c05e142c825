"""Sound cards as PortAudio lists them.

The module sounddevice is imported at the first call, so that everything else works where
PortAudio is missing. On Linux its wheel contains no PortAudio; the error names the system's
package.
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
"""Which side of a device: the input captures sound, the output plays it."""

KIND_NAMES = {"input": "microphone", "output": "loudspeaker"}
"""The name of each side in messages to people."""

_SYSTEM: str = sys.platform

PORTAUDIO_LOCK = threading.RLock()
"""Held during calls of PortAudio: one thread may call it at a time. A callback never takes it."""


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """A device as PortAudio lists it. A card may be listed several times, once per host API."""

    index: int
    """PortAudio's number. It may change when devices are connected or disconnected."""
    name: str
    host_api: str
    """For example `ALSA`, `Core Audio` or `Windows WASAPI`."""
    input_channels: int
    output_channels: int
    sample_rate: int
    """The device's default, in hertz."""
    is_default_input: bool = False
    is_default_output: bool = False

    def channels(self, kind: Kind) -> int:
        """How many channels it captures or plays; 0 if it has no such side."""
        return self.input_channels if kind == "input" else self.output_channels

    def is_default(self, kind: Kind) -> bool:
        """Whether the system uses it when no device is named."""
        return self.is_default_input if kind == "input" else self.is_default_output

    def __str__(self) -> str:
        """One line of a list of devices."""
        return (
            f"{self.index}: {self.name} ({self.host_api}, {self.input_channels} in,"
            f" {self.output_channels} out, {self.sample_rate} Hz)"
        )


def list_devices() -> list[AudioDevice]:
    """All devices; the list may be empty. Raises AudioDeviceError if PortAudio is missing."""
    with PORTAUDIO_LOCK:
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
    """The device with the number `wanted`, or with `wanted` in its name (case does not matter).

    None gives the system's default. If a card is listed for several host APIs, that of the
    default device is preferred. Raises AudioDeviceError with a list of devices if none matches or
    several do.
    """
    devices = [device for device in list_devices() if device.channels(kind)]
    if not devices:
        raise AudioDeviceError(_no_device_message(kind))
    if wanted is None:
        return next((device for device in devices if device.is_default(kind)), devices[0])
    name, text = KIND_NAMES[kind], str(wanted).strip()
    if text.isdecimal():
        matches = [device for device in devices if device.index == int(text)]
    else:
        matches = _by_name(devices, text, kind)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise AudioDeviceError(
            f"several {name}s match {text!r}: give more of the name, or the number\n"
            + device_lines(matches)
        )
    raise AudioDeviceError(
        f"no {name} matches {text!r}: choose one of these\n{device_lines(devices)}"
    )


def find_again(device: AudioDevice, kind: Kind) -> AudioDevice:
    """The same device in PortAudio's current list. Raises AudioDeviceError if it is gone."""
    for candidate in list_devices():
        same = (candidate.name, candidate.host_api) == (device.name, device.host_api)
        if same and candidate.channels(kind):
            return candidate
    raise AudioDeviceError(f"the {KIND_NAMES[kind]} {device.name!r} is gone: connect it again")


def _by_name(devices: list[AudioDevice], text: str, kind: Kind) -> list[AudioDevice]:
    lowered = text.lower()
    matches = [device for device in devices if lowered in device.name.lower()]
    exact = [device for device in matches if device.name.lower() == lowered]
    matches = exact or matches
    apis = {device.host_api for device in devices if device.is_default(kind)}
    return [device for device in matches if device.host_api in apis] or matches


def portaudio() -> Any:
    """The sounddevice module. Raises AudioDeviceError if PortAudio is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise AudioDeviceError(_portaudio_missing_message()) from error
    if _SYSTEM == "linux":
        _silence_alsa()
    return sounddevice


_IGNORE_ERROR = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int
)(lambda file, line, function, error: None)


@cache
def _silence_alsa() -> None:
    """Keep ALSA from writing about underruns into the terminal: we count them."""
    with suppress(OSError, AttributeError):  # PortAudio may be built without ALSA
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_IGNORE_ERROR)


def _portaudio_missing_message() -> str:
    problem = "PortAudio is missing, and microphones and loudspeakers cannot be used without it: "
    if _SYSTEM == "linux":
        return problem + (
            "run `sudo apt install libportaudio2` (Debian, Ubuntu),"
            " `sudo dnf install portaudio` (Fedora) or `sudo pacman -S portaudio` (Arch)"
        )
    return problem + "run `pip install --force-reinstall sounddevice`"


def _no_device_message(kind: Kind) -> str:
    problem = f"no {KIND_NAMES[kind]} was found: connect one, "
    if _SYSTEM == "linux":
        return problem + (
            "install `libasound2-plugins` (PulseAudio) or `pipewire-alsa` (PipeWire),"
            " or join the group that may use sound cards (`sudo usermod -aG audio $USER`)"
        )
    if _SYSTEM == "darwin":
        return problem + "or allow it in System Settings > Privacy & Security > Microphone"
    return problem + "or allow it in Settings > Privacy & security > Microphone"


def _default_index(sounddevice: Any, kind: str) -> int:
    try:
        return int(sounddevice.query_devices(kind=kind)["index"])
    except (sounddevice.PortAudioError, ValueError):  # there is no such device
        return -1


def device_lines(devices: list[AudioDevice]) -> str:
    """One line for each device, for a message."""
    return "\n".join(f"  {device}" for device in devices)


@contextmanager
def stderr_silenced() -> Iterator[None]:
    """Keep ALSA and PortAudio from writing to the terminal. Their errors come as exceptions."""
    try:
        stderr_copy = os.dup(2)
    except OSError:  # the process has no standard error
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(stderr_copy, 2)
        os.close(stderr_copy)
        os.close(null)
