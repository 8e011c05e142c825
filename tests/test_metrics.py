"""The definitions against values computed by hand, events in a file, the summary of a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from stslocal.errors import OutputError
from stslocal.metrics import (
    DeviceXrun,
    Event,
    FirstAudio,
    JsonLines,
    LagMeasured,
    PartialText,
    Percentiles,
    PlaybackEnded,
    PlaybackStarted,
    SegmentCommitted,
    SegmentTranslated,
    SpeechDropped,
    SpeechEnded,
    SpeechStarted,
    StageBusy,
    TextCommitted,
    end_offset,
    erased_words,
    fan_out,
    from_json,
    ignore,
    lag_slope,
    latency_units,
    length_adaptive_average_lagging,
    normalized_erasure,
    read_json_lines,
    real_time_factor,
    speed_in_words,
    start_offset,
    summarize,
    to_json,
)
from stslocal.types import Word

pytestmark = pytest.mark.unit

# Two utterances of one segment each. "hello" is first shown as "hallo", "there" as "their".
RUN: list[Event] = [
    SpeechStarted(at_s=0.3, utterance=0, start_s=0.1),
    PartialText(at_s=0.8, utterance=0, text="hallo"),
    PartialText(at_s=1.2, utterance=0, text="hello their"),
    TextCommitted(at_s=1.5, utterance=0, words=(Word("hello", 0.1, 0.5, 0.9),)),
    PartialText(at_s=1.5, utterance=0, text="their"),
    SpeechEnded(at_s=1.7, utterance=0, end_s=1.1),
    SpeechDropped(1.7, utterance=0, start_s=2.0, end_s=3.5, reason="no words", text=""),
    TextCommitted(at_s=1.9, utterance=0, words=(Word("there.", 0.6, 1.1, 0.8),)),
    SegmentCommitted(1.9, segment=0, start_s=0.1, end_s=1.1, text="hello there.", language="en"),
    SegmentTranslated(at_s=2.0, segment=0, began_s=1.9, text="olá a todos.", language="pt"),
    FirstAudio(at_s=2.5, segment=0, began_s=2.0),
    PlaybackStarted(at_s=2.6, segment=0, source_start_s=0.1, source_end_s=1.1),
    LagMeasured(at_s=3.0, spoken_s=3.0, played_s=0.5),
    PlaybackEnded(at_s=3.5, segment=0),
    SpeechStarted(at_s=4.2, utterance=1, start_s=4.0),
    DeviceXrun(at_s=4.3, device="input", samples=160),
    TextCommitted(at_s=5.0, utterance=1, words=(Word("bye", 4.0, 4.4, 0.9),)),
    SpeechEnded(at_s=5.2, utterance=1, end_s=4.4),
    SegmentTranslated(at_s=5.3, segment=1, began_s=5.0, text="tchau", language="pt"),
    FirstAudio(at_s=5.6, segment=1, began_s=5.3),
    PlaybackStarted(at_s=5.8, segment=1, source_start_s=4.0, source_end_s=4.4),
    LagMeasured(at_s=6.0, spoken_s=6.0, played_s=4.0),
    DeviceXrun(at_s=6.1, device="output", samples=64),
    DeviceXrun(at_s=6.2, device="output", samples=32),
    PlaybackEnded(at_s=6.3, segment=1),
    StageBusy("recognize", 9, 6.0, 1.5, 4.0, 0.5, 0.9),
    StageBusy("translate", 2, 6.0, 0.4, 5.6, 0.0, 0.1),
    StageBusy("recognize", 10, 8.0, 2.0, 5.0, 1.0, 1.0),
]


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (0.0, ""),
        (0.43, "2.3 × faster"),
        (1.0, "1.0 × faster"),
        (1.4, "1.4 × slower"),
        (0.05, "20 × faster"),
        (12.3, "12 × slower"),
    ],
)
def test_a_speed_in_words(factor: float, words: str) -> None:
    assert speed_in_words(factor) == words


def test_the_real_time_factor_is_work_per_audio() -> None:
    assert real_time_factor(3.0, 10.0) == pytest.approx(0.3)
    assert real_time_factor(3.0, 0.0) == 0.0


def test_percentiles_are_interpolated_between_the_nearest_values() -> None:
    figures = Percentiles.of([4.0, 1.0, 3.0, 2.0])
    assert figures is not None
    assert (figures.count, figures.mean, figures.p50, figures.maximum) == (4, 2.5, 2.5, 4.0)
    assert figures.p95 == pytest.approx(3.85)
    assert Percentiles.of([7.0]) == Percentiles(1, 7.0, 7.0, 7.0, 7.0)
    assert Percentiles.of([]) is None


def test_offsets_count_from_the_sources_start_and_end() -> None:
    delays_s = [1.5, 2.5, 6.0]
    assert start_offset(delays_s) == 1.5
    assert end_offset(delays_s, source_s=4.0) == 2.0


@pytest.mark.parametrize(
    ("delays_s", "reference_units", "expected"),
    [
        # One second behind an ideal of one unit per second; the third unit is the last counted.
        ([1.0, 2.0, 4.0, 4.0], 4, (1.0 + 1.0 + 2.0) / 3),
        # All units come at the source's end: only the first counts.
        ([4.0, 4.0], 2, 4.0),
        # All units come after the source's end.
        ([5.0, 6.0], 2, 5.0),
        # Eight units, while the reference has four: the ideal delivers eight in the same time,
        # so a longer translation gains nothing.
        ([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0], 4, 0.5),
        # Two units, while the reference has four: the ideal has the reference's pace.
        ([2.0, 4.0], 4, (2.0 + 3.0) / 2),
    ],
)
def test_laal(delays_s: list[float], reference_units: int, expected: float) -> None:
    value = length_adaptive_average_lagging(delays_s, 4.0, reference_units)
    assert value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("Bom dia a todos.", "pt", 4),
        ("大家早上好", "zh", 5),
        ("おはよう 皆さん", "ja", 7),
        ("", "en", 0),
    ],
)
def test_latency_units_are_words_or_characters(text: str, language: str, units: int) -> None:
    assert latency_units(text, language) == units


def test_lag_slope_is_that_of_the_least_squares_line() -> None:
    assert lag_slope([0, 1, 2, 3], [1.0, 1.5, 2.0, 2.5]) == pytest.approx(0.5)
    assert lag_slope([0, 1, 2], [1.0, 4.0, 1.0]) == pytest.approx(0.0)
    assert lag_slope([0, 1, 2], [0.0, 1.0, 5.0]) == pytest.approx(2.5)
    assert lag_slope([1, 1], [0.0, 9.0]) == 0.0
    assert lag_slope([], []) == 0.0


def test_erasure_counts_the_words_after_the_common_prefix() -> None:
    shown = [["a"], ["a", "b"], ["a", "c"], ["d", "c"], ["d", "c", "e", "f"]]
    assert erased_words(shown) == 0 + 1 + 2 + 0
    assert normalized_erasure(shown) == pytest.approx(3 / 4)
    assert erased_words([["a", "b"], []]) == 2
    assert erased_words([]) == 0


@pytest.mark.parametrize("event", RUN, ids=lambda event: type(event).__name__)
def test_an_event_is_the_same_after_json(event: Event) -> None:
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event


def test_an_events_json_has_its_name_and_its_fields() -> None:
    assert to_json(PlaybackEnded(at_s=3.5, segment=2)) == (
        '{"event": "playback_ended", "at_s": 3.5, "segment": 2}'
    )


@pytest.mark.parametrize(
    "line", ["", "12", "[]", "{}", '{"event": "tea"}', '{"event": "playback_ended", "at": 1}']
)
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not an event of stslocal"):
        from_json(line)


def test_events_are_read_back_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with JsonLines(path) as sink:
        for event in RUN:
            sink(event)
    assert read_json_lines(path) == RUN


def test_a_line_separator_in_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    event = PartialText(1.0, 0, "one\u2028two\nthree")
    with JsonLines(tmp_path / "events.jsonl") as sink:
        sink(event)
    assert read_json_lines(tmp_path / "events.jsonl") == [event]


def test_an_incomplete_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    event, last_line = PartialText(1.0, 0, "olá"), to_json(PartialText(2.0, 0, "olá")).encode()
    incomplete = last_line[: last_line.index(b"\xc3") + 1]
    path.write_bytes(to_json(event).encode() + b"\n" + incomplete)
    assert read_json_lines(path) == [event]


def test_a_line_that_is_not_an_event_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("hello\n" + to_json(RUN[0]) + "\n")
    with pytest.raises(ValueError, match="'hello'"):
        read_json_lines(path)


def test_events_of_several_threads_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with JsonLines(path) as sink:

        def report(who: int) -> None:
            for count in range(200):
                sink(PartialText(float(count), who, "text " * 100))

        threads = [threading.Thread(target=report, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    events = [event for event in read_json_lines(path) if isinstance(event, PartialText)]
    for who in range(4):
        assert [event.at_s for event in events if event.utterance == who] == list(range(200))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_all_events_are_in_the_file_after_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    program = f"""
        import os, signal
        from pathlib import Path
        from stslocal.metrics import JsonLines, PlaybackEnded
        sink = JsonLines(Path({str(path)!r}))
        for segment in range(100):
            sink(PlaybackEnded(0.0, segment))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert result.returncode == -signal.SIGKILL
    assert read_json_lines(path) == [PlaybackEnded(0.0, segment) for segment in range(100)]


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    JsonLines(path).close()
    with pytest.raises(OutputError, match=r"events\.jsonl: File exists; choose another file"):
        JsonLines(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_raises_an_error_with_the_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.jsonl"
    with JsonLines(path) as sink:
        descriptor = os.open("/dev/full", os.O_WRONLY)
        os.dup2(descriptor, sink._file.fileno())
        os.close(descriptor)
        with pytest.raises(OutputError, match=r"events\.jsonl: No space left.*; choose another"):
            sink(RUN[0])


def test_fan_out_gives_all_events_to_every_sink_in_order() -> None:
    first: list[Event] = []
    second: list[Event] = []
    emit = fan_out(first.append, ignore, second.append)
    for event in RUN:
        emit(event)
    assert first == second == RUN


def test_summary_of_a_run() -> None:
    summary = summarize(RUN)
    assert summary.end_of_speech_latency == Percentiles.of([2.6 - 1.1, 5.8 - 4.4])
    assert summary.commit_latency == Percentiles.of([1.5 - 0.5, 1.9 - 1.1, 5.0 - 4.4])
    # The second utterance's words were committed before it was judged to be over.
    assert summary.final_delay == Percentiles.of([1.9 - 1.7, 0.0])
    assert summary.translation == Percentiles.of([2.0 - 1.9, 5.3 - 5.0])
    assert summary.time_to_first_audio == Percentiles.of([2.5 - 2.0, 5.6 - 5.3])
    assert summary.lag == Percentiles.of([2.5, 2.0])
    assert summary.lag_slope == pytest.approx(-0.5 / 3)
    assert summary.start_offset == 2.6
    assert summary.end_offset == pytest.approx(6.3 - 4.4)
    # Each segment's first unit sounds after the segment's end, so only this unit counts.
    assert summary.average_lagging == pytest.approx(((2.6 - 0.1) + (5.8 - 4.0)) / 2)
    # hallo -> hello: 1; "hello their" -> hello, committed, + their: 0; their -> there.: 1.
    assert summary.erasure == pytest.approx(2 / 3)
    assert summary.input_overrun_samples == 160
    assert summary.output_underrun_samples == 96
    assert [stage.stage for stage in summary.stages] == ["recognize", "translate"]
    assert summary.stages[0].items == 10


def test_the_summary_of_no_events_has_no_figures() -> None:
    summary = summarize([])
    assert summary.end_of_speech_latency is None
    assert summary.lag is None
    assert summary.lag_slope is None
    assert summary.start_offset is None
    assert summary.end_offset is None
    assert summary.average_lagging is None
    assert summary.erasure is None
    assert summary.stages == ()


def test_shown_text_that_is_never_committed_counts_as_erased() -> None:
    summary = summarize(
        [
            PartialText(1.0, 0, "thank you"),
            TextCommitted(5.0, 1, (Word("yes", 4.0, 4.5, 0.9),)),
        ]
    )
    assert summary.erasure == 2.0
