"""What pactl prints is read: which device the default is, and whether it is muted."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.audio.sound_settings import muted_source, name_for_people

pytestmark = pytest.mark.unit

SOURCES = """\
Source #1
	State: SUSPENDED
	Name: alsa_output.pci.monitor
	Description: Monitor of Built-in Audio
	Mute: no
Source #2
	State: RUNNING
	Name: alsa_input.pci
	Description: Built-in Audio Analog Stereo
	Mute: yes
"""


@pytest.fixture
def pactl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pactl that prints the file named by its arguments, and fails where there is none."""
    answers = tmp_path / "answers"
    answers.mkdir()
    program = tmp_path / "pactl"
    program.write_text(f'#!/bin/sh\nexec /bin/cat "{answers}/$*"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("stslocal.audio.sound_settings._SYSTEM", "linux")
    (answers / "get-default-source").write_text("alsa_input.pci\n")
    (answers / "list sources").write_text(SOURCES)
    return answers


@pytest.mark.usefixtures("pactl")
def test_the_default_microphone_has_its_own_name() -> None:
    assert name_for_people("default", "input") == "Built-in Audio Analog Stereo"
    assert name_for_people("pulse", "input") == "Built-in Audio Analog Stereo"
    assert name_for_people("USB: Audio (hw:1,0)", "input") == "USB: Audio (hw:1,0)"
    assert name_for_people("default", "output") == "default", "pactl does not answer"


@pytest.mark.usefixtures("pactl")
def test_a_muted_source_is_named_as_pactl_takes_it() -> None:
    assert muted_source("default") == "alsa_input.pci"
    assert muted_source("Built-in Audio Analog Stereo") == "alsa_input.pci"
    assert muted_source("alsa_input.pci") == "alsa_input.pci"
    assert muted_source("Monitor of Built-in Audio") is None
    assert muted_source("USB: Audio (hw:1,0)") is None


def test_without_pactl_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert muted_source("default") is None
    assert name_for_people("default", "input") == "default"


@pytest.mark.usefixtures("pactl")
def test_other_systems_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stslocal.audio.sound_settings._SYSTEM", "darwin")
    assert muted_source("default") is None
    assert name_for_people("default", "input") == "default"
