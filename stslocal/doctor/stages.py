"""Whether a sentence gets through all stages, how fast, and without the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

from stslocal.clock import Clock
from stslocal.doctor.findings import Finding
from stslocal.doctor.socket_watch import SocketWatch
from stslocal.doctor.trial import Trial, run_trial
from stslocal.errors import StslocalError, root_cause
from stslocal.languages import name_of
from stslocal.loading import load as loading
from stslocal.loading.selection import EngineSelection
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

COMFORTABLE_LATENCY_S = 3.0
KEEPS_UP = 0.9
"""Real-time factors of recognition and synthesis together, above which live falls behind."""
_FASTER = "close other programs, or use a machine with more cores or a GPU"


def check_stages(
    store: ModelStore,
    settings: Settings,
    for_files: EngineSelection,
    *,
    clock: Clock,
    announce: Callable[[str], None] = lambda text: None,
) -> Iterator[Finding]:
    """Load the engines that live takes and send a sentence through them.

    Where `auto` has a choice, the speed of the candidates is measured again.
    """
    with SocketWatch() as watch:
        try:
            began_s = clock.now()
            engines = loading.load_engines(
                settings, store, use="live", announce=announce, measure_again=True
            )
            loading_s = clock.now() - began_s
            trial = run_trial(engines, settings.voice, clock=clock)
        except StslocalError as error:
            findings = [_no_way_through(str(root_cause(error)))]
        except Exception as bug:  # noqa: BLE001
            # A library that does not load or fails on this machine: what a doctor is there for.
            findings = [_no_way_through(f"{type(bug).__name__}: {bug}")]
        else:
            text = f"models loaded in {loading_s:.1f} s"
            findings = [
                judge_choice(settings, for_files, engines.selection),
                Finding("loading", "ok", text, {"loading_s": loading_s}),
                *judge_trial(trial),
            ]
    yield from findings
    yield judge_sockets(watch.events)


def judge_choice(
    settings: Settings, for_files: EngineSelection, for_live: EngineSelection
) -> Finding:
    """Which engines were taken, by whose choice, and why not better ones."""
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
            name + (chosen if wanted[role] != "auto" else "") for role, name in taken.items()
        )

    same = listed(files) == listed(live)
    lines = [listed(files)] if same else [f"files: {listed(files)}", f"live: {listed(live)}"]
    for passed in for_live.passed_over:
        if passed.notable:
            where = "not used" if passed.name not in files.values() else "not for live"
            lines.append(f"{passed.name} {where}: {passed.why}")
    return Finding("engines", "ok", "\n".join(lines), figures)


def _no_way_through(reason: str) -> Finding:
    return Finding("sentence", "broken", f"it did not get through: {reason}")


def judge_trial(trial: Trial) -> Iterator[Finding]:
    """What the times of a sentence say."""
    yield Finding(
        "recognition",
        "ok",
        f"{trial.speech_s:.1f} s of speech in {trial.recognition_s:.2f} s, "
        f"{trial.recognition_factor:.2f} x real time",
        {
            "recognition_s": trial.recognition_s,
            "quick_recognition_s": trial.quick_recognition_s,
            "real_time_factor": trial.recognition_factor,
        },
    )
    yield Finding(
        "translation",
        "ok",
        f"{trial.translation_s:.2f} s, {name_of(trial.source)} to {name_of(trial.target)}",
        {"translation_s": trial.translation_s, "source": trial.source, "target": trial.target},
    )
    yield Finding("voice", "ok", f"chosen in {trial.voice_s:.2f} s", {"voice_s": trial.voice_s})
    yield Finding(
        "synthesis",
        "ok",
        f"first audio in {trial.first_audio_s:.2f} s, {trial.spoken_s:.1f} s of speech in "
        f"{trial.synthesis_s:.2f} s, {trial.synthesis_factor:.2f} x real time",
        {
            "first_audio_s": trial.first_audio_s,
            "synthesis_s": trial.synthesis_s,
            "real_time_factor": trial.synthesis_factor,
        },
    )
    yield _expected(trial)


def judge_sockets(events: list[str]) -> Finding:
    """Translating must not ask for the network."""
    names = sorted(set(events))
    figures = {"sockets": len(events), "events": names}
    if not events:
        return Finding(
            "network", "ok", "0 sockets asked for while the sentence was translated", figures
        )
    text = f"{len(events)} calls while the sentence was translated ({', '.join(names)})"
    return Finding("network", "broken", f"{text}: please report this", figures)


def _expected(trial: Trial) -> Finding:
    steps_s, latency_s = trial.live_steps_s, trial.live_latency_s
    busy = trial.recognition_factor + trial.synthesis_factor
    sum_of = " + ".join(f"{name} {seconds:.2f}" for name, seconds in steps_s.items())
    text = f"{latency_s:.1f} s from a sentence's end to its translation's start ({sum_of})"
    figures = {"latency_s": latency_s, "steps_s": steps_s, "busy": busy}
    if busy > KEEPS_UP:
        return Finding("live", "note", f"{text}; lag will grow: {_FASTER}", figures)
    if latency_s > COMFORTABLE_LATENCY_S:
        return Finding("live", "note", f"{text}; to be quicker, {_FASTER}", figures)
    return Finding("live", "ok", text, figures)
