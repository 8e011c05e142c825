"""The second pass over a recorded live session: recognized and translated again, as a file is.

Live, words are committed a second or two after they are said. Once the session is over, the whole
recording is known, and is recognized as accurately as any other. The subtitles and the session file
are then written again, each whole or not at all. What was spoken live stays in the session file,
and no speech is made again. Until then, and after an error or Ctrl-C, the files of the live session
are complete and stay.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from stslocal.errors import OutputError
from stslocal.files.options import FileOptions
from stslocal.files.publication import ResultFiles
from stslocal.files.rows import row_of
from stslocal.files.speak import PlacedSegment
from stslocal.files.translation import FileTranslation
from stslocal.live.echo import OwnVoice
from stslocal.live.recording import RecordingFiles
from stslocal.loading.engines import Engines
from stslocal.results.session import OutputFile, Session, SessionModel, read_session
from stslocal.results.session_segment import SessionSegment
from stslocal.results.subtitle_kinds import SUBTITLE_FORMATS
from stslocal.results.writing import source_cue, target_cue
from stslocal.storage import sha256_of
from stslocal.translation.request import TranslationRequest
from stslocal.types import Segment, TranslatedSegment

_log = logging.getLogger(__name__)


def translate_again(
    engines: Engines,
    request: TranslationRequest,
    files: RecordingFiles,
    sound: Path | BinaryIO,
    *,
    on_progress: Callable[[float], None] = lambda done_s: None,
) -> Session | None:
    """Recognize and translate a finished live session again, and replace its texts.

    `sound` is the recording as it was recognized live. `on_progress` gets the seconds of it that
    are done. Returns the new session; None where no words were recognized, so that the live texts
    stay. Memory does not grow with the length of the sound.

    Raises what `FileTranslation.segments` raises, SessionFormatError, and OutputError when a file
    cannot be written, or somebody has changed one since the session ended. Then nothing is
    replaced.
    """
    live = read_session(files.session)
    spoken = live.spoken_live or live.segments
    before = _as_written(files, live)
    running = FileTranslation(engines, sound, FileOptions(request), is_spoken=False)
    rows: list[SessionSegment] = []
    with closing(running.segments()) as segments:
        for placed in _without_our_voice(segments, spoken):
            on_progress(placed.spoken.translated.segment.end_s)
            rows.append(replace(row_of(placed), index=len(rows)))
    if not rows:
        return None
    session = replace(
        live,
        source_language=running.source_language,
        source_probability=running.source_probability,
        models=_with(live.models, engines, rows, live.target_language),
        segments=rows,
        spoken_live=spoken,
        warnings=list(dict.fromkeys([*live.warnings, *running.warnings])),
        dropped=running.dropped,
    )
    with ResultFiles(files.session) as results:
        output = dict(live.output)
        for path, text in _subtitles(files, live, rows):
            part = results.write(path, text.encode()).part
            output[path.name] = OutputFile(part.stat().st_size, sha256_of(part))
        session = replace(session, output=output)
        results.write(files.session, session.to_json().encode("utf-8", "backslashreplace"))
        if _as_written(files, live) != before:
            raise OutputError(f"{files.session} was changed meanwhile: it is kept as it is")
        results.publish()
    return session


def _subtitles(
    files: RecordingFiles, live: Session, rows: Sequence[SessionSegment]
) -> Iterator[tuple[Path, str]]:
    """The paths and texts of the subtitles that the live session has, in the new words.

    Those of the translation have the times of the source: what was spoken were other sentences.
    """
    for kind, write in SUBTITLE_FORMATS.items():
        if files.subtitles(kind).name in live.output:
            target = live.target_language
            yield files.source_subtitles(kind), write([source_cue(row) for row in rows])
            cues = [target_cue(row, target, times="source") for row in rows]
            yield files.subtitles(kind), write(cues)


def _without_our_voice(
    segments: Iterator[PlacedSegment], rows: Sequence[SessionSegment]
) -> Iterator[PlacedSegment]:
    """Leave out the segments in which the microphone captured what was just spoken."""
    own_voice = OwnVoice()
    spoken = sorted(
        ((row.target, row) for row in rows if row.target), key=lambda pair: pair[0].start_s
    )
    for placed in segments:
        segment = placed.spoken.translated.segment
        while spoken and spoken[0][0].start_s <= segment.end_s:
            at, row = spoken.pop(0)
            own_voice.remember(_translated(row), at.start_s)
            own_voice.played(row.index, at.start_s, at.end_s)
        if own_voice.is_ours(segment):
            _log.debug("segment %d is our own voice: %r", segment.index, segment.text)
        else:
            yield placed


def _translated(row: SessionSegment) -> TranslatedSegment:
    """A row as it was when it was spoken."""
    source = Segment(row.index, row.source.start_s, row.source.end_s, row.text, row.language)
    return TranslatedSegment(source, row.translation, "", 0.0)


def _as_written(files: RecordingFiles, live: Session) -> bytes:
    """The bytes of the session file. Raises OutputError where subtitles were changed since."""
    for name, written in live.output.items():
        if name.endswith(".wav"):
            continue  # nothing replaces them
        path = files.folder / name
        try:
            unchanged = sha256_of(path) == written.sha256
        except OSError:
            unchanged = False
        if not unchanged:
            raise OutputError(f"{path} was changed since the session ended: it is kept as it is")
    return files.session.read_bytes()


def _with(
    models: Sequence[SessionModel], engines: Engines, rows: Sequence[SessionSegment], target: str
) -> list[SessionModel]:
    """The models of the live session, and those that took part in the second pass."""
    used = list(models)
    for language in dict.fromkeys(row.language for row in rows):
        used += [model for model in engines.models_for(language, target) if model not in used]
    return used
