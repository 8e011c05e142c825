"""A session file as a project: what it says of its result, and the corrections of a person in it.

Only a session is taken that stslocal wrote and nobody changed since: all relies on its hashes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from stslocal.errors import OutputError, SettingsError, command
from stslocal.files.finding import RECORDING_SUFFIXES, SESSION_SUFFIX
from stslocal.files.half_published import finish_publication, is_same
from stslocal.files.options import level_beneath
from stslocal.files.placement import PlacementLimits
from stslocal.files.plan import FileTask
from stslocal.files.publication import only_writer
from stslocal.foreign_files import PathKind, UnreadableFileError, kind_of, read_bytes
from stslocal.results.session import (
    OutputFile,
    Session,
    SessionFormatError,
    is_untouched,
    read_session,
    sealed,
)
from stslocal.storage import write_bytes


@dataclass(frozen=True, slots=True)
class Project:
    """A session file that was read."""

    path: Path
    data: bytes
    """Its bytes."""
    session: Session

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def stem(self) -> str:
        """The name of the result, such as `talk.pt`."""
        return self.path.name.removesuffix(SESSION_SUFFIX)

    @property
    def audio(self) -> Path:
        """The translated speech, or the video, if there is one: see `media`. Raises SettingsError
        where the session lacks it.
        """
        name = f"{self.stem}.{self.session.settings.get('format')}"
        if self.session.is_spoken and name not in self.session.output:
            raise SettingsError(
                f"{self.path.name} names no sound file: translate the recording again, with "
                "`stslocal translate ... --overwrite`"
            )
        return self.folder / name

    @property
    def media(self) -> Path | None:
        """The translated speech, or the video; None where the translation is text alone."""
        return self.task.media

    @property
    def original(self) -> str:
        """How loud the original is beneath the translation, as `level_beneath` says."""
        original, background = (
            str(self.session.settings.get(name, "auto")) for name in ("original", "background")
        )
        return level_beneath(original, background, has_pictures=self.session.source.has_pictures)

    @property
    def keeps_background(self) -> bool:
        """Whether the voice was taken out of the original, whose other sounds stay."""
        return self.session.settings.get("background") == "keep"

    @property
    def keeps_speech(self) -> bool:
        """Whether the result is made of the speech alone and of the recording."""
        is_mixed = self.task.is_video or self.original != "off" or self.keeps_background
        return self.session.is_spoken and is_mixed

    @property
    def speech(self) -> Path:
        """The sound in which a sentence is replaced."""
        return self.task.speech if self.keeps_speech else self.audio

    def refuse_without_speech(self) -> None:
        """Raise SettingsError where no sentence can be replaced, because the speech is mixed.

        That is a video, and a sound with the original beneath it, without the speech alone.
        """
        session, name = self.session, self.speech.name
        state = self.state(name) if name in session.output else "missing"
        if not self.keeps_speech or state == "whole":
            return
        what = "pictures" if self.task.is_video else "sound"
        became = "was changed since stslocal wrote it" if state == "changed" else "is not there"
        task, translation = self.task, self.task.subtitles("srt")
        translate = command(
            "translate", task.source, "--to", session.target_language,
            "--source-srt", task.source_subtitles("srt", session.source_language),
            "--target-srt", translation, "--overwrite",
        )  # fmt: skip
        raise SettingsError(
            f"{self.audio.name} has the original {what} too, and {name}, which has the speech "
            f"alone, {became}, so no sentence can be replaced: put it back, or correct "
            f"{translation} and run {translate}, which recognizes and translates nothing"
        )

    @property
    def limits(self) -> PlacementLimits:
        """How fast and how late its sentences may be."""
        settings = self.session.settings
        return PlacementLimits(float(settings["max_speed"]), float(settings["max_lag_s"]))

    @property
    def check(self) -> str:
        """Which lines are recognized again when they were spoken: `all`, `none` or `auto`."""
        settings = self.session.settings
        check = str(settings.get("check", "auto"))
        return "none" if check == "auto" and "subtitles_given" in settings else check

    @property
    def task(self) -> FileTask:
        source = self.folder / self.session.source.name
        session = self.session
        return FileTask(source, self.audio, self.stem, session.target_language, session.is_spoken)

    def state(self, name: str) -> str:
        """`whole`, `changed` or `missing`: what became of a file that the session names."""
        if kind_of(self.folder / name) is not PathKind.FILE:
            return "missing"
        return "whole" if is_same(self.folder / name, self.session.output[name]) else "changed"

    def is_ready(self, sound: Path) -> bool:
        """Whether a sound of the result is as it was written, or is a mix and made again anyway."""
        state = self.state(sound.name)
        is_mix = self.keeps_speech and sound == self.audio
        return state == "whole" or (state == "missing" and is_mix)

    def with_session(self, session: Session) -> Project:
        """Store another session in the file, whole or not at all.

        Raises OutputError when it cannot be written, or the file is not any more as it was read.
        """
        with only_writer(self.path, self.path):
            self.refuse_if_changed()
            data = sealed(session)
            write_bytes(self.path, data)
        return Project(self.path, data, session)

    def refuse_if_changed(self) -> None:
        """Raise OutputError where the file is not any more as it was read."""
        with suppress(UnreadableFileError):
            if read_bytes(self.path) == self.data:
                return
        raise OutputError(f"{self.path} was changed meanwhile: it stays as it is, begin again")

    def recording(self, named: Path | None = None, *, of_voice: bool = True) -> Path:
        """The recording of the session, found by its hash. Raises SettingsError.

        Without `named` it is looked for beside the session, one folder above, and in the folder
        that the person is in. `of_voice` says that only a voice is made from it.
        """
        source = self.session.source
        above = self.folder.resolve().parent  # that of a relative path may be the same folder
        beside = (self.folder, above, Path())
        places = [folder / source.name for folder in beside] if named is None else [named]
        for path in places:
            if kind_of(path) is PathKind.FILE and _is_recording(path, source.bytes, source.sha256):
                return path
        if named is not None:
            raise SettingsError(
                f"{named} is not the recording of {self.path.name}, which is {source.name} with "
                f"{source.bytes} bytes: name that one with --recording"
            )
        made, other = "the voice", ", or a voice with --voice"
        if not of_voice:
            made, other = self.audio.name, ""
        raise SettingsError(
            f"the recording {source.name}, from which {made} is made, is not beside "
            f"{self.path.name} as it was: name it with --recording{other}"
        )


def open_project(path: Path) -> Project:
    """Read a session file, after finishing what a killed process had made whole.

    Raises SettingsError for what is no session, or none of a recording, or was changed by others;
    OutputError while another process writes the result.
    """
    if kind_of(path) is PathKind.FILE:
        with only_writer(path, path):
            finish_publication(path)
    try:
        data = read_bytes(path)
        if not data.lstrip().startswith(b"{"):  # a recording, say
            raise SessionFormatError(f"{path} is not a session that can be read")
        session = read_session(path)
    except UnreadableFileError as error:
        raise SettingsError(f"{path} {error}{_meant(path)}") from error
    except SessionFormatError as error:
        raise SettingsError(f"{error}{_meant(path)}") from error
    if b'"seal"' not in data:
        raise SettingsError(
            f"{path.name} is of a live session: `stslocal translate` its recording, and correct "
            "what that writes"
        )
    if not is_untouched(data):
        raise SettingsError(
            f"{path} was changed since stslocal wrote it, and its corrections cannot be separated "
            "from what it holds: translate the recording again, and correct with `stslocal edit`"
        )
    return Project(path, data, session)


def _is_recording(path: Path, size: int | None, sha256: str | None) -> bool:
    return size is not None and sha256 is not None and is_same(path, OutputFile(size, sha256))


def _meant(path: Path) -> str:
    """A hint where a person names a recording, or another file of a result than its session."""
    if path.suffix.lower() not in (*RECORDING_SUFFIXES, ".srt", ".vtt"):
        return ""
    beside = path.with_name(path.stem + SESSION_SUFFIX)
    of_languages = sorted(path.parent.glob(f"{escape(path.stem)}.*{SESSION_SUFFIX}"))
    found = [beside] if kind_of(beside) is PathKind.FILE else of_languages
    return f"; its session is {' or '.join(map(str, found))}" if found else ""
