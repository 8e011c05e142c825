"""Whether an output is headphones, as its name and the sound server say."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from stslocal.audio import output_kind as module
from stslocal.audio.devices import AudioDevice
from stslocal.audio.output_kind import (
    OutputKind,
    OutputWatch,
    is_headphones,
    kind_of_sink,
    output_kind,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "headphones"),
    [
        ("External Headphones", True),
        ("AirPods Pro", True),
        ("Headset (USB)", True),
        ("Fones de ouvido (Realtek(R) Audio)", True),
        ("Kopfhörer (2- USB Audio)", True),
        ("MacBook Pro Speakers", False),
        ("Altifalantes (Realtek(R) Audio)", False),
        ("HDA Intel PCH: ALC257 Analog", False),
    ],
)
def test_headphones_are_known_by_their_name(name: str, headphones: bool) -> None:
    assert is_headphones(name) is headphones


def laptop(active: str, **more: Any) -> dict[str, Any]:
    """The sink of a laptop's own card, as pactl 16 prints it."""
    return {
        "name": "alsa_output.pci-0000_00_1f.3.analog-stereo",
        "description": "Built-in Audio Analog Stereo",
        "properties": {
            "alsa.card": "0",
            "alsa.device": "0",
            "device.bus": "pci",
            "device.form_factor": "internal",
            **more,
        },
        "ports": [
            {"name": "analog-output-speaker", "description": "Speakers", "type": "Speaker"},
            {"name": "analog-output-headphones", "description": "Headphones", "type": "Headphones"},
        ],
        "active_port": active,
    }


BLUETOOTH = {
    "name": "bluez_output.00_11.1",
    "description": "WH-1000",
    "properties": {"device.form_factor": "headphone", "device.bus": "bluetooth"},
    "ports": [{"name": "headphone-output", "type": "Headphones"}],
    "active_port": "headphone-output",
}
HDMI = {
    "name": "alsa_output.hdmi",
    "description": "HDMI",
    "properties": {"alsa.card": 1, "alsa.device": 3},
    "ports": [{"name": "hdmi-output-0", "type": "HDMI"}],
    "active_port": "hdmi-output-0",
}


@pytest.mark.parametrize(
    ("sinks", "default", "device", "kind"),
    [
        ([laptop("analog-output-speaker")], laptop("")["name"], "default", "loudspeaker"),
        ([laptop("analog-output-headphones")], laptop("")["name"], "pulse", "headphones"),
        ([laptop("analog-output-speaker"), BLUETOOTH], BLUETOOTH["name"], "default", "headphones"),
        ([laptop("analog-output-headphones"), BLUETOOTH], BLUETOOTH["name"],
         "HDA Intel PCH: ALC257 Analog (hw:0,0)", "headphones"),
        ([laptop("analog-output-speaker"), HDMI], laptop("")["name"], "HDMI 0 (hw:1,3)", "unknown"),
        ([laptop("analog-output-speaker"), BLUETOOTH], "", "WH-1000", "headphones"),
        ([laptop("")], laptop("")["name"], "default", "loudspeaker"),
        ([HDMI], HDMI["name"], "default", "unknown"),
        ([laptop("analog-output-headphones")], "another", "default", "unknown"),
        ([], "", "default", "unknown"),
        (["nonsense", {"ports": 7, "properties": 3, "name": "x"}], "x", "default", "unknown"),
    ],
)  # fmt: skip
def test_the_sink_that_a_device_plays_on_says_what_it_is(
    sinks: list[Any], default: str, device: str, kind: OutputKind
) -> None:
    assert kind_of_sink(sinks, default, device) == kind


def device(name: str = "default", host_api: str = "ALSA") -> AudioDevice:
    return AudioDevice(0, name, host_api, 0, 2, 48_000)


def pactl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a pactl of our own first in the path."""
    program = folder / "pactl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_sound_server_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = laptop("analog-output-headphones")
    (tmp_path / "sinks").write_text(json.dumps([sink]))
    (tmp_path / "info").write_text(json.dumps({"default_sink_name": sink["name"]}))
    script = f'case "$2" in list) cat {tmp_path}/sinks;; info) cat {tmp_path}/info;; esac'
    pactl(tmp_path, script, monkeypatch)
    assert output_kind(device()) == "headphones"
    assert output_kind(device("Speakers (Realtek)", "Windows WASAPI")) == "unknown"


@pytest.mark.parametrize("script", ["exit 1", "echo no json", "echo '[1, 2'", "echo 7", "true"])
def test_a_sound_server_that_says_nothing_is_no_error(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pactl(tmp_path, script, monkeypatch)
    assert output_kind(device()) == "unknown"


def test_a_machine_without_a_sound_server_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert output_kind(device()) == "unknown"


def test_headphones_that_are_unplugged_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = iter(["headphones", "headphones", "loudspeaker"])
    last = threading.Event()
    seen: list[OutputKind] = []
    monkeypatch.setattr(module, "output_kind", lambda device: next(kinds, "loudspeaker"))

    def changed(kind: OutputKind) -> None:
        seen.append(kind)
        last.set()

    with OutputWatch(device, changed, every_s=0.01):
        assert last.wait(60)
    assert seen == ["loudspeaker"]
