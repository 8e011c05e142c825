"""Both rings: compared with simple models, used between threads, and at their limits."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections import deque
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stslocal.rings import MessageRing, RingAborted, RingClosed, SampleRing

pytestmark = pytest.mark.unit

LIMIT_S = 60.0
"""Much longer than anything here takes: a thread that reaches it is stuck."""


@pytest.fixture(autouse=True)
def _no_recheck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rechecks only the doorbell can end a wait."""
    monkeypatch.setattr("stslocal.rings.samples._RECHECK_S", 10 * LIMIT_S)


class Background:
    """Runs a function in a thread. `result()` joins it and returns or raises its outcome."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._outcome: object = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(function,), daemon=True)
        self._thread.start()

    def _run(self, function: Callable[[], object]) -> None:
        try:
            self._outcome = function()
        except BaseException as error:  # noqa: BLE001 - raised again in `result`
            self._error = error

    def result(self) -> object:
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive(), "still waiting"
        if self._error is not None:
            raise self._error
        return self._outcome


def until(condition: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + LIMIT_S
    while not condition():
        assert time.perf_counter() < deadline
        time.sleep(0.001)


class MessageRingModel(RuleBasedStateMachine):
    """A MessageRing behaves like a deque of limited length."""

    @initialize(capacity=st.sampled_from([1, 2, 3, 7]))
    def start(self, capacity: int) -> None:
        self.ring: MessageRing[int] = MessageRing(capacity)
        self.model: deque[int] = deque()
        self.capacity = capacity
        self.next_item = self.got = 0
        self.closed = self.aborted = False

    @rule()
    def put(self) -> None:
        if self.aborted:
            with pytest.raises(RingAborted):
                self.ring.put(self.next_item)
        elif self.closed:
            with pytest.raises(RingClosed):
                self.ring.put(self.next_item)
        elif len(self.model) == self.capacity:
            with pytest.raises(TimeoutError):
                self.ring.put(self.next_item, timeout=0)
        else:
            self.ring.put(self.next_item)
            self.model.append(self.next_item)
            self.next_item += 1

    @rule()
    def get(self) -> None:
        if self.aborted:
            with pytest.raises(RingAborted):
                self.ring.get()
        elif self.model:
            assert self.ring.get() == self.model.popleft()
            self.got += 1
        elif self.closed:
            with pytest.raises(RingClosed):
                self.ring.get()
        else:
            with pytest.raises(TimeoutError):
                self.ring.get(timeout=0)

    @rule()
    def close(self) -> None:
        self.ring.close()
        self.closed = True

    @rule(seldom=st.integers(0, 9))
    def abort(self, seldom: int) -> None:
        if seldom == 0:
            self.ring.abort()
            self.aborted = True
            self.model.clear()

    @rule()
    def drain(self) -> None:
        """Iterating ends by itself only on a closed ring."""
        if self.closed and not self.aborted:
            assert list(self.ring) == list(self.model)
            self.got += len(self.model)
            self.model.clear()

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.ring) == len(self.model)
        assert self.ring.put_count == self.next_item
        assert self.ring.got_count == self.got


class SampleRingModel(RuleBasedStateMachine):
    """A SampleRing behaves like a deque of limited length, a block at a time."""

    @initialize(capacity=st.sampled_from([1, 2, 5, 16, 97]))
    def start(self, capacity: int) -> None:
        self.ring = SampleRing(capacity)
        self.model: deque[float] = deque()
        self.capacity = capacity
        self.sent = self.overrun = 0
        self.closed = False

    @rule(count=st.integers(0, 120))
    def write(self, count: int) -> None:
        block = np.arange(self.sent, self.sent + count, dtype=np.float32)
        taken = 0 if self.closed else min(count, self.capacity - len(self.model))
        assert self.ring.write(block) == taken
        self.model.extend(block[:taken].tolist())
        if not self.closed:
            self.sent += count
            self.overrun += count - taken

    @rule(count=st.integers(0, 120))
    def read(self, count: int) -> None:
        out = np.full(count, -1.0, np.float32)
        expected = [self.model.popleft() for _ in range(min(count, len(self.model)))]
        assert self.ring.read_into(out) == len(expected)
        assert out[: len(expected)].tolist() == expected
        assert (out[len(expected) :] == -1.0).all()

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        count = data.draw(st.integers(0, self.capacity))
        assert self.ring.wait_available(count, timeout=0) == (len(self.model) >= count)
        room = not self.closed and self.capacity - len(self.model) >= count
        assert self.ring.wait_space(count, timeout=0) == room

    @rule(seldom=st.integers(0, 9))
    def close(self, seldom: int) -> None:
        if seldom == 0:
            self.ring.close()
            self.closed = True

    @invariant()
    def counts_agree(self) -> None:
        assert self.ring.available == len(self.model)
        assert self.ring.space == self.capacity - len(self.model)
        assert self.ring.overrun == self.overrun
        assert self.ring.written + self.ring.overrun == self.sent
        assert self.ring.read == self.ring.written - len(self.model)
        assert self.ring.closed == self.closed


TestMessageRingModel = MessageRingModel.TestCase
TestMessageRingModel.settings = settings(max_examples=40, stateful_step_count=50)
TestSampleRingModel = SampleRingModel.TestCase
TestSampleRingModel.settings = settings(max_examples=40, stateful_step_count=50)


@pytest.mark.parametrize("make", [MessageRing, SampleRing])
def test_a_capacity_below_one_is_refused(make: Callable[[int], object]) -> None:
    with pytest.raises(ValueError, match="room for at least one"):
        make(0)


def test_messages_pass_in_order_between_two_threads() -> None:
    ring: MessageRing[int] = MessageRing(3)

    def produce() -> None:
        for number in range(20_000):
            ring.put(number)
        ring.close()

    producer = Background(produce)
    sizes = []
    taken = []
    for number in ring:
        taken.append(number)
        sizes.append(len(ring))
    assert taken == list(range(20_000))
    assert max(sizes) <= 3
    producer.result()


def test_several_producers_and_consumers_share_a_ring() -> None:
    """Every item is got once, and each consumer gets each producer's items in order."""
    ring: MessageRing[tuple[int, int]] = MessageRing(4)

    def produce(who: int) -> None:
        for number in range(5_000):
            ring.put((who, number))

    consumers = [Background(lambda: list(ring)) for _ in range(3)]
    for producer in [Background(lambda who=who: produce(who)) for who in range(3)]:  # type: ignore[misc]
        producer.result()
    ring.close()
    received = [consumer.result() for consumer in consumers]
    everything: list[tuple[int, int]] = []
    for items in received:
        assert isinstance(items, list)
        for who in range(3):
            numbers = [number for by, number in items if by == who]
            assert numbers == sorted(numbers)
        everything += items
    assert sorted(everything) == [(who, number) for who in range(3) for number in range(5_000)]


def test_a_full_ring_makes_its_producer_wait() -> None:
    ring: MessageRing[int] = MessageRing(2)
    ring.put(0)
    ring.put(1)
    producer = Background(lambda: ring.put(2))
    until(lambda: ring.put_waited_s > 0.05)
    assert len(ring) == 2
    assert ring.get() == 0
    producer.result()
    assert [ring.get(), ring.get()] == [1, 2]
    waited = ring.put_waited_s
    assert waited > 0.05
    time.sleep(0.01)
    assert ring.put_waited_s == pytest.approx(waited, abs=1e-6), "no thread waits any more"


def test_the_time_in_the_ring_and_the_wait_for_an_item_are_counted() -> None:
    ring: MessageRing[str] = MessageRing(2)
    began_s = time.perf_counter()
    ring.put("waits")
    time.sleep(0.03)
    ring.get()
    assert ring.queued_s >= 0.03
    consumer = Background(ring.get)
    until(lambda: ring.get_waited_s > 0.03)
    ring.put("wakes")
    assert consumer.result() == "wakes"
    assert ring.queued_s < time.perf_counter() - began_s - 0.03, "it was empty for 0.03 s"


@pytest.mark.parametrize("waits", ["put", "get"])
def test_abort_wakes_all_threads_with_the_error(waits: str) -> None:
    ring: MessageRing[int] = MessageRing(1)
    if waits == "put":
        ring.put(0)
        waiting = [Background(lambda: ring.put(1)) for _ in range(3)]
        until(lambda: ring.put_waited_s > 0.01)
    else:
        waiting = [Background(ring.get) for _ in range(3)]
        until(lambda: ring.get_waited_s > 0.01)
    cause = RuntimeError("the cause")
    ring.abort(cause)
    ring.abort(RuntimeError("a later one"))
    for thread in waiting:
        with pytest.raises(RingAborted) as caught:
            thread.result()
        assert caught.value.__cause__ is cause


def test_close_ends_a_waiting_put_and_the_consumer_gets_the_rest() -> None:
    ring: MessageRing[int] = MessageRing(1)
    ring.put(0)
    producer = Background(lambda: ring.put(1))
    until(lambda: ring.put_waited_s > 0.01)
    ring.close()
    with pytest.raises(RingClosed):
        producer.result()
    assert list(ring) == [0]


def test_close_ends_waiting_consumers() -> None:
    ring: MessageRing[int] = MessageRing(1)
    consumers = [Background(lambda: list(ring)) for _ in range(3)]
    until(lambda: ring.get_waited_s > 0.01)
    ring.close()
    assert [consumer.result() for consumer in consumers] == [[], [], []]


def test_an_empty_ring_is_true() -> None:
    assert MessageRing[int](1)


def test_millions_of_samples_pass_a_small_ring_in_order() -> None:
    """Blocks of changing size wrap around often; no sample is lost, repeated or moved."""
    total = 4_000_000
    ring = SampleRing(4_801)
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 1_500, 100_000)
    numbers = np.arange(total) % 2**24  # float32 holds these exactly

    def write() -> None:
        sent = 0
        for size in sizes:
            block = numbers[sent : sent + size].astype(np.float32)
            if len(block) == 0:
                break
            assert ring.wait_space(len(block))
            assert ring.write(block) == len(block)
            sent += len(block)
        ring.close()

    writer = Background(write)
    received = np.empty(total, np.float32)
    count = 0
    while ring.wait_available(512):
        count += ring.read_into(received[count : count + 700])
    count += ring.read_into(received[count:])
    writer.result()
    assert count == total == ring.written == ring.read
    assert ring.overrun == 0
    assert (received == numbers.astype(np.float32)).all()


def test_a_slow_reader_loses_the_newest_samples_and_every_loss_is_counted() -> None:
    """Neither side waits. Samples arrive in order, and arrived + overrun = sent."""
    ring = SampleRing(1_000)
    sent = 1_000_000
    numbers = np.arange(sent, dtype=np.float32)  # exact, because below 2**24
    done = threading.Event()

    def write() -> None:
        for start in range(0, sent, 160):
            ring.write(numbers[start : start + 160])
        done.set()

    writer = Background(write)
    received: list[np.ndarray] = []
    while not done.is_set() or ring.available:
        out = np.empty(300, np.float32)
        received.append(out[: ring.read_into(out)])
        if len(received) % 16 == 0:
            time.sleep(0.0005)
    writer.result()
    arrived = np.concatenate(received)
    assert len(arrived) + ring.overrun == sent
    assert (np.diff(arrived) > 0).all()
    assert 0 < ring.overrun < sent


def test_write_and_read_allocate_no_memory_for_samples() -> None:
    ring = SampleRing(10_000)
    block = np.ones(4_096, np.float32)
    out = np.empty(4_096, np.float32)
    ring.write(block)
    ring.read_into(out)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(1_000):
            ring.write(block)
            ring.read_into(out)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 2_000, "a block takes 16 kB, a view about 100 bytes"
    assert after - before < 1_000


def test_the_write_that_completes_the_count_wakes_the_reader() -> None:
    ring = SampleRing(100)
    reader = Background(lambda: ring.wait_available(50))
    for _ in range(5):
        ring.write(np.zeros(10, np.float32))
    assert reader.result() is True


def test_the_read_that_makes_room_wakes_the_writer() -> None:
    ring = SampleRing(100)
    ring.write(np.zeros(100, np.float32))
    writer = Background(lambda: ring.wait_space(30))
    for _ in range(3):
        ring.read_into(np.empty(10, np.float32))
    assert writer.result() is True


def test_closing_wakes_reader_and_writer() -> None:
    ring = SampleRing(10)
    ring.write(np.zeros(8, np.float32))
    reader = Background(lambda: ring.wait_available(9))
    writer = Background(lambda: ring.wait_space(5))
    ring.close()
    assert reader.result() is False
    assert writer.result() is False
    assert ring.wait_available(8), "the samples in a closed ring can still be read"


def test_a_wait_for_more_than_the_capacity_is_refused() -> None:
    ring = SampleRing(10)
    with pytest.raises(ValueError, match="never holds 11"):
        ring.wait_available(11)
    with pytest.raises(ValueError, match="never has room for 11"):
        ring.wait_space(11)


def test_arrays_with_a_stride_are_accepted() -> None:
    """A sound card's block is interleaved, so its columns are views with a stride."""
    ring = SampleRing(10)
    stereo = np.arange(12, dtype=np.float32).reshape(6, 2)
    assert ring.write(stereo[:, 1]) == 6
    out = np.zeros((6, 2), np.float32)
    assert ring.read_into(out[:, 0]) == 6
    assert out[:, 0].tolist() == [1, 3, 5, 7, 9, 11]
