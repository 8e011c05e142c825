"""The project's own recordings agree with their manifest, and the loader reads both sets."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import soundfile
from corpus import CHECKOUT, OWN, Corpus, normalized, word_error_rate

from stslocal.audio.decode import probe, read_audio
from stslocal.types import RECOGNITION_RATE

pytestmark = pytest.mark.unit

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (OWN / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(CHECKOUT / "scripts"))
    import build_recordings

    return build_recordings


@pytest.mark.parametrize("row", ROWS, ids=[row["path"] for row in ROWS])
def test_a_clip_agrees_with_its_line_in_the_manifest(row: dict[str, Any]) -> None:
    info = probe(OWN / row["path"])
    assert (info.sample_rate, info.channels) == (row["sample_rate"], row["channels"])
    seconds = len(read_audio(OWN / row["path"])) / RECOGNITION_RATE
    assert seconds == pytest.approx(row["duration_s"], abs=0.01)
    assert row["transcript"]
    assert row["licence"].startswith(("public domain", "CC0-1.0"))
    assert row["speaker"]
    assert row["source_repo_or_package"]


def test_the_set_is_small_and_the_readme_names_every_clip() -> None:
    files = {path.name for path in OWN.iterdir()}
    assert files == {"README.md", "manifest.jsonl", "long.jsonl"} | {row["path"] for row in ROWS}
    assert sum(path.stat().st_size for path in OWN.iterdir()) < 6_000_000
    readme = (OWN / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme or f"`{name[:-1]}1`" in readme
               for name in (Path(row["path"]).stem for row in ROWS))  # fmt: skip


def test_clips_have_the_samples_of_the_original_recordings(
    script: ModuleType, larger_recordings: Corpus
) -> None:
    for row in ROWS:
        path = OWN / row["path"]
        if path.suffix == ".mp3":
            (part,) = row["cut"]["parts"]
            assert path.read_bytes() == (larger_recordings.folder / part).read_bytes()
        else:
            written, _ = soundfile.read(path, dtype="int16")
            np.testing.assert_array_equal(written, script.cut(larger_recordings.folder, row))


@pytest.mark.parametrize(("language", "seconds"), [("en", 88.0), ("pt", 70.7)])
def test_a_passage_is_joined_from_parts_with_silence_between(
    recordings: Corpus, language: str, seconds: float
) -> None:
    whole, said = recordings.passage(language)
    assert len(whole) / RECOGNITION_RATE == pytest.approx(seconds, abs=0.1)
    some, beginning = recordings.passage(language, seconds=20)
    assert 20 <= len(some) / RECOGNITION_RATE < 40
    assert said.startswith(beginning)
    np.testing.assert_array_equal(whole[: len(some)], some)


def test_parallel_sentences_are_those_of_the_clips_of_both_languages(recordings: Corpus) -> None:
    english, portuguese = recordings.parallel("en", "pt")
    assert len(english) == len(portuguese) == 15
    assert ("This no longer appears to be the case.", "Isso já não parece ser o caso.") in list(
        zip(english, portuguese, strict=True)
    )
    assert recordings.parallel("pt", "en") == (portuguese, english)


def test_the_larger_set_has_more(recordings: Corpus, larger_recordings: Corpus) -> None:
    assert len(larger_recordings.clips) > len(recordings.clips)
    assert len(larger_recordings.parallel("en", "pt")[0]) == 997
    assert "../shared/data" in larger_recordings.title
    assert "tests/data/recordings" in recordings.title


def test_an_unknown_name_is_an_error(recordings: Corpus) -> None:
    with pytest.raises(KeyError, match="unknown"):
        recordings.named("jfk", "unknown")


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert normalized("Don’t — STOP, me!") == "don't stop me"
    assert word_error_rate(["One, two three."], ["one two 3"]) == pytest.approx(100 / 3)
