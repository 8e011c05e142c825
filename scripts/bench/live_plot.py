"""Draws the lag and the latency of each stage over time, from event logs of live sessions.

python scripts/bench/live_plot.py live.events.jsonl [plain.events.jsonl] [-o plot.png]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from stslocal.metrics import (
    Event,
    FirstAudio,
    LagMeasured,
    PlaybackStarted,
    SegmentCommitted,
    SegmentTranslated,
    from_json,
)

Line = tuple[list[float], list[float]]
"""Times in the session in seconds, and a figure at each of them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("logs", type=Path, nargs="+", metavar="LOG")
    parser.add_argument("-o", "--output", type=Path, default=Path("live.png"))
    arguments = parser.parse_args()
    plot({log.name.removesuffix(".events.jsonl"): read(log) for log in arguments.logs},
         arguments.output)  # fmt: skip


def read(log: Path) -> list[Event]:
    return [from_json(line) for line in log.read_text(encoding="utf-8").splitlines()]


def plot(runs: Mapping[str, Sequence[Event]], path: Path) -> None:
    """Write a PNG: the lag of all runs at the top, then a panel with the stages of each run."""
    figure = Figure(figsize=(10, 3 * (1 + len(runs))), dpi=120, layout="constrained")
    first, *others = figure.subplots(1 + len(runs), 1, sharex=True, squeeze=False)[:, 0]
    for name, events in runs.items():
        first.plot(*_lag(events), marker=".", label=name)
    first.set_title("lag of the translated speech", loc="left")
    for axes, (name, events) in zip(others, runs.items(), strict=True):
        for stage, line in _stages(events).items():
            axes.plot(*line, marker=".", linewidth=0.8, label=stage)
        axes.set_title(name, loc="left")
    for axes in (first, *others):
        axes.set_ylabel("seconds")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        # Beside the title, because inside the panel it would hide figures.
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, fontsize="small", frameon=False
        )
    axes.set_xlabel("seconds of the session")
    figure.savefig(path)


def _lag(events: Sequence[Event]) -> Line:
    lags = [event for event in events if isinstance(event, LagMeasured)]
    return [event.at_s for event in lags], [event.lag_s for event in lags]


def _stages(events: Sequence[Event]) -> dict[str, Line]:
    lines: dict[str, Line] = {
        "recognized after the segment's end": ([], []),
        "translation": ([], []),
        "first audio": ([], []),
        "played after the segment's end": ([], []),
    }

    def add(name: str, at_s: float, seconds: float) -> None:
        lines[name][0].append(at_s)
        lines[name][1].append(seconds)

    for event in events:
        if isinstance(event, SegmentCommitted):
            add("recognized after the segment's end", event.at_s, event.at_s - event.end_s)
        elif isinstance(event, SegmentTranslated):
            add("translation", event.at_s, event.translation_s)
        elif isinstance(event, FirstAudio):
            add("first audio", event.at_s, event.time_to_first_audio_s)
        elif isinstance(event, PlaybackStarted):
            name = "played after the segment's end"
            add(name, event.at_s, event.end_of_speech_latency_s)
    return lines


if __name__ == "__main__":
    main()
