"""Each kind of subtitles is read again by a program that is not ours."""

from __future__ import annotations

import csv
import io
import json

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslocal.results.subtitle_kinds import SUBTITLE_FORMATS, to_ass, to_json, to_tsv, to_txt
from stslocal.results.subtitles import Cue, arrange, to_srt, to_vtt
from stslocal.settings import SUBTITLE_FORMATS as NAMES
from stslocal.types import Word

pytestmark = pytest.mark.unit

CUES = [
    Cue(1.0, 3.5, "Bom dia a todos.", "pt", "Good morning to all of you.", "en"),
    Cue(4.25, 6.0, "Chove & faz frio: {não} \\N é <bom>.", "pt", "It rains\tand is cold.", "en"),
    Cue(3600.0, 3602.0, "Fim.", "pt"),
]
LONG = Cue(
    10.0,
    22.0,
    "Esta é uma frase comprida que precisa de muito mais de duas linhas, porque diz tudo o que há "
    "para dizer sobre o tempo de hoje, e também sobre o de amanhã e de depois.",
    "pt",
    "This is a long sentence that needs many more than two lines, as it says all that there is to "
    "say about the weather of today.",
    "en",
)


def opened(text: str, kind: str) -> list[tuple[float, float, str]]:
    """Start, end and text of each cue, as FFmpeg reads the file."""
    found = []
    with av.open(io.BytesIO(text.encode()), "r", format={"vtt": "webvtt"}.get(kind, kind)) as file:
        (stream,) = file.streams.subtitles
        assert stream.time_base is not None
        for packet in file.demux(stream):
            if packet.pts is not None and packet.duration is not None:
                start, length = packet.pts * stream.time_base, packet.duration * stream.time_base
                found.append((float(start), float(start + length), bytes(packet).decode()))
    return found


@pytest.mark.parametrize("kind", ["srt", "vtt", "ass"])
def test_ffmpeg_reads_the_times_and_both_texts(kind: str) -> None:
    found = opened(SUBTITLE_FORMATS[kind](CUES), kind)
    shown = arrange(CUES)
    assert len(found) == len(shown) == 3
    for (start_s, end_s, text), cue in zip(found, shown, strict=True):
        assert start_s == pytest.approx(cue.start_s, abs=0.006)
        assert end_s == pytest.approx(cue.end_s, abs=0.006)
        assert cue.text.split()[0] in text
    assert (
        found[0][2]
        .replace("\\N{\\rOriginal}", "\n")
        .endswith("Bom dia a todos.\nGood morning to all of you.")
    )


def test_ass_has_a_style_for_each_text_and_shows_marks_as_they_are() -> None:
    written = to_ass(CUES)
    styles = [line.split(",")[0] for line in written.splitlines() if line.startswith("Style: ")]
    assert styles == ["Style: Default", "Style: Original"]
    _, second, third = [line for line in written.splitlines() if line.startswith("Dialogue: ")]
    assert second.startswith("Dialogue: 0,0:00:04.25,0:00:")
    assert r"\{não\}" in second
    assert "\\\u2060N é" in second
    assert r"\N{\rOriginal}It rains and is cold." in second
    assert third == "Dialogue: 0,1:00:00.00,1:00:02.00,Default,,0,0,0,,Fim."


def test_tsv_is_what_whisper_writes_with_a_column_for_the_original() -> None:
    rows = list(csv.reader(io.StringIO(to_tsv(CUES)), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["start", "end", "text", "original"]
    assert rows[1] == ["1000", "3500", "Bom dia a todos.", "Good morning to all of you."]
    assert rows[2][3] == "It rains and is cold."
    assert rows[3] == ["3600000", "3602000", "Fim.", ""]
    alone = to_tsv([Cue(0.0, 1.2346, "Yes.", "en")])
    assert alone == "start\tend\ttext\n0\t1235\tYes.\n"


def test_txt_has_a_sentence_a_line() -> None:
    assert to_txt([Cue(2.0, 3.0, "Late."), Cue(0.0, 1.0, "Early.\n"), Cue(1, 2, " ")]) == (
        "Early.\nLate.\n"
    )
    assert to_txt(CUES[:1]) == "Bom dia a todos.\nGood morning to all of you.\n\n"


def test_json_has_whispers_fields_and_its_words_give_the_text() -> None:
    words = (Word("It", 0.5, 0.7, 0.9), Word("rains.", 0.7, 1.1234567, 0.8))
    document = json.loads(to_json([Cue(0.5, 1.2, "It rains.", "en", words=words)]))
    assert document["text"] == "It rains."
    assert document["language"] == "en"
    (segment,) = document["segments"]
    assert (segment["id"], segment["start"], segment["end"]) == (0, 0.5, 1.2)
    assert "".join(word["word"] for word in segment["words"]) == segment["text"] == "It rains."
    assert segment["words"][1] == {
        "word": " rains.", "start": 0.7, "end": 1.123, "probability": 0.8,
    }  # fmt: skip
    both = json.loads(to_json(CUES))
    assert both["segments"][0]["original"] == "Good morning to all of you."
    assert "original" not in both["segments"][2]
    corrected = json.loads(to_json([Cue(0.5, 1.2, "It pours.", "en", words=words)]))
    assert "words" not in corrected["segments"][0]
    spaceless = (Word("彼は", 0, 1, 1), Word("行った。", 1, 2, 1))
    (segment,) = json.loads(to_json([Cue(0, 2, "彼は行った。", "ja", words=spaceless)]))["segments"]
    assert [word["word"] for word in segment["words"]] == ["彼は", "行った。"]


@pytest.mark.parametrize("kind", NAMES)
def test_a_recording_without_speech_gives_a_file_that_can_be_read(kind: str) -> None:
    written = SUBTITLE_FORMATS[kind]([])
    if kind in ("vtt", "ass"):
        assert opened(written, kind) == []
    elif kind == "json":
        assert json.loads(written) == {"text": "", "segments": [], "language": "und"}
    else:
        assert written in ("", "start\tend\ttext\n")


def test_both_texts_of_a_long_sentence_are_divided_together() -> None:
    shown = arrange([LONG])
    assert len(shown) >= 2
    assert " ".join(part.text.replace("\n", " ") for part in shown) == LONG.text
    assert " ".join(part.second.replace("\n", " ") for part in shown) == LONG.second
    for part in shown:
        assert part.text
        assert part.second
        assert len(part.text.split("\n")) <= 2
        assert len(part.second.split("\n")) <= 2
        assert all(len(line) <= 42 for line in part.lines.split("\n"))
    assert shown[0].start_s == 10.0
    assert shown[-1].end_s == 22.0


@given(st.text(max_size=200), st.text(max_size=200), st.floats(0, 100), st.floats(0, 60))
@settings(deadline=None, max_examples=60)
def test_no_text_is_lost_whatever_the_two_texts_are(
    text: str, second: str, start_s: float, length_s: float
) -> None:
    shown = arrange([Cue(start_s, start_s + length_s, text, "pt", second, "en")])

    def letters(written: str) -> str:
        return "".join(one for one in written if not one.isspace() and one.isprintable())

    assert letters("".join(part.text for part in shown)) == letters(text)
    assert letters("".join(part.second for part in shown)) == letters(second)
    assert all(part.lines for part in shown)
    assert all("" not in part.lines.split("\n") for part in shown)


def test_a_cue_of_one_language_is_as_it_was() -> None:
    one = Cue(1.0, 2.0, "Yes.", "en")
    assert to_srt([one]) == "1\n00:00:01,000 --> 00:00:02,000\nYes.\n\n"
    assert to_vtt([one]) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nYes.\n\n"
