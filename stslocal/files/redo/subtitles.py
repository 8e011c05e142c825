"""The subtitles of a session: which files they are, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stslocal.errors import SettingsError, command
from stslocal.files.project import Project
from stslocal.results.line_times import written_time
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment
from stslocal.results.srt_reading import cues_of_file, texts_by_span
from stslocal.results.subtitle_kinds import SUBTITLE_FORMATS
from stslocal.results.subtitles import Cue, without_name
from stslocal.results.writing import source_cue, target_cue

_BEHIND_S = 10.0
"""The last subtitle may stay for so long after its sentence."""


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """A file of subtitles of a session."""

    path: Path
    is_of_source: bool
    """Whether it has what was said, and not the translation."""
    times: str
    """`source` or `speech`: the times of the translation."""
    bilingual: bool = False
    """Whether what was said stands beneath the translation."""

    def render(self, session: Session) -> bytes:
        """What stands in it for a session."""
        write: Callable[[Sequence[Cue]], str] = SUBTITLE_FORMATS[self.path.suffix[1:]]
        return write(self.cues(session)).encode()

    def cues(self, session: Session) -> list[Cue]:
        """Its cues; a segment that was left out has none."""
        rows = [row for row in session.segments if not row.redone.skip]
        return [self.cue(row, session.target_language) for row in rows]

    def cue(self, row: SessionSegment, target: str) -> Cue:
        """The cue of a segment."""
        if self.is_of_source:
            cue = source_cue(row)  # the words are as they were recognized
            return cue if row.redone.text is None else replace(cue, words=())
        return target_cue(row, target, times=self.times, bilingual=self.bilingual)


def subtitle_files(project: Project) -> list[SubtitleFile]:
    """The files of subtitles that the session names."""
    session = project.session
    times, bilingual = _times(session), _is_bilingual(session)
    return [
        SubtitleFile(project.folder / name, Path(name).stem != project.stem, times, bilingual)
        for name in session.output
        if Path(name).suffix[1:] in SUBTITLE_FORMATS
    ]


def texts_of(session: Session) -> tuple[list[Cue], list[Cue]]:
    """The cues of the translation, and of what was said, for the tracks of a video."""
    target = SubtitleFile(Path(), False, _times(session), _is_bilingual(session))
    source = SubtitleFile(Path(), True, _times(session))
    return target.cues(session), source.cues(session)


def take_subtitles(project: Project, path: Path, *, of_source: bool) -> Session:
    """The session with the corrections that stand in a file of subtitles.

    The cues belong to the sentences at whose times they are; where the words of a sentence are the
    same, nothing is corrected. Raises SettingsError for a file that is no SubRip or WebVTT, and
    where it has a cue at which nothing is said, or none for a sentence.
    """
    session = project.session
    if _is_bilingual(session) and not of_source:
        raise SettingsError(
            f"the subtitles of {project.path.name} show two languages, so {path} cannot be taken: "
            f"correct the translation with {command('edit', project.path)}"
        )
    times = next((f.times for f in subtitle_files(project) if not f.is_of_source), "speech")
    file = SubtitleFile(path, of_source, times)
    rows = [row for row in session.segments if not row.redone.skip]
    cues = [file.cue(row, session.target_language) for row in rows]
    starts = [cue.start_s for cue in cues][1:]
    spans = [
        (cue.start_s, max(cue.end_s, next_s) if next_s else cue.end_s + _BEHIND_S)
        for cue, next_s in zip(cues, [*starts, 0.0], strict=True)
    ]
    texts, left = texts_by_span(cues_of_file(path), spans)
    if left:
        raise SettingsError(
            f"{path}: the subtitle at {written_time(left[0].start_s)} ({left[0].text[:40]!r}) is "
            "at no sentence of the session: move its words to the one before or after it"
        )
    found: dict[int, SessionSegment] = {}
    for row, shown, cue in zip(rows, texts, cues, strict=True):
        number = session.segments.index(row) + 1
        text = without_name(shown, row.who)
        if _letters(text) == _letters(cue.text):
            continue
        if not any(letter.isalnum() for letter in text):
            raise SettingsError(
                f"{path} has no words for line {number}, at {written_time(cue.start_s)}: to leave "
                f"it out, write `yes` under `skip` in {command('edit', project.path)}"
            )
        wanted = row.correction
        wanted = replace(wanted, text=text) if of_source else replace(wanted, translation=text)
        found[number] = replace(row, correction=wanted)
    segments = [found.get(n, row) for n, row in enumerate(session.segments, 1)]
    return replace(session, segments=segments)


def _times(session: Session) -> str:
    """The times of the translation's subtitles."""
    times = str(session.settings.get("subtitle_times", "auto"))
    if times == "auto":
        return "source" if session.source.has_pictures else "speech"
    return times


def _is_bilingual(session: Session) -> bool:
    return session.settings.get("bilingual") is True


def _letters(text: str) -> str:
    """A text without its spaces: lines are broken at them, and in some scripts without them."""
    return "".join(text.split())
