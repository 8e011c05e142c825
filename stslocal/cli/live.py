"""`stslocal live`: someone speaks, and a moment later a listener hears it in another language."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_engine_options, add_language_options
from stslocal.cli.native_noise import native_noise_hidden
from stslocal.cli.output import Printer, tell_choice
from stslocal.errors import SettingsError
from stslocal.settings import DUPLEX_MODES, Settings

if TYPE_CHECKING:
    from stslocal.audio.devices import AudioDevice
    from stslocal.live.options import LiveOptions
    from stslocal.live.pipeline import LiveSession
    from stslocal.live.ports import AudioInput, AudioOutput
    from stslocal.live.recording import RecordingFiles
    from stslocal.live.translation import LiveTranslation
    from stslocal.loading.engines import Engines
    from stslocal.metrics import Emit, Event
    from stslocal.types import VoiceProfile

_EPILOG = """\
examples:
  stslocal live --from en --to pt
  stslocal live --from en --to pt --output-device headphones --duplex full
  stslocal live --from en --to pt --record conversations
  stslocal live --from en --to pt --simulate talk.mp3 --json > events.jsonl

Ctrl-C ends the session when what was said has been translated and heard; pressed again, at once.

With --json, stdout carries one event a line: {"event": NAME, "at_s": SECONDS, ...}. Times are
seconds since the first sample was heard. The names, in about this order for each segment:
  speech_started, partial_text, text_committed, speech_ended   what is recognized
  segment_committed, segment_translated, segment_dropped       what becomes of it
  segment_paced, first_audio, playback_started, playback_ended its way to the loudspeaker
  lag_measured, relief_changed, voice_learnt, input_level, device_xrun, notice, stage_busy
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "live",
        help="translate speech from a microphone to a loudspeaker while it is spoken",
        description="Translate speech from a microphone to a loudspeaker while it is spoken.",
        epilog=_EPILOG,
    )
    add_language_options(parser)
    sound = parser.add_argument_group("sound")
    sound.add_argument(
        "--input-device", metavar="DEVICE", help="microphone, by number or part of its name"
    )
    sound.add_argument(
        "--output-device", metavar="DEVICE", help="loudspeaker, by number or part of its name"
    )
    sound.add_argument(
        "--duplex", choices=DUPLEX_MODES,
        help="half: hear nothing while speaking; full: for headphones; aec: cancel the echo "
        "(default: auto, which is half unless the loudspeaker is headphones)",
    )  # fmt: skip
    sound.add_argument(
        "--max-lag", type=float, metavar="SECONDS",
        help="how far speech may fall behind before more than its pace is changed (default: 4)",
    )  # fmt: skip
    sound.add_argument(
        "--simulate", type=Path, metavar="FILE",
        help="hear a recording at the pace at which it was spoken, and play to nobody",
    )  # fmt: skip
    results = parser.add_argument_group("results")
    results.add_argument(
        "--record", type=Path, metavar="DIR",
        help="keep both sounds, subtitles, a session file and all events in this folder",
    )  # fmt: skip
    results.add_argument("--json", action="store_true", help="print every event as a line of JSON")
    voice = parser.add_argument_group("voice")
    voice.add_argument(
        "--voice", metavar="NAME",
        help="match: learn the speaker's while they speak (default), or a voice's name",
    )  # fmt: skip
    voice.add_argument(
        "--reference", type=Path, metavar="FILE", help="match the speaker of this recording instead"
    )
    voice.add_argument(
        "--keep-voice", metavar="NAME", help="save the learnt voice under this name at the end"
    )
    add_engine_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Translate until the input ends or Ctrl-C; 0 when nothing failed."""
    settings = _settings(arguments)
    _check(arguments, settings)
    from stslocal.cli.live_view import EventQueue, make_view
    from stslocal.clock import RealClock
    from stslocal.live.options import LiveOptions
    from stslocal.live.translation import LiveTranslation
    from stslocal.metrics import fan_out

    with ExitStack() as cleanup:
        printer.status("loading the models ...")
        engines = _load(settings, printer)
        if arguments.simulate is None and printer.verbosity < 2:
            cleanup.enter_context(native_noise_hidden())
        view = cleanup.enter_context(make_view(printer))
        events = cleanup.enter_context(EventQueue(view.show))
        sound = _Sound(arguments, engines, events.emit)
        cleanup.callback(sound.close)
        options = LiveOptions.from_settings(
            settings, output_name=sound.output_name, reference=arguments.reference
        )
        engines.warm_up(options.request.source_language, options.request.target_language)
        summary = _SummaryEvents()
        talk = cleanup.enter_context(
            LiveTranslation(
                engines,
                options,
                sound.input,
                sound.output,
                clock=RealClock(),
                input_name=sound.input_name,
                record=_files(arguments.record, options),
                emit=fan_out(events.emit, summary.add),
            )
        )
        with _ended_by_signals(talk.session, printer):
            view.ready(sound.input_name, sound.output_name or "nobody", options)
            for _ in talk.session:
                pass
        # While the conversation is open: the voice may still be in the making.
        learnt = None if arguments.keep_voice is None else talk.learnt_voice()
    _report(summary, talk, printer)
    if arguments.keep_voice is not None:
        _keep_voice(learnt, talk, arguments.keep_voice, engines.selection.synthesizer, printer)
    return 0 if talk.recording is None or talk.recording.failure is None else 1


def _settings(arguments: argparse.Namespace) -> Settings:
    names = ("source", "voice", "asr", "mt", "tts", "device", "compute_type", "threads", "duplex",
             "glossary")  # fmt: skip
    flags = {name: getattr(arguments, name) for name in names}
    return Settings.load({**flags, "target": arguments.to, "max_lag_s": arguments.max_lag})


def _check(arguments: argparse.Namespace, settings: Settings) -> None:
    if not settings.target:
        raise SettingsError("name the language to speak with --to, such as `--to pt`")
    if settings.source == settings.target:
        raise SettingsError(
            f"--from and --to are both {settings.target}: there is nothing to translate"
        )
    if settings.voice != "match" and (arguments.reference or arguments.keep_voice):
        raise SettingsError(
            "--reference and --keep-voice need `--voice match`, which is the default"
        )
    if arguments.keep_voice is not None:
        from stslocal.voices.store import VoiceStore

        VoiceStore().free(arguments.keep_voice)
    if settings.glossary:
        from stslocal.translation.glossary import Glossary

        Glossary.from_settings(settings)  # what is wrong with it is told before anything loads
    if arguments.simulate and (arguments.input_device or arguments.output_device):
        raise SettingsError("--simulate uses no devices: leave out the names of them")
    for file in (arguments.simulate, arguments.reference):
        if file is not None:
            from stslocal.audio.decode import probe

            probe(file)


def _load(settings: Settings, printer: Printer) -> Engines:
    from stslocal.loading.load import load_engines
    from stslocal.models.store import ModelStore

    engines = load_engines(settings, ModelStore.discover(), use="live", announce=printer.status)
    tell_choice(engines.selection, printer)
    engines.check(settings)
    return engines


class _Sound:
    """Where sound comes from and goes to, opened."""

    def __init__(self, arguments: argparse.Namespace, engines: Engines, emit: Emit) -> None:
        self.output_name: str | None = None
        """None when nobody hears it."""
        self.input: AudioInput
        self.output: AudioOutput
        rate = engines.synthesizer.sample_rate
        if arguments.simulate is not None:
            from stslocal.audio.simulated import RecordingInput, SilentOutput
            from stslocal.clock import RealClock

            self.input_name = arguments.simulate.name
            self.input = RecordingInput(arguments.simulate, RealClock())
            self.output = SilentOutput(rate, RealClock())
            return
        from stslocal.audio.loudspeaker import Loudspeaker
        from stslocal.audio.microphone import Microphone
        from stslocal.metrics import Notice

        def changed(device: AudioDevice, present: bool) -> None:
            news = "is back" if present else "is gone: the session goes on when it is back"
            emit(Notice(0.0, f"{device.name} {news}"))

        microphone = Microphone(arguments.input_device, on_change=changed)
        self.input, self.input_name = microphone, microphone.device.name
        try:
            loudspeaker = Loudspeaker(rate, arguments.output_device, on_change=changed)
        except BaseException:
            microphone.close()
            raise
        self.output, self.output_name = loudspeaker, loudspeaker.device.name

    def close(self) -> None:
        self.input.close()
        self.output.close()


def _files(folder: Path | None, options: LiveOptions) -> RecordingFiles | None:
    from stslocal.live.recording import RecordingFiles

    if folder is None:
        return None
    name = datetime.now().strftime("live-%Y%m%d-%H%M%S")
    return RecordingFiles(folder, name, options.request.target_language)


@contextmanager
def _ended_by_signals(session: LiveSession, printer: Printer) -> Iterator[None]:
    """Let the first Ctrl-C, and SIGTERM, end the session in order; the next Ctrl-C at once."""

    def stop(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, next_interrupt)
        session.stop()
        printer.status("ending: what was said is still translated (Ctrl-C again ends at once)")

    next_interrupt = signal.getsignal(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _SummaryEvents:
    """The events that the summary is made of; not those that come many times a second."""

    def __init__(self) -> None:
        self.kept: list[Event] = []

    def add(self, event: Event) -> None:
        from stslocal.metrics import InputLevel, PartialText

        if not isinstance(event, InputLevel | PartialText):
            self.kept.append(event)


def _report(events: _SummaryEvents, talk: LiveTranslation, printer: Printer) -> None:
    from stslocal.cli.live_view import summary_lines

    for line in summary_lines(events.kept, talk.session):
        printer.status(line)
    if talk.recording is not None:
        if talk.recording.failure is not None:
            printer.error(f"the recording is not complete: {talk.recording.failure}")
        printer.status(f"recorded in {talk.recording.files.session}")


def _keep_voice(
    profile: VoiceProfile | None,
    talk: LiveTranslation,
    name: str,
    synthesizer: str,
    printer: Printer,
) -> None:
    from stslocal.voices.learn import LEARN_AT_S
    from stslocal.voices.store import VoiceStore

    if profile is None:
        speech_s = talk.learner.speech_s if talk.learner is not None else 0.0
        printer.warning(
            f"the voice {name} is not saved: {speech_s:.1f} s were said clearly enough to learn "
            f"from, and it takes {LEARN_AT_S[0]:g} s"
        )
        return
    about = {
        **profile.provenance,
        "model": synthesizer,
        "made_from": "what was said in a live session",
        "made_on": date.today().isoformat(),
    }
    path = VoiceStore().save(replace(profile, name=name, provenance=about))
    printer.status(f"the voice {name} is saved in {path}: use it with `--voice {name}`")
