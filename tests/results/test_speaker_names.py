"""Names of speakers in subtitles of each kind."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

from stslocal.results.srt_reading import read_cues
from stslocal.results.subtitle_kinds import SUBTITLE_FORMATS
from stslocal.results.subtitles import Cue, arrange, to_srt, to_vtt, with_name, without_name

pytestmark = pytest.mark.unit

LONG = (
    "This is what a crocodile sounds like: it's like meditating in the water, and it's like that "
    "all day and all night."
)


def cue(start_s: float, end_s: float, text: str, speaker: str) -> Cue:
    return Cue(start_s, end_s, text, "en", speaker=speaker)


def test_srt_has_the_name_before_the_first_line_of_a_sentence() -> None:
    srt = to_srt([cue(1.0, 9.0, LONG, "Anna Maria"), cue(9.5, 11.0, "Yes.", "S1")])
    texts = [block.split("\n", 2)[2] for block in srt.strip().split("\n\n")]
    assert texts[0].startswith("Anna Maria: This")
    assert len(texts) > 2
    assert not any(":" in text.split("This")[0] for text in texts[1:-1])
    assert texts[-1] == "S1: Yes."
    assert "\u00a0" not in srt


def test_vtt_has_the_name_as_a_voice_in_each_cue() -> None:
    vtt = to_vtt([cue(1.0, 9.0, LONG, "A&B <x>"), cue(9.5, 11.0, "Yes.", "")])
    blocks = vtt.strip().split("\n\n")[1:]
    assert all("\n<v A&amp;B &lt;x&gt;>" in block for block in blocks[:-1])
    assert blocks[-1].endswith("\nYes.")


def test_what_is_read_back_is_the_text_without_the_name() -> None:
    for write in (to_srt, to_vtt):
        read, faults = read_cues(write([cue(1.0, 3.0, "Good day to you.", "Ann")]))
        assert faults == []
        assert without_name(read[0].cue.text, "Ann") == "Good day to you."
    assert without_name("Ann: yes", "") == "Ann: yes"
    assert without_name("Ann said so", "Ann") == "Ann said so"


def test_other_kinds_have_the_name_in_their_own_way() -> None:
    cues = [cue(1.0, 3.0, "Good day.", "Ann, PhD"), cue(4.0, 5.0, "Yes.", "")]
    ass = SUBTITLE_FORMATS["ass"](cues)
    assert ",Default,Ann; PhD,0,0,0,,Good day." in ass
    assert ",Default,,0,0,0,,Yes." in ass
    assert SUBTITLE_FORMATS["txt"](cues) == "Ann, PhD: Good day.\nYes.\n"
    segments = json.loads(SUBTITLE_FORMATS["json"](cues))["segments"]
    assert [segment.get("speaker") for segment in segments] == ["Ann, PhD", None]
    assert SUBTITLE_FORMATS["tsv"](cues).splitlines()[1].split("\t")[2] == "Good day."


def test_where_two_speak_at_once_each_can_be_read() -> None:
    arranged = arrange([
        cue(0.0, 2.1, "The horizon seems extremely distant.", "S2"),
        cue(0.2, 5.0, "He began a confused complaint against the wizard.", "S1"),
    ])  # fmt: skip
    assert [round(one.start_s, 1) for one in arranged] == [0.0, 2.1]
    assert all(before.end_s <= after.start_s for before, after in pairwise(arranged))
    assert all(one.end_s - one.start_s >= 1.9 for one in arranged)


def test_a_short_answer_into_a_long_sentence_waits_only_until_that_can_be_read() -> None:
    arranged = arrange([cue(0.0, 20.0, LONG, "S1"), cue(1.0, 1.5, "Yes.", "S2")])
    answer = arranged[-1]
    assert answer.text == "Yes."
    assert answer.start_s == pytest.approx(len(LONG) / 17.0, abs=0.5)


def test_a_cue_without_a_speaker_stays_as_it_is() -> None:
    plain = cue(1.0, 2.0, "Yes.", "")
    assert with_name(plain) is plain
    assert not re.search("<v", to_vtt([plain]))
