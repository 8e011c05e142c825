"""What a program chooses for the translation of one recording, checked.

The flags of `stslocal translate` mean the same.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TypedDict

from stslocal.errors import SettingsError
from stslocal.files.checks import check_task
from stslocal.files.given_subtitles import GivenSubtitles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask, plan_files
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.languages import find
from stslocal.settings import NO_SPEECH, Settings

CHANNELS = ("mix", "speakers")
_HIGHEST_NUMBER = 9999
"""Of a track or a channel."""


class SoundChoices(TypedDict, total=False):
    """Choices about what is read and recognized. What is left out is as in the settings."""

    speakers: str | int | os.PathLike[str] | None
    """A voice for each speaker: `auto` finds them, a number says how many they are, and a path
    names a file that says who speaks when (RTTM, JSON or a session file)."""
    channels: str
    """`speakers` where each channel has a speaker of its own; else `mix`."""
    languages: Sequence[str]
    """The languages that are spoken, where several may be."""
    audio_track: int | None
    """The audio track, from 1."""
    channel: int | None
    """The channel, from 1."""
    check: str
    """Which sentences of the speech are recognized again: `auto`, `all` or `none`."""


class FileChoices(SoundChoices, total=False):
    """Choices about one recording and its results."""

    original: str
    """The original sound beneath the translation: `auto`, `off`, `duck`, `full`, or `-20dB`."""
    background: str
    """`keep` where music and noise of the original stay at their level; else `auto`."""
    output_format: str
    """Of sound or of a video; `auto` gives a video for a video, and else WAV."""
    replace_audio: bool
    """Whether a video has the translation in place of the track that was translated."""
    subtitles: str | Sequence[str]
    """Kinds of subtitles, such as `("srt", "vtt")`; also `all` or `none`."""
    subtitle_times: str
    """`auto`, `source` or `speech`."""
    bilingual: bool
    """Whether subtitles of the translation show what was said beneath each sentence."""
    report: bool
    """Whether a page is written that shows what became of each sentence."""
    source_srt: str | os.PathLike[str] | None
    """Subtitles of what is said: nothing is recognized."""
    target_srt: str | os.PathLike[str] | None
    """Subtitles of the translation: nothing is translated."""


SOUND_CHOICES = SoundChoices.__optional_keys__
FILE_CHOICES = FileChoices.__optional_keys__
_SETTINGS = frozenset(
    ("background", "check", "original", "output_format", "subtitles", "subtitle_times")
)
"""The choices that are settings too."""
_OF_SPEECH = {
    "original": (None, "auto", "off"),
    "background": (None, "auto"),
    "replace_audio": (None, False),
}
"""The choices that only speech gives a meaning, with the values that a translation without it may
have too."""


def chosen(
    settings: Settings,
    choices: Mapping[str, Any],
    reference: Path | BinaryIO | None = None,
    *,
    allowed: frozenset[str] = FILE_CHOICES,
) -> tuple[Settings, FileOptions]:
    """The settings with these choices, and the options of the translation.

    Raises SettingsError for a choice that there is not, a wrong value, choices that contradict each
    other, and a file that cannot be used.
    """
    if unknown := choices.keys() - allowed:
        known = ", ".join(sorted(allowed))
        raise SettingsError(f"there is no choice {min(unknown)!r:.60} here: there are {known}")
    if not settings.is_spoken:
        named = [name for name, usual in _OF_SPEECH.items() if choices.get(name) not in usual]
        if named := [*named, *["reference"] * (reference is not None)]:
            raise SettingsError(
                f"nothing is spoken, because `tts` is {NO_SPEECH}: leave out {' and '.join(named)}"
            )
    settings = settings.with_values({name: choices[name] for name in _SETTINGS & choices.keys()})
    languages = _languages(settings, choices.get("languages", ()))
    options = FileOptions.from_settings(
        settings,
        reference,
        audio_track=_number("audio_track", choices.get("audio_track")),
        channel=_number("channel", choices.get("channel")),
        replace_audio=_flag("replace_audio", choices.get("replace_audio", False)),
        bilingual=_flag("bilingual", choices.get("bilingual", False)),
        languages=languages,
        speakers=_speakers(choices),
        report=_flag("report", choices.get("report", False)),
    )
    source, target = (
        None if path is None else Path(path)
        for path in (choices.get("source_srt"), choices.get("target_srt"))
    )
    if source is None and target is None:
        return settings, options
    if settings.source == "auto":
        raise SettingsError(
            'name the language that is spoken as `source`, such as "en": subtitles do not say it'
        )
    given = GivenSubtitles.read(source, target, language=settings.source, target=settings.target)
    return settings, replace(options, given=given)


def planned(path: Path, output: object, settings: Settings, options: FileOptions) -> FileTask:
    """The task for one recording, whose results go to `output` or beside it.

    Raises what `plan_files` and `check_task` raise, and SettingsError for an output that is no
    path and a folder of several recordings.
    """
    if not isinstance(output, str | os.PathLike | None):
        raise SettingsError(f"the output {output!r} is no path: give a folder or a file name")
    tasks = plan_files(
        [str(path)],
        target=settings.target,
        output=None if output is None else Path(output),
        output_format=settings.output_format,
        is_spoken=settings.is_spoken,
    )
    if len(tasks) != 1:
        raise SettingsError(f"{path} names {len(tasks)} recordings: name one")
    check_task(tasks[0], options)
    return tasks[0]


def _languages(settings: Settings, names: object) -> tuple[str, ...]:
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise SettingsError(f'languages is {names!r:.60}: give a list, such as ["en", "pt"]')
    codes = tuple(dict.fromkeys(find(str(name)).code for name in names))
    if codes and settings.source != "auto":
        raise SettingsError(
            f"the source is {settings.source}, and languages names {', '.join(codes)}: leave one "
            "of them out"
        )
    return codes


def _speakers(choices: Mapping[str, Any]) -> SpeakerChoice | None:
    speakers, channels = choices.get("speakers"), choices.get("channels", "mix")
    if channels not in CHANNELS:
        raise SettingsError(f"channels is {channels!r:.40}: take one of {', '.join(CHANNELS)}")
    if channels == "speakers":
        if speakers is not None or choices.get("channel") is not None:
            raise SettingsError(
                'with channels="speakers" the channels say who speaks: leave out speakers and '
                "channel"
            )
        return SpeakerChoice(by_channel=True)
    if speakers is None:
        return None
    if isinstance(speakers, bool) or not isinstance(speakers, str | int | os.PathLike):
        raise SettingsError(f"speakers is {speakers!r:.40}: give auto, a number or a file")
    return SpeakerChoice.parse(os.fspath(speakers) if not isinstance(speakers, int) else
                               str(speakers))  # fmt: skip


def _number(name: str, value: object) -> int | None:
    if value is None:
        return None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 1 <= value <= _HIGHEST_NUMBER:  # type: ignore[operator]
        raise SettingsError(f"{name} is {value!r:.40}: give a number from 1 on")
    return value  # type: ignore[return-value]


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{name} is {value!r:.40}: give True or False")
    return value
