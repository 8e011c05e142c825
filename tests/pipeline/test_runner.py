"""The runner: the same results in threads as in a chain, and every kind of end."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import sys
import threading
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslocal.errors import AudioDecodeError, OutputError, StageError
from stslocal.metrics import Event, StageBusy
from stslocal.pipeline.inline import SOURCE, run_inline
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import Chain, Stage, chain

pytestmark = pytest.mark.unit

SOON_S = 60.0
"""Far longer than any wait here takes: a wait that reaches it has failed."""

Run = Callable[[Iterable[Any], Sequence[Stage[Any, Any]]], Iterator[Any]]


def joined(stages: Sequence[Stage[Any, Any]]) -> Chain[Any, Any]:
    return Chain(stages)


def run_threaded(source: Iterable[Any], stages: Sequence[Stage[Any, Any]]) -> Iterator[Any]:
    with PipelineRunner(source, joined(stages), ring_capacity=2) as run:
        yield from run


def consume(results: Iterable[Any], received: list[Any]) -> None:
    """Keep the results, also when the run ends with an error."""
    for item in results:
        received.append(item)


def run_chained(source: Iterable[Any], stages: Sequence[Stage[Any, Any]]) -> Iterator[Any]:
    return run_inline(source, joined(stages))


both_ways = pytest.mark.parametrize("run", [run_chained, run_threaded])


@pytest.fixture(autouse=True)
def _no_thread_outlives_its_run() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    # The thread that waits for the end of the program starts with the first run, and stays.
    left = {thread for thread in threading.enumerate() if thread.name != "end of program"}
    assert left <= before


@dataclass(frozen=True)
class Item:
    """An item with the index of a segment."""

    index: int


class Step:
    """Passes items on, and records its calls."""

    def __init__(self, name: str = "step") -> None:
        self.name = name
        self.seen: list[Any] = []
        self.closed_in: list[str] = []

    def process(self, item: Any) -> Iterator[Any]:
        self.seen.append(item)
        yield item

    def finish(self) -> Iterator[Any]:
        yield from ()

    def close(self) -> None:
        self.closed_in.append(threading.current_thread().name)


class Pairs(Step):
    """Joins two items into one, so that something is pending at the end."""

    def __init__(self, name: str = "pairs") -> None:
        super().__init__(name)
        self._pending: list[Any] = []

    def process(self, item: Any) -> Iterator[Any]:
        self._pending.append(item)
        if len(self._pending) == 2:
            yield tuple(self._pending)
            self._pending.clear()

    def finish(self) -> Iterator[Any]:
        if self._pending:
            yield tuple(self._pending)


class Repeat(Step):
    """Yields each item several times, or not at all."""

    def __init__(self, times: int) -> None:
        super().__init__(f"repeat {times}")
        self._times = times

    def process(self, item: Any) -> Iterator[Any]:
        yield from itertools.repeat(item, self._times)


class Crash(Step):
    """Fails at the item of one index, in finish (None) or in close ("close")."""

    def __init__(self, at: int | str | None, error: BaseException, name: str = "crash") -> None:
        super().__init__(name)
        self._at = at
        self._error = error

    def process(self, item: Any) -> Iterator[Any]:
        if item.index == self._at:
            raise self._error
        yield from super().process(item)

    def finish(self) -> Iterator[Any]:
        if self._at is None:
            raise self._error
        yield from ()

    def close(self) -> None:
        super().close()
        if self._at == "close":
            raise self._error


class Gate(Step):
    """Stays in its call until `go` is set, like an engine at work."""

    def __init__(self, name: str = "gate") -> None:
        super().__init__(name)
        self.entered = threading.Event()
        self.go = threading.Event()

    def process(self, item: Any) -> Iterator[Any]:
        self.entered.set()
        assert self.go.wait(SOON_S)
        yield from super().process(item)


class Numbers:
    """A source that records in which thread its iterator was closed."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = numbers
        self.closed_in: list[str] = []
        self.given = 0

    def __iter__(self) -> Iterator[Item]:
        try:
            for number in self._numbers:
                self.given += 1
                yield Item(number)
        finally:
            self.closed_in.append(threading.current_thread().name)


@both_ways
def test_items_pass_through_every_stage_and_pending_ones_are_flushed(run: Run) -> None:
    assert list(run(range(5), [Step(), Pairs(), Step()])) == [(0, 1), (2, 3), (4,)]


@both_ways
def test_without_stages_the_results_are_the_items_of_the_source(run: Run) -> None:
    assert list(run(range(5), [])) == [0, 1, 2, 3, 4]


@both_ways
def test_a_stage_without_close_is_a_stage(run: Run) -> None:
    class Bare:
        name = "bare"

        def process(self, item: int) -> Iterator[int]:
            return iter([item + 1])

        def finish(self) -> Iterator[int]:
            return iter([100])

    assert list(run([1, 2], [Bare()])) == [2, 3, 100]


@settings(max_examples=60)
@given(
    length=st.integers(0, 20),
    kinds=st.lists(st.sampled_from(["step", "pairs", "none", "twice"]), max_size=4),
    capacity=st.integers(1, 3),
)
def test_threads_give_the_same_results_as_the_chain(
    length: int, kinds: list[str], capacity: int
) -> None:
    make: dict[str, Callable[[], Stage[Any, Any]]] = {
        "step": Step,
        "pairs": Pairs,
        "none": lambda: Repeat(0),
        "twice": lambda: Repeat(2),
    }
    expected = list(run_inline(range(length), joined([make[kind]() for kind in kinds])))
    stages = [make[kind]() for kind in kinds]
    with PipelineRunner(range(length), joined(stages), ring_capacity=capacity) as run:
        assert list(run) == expected


def test_stages_overlap_in_threads_of_their_own() -> None:
    """Each stage waits until the other one works; in one thread they would wait forever."""
    meeting = threading.Barrier(2, timeout=SOON_S)

    class Meet(Step):
        def process(self, item: Any) -> Iterator[Any]:
            if item > 0 or self.name == "second":  # `first` is one item ahead
                meeting.wait()
            yield item

        def finish(self) -> Iterator[Any]:
            if self.name == "first":
                meeting.wait()
            yield from ()

    assert list(run_threaded(range(5), [Meet("first"), Meet("second")])) == [0, 1, 2, 3, 4]


def test_a_slow_consumer_slows_the_source_down() -> None:
    source = Numbers(range(1_000))
    with PipelineRunner(source, joined([Step(), Step()]), ring_capacity=3) as run:
        for taken, _ in enumerate(run, start=1):
            in_rings, in_hands = 3 * 3, 3
            assert source.given <= taken + in_rings + in_hands


@both_ways
@pytest.mark.parametrize("at", [0, 1, 7, 19, None, "close"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_crash_anywhere_ends_the_run(run: Run, place: int, at: int | str | None) -> None:
    error = ValueError("broken")
    source = Numbers(range(20))
    stages: list[Step] = [Step("a"), Step("b")]
    stages.insert(place, Crash(at, error))
    received: list[Item] = []
    with pytest.raises(StageError) as caught:
        consume(run(source, stages), received)
    assert caught.value.__cause__ is error
    assert caught.value.stage == "crash"
    assert caught.value.segment == (at if isinstance(at, int) else None)
    last_before = at if isinstance(at, int) else 20
    assert received == [Item(number) for number in range(len(received))]
    assert len(received) <= last_before
    if place == 2:
        assert len(received) == last_before, "results from before the crash are returned"
    assert [len(stage.closed_in) for stage in stages] == [1, 1, 1]
    assert len(source.closed_in) == 1


@both_ways
@pytest.mark.parametrize("at", [0, 5])
def test_a_crash_of_the_source_is_reported_as_its_own(run: Run, at: int) -> None:
    def source() -> Iterator[int]:
        yield from range(at)
        raise AudioDecodeError("broken.mp3 ends in the middle of a frame")

    stage = Step()
    with pytest.raises(StageError, match=r"source failed: broken\.mp3 ends") as caught:
        list(run(source(), [stage]))
    assert caught.value.stage == SOURCE
    assert isinstance(caught.value.__cause__, AudioDecodeError)
    assert len(stage.closed_in) == 1


@both_ways
def test_a_source_that_cannot_be_iterated_is_reported(run: Run) -> None:
    class Refuses:
        def __iter__(self) -> Iterator[int]:
            raise AudioDecodeError("no such file")

    with pytest.raises(StageError, match="no such file"):
        list(run(Refuses(), [Step()]))


@both_ways
def test_an_index_that_is_a_method_is_no_segment(run: Run) -> None:
    class Strings(Step):
        def process(self, item: str) -> Iterator[str]:
            raise ValueError(item)

    with pytest.raises(StageError, match="strings failed: text") as caught:
        list(run(["text"], [Strings("strings")]))
    assert caught.value.segment is None


@both_ways
def test_the_first_error_is_raised_and_errors_of_closing_are_not(run: Run) -> None:
    stages = [Crash("close", OutputError("later"), "b"), Crash(3, ValueError("first"), "a")]
    with pytest.raises(StageError, match=r"a \(segment 3\) failed: first"):
        list(run(Numbers(range(9)), stages))


def test_system_exit_in_a_stage_ends_the_run() -> None:
    with (
        pytest.raises(StageError) as caught,
        PipelineRunner(Numbers(range(9)), joined([Crash(3, SystemExit(5))])) as run,
    ):
        list(run)
    assert caught.value.stage == "crash"
    assert isinstance(caught.value.__cause__, SystemExit)


@pytest.mark.parametrize("place", [0, 1])
def test_a_crash_ends_the_run_after_the_running_engine_call(place: int) -> None:
    """The other stage is in a call at the time of the crash, and begins no other call."""
    gate = Gate()

    class CrashOnceGateIsBusy(Step):
        def process(self, item: Item) -> Iterator[Item]:
            if item.index == 1:
                assert gate.entered.wait(SOON_S)
                raise ValueError("broken")
            yield item

    stages: list[Step] = [gate]
    stages.insert(place, CrashOnceGateIsBusy("crash"))
    if place == 1:  # let the gate pass items 0 and 1, and hold it at item 2

        class PassTwo(Gate):
            def process(self, item: Item) -> Iterator[Item]:
                return super().process(item) if item.index > 1 else iter([item])

        gate = stages[0] = PassTwo()
    run = PipelineRunner(Numbers(itertools.count()), joined(stages), on_abort=gate.go.set)
    with pytest.raises(StageError, match="broken"), run:
        list(run)
    assert len(gate.seen) == 1


def test_a_consumer_that_fails_keeps_its_exception() -> None:
    source = Numbers(itertools.count())
    stages = [Step("a"), Step("b")]

    def write() -> None:
        with PipelineRunner(source, joined(stages), name="run") as run:
            for item in run:
                if item.index == 5:
                    raise OutputError("disk is full")

    with pytest.raises(OutputError, match="disk is full"):
        write()
    assert [stage.closed_in for stage in stages] == [["run:a"], ["run:b"]]
    assert source.closed_in == ["run:source"]


def test_leaving_early_ends_the_threads() -> None:
    source = Numbers(itertools.count())
    with PipelineRunner(source, joined([Step()])) as run:
        for item in run:
            if item.index == 3:
                break
    assert len(source.closed_in) == 1


def test_closing_a_generator_around_a_run_ends_the_threads() -> None:
    source = Numbers(itertools.count())
    results = run_threaded(source, [Step()])
    assert next(results) == Item(0)
    results.close()  # type: ignore[attr-defined]
    assert len(source.closed_in) == 1


def test_an_error_that_happened_before_the_consumer_left_is_raised() -> None:

    def take_one_and_wait_for_the_end() -> None:
        with PipelineRunner(Numbers(range(3)), joined([Crash(2, ValueError("broken"))])) as run:
            next(run)
            while any(thread.name.startswith("pipeline") for thread in threading.enumerate()):
                time.sleep(0.001)

    with pytest.raises(StageError, match="broken"):
        take_one_and_wait_for_the_end()


def test_iterating_after_the_end_gives_nothing() -> None:
    aborts: list[str] = []
    run = PipelineRunner(range(3), joined([Step()]), on_abort=lambda: aborts.append("abort"))
    with run:
        assert list(run) == [0, 1, 2]
        assert list(run) == []
    assert aborts == [], "a run that has ended is not aborted"


def test_a_failure_is_raised_once() -> None:
    with PipelineRunner(Numbers(range(9)), joined([Crash(2, ValueError("broken"))])) as run:
        with pytest.raises(StageError, match="broken"):
            list(run)
        assert list(run) == []


def test_after_stop_the_items_that_were_taken_are_still_worked_on() -> None:
    source = Numbers(itertools.count())
    pairs = Pairs()
    received: list[Item] = []
    with PipelineRunner(source, joined([Step(), pairs]), name="run") as run:
        for pair in run:
            received += pair
            if len(received) == 10:
                run.stop()
    assert received == [Item(number) for number in range(len(received))]
    assert source.given - 1 <= len(received) <= source.given, "at most one item was refused"
    assert source.closed_in == ["run:source"]
    assert pairs.closed_in == ["run:pairs"]


def test_stop_by_on_stop_loses_nothing() -> None:
    """A source at a sound card gets `on_stop`; the sound that it has captured is still taken."""
    microphone = threading.Event()
    gave_last = []

    def source() -> Iterator[str]:
        yield "captured before"
        assert microphone.wait(SOON_S)
        yield "captured last"
        gave_last.append(True)

    with PipelineRunner(source(), joined([Step()]), on_stop=microphone.set) as run:
        assert next(run) == "captured before"
        run.stop()
        assert list(run) == ["captured last"]
    assert gave_last == [True]


def test_an_abort_ends_waits_of_sources_and_stages_outside_the_rings() -> None:
    microphone, loudspeaker = threading.Event(), threading.Event()

    def source() -> Iterator[Item]:
        yield from map(Item, range(3))
        assert microphone.wait(SOON_S)

    class Play(Step):
        def process(self, item: Any) -> Iterator[Any]:
            yield item
            assert loudspeaker.wait(SOON_S)

    run = PipelineRunner(
        source(),
        joined([Crash(2, ValueError("broken")), Play("play")]),
        on_stop=microphone.set,
        on_abort=loudspeaker.set,
    )
    with pytest.raises(StageError, match="broken"), run:
        list(run)


def test_a_pulling_stage_works_in_the_sources_thread() -> None:
    source = Numbers(range(3))
    pulling, pushed = Step("first"), Step("second")
    with PipelineRunner(source, joined([pulling, pushed]), pulling=1, name="run") as run:
        assert list(run) == [Item(0), Item(1), Item(2)]
        assert [busy.stage for busy in run.busy()] == ["first", "second"]
    assert source.closed_in == ["run:first"]
    assert pulling.closed_in == ["run:first"]
    assert pushed.closed_in == ["run:second"]


def test_a_pulling_stage_finishes_an_item_before_the_source_gives_the_next() -> None:
    order: list[str] = []

    def source() -> Iterator[Item]:
        for index in range(3):
            order.append(f"take {index}")
            yield Item(index)

    class Slow(Step):
        def process(self, item: Any) -> Iterator[Any]:
            order.append(f"work {item.index}")
            yield item

    with PipelineRunner(source(), joined([Slow()]), pulling=1) as run:
        list(run)
    assert order == ["take 0", "work 0", "take 1", "work 1", "take 2", "work 2"]


def test_errors_of_a_pulling_stage_and_of_the_source_name_each_of_them() -> None:
    def broken() -> Iterator[Item]:
        yield Item(0)
        raise ValueError("the card is gone")

    with (
        pytest.raises(StageError, match=r"^first \(segment 2\) failed: broken"),
        PipelineRunner(
            Numbers(range(9)), joined([Crash(2, ValueError("broken"), "first")]), pulling=1
        ) as run,
    ):
        list(run)
    with (
        pytest.raises(StageError, match=r"^source failed: the card is gone"),
        PipelineRunner(broken(), joined([Step("first")]), pulling=1) as run,
    ):
        list(run)


def test_a_chain_has_its_stages_in_order() -> None:
    flow: Chain[Item, Item] = chain(Step("a")).then(Step("b"))
    assert [stage.name for stage in flow.stages] == ["a", "b"]


def test_a_thread_that_cannot_start_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def start_two(thread: threading.Thread) -> None:
        if thread.name == "pipeline:third":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)
    stages = [Step("second"), Step("third")]
    with (
        pytest.raises(RuntimeError, match="can't start"),
        PipelineRunner(itertools.count(), joined(stages)),
    ):
        pytest.fail("the block was entered")


def test_each_worker_reports_how_it_spent_its_time() -> None:
    entered = threading.Event()

    class Slow(Step):
        def process(self, item: Any) -> Iterator[Any]:
            """Hold the first item until all others have waited for it for longer than they work.

            However slow the machine is, that comes; where a wait is counted as work, it never does.
            """
            if item:
                yield item
                return
            assert entered.wait(SOON_S)
            deadline = time.perf_counter() + SOON_S
            while not all(as_expected(run.busy())) and time.perf_counter() < deadline:
                time.sleep(0.001)
            assert all(as_expected(run.busy()))
            yield item

    def as_expected(busy: list[StageBusy]) -> list[bool]:
        source, fast, slow, idle = busy
        return [
            slow.busy_s > slow.starved_s + slow.blocked_s,
            source.blocked_s > source.busy_s,
            fast.blocked_s > fast.busy_s,
            idle.starved_s > idle.busy_s,
            slow.queued_s > idle.queued_s,
        ]

    events: list[Event] = []
    stages = [Step("fast"), Slow("slow"), Step("idle")]
    with PipelineRunner(range(20), joined(stages), ring_capacity=2, emit=events.append) as run:
        entered.set()
        assert len(list(run)) == 20
        report = {busy.stage: busy for busy in run.busy()}
    assert sorted(report.values(), key=lambda busy: busy.stage) == sorted(
        (event for event in events if isinstance(event, StageBusy)), key=lambda busy: busy.stage
    )
    assert list(report) == ["source", "fast", "slow", "idle"]
    assert [busy.items for busy in report.values()] == [20, 20, 20, 20]
    for busy in report.values():
        parts = busy.busy_s + busy.starved_s + busy.blocked_s
        assert parts == pytest.approx(busy.elapsed_s)


def test_a_report_that_cannot_be_written_fails_the_run() -> None:
    def emit(event: Event) -> None:
        raise OutputError("events.jsonl: no space left on device")

    with (
        pytest.raises(StageError, match="no space left") as caught,
        PipelineRunner(range(3), joined([Step()]), emit=emit) as run,
    ):
        list(run)
    assert isinstance(caught.value.__cause__, OutputError)


needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="signals cannot be sent to a thread on Windows"
)


def interrupt_main() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@contextmanager
def user_who(presses: Callable[[], None]) -> Iterator[None]:
    user = threading.Thread(target=presses)
    user.start()
    try:
        yield
    finally:
        user.join()


@needs_signals
def test_ctrl_c_at_a_waiting_consumer_ends_everything() -> None:
    gate = Gate()

    def press() -> None:
        assert gate.entered.wait(SOON_S)
        interrupt_main()

    run = PipelineRunner(range(9), joined([gate]), on_abort=gate.go.set)
    with user_who(press), pytest.raises(KeyboardInterrupt), run:
        list(run)


@needs_signals
@pytest.mark.parametrize("wait_s", [0.0, 0.0003, 0.001, 0.002, 0.004, 0.008])
def test_ctrl_c_at_a_busy_moment_ends_everything(wait_s: float) -> None:
    def press() -> None:
        time.sleep(wait_s)
        interrupt_main()

    endless = run_threaded(itertools.count(), [Step("a"), Step("b")])
    with pytest.raises(KeyboardInterrupt), user_who(press):
        deque(endless, maxlen=0)


@needs_signals
def test_a_second_ctrl_c_does_not_wait_for_an_engine() -> None:
    gate = Gate()
    first_noticed = threading.Event()
    run = PipelineRunner(range(9), joined([gate]), on_abort=first_noticed.set)

    def press_twice() -> None:
        assert gate.entered.wait(SOON_S)
        interrupt_main()
        assert first_noticed.wait(SOON_S)
        interrupt_main()

    with user_who(press_twice), pytest.raises(KeyboardInterrupt), run:
        list(run)
    left = [thread for thread in threading.enumerate() if thread.name == "pipeline:gate"]
    assert len(left) == 1, "the engine was still in its call"
    gate.go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("pipeline:"):
            thread.join(SOON_S)  # The source's too, because nothing has waited for it.
    assert len(gate.seen) == 1


@needs_signals
def test_stop_may_be_called_by_a_signal_handler() -> None:
    source = Numbers(itertools.count())
    run = PipelineRunner(source, joined([Step()]))
    before = signal.signal(signal.SIGTERM, lambda *_: run.stop())
    try:
        with run:
            received = []
            for item in run:
                received.append(item)
                if item.index == 5:
                    signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert source.given - 1 <= len(received) <= source.given


def test_runs_with_every_kind_of_end_leave_no_thread_descriptor_or_memory(tmp_path: Path) -> None:
    path = tmp_path / "source.txt"
    path.write_text("\n".join(map(str, range(50))))

    def source() -> Iterator[Item]:
        with path.open() as lines:
            for line in lines:
                yield Item(int(line))

    def to_the_end() -> None:
        list(run_threaded(source(), [Step(), Pairs()]))

    def crash() -> None:
        with pytest.raises(StageError):
            list(run_threaded(source(), [Step(), Crash(9, ValueError(bytearray(100_000)))]))

    def leave() -> None:
        with PipelineRunner(source(), joined([Step(), Step()])) as run:
            next(run)

    def once_each() -> None:
        to_the_end()
        crash()
        leave()

    for _ in range(5):
        once_each()
    gc.collect()
    threads, descriptors = threading.active_count(), open_descriptors()
    tracemalloc.start()
    try:
        once_each()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(30):
            once_each()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert threading.active_count() == threads
    assert open_descriptors() == descriptors
    assert after - before < 1_000_000, "thirty crashes held three million bytes"


def open_descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) if folder.is_dir() else 0  # noqa: PTH208
