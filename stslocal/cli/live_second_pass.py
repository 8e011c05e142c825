"""The second pass over a recorded live session, after its end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from stslocal.cli.error_sentences import sentence_of
from stslocal.cli.output import Printer
from stslocal.cli.signals import Stopped
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.live.options import LiveOptions
    from stslocal.live.recording import LiveRecording
    from stslocal.loading.engines import Engines

_log = logging.getLogger(__name__)

_INTERRUPTED = 130
"""The exit code of Ctrl-C."""


def translate_recording_again(
    recording: LiveRecording,
    engines: Engines,
    settings: Settings,
    options: LiveOptions,
    printer: Printer,
) -> None:
    """Recognize and translate a recording again, with its progress on stderr.

    The files of the live session are complete: whatever goes wrong here, they stay, which is said.
    Raises Stopped for SIGTERM and SIGHUP; Ctrl-C ends the second pass alone.
    """
    from stslocal.loading.load import engines_for_files
    from stslocal.metrics import Notice, to_json
    from stslocal.models.store import ModelStore
    from stslocal.results.session import read_session
    from stslocal.second_pass import translate_again

    files, sound = recording.files, recording.recognized_sound
    printer.status(
        "the recording is recognized and translated again, more accurately than live "
        "(Ctrl-C keeps the live texts)"
    )
    try:
        total_s = read_session(files.session).source.duration_s
        store = ModelStore.discover()
        better = engines_for_files(engines, settings, store, announce=printer.status)
        if better is not engines:
            printer.status(f"engines: {', '.join(better.selection.as_settings().values())}")
        with printer.progress("recording", total=total_s, unit="audio") as bar:
            session = translate_again(better, options.request, files, sound, on_progress=bar.update)
            bar.update(total_s)
    except KeyboardInterrupt as stop:
        printer.status("stopped: the texts stay as they were recognized and translated live")
        if isinstance(stop, Stopped) and stop.exit_code != _INTERRUPTED:
            raise
        return
    except Exception as error:  # noqa: BLE001 - a bug here must not hide that the session is kept
        _log.debug("the second pass failed", exc_info=error)
        printer.warning(f"the texts stay as they were live: {sentence_of(error, files.session)}")
        return
    if session is None:
        text = "no words were recognized in the whole recording: the live texts stay"
    else:
        text = "the recording is recognized and translated again: its texts are those of a file"
    if printer.json:
        printer.live_json(to_json(Notice(total_s, text)))
    else:
        printer.status(text)
