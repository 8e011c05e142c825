from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from stslocal.loading.speeds import Speeds

pytestmark = pytest.mark.unit


def test_a_figure_is_kept_for_its_machine(tmp_path: Path) -> None:
    path = tmp_path / "new" / "speeds.json"
    assert Speeds(path, "laptop").get("ears, cpu") is None
    Speeds(path, "laptop").keep("ears, cpu", 0.71239)
    Speeds(path, "server").keep("ears, cpu", 0.1)
    Speeds(path, "laptop").keep("mouth, cpu", 2.0)
    figure = Speeds(path, "laptop").get("ears, cpu")
    assert figure is not None
    assert figure.real_time_factor == 0.7124
    assert figure.measured == date.today().isoformat()
    assert Speeds(path, "server").get("mouth, cpu") is None


def test_a_newer_figure_takes_its_place(tmp_path: Path) -> None:
    speeds = Speeds(tmp_path / "speeds.json", "laptop")
    speeds.keep("ears", 2.0)
    speeds.keep("ears", 1.0)
    for book in (speeds, Speeds(tmp_path / "speeds.json", "laptop")):
        figure = book.get("ears")
        assert figure is not None
        assert figure.real_time_factor == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"laptop": 3}',
        '{"laptop": {"ears": {"real_time_factor": "fast", "measured": "2026-01-01"}}}',
        '{"laptop": {"ears": {"real_time_factor": NaN, "measured": "2026-01-01"}}}',
        '{"laptop": {"ears": 0.5}}',
    ],
)
def test_what_cannot_be_read_is_measured_again(tmp_path: Path, text: str) -> None:
    path = tmp_path / "speeds.json"
    path.write_text(text)
    assert Speeds(path, "laptop").get("ears") is None
    Speeds(path, "laptop").keep("ears", 0.5)
    assert json.loads(path.read_text())["laptop"]["ears"]["real_time_factor"] == 0.5


def test_where_it_cannot_be_written_it_is_remembered_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (None, tmp_path / "file" / "speeds.json"):
        speeds = Speeds(path, "laptop")
        speeds.keep("ears", 0.5)
        assert speeds.get("ears") is not None


def test_the_environment_chooses_the_folder_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path))
    Speeds.discover("laptop").keep("ears", 0.5)
    assert (tmp_path / "speeds.json").is_file()
    monkeypatch.setenv("STSLOCAL_CACHE", "")
    assert Speeds.discover("laptop").get("ears") is None
