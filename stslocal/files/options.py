"""The options of file translation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from stslocal.audio.decode import SoundChoice
from stslocal.files.given_subtitles import GivenSubtitles
from stslocal.files.placement import MAX_FILE_LAG_S, MAX_FILE_SPEED, PlacementLimits
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.loading.fingerprint import fingerprint
from stslocal.loading.selection import EngineSelection
from stslocal.settings import AUTO_FORMAT, Settings
from stslocal.translation.coverage import Coverage
from stslocal.translation.request import TranslationRequest


def level_beneath(original: str, background: str, *, has_pictures: bool) -> str:
    """How loud the original is beneath its translation: `off`, `duck`, `full` or a level.

    Where the background is kept (`keep`) it is the level of the voice; `out` is where that is taken
    out of what is translated, and nowhere else. `original` is the choice, which may be `auto`.
    """
    if original != "auto":
        return original
    if background == "keep":
        return "out"
    return "duck" if has_pictures else "off"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """The translation that a person wants, and the form of its results."""

    request: TranslationRequest
    output_format: str = "wav"
    """Of the result; that of a task's file name replaces it."""
    subtitles: tuple[str, ...] = ("srt", "vtt")
    max_speed: float = MAX_FILE_SPEED
    max_lag_s: float = MAX_FILE_LAG_S
    bilingual: bool = False
    """Whether the translation's subtitles show what was said beneath each sentence."""
    subtitle_times: str = "auto"
    """`source`, `speech`, or `auto`: the source's times where the recording has pictures."""
    original: str = "auto"
    """How loud the original is beneath the translation: `off`, `duck`, `full`, a level such as
    `-20dB`, or `auto`: `duck` where the recording has pictures, else `off`."""
    background: str = "auto"
    """`keep` leaves music and noise of the original at their level beneath the translation, and
    `original` is then the level of its voice alone; `auto` does not tell them from the voice."""
    audio_track: int | None = None
    """The audio track to read, from 1; None chooses by language tag, default flag and sound."""
    channel: int | None = None
    """The channel to read, from 1; None mixes all of them."""
    given: GivenSubtitles | None = None
    """Subtitles whose texts are taken, so that nothing is recognized."""
    languages: tuple[str, ...] = ()
    """The languages that are spoken, where several may be; empty for any."""
    speakers: SpeakerChoice | None = None
    """How the speakers are distinguished; None where they are not."""
    replace_audio: bool = False
    """Whether a video has the translated sound in place of the track that was translated."""
    check: str = "auto"
    """Which sentences of the translated speech are recognized again: `all`, `none`, or those that
    are likely to be wrong (`auto`)."""
    report: bool = False
    """Whether a page is written that shows what became of each sentence."""
    longest_s: float | None = None
    """A longer recording is refused while it is read; None takes any length."""
    shown_name: str = ""
    """The name of the recording for people, where that of its file means nothing to them."""

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        reference: Path | BinaryIO | None = None,
        *,
        audio_track: int | None = None,
        channel: int | None = None,
        replace_audio: bool = False,
        bilingual: bool = False,
        languages: tuple[str, ...] = (),
        speakers: SpeakerChoice | None = None,
        report: bool = False,
    ) -> FileOptions:
        """Take the options for a recording from the settings.

        Those of speech are left out where nothing is spoken.
        """
        if not settings.is_spoken:
            usual = cls(TranslationRequest.from_settings(settings))
            settings = replace(
                settings,
                speed_cap=usual.max_speed,
                max_lag_s=usual.max_lag_s,
                original=usual.original,
                background=usual.background,
                check="none",
            )
        return cls(
            request=TranslationRequest.from_settings(settings, reference),
            output_format="wav"
            if settings.output_format == AUTO_FORMAT
            else settings.output_format,
            subtitles=settings.subtitles,
            max_speed=settings.speed_cap,
            max_lag_s=settings.max_lag_s,
            bilingual=bilingual,
            subtitle_times=settings.subtitle_times,
            original=settings.original,
            background=settings.background,
            check=settings.check,
            report=report,
            audio_track=audio_track,
            channel=channel,
            languages=languages,
            speakers=speakers,
            replace_audio=replace_audio,
        )

    @property
    def sound(self) -> SoundChoice:
        """Which sound of a recording is read."""
        return SoundChoice(self.audio_track, self.channel, self.request.source_language)

    @property
    def limits(self) -> PlacementLimits:
        """How fast and how late the translated speech may be."""
        return PlacementLimits(self.max_speed, self.max_lag_s)

    def subtitle_times_for(self, *, has_pictures: bool) -> str:
        """`source` or `speech`: the times of the translation's subtitles for a recording."""
        if self.subtitle_times == "auto":
            return "source" if has_pictures else "speech"
        return self.subtitle_times

    def original_for(self, *, has_pictures: bool) -> str:
        """What is beneath the translation of a recording, as `level_beneath` says."""
        return level_beneath(self.original, self.background, has_pictures=has_pictures)

    @property
    def keeps_background(self) -> bool:
        """Whether music and noise of the original stay at their level beneath the translation."""
        return self.background == "keep"

    @property
    def translates(self) -> bool:
        """Whether anything is to be translated: not where the translation is given."""
        return self.given is None or not self.given.is_translated

    @property
    def checks_speech(self) -> bool:
        """Whether the translated speech is recognized again; with `given` only if asked for."""
        return self.check == "all" or (self.check == "auto" and self.given is None)

    def check_pair(self, coverage: Coverage, source: str) -> None:
        """Raise SettingsError unless what is said in `source` can be translated as it is wanted."""
        target = self.request.target_language
        if self.given is None:
            coverage.check_pair(source, target)
        else:
            self.given.check(coverage, source, target)

    def in_format(self, output_format: str) -> FileOptions:
        """The same options for a result of this format, which its file name may choose."""
        return replace(self, output_format=output_format)

    def fingerprint(self, engines: EngineSelection) -> dict[str, Any]:
        """The request, engines and options; a rerun keeps a result that has the same ones."""
        return {
            **fingerprint(self.request, engines),
            "subtitles": sorted(self.subtitles),
            "format": self.output_format,
            "max_speed": self.max_speed,
            "max_lag_s": self.max_lag_s,
            "subtitle_times": self.subtitle_times,
            **({"original": self.original} if self.original != "auto" else {}),
            **({"background": self.background} if self.keeps_background else {}),
            **({"bilingual": True} if self.bilingual else {}),
            **({"check": self.check} if self.check != "auto" and engines.is_spoken else {}),
            **({"report": True} if self.report else {}),
            **({"audio_track": self.audio_track} if self.audio_track else {}),
            **({"channel": self.channel} if self.channel else {}),
            **({"subtitles_given": self.given.digest} if self.given else {}),
            **({"languages": list(self.languages)} if self.languages else {}),
            **({"speakers": self.speakers.setting} if self.speakers else {}),
            **({"replace_audio": True} if self.replace_audio else {}),
        }
