"""`stslocal devices` and the doctor's checks of sound, on PortAudio and a sound server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stslocal.cli import main
from stslocal.doctor.sound import check_level, check_sound
from stslocal.settings import Settings
from tests.device.conftest import BROKEN, LOUDSPEAKER, MICROPHONE, MICROPHONE_FEED, SoundServer

pytestmark = pytest.mark.device

RATE = 48_000


@pytest.fixture
def tone(sound_server: SoundServer, tmp_path: Path) -> Iterator[None]:
    """Play a sine into the microphone: peak -6 dBFS, RMS -9 dBFS."""
    time_s = np.arange(60 * RATE) / RATE
    samples = 0.5 * np.sin(2 * np.pi * 440 * time_s)
    raw = tmp_path / "tone.f32"
    raw.write_bytes(samples.astype("<f4").tobytes())
    with raw.open("rb") as file:
        player = subprocess.Popen(
            sound_server._pacat("--playback", MICROPHONE_FEED, RATE), stdin=file
        )
    yield
    player.terminate()
    player.wait()


def test_devices_are_listed_and_the_defaults_marked(
    sound_server: SoundServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices"]) == 0
    microphones, _, loudspeakers = capsys.readouterr().out.partition("loudspeakers\n")
    assert microphones.startswith("microphones\n")
    assert f"ALSA  {MICROPHONE}\n" in microphones
    assert f"ALSA  {LOUDSPEAKER}\n" in loudspeakers
    assert microphones.count("\n* ") == loudspeakers.count("* ") == 1


@pytest.mark.usefixtures("tone")
def test_the_meter_shows_peak_and_rms(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--input-device", MICROPHONE, "--seconds", "5", "--json"]
    assert main(["devices", "--meter", *options]) == 0
    *_, line = capsys.readouterr().out.splitlines()
    last = json.loads(line)["level"]
    assert last["at_s"] == 5
    assert last["peak_dbfs"] == pytest.approx(-6.0, abs=0.5)
    assert last["rms_dbfs"] == pytest.approx(-9.0, abs=0.5)
    assert not last["clipped"]


@pytest.mark.usefixtures("sound_server")
def test_a_card_that_cannot_be_opened_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--meter", "--input-device", BROKEN]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"the microphone '{BROKEN}' cannot be opened" in err


@pytest.mark.usefixtures("tone")
def test_the_doctor_finds_devices_and_measures_the_input_level() -> None:
    assert [finding.state for finding in check_sound(Settings())] == ["ok"] * 3
    announced: list[str] = []
    finding = check_level(4.0, announced.append, Settings())
    assert announced == ["listening to default for 4 s: say something"]
    assert (finding.check, finding.state) == ("input level", "ok")
    assert finding.figures["peak_dbfs"] == pytest.approx(-6.0, abs=0.5)
