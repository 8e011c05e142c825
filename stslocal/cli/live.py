"""`stslocal live`: translates speech from a microphone to a loudspeaker while it is spoken."""

from __future__ import annotations

import argparse
import signal
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import SchemaAction, add_engine_options, add_language_options
from stslocal.cli.file_options import channel_number
from stslocal.cli.live_checks import check_live
from stslocal.cli.live_second_pass import translate_recording_again
from stslocal.cli.loading_progress import Announcements, load_live_engines
from stslocal.cli.native_noise import native_noise_hidden
from stslocal.cli.output import Printer
from stslocal.cli.signals import HANG_UP, Stopped, session_stopped_by_signals
from stslocal.cli.usage import text_alone
from stslocal.errors import NotSpokenError, OutputError, SettingsError
from stslocal.settings import DUPLEX_MODES, LIKE_THE_SPEAKER, PATIENCES, Settings

if TYPE_CHECKING:
    from stslocal.live.options import LiveOptions
    from stslocal.live.recording import RecordingFiles
    from stslocal.live.translation import LiveTranslation
    from stslocal.loading.engines import Engines
    from stslocal.metrics import Event
    from stslocal.types import VoiceProfile

_EPILOG = """\
examples:
  stslocal live --from en --to pt
  stslocal live --from en --to pt --output-device headphones --duplex full
  stslocal live --from en --to pt --record conversations
  stslocal live --from en --to uk --tts none
  stslocal live --from en --to pt --simulate talk.mp3 --json > events.jsonl

The first Ctrl-C ends the session after everything said so far is translated and played; the
second one ends it at once.

With --json, stdout carries one event a line: {"event": NAME, "at_s": SECONDS, ...}. Times are
seconds since the first sample was captured. --json-schema prints what each event means.
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
        "--channel", type=channel_number, metavar="N",
        help="capture one input of the microphone, from 1 (default: all, mixed)",
    )  # fmt: skip
    sound.add_argument(
        "--output-device", metavar="DEVICE", help="loudspeaker, by number or part of its name"
    )
    sound.add_argument(
        "--duplex", choices=DUPLEX_MODES,
        help="full: for headphones; aec: on a loudspeaker, whose echo is taken out; half: mute the "
        "microphone while the translation is played, in the speaker's pauses (default: auto, which "
        "is full for headphones, else aec)",
    )  # fmt: skip
    sound.add_argument(
        "--max-lag", type=float, metavar="SECONDS",
        help="lag that is allowed before more is changed than pauses and speed (default: 4)",
    )  # fmt: skip
    sound.add_argument(
        "--patience", choices=PATIENCES,
        help="how long to wait for the end of a sentence before it is translated "
        "(default: balanced)",
    )  # fmt: skip
    sound.add_argument(
        "--simulate", type=Path, metavar="FILE",
        help="read a recording at its own pace instead of the microphone; play without sound",
    )  # fmt: skip
    results = parser.add_argument_group("results")
    results.add_argument(
        "--record", type=Path, metavar="DIR",
        help="keep both sounds, subtitles, a session file and all events in this folder",
    )  # fmt: skip
    results.add_argument(
        "--record-as-spoken", action="store_true",
        help="with --record, keep the words as they were spoken live: the recording is not "
        "recognized and translated again at the end",
    )  # fmt: skip
    results.add_argument("--json", action="store_true", help="print every event as a line of JSON")
    results.add_argument(
        "--json-schema", action=SchemaAction,
        help="print the JSON Schema of those lines, with the meaning of each event, and end",
    )  # fmt: skip
    voice = parser.add_argument_group("voice")
    voice.add_argument(
        "--voice", metavar="NAME",
        help="auto (default), convert or match: like the speaker's, learnt live; or a voice's name",
    )  # fmt: skip
    voice.add_argument(
        "--reference", type=Path, metavar="FILE", help="match the speaker of this recording instead"
    )
    voice.add_argument(
        "--keep-voice", metavar="NAME", help="save the learnt voice under this name at the end"
    )
    add_engine_options(parser, tts="synthesizer; none: no speech, but text alone (default: auto)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Translate until the input ends or Ctrl-C; 0 when nothing failed."""
    settings = _settings(arguments)
    try:
        check_live(arguments, settings)
    except NotSpokenError as error:
        fault, command = str(error).partition(":")[0], text_alone("live", arguments)
        raise SettingsError(f"{fault}: {command} shows the translation as text") from error
    from stslocal.cli.live_devices import LiveDevices
    from stslocal.cli.live_view import EventQueue, make_view
    from stslocal.clock import RealClock
    from stslocal.live.options import LiveOptions
    from stslocal.live.translation import LiveTranslation
    from stslocal.metrics import fan_out
    from stslocal.voices.choose import describe_voice

    with ExitStack() as cleanup:
        announcements = Announcements(printer.status)
        engines = load_live_engines(settings, printer, announcements)
        if arguments.simulate is None and printer.verbosity < 2:
            cleanup.enter_context(native_noise_hidden())
        view = cleanup.enter_context(make_view(printer))
        events = cleanup.enter_context(EventQueue(view.show))
        devices = LiveDevices(
            input_device=settings.input_device or None,
            output_device=settings.output_device or None,
            simulate=arguments.simulate,
            channel=arguments.channel,
            sample_rate=engines.synthesizer.sample_rate,
            is_spoken=settings.is_spoken,
            emit=events.emit,
        )
        cleanup.callback(devices.close)
        options = LiveOptions.from_settings(
            settings, output=devices.output_kind(), reference=arguments.reference
        )
        engines.warm_up(options.request.source_language, options.request.target_language)
        summary = _SummaryEvents()
        live = cleanup.enter_context(
            LiveTranslation(
                engines,
                options,
                devices.input,
                devices.output,
                clock=RealClock(),
                input_name=devices.input_name,
                record=_recording_files(arguments.record, options),
                emit=fan_out(events.emit, summary.add),
            )
        )
        if options.duplex_is_auto:
            cleanup.enter_context(devices.output_watched(live.duplex.output_is))
        devices.emit = live.emit
        announcements.say = live.notify
        events.stop_on_failure(live.session.stop)
        with session_stopped_by_signals(live.session.stop, printer.status) as received:
            if arguments.reference is not None and live.voice.profile is not None:
                printer.status(f"the voice: {describe_voice(live.voice.profile)}")
            else:
                printer.status(_voice_to_come(engines, settings))
            view.ready(devices.input_name, devices.output_name, options)
            for _ in live.session:
                pass
        # While the translation is open: the voice may still be in the making.
        learnt = None if arguments.keep_voice is None else live.learnt_voice()
    recording = live.recording
    try:
        _report(summary, live, printer)
        if arguments.keep_voice is not None:
            synthesizer = engines.selection.synthesizer
            _keep_voice(learnt, live, arguments.keep_voice, synthesizer, printer)
        if HANG_UP in received:
            raise Stopped(HANG_UP)
        if events.failure is not None:
            raise events.failure
        if recording is not None and recording.failure is not None:
            raise OutputError(f"the recording is not complete: {recording.failure}")
        # Who sends SIGTERM, such as a service manager, waits for seconds only.
        is_urgent = signal.SIGTERM in received
        if recording is not None and not arguments.record_as_spoken and not is_urgent:
            translate_recording_again(recording, engines, settings, options, printer)
    finally:
        if recording is not None:
            recording.forget_sound()
    return 0


def _voice_to_come(engines: Engines, settings: Settings) -> str:
    """Say in whose voice is going to be spoken, before anything is."""
    voice = settings.voice
    if not settings.is_spoken:
        return "nothing is spoken: the translation is text"
    if voice not in LIKE_THE_SPEAKER:
        return f"the voice: {voice}"
    if engines.converter:
        return f"the voice: a built-in one, converted into the speaker's by {engines.converter}"
    if engines.synthesizer.capabilities.clones:
        return "the voice: cloned from the speaker's"
    return "the voice: matched, the built-in one nearest to the speaker's"


def _settings(arguments: argparse.Namespace) -> Settings:
    names = ("source", "voice", "asr", "mt", "tts", "device", "compute_type", "threads", "patience",
             "duplex", "glossary", "input_device", "output_device")  # fmt: skip
    flags = {name: getattr(arguments, name) for name in names}
    return Settings.load({**flags, "target": arguments.to, "max_lag_s": arguments.max_lag})


def _recording_files(folder: Path | None, options: LiveOptions) -> RecordingFiles | None:
    from stslocal.live.recording import RecordingFiles

    if folder is None:
        return None
    name = datetime.now().strftime("live-%Y%m%d-%H%M%S")
    return RecordingFiles(folder, name, options.request.target_language)


class _SummaryEvents:
    """Keeps the events that the summary needs, without those that come many times a second."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        from stslocal.metrics import InputLevel, PartialText

        if not isinstance(event, InputLevel | PartialText):
            self.events.append(event)


def _report(summary: _SummaryEvents, live: LiveTranslation, printer: Printer) -> None:
    from stslocal.cli.live_lines import summary_lines

    counts = live.session.lag.counts
    for line in summary_lines(summary.events, counts, is_spoken=live.options.is_spoken):
        printer.status(line)
    if live.recording is not None:
        printer.status(f"recorded in {live.recording.files.session}")


def _keep_voice(
    profile: VoiceProfile | None,
    live: LiveTranslation,
    name: str,
    synthesizer: str,
    printer: Printer,
) -> None:
    from stslocal.voices.learn import LEARN_AT_S
    from stslocal.voices.store import VoiceStore

    if profile is None:
        speech_s = live.learner.speech_s if live.learner is not None else 0.0
        printer.warning(
            f"the voice {name} is not saved: {speech_s:.1f} s of speech were clear enough to learn "
            f"from, and {LEARN_AT_S[0]:g} s are needed: speak for longer"
        )
        return
    about = {
        **profile.provenance,
        "model": synthesizer,
        "made_from": "speech in a live session",
        "made_on": date.today().isoformat(),
    }
    path = VoiceStore().save(replace(profile, name=name, provenance=about))
    printer.status(f"the voice {name} is saved in {path}: use it with `--voice {name}`")
