"""Makes the video of a translation: the recording, its translated sound and the subtitles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from stslocal.audio.decode import SoundChoice, track_to_read
from stslocal.audio.new_tracks import NewTracks, TextTrack
from stslocal.audio.video import write_video
from stslocal.files.plan import FileTask
from stslocal.files.publication import ResultFiles
from stslocal.files.soundtrack import Soundtrack
from stslocal.files.translation import FileTranslation
from stslocal.languages import UNDETERMINED, find
from stslocal.results.session_segment import SessionSegment
from stslocal.results.subtitles import Cue, arrange
from stslocal.results.writing import source_cue


@dataclass(frozen=True, slots=True)
class Dubbing:
    """What the video of a translation is made of, besides its sound."""

    target: str
    """Code of the language of the translation."""
    source: str
    """Code of the language of the recording; UNDETERMINED where nobody speaks."""
    choice: SoundChoice
    """Which sound of the recording was translated."""
    replaces_source: bool = False
    """Whether that track is left out."""
    target_cues: Sequence[Cue] = ()
    """The subtitles, which become tracks; without any, none does."""
    source_cues: Sequence[Cue] = ()

    @classmethod
    def of(
        cls, running: FileTranslation, rows: Sequence[SessionSegment], target_cues: Sequence[Cue]
    ) -> Dubbing:
        """That of a finished translation."""
        options = running.options
        has_texts = bool(options.subtitles)
        return cls(
            options.request.target_language,
            running.source_language,
            options.sound,
            options.replace_audio,
            target_cues if has_texts else (),
            [source_cue(row) for row in rows] if has_texts else (),
        )


def write_video_of(
    recording: BinaryIO,
    sound: Soundtrack | None,
    task: FileTask,
    files: ResultFiles,
    dubbing: Dubbing,
) -> list[str]:
    """Write the video of a translation to the task's file, and return what was left out of it.

    `sound` is that of the translation; None where nothing is spoken, so that the recording's own
    sound stays the one that players choose. Raises AudioDecodeError or OutputError.
    """
    recording.seek(0)
    track = track_to_read(recording, str(task.source), dubbing.choice) or 1
    recording.seek(0)
    target = find(dubbing.target)
    spoken_in, its_name = "", "Original"
    if dubbing.source != UNDETERMINED:
        spoken_in, its_name = find(dubbing.source).three_letters, find(dubbing.source).name
    texts = (
        _text(target.three_letters, target.name, dubbing.target_cues),
        _text(spoken_in or UNDETERMINED, its_name, dubbing.source_cues),
    )
    new = NewTracks(
        sound=None if sound is None else sound.file,
        language=target.three_letters,
        title=f"{target.name} (translation)",
        texts=[text for text in texts if text.cues],
        source_track=track,
        source_language=spoken_in,
        replaces_source=dubbing.replaces_source,
    )
    return write_video(recording, files.create(task.audio), task.output_format, new)


def _text(language: str, title: str, cues: Sequence[Cue]) -> TextTrack:
    return TextTrack(
        language, title, [(cue.start_s, cue.end_s, cue.lines) for cue in arrange(cues)]
    )
