"""The recognizer without its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stslocal.engines.whisper.decoding import Decoding, text_tokens
from stslocal.engines.whisper.pieces import _without_ending
from stslocal.engines.whisper.recognizer import FILES, VOCABULARIES, FasterWhisperRecognizer
from stslocal.errors import EngineError, ModelIntegrityError, ModelNotFoundError
from stslocal.types import Word

pytestmark = pytest.mark.unit


def test_a_missing_model_is_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="stslocal models pull"):
        FasterWhisperRecognizer.load(tmp_path / "nothing")


@pytest.mark.parametrize("lacking", [*FILES, VOCABULARIES[0]])
def test_a_missing_file_is_named(tmp_path: Path, lacking: str) -> None:
    for name in (*FILES, VOCABULARIES[0]):
        if name != lacking:
            (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelNotFoundError, match=lacking):
        FasterWhisperRecognizer.load(tmp_path)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_damaged_model_is_an_engine_error_and_the_hub_is_not_asked(
    tmp_path: Path, vocabulary: str
) -> None:
    """The hub's library is not set to stay offline; opening a socket would fail the test."""
    for name in (*FILES, vocabulary):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(EngineError, match=r"cannot be loaded .*: if .* models pull") as raised:
        FasterWhisperRecognizer.load(tmp_path, device="cpu")
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize("content", ["[]", "3", "null", "{"])
def test_a_configuration_must_be_an_object(tmp_path: Path, content: str) -> None:
    for name in (*FILES, VOCABULARIES[0]):
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match=r"config.json is damaged .*: run .* models pull"):
        FasterWhisperRecognizer.load(tmp_path)


def test_an_invented_ending_is_removed() -> None:
    words = tuple(
        Word(text, n / 3, (n + 1) / 3, 0.9)
        for n, text in enumerate("We go home. Thank you.".split())
    )
    decoding = Decoding([1, 2], "We go home. Thank you.", -0.3, 0.1, None, "")
    kept, left = _without_ending(decoding, words, 2)
    assert (kept.text, kept.doubt, left) == ("We go home.", "", words[:3])


class Timestamps:
    """The part of a tokenizer that times need: tokens from 1000 on are times in steps of 20 ms."""

    timestamp_begin = 1000


def at(seconds: float) -> int:
    return 1000 + round(seconds / 0.02)


TEXT, MORE = [1, 2, 3], [4, 5]


@pytest.mark.parametrize(
    ("generated", "expected"),
    [
        ([at(0), *TEXT, at(4)], (TEXT, None)),
        ([at(0), *TEXT, at(2), at(2), *MORE, at(4)], (TEXT + MORE, None)),
        # Text that starts at the end of the audio repeats earlier text.
        ([at(0), *TEXT, at(5), at(5), *TEXT, at(8)], (TEXT, None)),
        # A start time without text: more speech follows from there.
        ([at(0), *TEXT, at(3), at(3)], (TEXT, 3.0)),
        ([at(0), *TEXT, at(4.9), at(4.9)], (TEXT, None)),
        ([at(0)], ([], None)),
        ([], ([], None)),
        (TEXT, (TEXT, None)),
    ],
)
def test_text_that_starts_within_the_audio_is_kept(generated: list[int], expected: Any) -> None:
    tokens, rest_starts_s = text_tokens(generated, Timestamps(), duration_s=5.0)
    assert (tokens, rest_starts_s and pytest.approx(rest_starts_s)) == expected
