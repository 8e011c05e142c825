"""Checks whether a sentence passes through all stages, how fast, and without the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

from stslocal.clock import Clock
from stslocal.doctor.findings import Finding
from stslocal.doctor.sentence_times import SentenceTimes, time_sentence
from stslocal.doctor.socket_watch import SocketWatch
from stslocal.errors import StslocalError, root_cause
from stslocal.languages import name_of
from stslocal.loading import load as loading
from stslocal.loading.selection import EngineSelection
from stslocal.metrics import speed_in_words
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

COMFORTABLE_LATENCY_S = 3.0
HIGHEST_BUSY = 0.9
"""Sum of the real-time factors of recognition and synthesis. Above it, live falls behind."""
_FASTER = "close other programs, or use a machine with more cores or a GPU"


def check_stages(
    store: ModelStore,
    settings: Settings,
    for_files: EngineSelection,
    *,
    clock: Clock,
    announce: Callable[[str], None] = lambda text: None,
) -> Iterator[Finding]:
    """Load the engines of live and send a sentence through them.

    If `auto` has to choose, the speed of the candidates is measured again.
    """
    with SocketWatch() as watch:
        try:
            began_s = clock.now()
            engines = loading.load_engines(
                settings, store, use="live", announce=announce, measure_again=True
            )
            loading_s = clock.now() - began_s
            times = time_sentence(engines, settings.voice, clock=clock)
        except StslocalError as error:
            findings = [_sentence_failed(str(root_cause(error)))]
        except Exception as bug:  # noqa: BLE001
            # A library may not load or may fail on this machine, and the doctor must report it.
            findings = [_sentence_failed(f"{type(bug).__name__}: {bug}")]
        else:
            text = f"models loaded in {loading_s:.1f} s"
            findings = [
                judge_choice(settings, for_files, engines.selection),
                Finding("loading", "ok", text, {"loading_s": loading_s}),
                *judge_times(times),
            ]
    yield from findings
    yield judge_sockets(watch.events)


def judge_choice(
    settings: Settings, for_files: EngineSelection, for_live: EngineSelection
) -> Finding:
    """Name the selected engines, those the person chose, and why better ones were passed over."""
    files, live = for_files.as_settings(), for_live.as_settings()
    wanted = {"asr": settings.asr, "mt": settings.mt, "tts": settings.tts}
    figures = {
        "files": files,
        "live": live,
        "passed_over": [asdict(passed) for passed in for_live.passed_over],
    }

    def listed(taken: Mapping[str, str]) -> str:
        chosen = " (your choice)"
        return ", ".join(
            name + (chosen if wanted.get(role, "auto") != "auto" else "")
            for role, name in taken.items()
        )

    same = listed(files) == listed(live)
    lines = [listed(files)] if same else [f"files: {listed(files)}", f"live: {listed(live)}"]
    for passed in for_live.passed_over:
        if passed.notable:
            where = "not used" if passed.name not in files.values() else "not for live"
            lines.append(f"{passed.name} {where}: {passed.why}")
    return Finding("engines", "ok", "\n".join(lines), figures)


def _sentence_failed(reason: str) -> Finding:
    return Finding("sentence", "broken", f"it could not be translated and spoken: {reason}")


def judge_times(times: SentenceTimes) -> Iterator[Finding]:
    """Give a finding for each stage, and one for the latency to expect of live."""
    yield Finding(
        "recognition",
        "ok",
        f"{times.speech_s:.1f} s of speech in {times.recognition_s:.2f} s, "
        f"{speed_in_words(times.recognition_factor)} than it is spoken",
        {
            "recognition_s": times.recognition_s,
            "quick_recognition_s": times.quick_recognition_s,
            "real_time_factor": times.recognition_factor,
        },
    )
    yield Finding(
        "translation",
        "ok",
        f"{times.translation_s:.2f} s, {name_of(times.source)} to {name_of(times.target)}",
        {"translation_s": times.translation_s, "source": times.source, "target": times.target},
    )
    text = f"{times.voice}, made in {times.voice_s:.2f} s"
    yield Finding("voice", "ok", text, {"voice_s": times.voice_s, "kind": times.voice})
    yield Finding(
        "synthesis",
        "ok",
        f"first sound after {times.first_audio_s:.2f} s, {times.spoken_s:.1f} s of speech in "
        f"{times.synthesis_s:.2f} s, {speed_in_words(times.synthesis_factor)} than it is spoken",
        {
            "first_audio_s": times.first_audio_s,
            "synthesis_s": times.synthesis_s,
            "real_time_factor": times.synthesis_factor,
        },
    )
    yield _judge_live(times)


def judge_sockets(events: list[str]) -> Finding:
    """Judge whether the translation used the network, which it must not."""
    names = sorted(set(events))
    figures = {"sockets": len(events), "events": names}
    if not events:
        return Finding("network", "ok", "not used while the sentence was translated", figures)
    times = "once" if len(events) == 1 else f"{len(events)} times"
    text = f"used {times} while the sentence was translated ({', '.join(names)})"
    return Finding("network", "broken", f"{text}: please report this", figures)


def _judge_live(times: SentenceTimes) -> Finding:
    steps_s, latency_s = times.live_steps_s, times.live_latency_s
    busy = times.recognition_factor + times.synthesis_factor
    sum_of = " + ".join(f"{name} {seconds:.2f}" for name, seconds in steps_s.items())
    text = f"{latency_s:.1f} s from a sentence's end to its translation's start ({sum_of})"
    figures = {"latency_s": latency_s, "steps_s": steps_s, "busy": busy}
    if busy > HIGHEST_BUSY:
        return Finding("live", "note", f"{text}; too slow for long speech: {_FASTER}", figures)
    if latency_s > COMFORTABLE_LATENCY_S:
        return Finding("live", "note", f"{text}; to be quicker, {_FASTER}", figures)
    return Finding("live", "ok", text, figures)
