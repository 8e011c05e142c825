from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from stslocal.loading.speeds import Speeds

pytestmark = pytest.mark.unit


def test_a_speed_is_kept_for_its_machine(tmp_path: Path) -> None:
    path = tmp_path / "new" / "speeds.json"
    assert Speeds(path, "laptop").get("asr, cpu") is None
    Speeds(path, "laptop").keep("asr, cpu", 0.71239)
    Speeds(path, "server").keep("asr, cpu", 0.1)
    Speeds(path, "laptop").keep("tts, cpu", 2.0)
    speed = Speeds(path, "laptop").get("asr, cpu")
    assert speed is not None
    assert speed.real_time_factor == 0.7124
    assert speed.measured == date.today().isoformat()
    assert Speeds(path, "server").get("tts, cpu") is None


def test_what_was_measured_on_a_busy_machine_lasts_for_the_run_alone(tmp_path: Path) -> None:
    path = tmp_path / "speeds.json"
    Speeds(path, "laptop").keep("asr", 0.5)
    busy = Speeds(path, "laptop")
    busy.keep("asr", 3.0, lasting=False)
    known = [speeds.get("asr") for speeds in (busy, Speeds(path, "laptop"))]
    assert [speed and speed.real_time_factor for speed in known] == [3.0, 0.5]


def test_a_newer_speed_replaces_the_older_one(tmp_path: Path) -> None:
    speeds = Speeds(tmp_path / "speeds.json", "laptop")
    speeds.keep("asr", 2.0)
    speeds.keep("asr", 1.0)
    for each in (speeds, Speeds(tmp_path / "speeds.json", "laptop")):
        speed = each.get("asr")
        assert speed is not None
        assert speed.real_time_factor == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"laptop": 3}',
        '{"laptop": {"asr": {"real_time_factor": "fast", "measured": "2026-01-01"}}}',
        '{"laptop": {"asr": {"real_time_factor": NaN, "measured": "2026-01-01"}}}',
        '{"laptop": {"asr": 0.5}}',
    ],
)
def test_a_file_that_cannot_be_read_counts_as_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "speeds.json"
    path.write_text(text)
    assert Speeds(path, "laptop").get("asr") is None
    Speeds(path, "laptop").keep("asr", 0.5)
    assert json.loads(path.read_text())["laptop"]["asr"]["real_time_factor"] == 0.5


def test_without_a_file_a_speed_is_kept_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (None, tmp_path / "file" / "speeds.json"):
        speeds = Speeds(path, "laptop")
        speeds.keep("asr", 0.5)
        assert speeds.get("asr") is not None


def test_the_environment_chooses_the_folder_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path))
    Speeds.discover("laptop").keep("asr", 0.5)
    assert (tmp_path / "speeds.json").is_file()
    monkeypatch.setenv("STSLOCAL_CACHE", "")
    assert Speeds.discover("laptop").get("asr") is None
