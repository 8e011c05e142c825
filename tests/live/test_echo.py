"""Our own voice in what was recognized is found by its words, and left out."""

from __future__ import annotations

import pytest

from stslocal.clock import VirtualClock
from stslocal.live.echo import Guard, OwnVoice
from stslocal.metrics import Event, SegmentDropped
from stslocal.types import ONLY_END, Segment, TranslatedSegment, Word

pytestmark = pytest.mark.unit


def spoken(
    index: int, text: str, source: str = "", *, played: tuple[float, float] | None = None
) -> OwnVoice:
    own = OwnVoice()
    speak(own, index, text, source, played=played)
    return own


def speak(
    own: OwnVoice, index: int, text: str, source: str = "",
    *, played: tuple[float, float] | None = None, at_s: float = 0.0,
) -> None:  # fmt: skip
    own.remember(TranslatedSegment(Segment(index, 0.0, 1.0, source, "en"), text, "pt", 0.1), at_s)
    if played is not None:
        own.played(index, *played)


def captured(text: str, start_s: float, end_s: float) -> Segment:
    """A segment whose words are spread evenly over its time."""
    words = text.split()
    step_s = (end_s - start_s) / max(1, len(words))
    timed = tuple(
        Word(word, start_s + number * step_s, start_s + (number + 1) * step_s, 0.9)
        for number, word in enumerate(words)
    )
    return Segment(7, start_s, end_s, text, "en", words=timed)


@pytest.mark.parametrize(
    ("recognized", "is_ours"),
    [
        ("Bom dia a todos, vamos começar.", True),
        ("bom dia a todos vamos", True),
        ("Bom dia para todos, vamos comer.", True),
        ("O tempo hoje está muito bom.", False),
        ("Bom.", False),
        ("", False),
    ],
)
def test_a_text_is_ours_if_we_speak_it_meanwhile(recognized: str, is_ours: bool) -> None:
    own = OwnVoice()
    speak(own, 0, "Isto foi antes.", played=(8.0, 9.9))
    speak(own, 1, "Bom dia a todos, vamos começar.", played=(10.0, 12.0))
    speak(own, 2, "E isto depois.", played=(12.0, 13.0))
    assert own.is_ours(captured(recognized, 10.2, 12.2)) is is_ours
    assert not own.is_ours(captured(recognized, 60.0, 62.0)), "later, somebody may say the same"


def test_a_speaker_who_uses_the_same_words_again_is_not_taken_for_us() -> None:
    """From a real session on virtual sound cards: 7 of 10 words are those of the last sentence."""
    source = (
        "In planning its data processing techniques, the Secret Service should attempt to develop"
    )
    own = spoken(2, "Ao planejar, o Serviço Secreto deve", source, played=(18.1, 22.5))
    again = "Note, in evaluating data processing techniques of the Secret Service,"
    segment = captured(again, 21.4, 25.7)
    assert own.is_ours(segment)
    assert not own.is_ours(segment, taken_out=True)
    assert own.is_ours(captured(source, 19.5, 23.5), taken_out=True), "all of it is what we say"


def test_a_text_of_which_no_sound_was_sent_yet_counts_too() -> None:
    own = OwnVoice()
    speak(own, 0, "Bom dia a todos.", at_s=10.0)
    assert own.is_ours(captured("bom dia a todos", 10.5, 12.0))
    assert not own.is_ours(captured("bom dia a todos", 7.0, 9.0)), "it was captured before"
    own.played(0, None, 12.0)
    assert not own.is_ours(captured("bom dia a todos", 10.5, 12.0)), "it was not spoken after all"


def test_a_name_that_the_speaker_says_again_is_the_speakers() -> None:
    name = "Lee Harvey Oswald"
    own = spoken(0, f"{name} nasceu aqui.", f"{name} was born here.", played=(10.0, 13.0))
    assert not own.is_ours(captured(name, 11.0, 12.0))
    again = captured(f"{name} was a marine.", 11.0, 13.0)
    assert not own.is_ours(again)
    assert own.without_ours(again) == again


def test_our_words_come_back_as_those_that_they_were_translated_from() -> None:
    """A recognizer that expects English is given our Portuguese and writes it in English."""
    source = "The security that allows me to have a position."
    own = spoken(0, "A segurança que me permite ter uma posição.", source, played=(20.0, 23.0))
    assert own.is_ours(captured("the security allows me to have a position", 20.2, 23.3))


@pytest.mark.parametrize(
    ("said", "start_s"),
    [
        ("I have a dream that one day", 30.0),  # after its translation
        ("I have", 20.5),  # too short to tell
        ("But this nation will rise up", 20.5),  # something else
    ],
)
def test_what_a_speaker_says_twice_is_not_taken_for_ours(said: str, start_s: float) -> None:
    own = spoken(
        0, "Eu tenho o sonho de que um dia", "I have a dream that one day", played=(20.0, 22.5)
    )
    assert not own.is_ours(captured(said, start_s, start_s + 2.5))


@pytest.mark.parametrize(
    ("recognized", "kept"),
    [
        ("estão todos aqui hoje and now we go on", "and now we go on"),
        ("and now we go on estão todos aqui hoje", "and now we go on"),
        ("estão todos and now we go on", "estão todos and now we go on"),
        ("and now estão todos aqui we go on", "and now estão todos aqui we go on"),
    ],
)
def test_our_words_around_those_of_the_speaker_are_cut_off(recognized: str, kept: str) -> None:
    own = spoken(0, "Vocês estão todos aqui hoje.", "You are all here today.", played=(10.0, 12.0))
    segment = own.without_ours(captured(recognized, 10.0, 13.0))
    assert segment.text == kept
    assert [word.text for word in segment.words] == kept.split()
    assert segment.start_s == segment.words[0].start_s
    assert segment.end_s == segment.words[-1].end_s


def test_segments_that_are_not_to_be_translated_are_dropped_and_reported() -> None:
    events: list[Event] = []
    guard = Guard(
        spoken(9, "o tempo está bom", "the weather is fine", played=(1.5, 4.0)),
        target="pt",
        clock=VirtualClock(),
        has_translator=lambda language: language == "en",
        is_echo=lambda start_s, end_s: start_s == 6.0,
        emit=events.append,
    )
    segments = [
        Segment(0, 1.0, 2.0, "good day", "en"),
        Segment(1, 2.0, 3.0, "o tempo está bom", "pt"),
        Segment(2, 3.0, 4.0, "quem fala assim", "pt"),
        Segment(3, 4.0, 5.0, "wer so spricht", "de"),
        Segment(4, 5.0, 6.0, "guten Tag", "de", translation="bom dia"),
        Segment(5, 6.0, 7.0, "oh time passed the bomb", "en"),
        Segment(6, 3.0, 4.5, "tempo está bom, but it rains", "en"),
    ]
    kept = [s for segment in segments for s in guard.process(segment)]
    assert [(s.index, s.text) for s in kept] == [
        (0, "good day"), (4, "guten Tag"), (6, "but it rains"),
    ]  # fmt: skip
    assert list(guard.finish()) == []
    assert [(e.segment, e.reason, e.text) for e in events if isinstance(e, SegmentDropped)] == [
        (1, "echo", "o tempo está bom"),
        (2, "already translated", "quem fala assim"),
        (3, "no translator", "wer so spricht"),
        (5, "echo", "oh time passed the bomb"),
        (6, "echo", "tempo está bom,"),
    ]


def test_a_segment_that_only_ends_a_sentence_passes_the_guard() -> None:
    events: list[Event] = []
    guard = Guard(
        OwnVoice(), target="pt", clock=VirtualClock(), is_echo=lambda *_: True, emit=events.append
    )
    over = Segment(0, 1.0, 1.0, ONLY_END, "pt")
    assert list(guard.process(over)) == [over]
    assert events == []
