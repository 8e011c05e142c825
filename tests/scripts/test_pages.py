"""The parts of README.md and docs/ that are made from the code agree with it."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from stslocal.models.manifest_file import load_manifest
from tests.models.download.kit import HUB, model_text, write_manifest

pytestmark = pytest.mark.unit

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import pages

    return pages


def test_the_pages_are_up_to_date(script: ModuleType) -> None:
    for page in script.pages():
        text = page.read_text(encoding="utf-8")
        assert text == script.with_parts(text), "run `python scripts/pages.py --write`"


def test_the_schema_is_up_to_date(script: ModuleType) -> None:
    text = script.SCHEMA.read_text(encoding="utf-8")
    assert text == script.schema(), "run `python scripts/pages.py --write`"


def test_every_part_is_on_a_page(script: ModuleType) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in script.pages())
    assert set(re.findall(r"made by scripts/pages\.py: (\w+)", text)) == set(script.PARTS)


def test_only_a_part_that_is_out_of_date_is_replaced(script: ModuleType) -> None:
    page = "before\n<!-- made by scripts/pages.py: places -->\nSTALE\n<!-- end -->\nafter\n"
    made = script.with_parts(page)
    assert made.startswith("before\n<!-- made by scripts/pages.py: places -->\n\n| variable |")
    assert made.endswith(" |\n\n<!-- end -->\nafter\n")
    assert "STALE" not in made
    assert "STSLOCAL_MODELS" in made


def test_the_models_table_has_sizes_and_licences(script: ModuleType, tmp_path: Path) -> None:
    known = model_text("known", {"a.bin": b"x" * 1500}, HUB, extra="commercial = false")
    unknown = model_text("unknown", {}, HUB).replace("files = [", 'files = [{ name = "a.pt" }')
    manifest = load_manifest(write_manifest(tmp_path / "m.toml", known, unknown))
    text = script.models_table(manifest)
    mit = "[MIT](https://example.org/licence)"
    assert f"| `known` | known, for tests | 1.5 kB | {mit}, **not for commercial use** |" in text
    assert f"| `unknown` | unknown, for tests | known when it is fetched | {mit} |" in text


def test_every_setting_has_a_flag_of_its_name(script: ModuleType) -> None:
    table = script.settings_table()
    assert "| `max-lag` | `--max-lag` | `STSLOCAL_MAX_LAG` | `4.0` |" in table
    assert "| `to` | `--to` | `STSLOCAL_TO` | none |" in table


def test_every_event_has_its_fields(script: ModuleType) -> None:
    table = script.events_table()
    assert re.search(r"\| `relief_changed` \| .* \| `relief`", table)
    assert "`lag_measured`" in table
