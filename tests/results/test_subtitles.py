from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslocal.results.subtitles import Cue, arrange, to_srt, to_vtt

pytestmark = pytest.mark.unit

SRT_BLOCK = re.compile(
    r"(\d+)\n(\d\d+:[0-5]\d:[0-5]\d,\d{3}) --> (\d\d+:[0-5]\d:[0-5]\d,\d{3})\n((?:[^\n]+\n){1,2})\n"
)
VTT_BLOCK = re.compile(
    r"(\d\d+:[0-5]\d:[0-5]\d\.\d{3}) --> (\d\d+:[0-5]\d:[0-5]\d\.\d{3})\n((?:[^\n]+\n){1,2})\n"
)
DREAM = (
    "I have a dream that one day this nation will rise up and live out the true meaning of its"
    " creed: we hold these truths to be self-evident, that all men are created equal."
)

texts = st.text(max_size=300) | st.lists(
    st.sampled_from(
        ["the", "a", "nation,", "rise.", "彼は、「東京」へ行った。", "x" * 50, "é", "&", "-->"]
    ),
    max_size=60,
).map(" ".join)
cues = st.lists(
    st.builds(
        lambda start, length, text: Cue(start, start + length, text),
        st.floats(0, 20_000),
        st.floats(0, 60),
        texts,
    ),
    max_size=12,
)


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return round(3600 * int(hours) + 60 * int(minutes) + float(rest.replace(",", ".")), 3)


def parse_srt(written: str) -> list[Cue]:
    """Read SRT strictly: nothing but numbered blocks of one or two lines."""
    found: list[Cue] = []
    at = 0
    while at < len(written):
        block = SRT_BLOCK.match(written, at)
        assert block, written[at : at + 200]
        assert int(block[1]) == len(found) + 1
        found.append(Cue(seconds(block[2]), seconds(block[3]), block[4].removesuffix("\n")))
        at = block.end()
    return found


def parse_vtt(written: str) -> list[Cue]:
    """Read WebVTT strictly, with its escapes undone."""
    head = "WEBVTT\n\n"
    assert written.startswith(head)
    found: list[Cue] = []
    at = len(head)
    while at < len(written):
        block = VTT_BLOCK.match(written, at)
        assert block, written[at : at + 200]
        text = block[3].removesuffix("\n")
        assert "-->" not in text
        assert "<" not in text
        assert not re.search("&(?!amp;|lt;|gt;)", text)
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        found.append(Cue(seconds(block[1]), seconds(block[2]), text))
        at = block.end()
    return found


def columns(line: str) -> int:
    shown = (char for char in line if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in shown)


def letters(text: str) -> str:
    """A text without separators and control characters."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]", "", text)


@given(cues)
@settings(max_examples=200, deadline=None)
def test_any_cues_become_valid_subtitles(given_cues: list[Cue]) -> None:
    arranged = arrange(given_cues)
    ordered = sorted(given_cues, key=lambda cue: cue.start_s)
    assert letters("".join(cue.text for cue in arranged)) == letters(
        "".join(cue.text for cue in ordered)
    )
    for cue in arranged:
        assert 0 <= cue.start_s < cue.end_s <= cue.start_s + 7.001
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(line.strip(" ") == line and columns(line) <= 42 for line in lines)
    for before, after in pairwise(arranged):
        assert before.end_s <= after.start_s
    assert parse_srt(to_srt(given_cues)) == arranged
    assert parse_vtt(to_vtt(given_cues)) == arranged
    to_srt(given_cues).encode("utf-8")


@given(cues)
@settings(max_examples=50, deadline=None)
def test_a_cue_with_room_after_it_can_be_read(given_cues: list[Cue]) -> None:
    arranged = arrange(given_cues)
    for before, after in pairwise(arranged):
        shown_s = before.end_s - before.start_s
        in_time = columns(before.text.replace("\n", "")) / 17 - 0.002
        assert shown_s >= min(max(1.0, in_time), after.start_s - before.start_s, 7.0) - 0.002


def test_a_long_cue_is_divided_at_clauses_in_proportion_to_its_text() -> None:
    parts = arrange([Cue(1, 13, DREAM + " I have a dream today!")])
    assert [part.text for part in parts] == [
        "I have a dream that one day this nation\nwill rise up and live out the true",
        "meaning of its creed:\nwe hold these truths to be self-evident,",
        "that all men are created equal.\nI have a dream today!",
    ]
    assert parts[0].start_s == 1
    assert parts[-1].end_s == 13
    assert all(before.end_s == after.start_s for before, after in pairwise(parts))
    assert parts[0].end_s - 1 == pytest.approx(12 * 74 / 191, abs=0.2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is short.", "This is short."),
        (
            "She walked all the way down to the harbour.",
            "She walked all the way down\nto the harbour.",
        ),
        (
            "Quero falar com o presidente da câmara hoje.",
            "Quero falar com o presidente\nda câmara hoje.",
        ),
        (
            "Yes, I think we should leave now, before it rains.",
            "Yes, I think we should leave now,\nbefore it rains.",
        ),
        (
            "彼はその日、東京の大きな駅で「さようなら」と言って、去った。",
            "彼はその日、東京の大きな駅で\n「さようなら」と言って、去った。",
        ),
    ],
)
def test_lines_break_at_clauses_and_phrases(text: str, expected: str) -> None:
    assert arrange([Cue(0, 3, text)])[0].text == expected


@pytest.mark.parametrize(
    ("language", "text", "together"),
    [
        ("pt", "O Sr. Quilter é o apóstolo das classes médias.", "Sr. Quilter"),
        ("pt", "Falámos ontem à noite com a Profa. Almeida sobre isso.", "Profa. Almeida"),
        ("en", "We saw the apostle Mr. Quilter of the middle classes.", "Mr. Quilter"),
        ("en", "She has worked for years, e.g. for a U.S. firm in Berlin.", "e.g. for"),
        ("en", "He asked me to bring the letter to Prof. Higginbotham now.", "Prof. Higginbotham"),
        ("en", "The music that we played was by J. S. Bach and others.", "J. S. Bach"),
        ("de", "Das gibt es in vielen Städten, z. B. in Berlin und Köln.", "z. B. in"),
        ("de", "Wir treffen uns wieder dort am 3. Oktober um acht Uhr.", "3. Oktober"),
        ("es", "Lo que nos ha contado la Sra. Gutiérrez es la verdad.", "Sra. Gutiérrez"),
        ("fr", "Nous avons rencontré hier soir M. Dupont à la gare.", "M. Dupont"),
        ("it", "Ne abbiamo parlato ieri sera con il dott. Rossi qui.", "dott. Rossi"),
        ("nl", "Wij hebben gisteren lang gesproken met dr. Vandenberg.", "dr. Vandenberg"),
    ],
)
def test_no_line_ends_behind_an_abbreviation(language: str, text: str, together: str) -> None:
    (cue,) = arrange([Cue(0, 5, text, language)])
    assert "\n" in cue.text
    assert together in cue.text


def test_a_line_ends_with_a_sentence_and_not_in_an_ellipsis() -> None:
    (cue,) = arrange([Cue(0, 5, "It is late. We ought to go home before it rains.", "en")])
    assert cue.text.split("\n")[0] == "It is late."
    (cue,) = arrange([Cue(0, 5, "He went to the window... looked out, and said no.", "en")])
    assert cue.text.split("\n")[0] == "He went to the window..."


def test_brackets_and_full_stops_stay_with_their_words_in_scripts_without_spaces() -> None:
    parts = arrange([Cue(0, 20, "「さようなら」と彼は言った。" * 9)])
    lines = [line for part in parts for line in part.text.split("\n")]
    assert not [line for line in lines if line[0] in "」。" or line[-1] == "「"]


def test_a_no_break_space_does_not_break() -> None:
    text = "Est-ce que vous pouvez venir avec nous demain\u00a0?"
    assert "demain\u00a0?" in arrange([Cue(0, 3, text)])[0].text


def test_short_cues_stay_until_they_are_read_or_the_next_comes() -> None:
    yes, no, end = arrange([Cue(1, 1.2, "Yes."), Cue(1.5, 1.6, "No."), Cue(9, 9.1, DREAM[:60])])
    assert (yes.start_s, yes.end_s) == (1, 1.5)
    assert (no.start_s, no.end_s) == (1.5, 2.5)
    assert end.end_s - end.start_s == pytest.approx(60 / 17, abs=0.001)


def test_cues_of_slow_speech_are_divided_or_shortened() -> None:
    parts = arrange([Cue(0, 30, "Slowly, very slowly, the old man went down the long road.")])
    assert len(parts) > 1
    assert all(part.end_s - part.start_s <= 7 for part in parts)
    assert arrange([Cue(0, 30, "Yes.")]) == [Cue(0, 7, "Yes.")]


def test_crowded_and_disordered_cues_come_out_in_order() -> None:
    arranged = arrange([Cue(2, 3, "c"), Cue(1, 5, "a"), Cue(1, 1, "b")])
    assert [cue.text for cue in arranged] == ["a", "b", "c"]
    assert [cue.start_s for cue in arranged] == [1, 1.2, 2]


def test_times_are_rounded_without_overlap() -> None:
    assert to_srt([Cue(0.9996, 3661.0004, "a"), Cue(3661.0004, 3662.9999, "b")]) == (
        "1\n00:00:01,000 --> 00:00:08,000\na\n\n2\n01:01:01,000 --> 01:01:03,000\nb\n\n"
    )


def test_webvtt_escapes_markup() -> None:
    assert to_vtt([Cue(0, 2, "a < b && c --> d")]) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\na &lt; b &amp;&amp; c --&gt; d\n\n"
    )


def test_subtitles_without_cues_are_valid() -> None:
    silent = [Cue(0, 1, " \n\x00\u2028 ")]
    assert to_srt(silent) == ""
    assert to_vtt(silent) == "WEBVTT\n\n"


@pytest.mark.parametrize("write", [to_srt, to_vtt])
def test_another_program_reads_the_same_cues(write: Callable[[list[Cue]], str]) -> None:
    given_cues = [
        Cue(1, 13, DREAM),
        Cue(14, 16, "a < b & c"),
        Cue(20, 21.5, "É já amanhã. 行こう！"),
    ]
    with av.open(io.BytesIO(write(given_cues).encode("utf-8")), "r") as container:
        packets = [packet for packet in container.demux() if packet.size]
    arranged = arrange(given_cues)
    assert [packet.pts for packet in packets] == [round(1000 * cue.start_s) for cue in arranged]
    assert [packet.duration for packet in packets] == [
        round(1000 * (cue.end_s - cue.start_s)) for cue in arranged
    ]
