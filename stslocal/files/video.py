"""Makes the video of a translation: the recording, its translated sound and the subtitles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from stslocal.audio.decode import track_to_read
from stslocal.audio.new_tracks import NewTracks, TextTrack
from stslocal.audio.video import write_video
from stslocal.files.plan import FileTask
from stslocal.files.publication import ResultFiles
from stslocal.files.translation import FileTranslation
from stslocal.languages import UNDETERMINED, find
from stslocal.results.session_segment import SessionSegment
from stslocal.results.subtitles import Cue, arrange
from stslocal.results.writing import source_cue
from stslocal.storage import UnfinishedFile


def sound_file(task: FileTask, files: ResultFiles) -> tuple[UnfinishedFile, str]:
    """The file for the translated sound, and its format.

    Where a video is made, it is a WAV that is gone at the end: the video needs the whole sound.
    """
    if task.is_video:
        return files.scratch(task.audio), "wav"
    return files.create(task.audio), task.output_format


def write_video_of(
    recording: BinaryIO,
    sound: UnfinishedFile,
    task: FileTask,
    files: ResultFiles,
    running: FileTranslation,
    rows: Sequence[SessionSegment],
    target_cues: Sequence[Cue],
) -> None:
    """Write the video of a finished translation to the task's file.

    `sound` is the sealed WAV of the translated sound. What is left out becomes a warning of
    `running`. Raises AudioDecodeError or OutputError.
    """
    recording.seek(0)
    options = running.options
    track = track_to_read(recording, str(task.source), options.sound) or 1
    recording.seek(0)
    target = find(options.request.target_language)
    spoken_in = _three_letters(running.source_language)
    texts = []
    if options.subtitles:
        texts = [
            _text(target.three_letters, target.name, target_cues),
            _text(spoken_in, _name(running.source_language), [source_cue(row) for row in rows]),
        ]
    running.warnings += write_video(
        recording,
        files.create(task.audio),
        task.output_format,
        NewTracks(
            sound=sound.part,
            language=target.three_letters,
            title=f"{target.name} (translation)",
            texts=[text for text in texts if text.cues],
            source_track=track,
            source_language="" if spoken_in == UNDETERMINED else spoken_in,
            replaces_source=options.replace_audio,
        ),
    )


def _text(language: str, title: str, cues: Sequence[Cue]) -> TextTrack:
    return TextTrack(language, title, [(cue.start_s, cue.end_s, cue.text) for cue in arrange(cues)])


def _three_letters(code: str) -> str:
    return UNDETERMINED if code == UNDETERMINED else find(code).three_letters


def _name(code: str) -> str:
    return "Original" if code == UNDETERMINED else find(code).name
