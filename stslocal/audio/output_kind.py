"""Asks the sound system whether an output is headphones or a loudspeaker in the room.

A name alone rarely says it: on Linux the output is mostly called "default", whatever is plugged in.
PulseAudio, and PipeWire in its place, know the jack in use, the shape of the device and which sink
is the default; `pactl` prints that. Elsewhere the name is all there is: macOS and Windows name each
output by what it is.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, TypeAlias

from stslocal.audio.devices import AudioDevice
from stslocal.audio.sound_settings import DEFAULT_NAMES, ask_server

_log = logging.getLogger(__name__)

OutputKind: TypeAlias = Literal["headphones", "loudspeaker", "unknown"]

_HEADPHONES = (
    "headphone", "headset", "earphone", "earbud", "airpods", "buds", "hands-free",
    # Windows names outputs in the language of the person.
    "fones de ouvido", "auscultadores", "auriculares", "cascos", "kopfhörer", "casque", "écouteurs",
    "cuffie", "auricolari",
)  # fmt: skip
_WORN_SHAPES = ("headphone", "headset")
_STANDING_SHAPES = ("speaker", "internal", "portable", "car", "tv", "hifi", "computer")
"""Values of `device.form_factor`, as PulseAudio documents them."""
_WATCH_EVERY_S = 10.0


def output_kind(device: AudioDevice) -> OutputKind:
    """What an output is, as far as its name and the sound system say. Raises nothing."""
    if is_headphones(device.name):
        return "headphones"
    if not can_be_asked(device):
        return "unknown"
    sinks, default = _ask("list", "sinks"), _ask("info")
    return kind_of_sink(
        sinks if isinstance(sinks, list) else [],
        str(default.get("default_sink_name", "")) if isinstance(default, dict) else "",
        device.name,
    )


def is_headphones(name: str) -> bool:
    """Whether a device's name is that of headphones, which the microphone does not capture."""
    return any(word in name.lower() for word in _HEADPHONES)


def can_be_asked(device: AudioDevice) -> bool:
    """Whether a sound server may know more about this device than its name."""
    return device.host_api in ("ALSA", "PulseAudio") and shutil.which("pactl") is not None


def kind_of_sink(sinks: Iterable[Any], default_sink: str, device_name: str) -> OutputKind:
    """What the sink is that a device of PortAudio plays on.

    `sinks` is what `pactl --format=json list sinks` prints; `default_sink` the name of one.
    """
    known = [sink for sink in sinks if isinstance(sink, dict)]
    for sink in known:
        if _is_reached(sink, default_sink, device_name):
            return _kind(sink)
    return "unknown"


class OutputWatch:
    """Reports when the output in use becomes another kind, such as when headphones are unplugged.

    The sound server then moves the sound to another jack, and no stream ends. A context manager.
    """

    def __init__(
        self,
        device: Callable[[], AudioDevice],
        on_kind: Callable[[OutputKind], None],
        *,
        every_s: float = _WATCH_EVERY_S,
    ) -> None:
        """`device` gives the output in use. `on_kind` is called from a thread of its own."""
        self._device = device
        self._on_kind = on_kind
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="output", daemon=True)

    def __enter__(self) -> OutputWatch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        before = output_kind(self._device())
        while not self._ended.wait(self._every_s):
            kind = output_kind(self._device())
            if kind != before:
                _log.info("the output is now: %s", kind)
                self._on_kind(kind)
            before = kind


def _is_reached(sink: dict[str, Any], default_sink: str, device_name: str) -> bool:
    name, properties = sink.get("name"), _properties(sink)
    if device_name in (name, sink.get("description")):
        return True
    if card := re.search(r"\(hw:(\d+),(\d+)\)", device_name):
        found = properties.get("alsa.card"), properties.get("alsa.device")
        return tuple(map(str, found)) == card.groups()
    return device_name in DEFAULT_NAMES and name == default_sink


def _kind(sink: dict[str, Any]) -> OutputKind:
    port = _active_port(sink)
    shape = str(_properties(sink).get("device.form_factor", "")).lower()
    if any(word in port for word in _WORN_SHAPES) or shape in _WORN_SHAPES:
        return "headphones"
    if "speaker" in port or shape in _STANDING_SHAPES:
        return "loudspeaker"
    return "unknown"


def _properties(sink: dict[str, Any]) -> dict[str, Any]:
    properties = sink.get("properties")
    return properties if isinstance(properties, dict) else {}


def _active_port(sink: dict[str, Any]) -> str:
    """The name and the type of the jack in use, in lower case; empty where there is none."""
    active, ports = sink.get("active_port"), sink.get("ports")
    for port in ports if isinstance(ports, list) else []:
        if isinstance(port, dict) and active and port.get("name") == active:
            return f"{active} {port.get('type', '')}".lower()
    return str(active or "").lower()


def _ask(*arguments: str) -> Any:
    """What pactl prints as JSON; None where there is no sound server or it says nothing."""
    with suppress(ValueError):
        return json.loads(ask_server("--format=json", *arguments))
    return None
