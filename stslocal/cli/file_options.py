"""The options of the translate command for what is read and what is written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.output import Printer
from stslocal.cli.speaker_options import speaker_choice
from stslocal.errors import SettingsError
from stslocal.languages import find
from stslocal.settings import (
    BACKGROUNDS,
    NO_SPEECH,
    SUBTITLE_FORMATS,
    SUBTITLE_TIMES,
    USUAL_SUBTITLES,
    Settings,
)

if TYPE_CHECKING:
    from stslocal.engines.registry import Role
    from stslocal.files.options import FileOptions
    from stslocal.models.store import ModelStore


def add_sound_options(parser: argparse.ArgumentParser) -> None:
    """Add --audio-track and --channel to a command."""
    sound = parser.add_argument_group("sound of the recording")
    sound.add_argument(
        "--audio-track", type=channel_number, metavar="N",
        help="the audio track, from 1 (default: by language, default flag and sound)",
    )  # fmt: skip
    sound.add_argument(
        "--channel",
        type=channel_number,
        metavar="N",
        help="one channel, from 1 (default: all, mixed)",
    )


def add_given_options(parser: argparse.ArgumentParser) -> None:
    """Add --source-srt and --target-srt to a command."""
    given = parser.add_argument_group("subtitles that you have")
    given.add_argument(
        "--source-srt", type=Path, metavar="FILE",
        help="take the text from subtitles of what is said, and recognize nothing",
    )  # fmt: skip
    given.add_argument(
        "--target-srt", type=Path, metavar="FILE",
        help="take the translation from subtitles, and recognize and translate nothing",
    )  # fmt: skip


def settings_with_subtitles(settings: Settings, arguments: argparse.Namespace) -> Settings:
    """The settings with the language of the subtitles, where --from does not name it.

    Raises SettingsError for subtitles that cannot be taken so.
    """
    source, target = arguments.source_srt, arguments.target_srt
    if source is None and target is None:
        return settings
    inputs = arguments.inputs
    if len(inputs) != 1 or inputs == ["-"] or Path(inputs[0]).is_dir() or arguments.watch:
        raise SettingsError("--source-srt and --target-srt are of one recording: name one file")
    if settings.source != "auto":
        return settings
    from stslocal.files.given_subtitles import language_of_name

    language = language_of_name(source)
    if language is None:
        example = " (a name such as talk.en.srt says it too)" if source else ""
        raise SettingsError(f"name the language that is spoken with --from, such as `--from en`"
                            f"{example}")  # fmt: skip
    if language == settings.target:
        raise SettingsError(
            f"{source} is in the language of --to by its name: name the language with --from"
        )
    return replace(settings, source=language)


def needed_roles(options: FileOptions) -> tuple[Sequence[Role[Any]], ...]:
    """The roles of which engines are needed, where those are not all."""
    from stslocal.engines.registry import SYNTHESIZER, TRANSLATOR

    if options.given is None or options.checks_speech:
        return ()
    return ([SYNTHESIZER] if options.given.is_translated else [TRANSLATOR, SYNTHESIZER],)


def add_check_options(parser: argparse.ArgumentParser) -> None:
    """Add --check, --no-check and --report to a command."""
    check = parser.add_argument_group("check of the translated speech")
    add_check(check)
    check.add_argument(
        "--report", action="store_true",
        help="also write NAME.LANG.report.html: both sounds as a picture, and each sentence with "
        "its times, speed and check",
    )  # fmt: skip


def add_check(group: argparse._ArgumentGroup) -> None:
    """Add --check and --no-check to a group of options."""
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--check", dest="check", action="store_const", const="all",
        help="recognize every sentence again, say those again in which words or numbers are wrong, "
        "and list what stays doubtful (default: the sentences that are likely to be wrong)",
    )  # fmt: skip
    which.add_argument(
        "--no-check", dest="check", action="store_const", const="none", help="check no sentence"
    )


def add_original_options(parser: argparse.ArgumentParser) -> None:
    """Add --original and --background to a command."""
    parser.add_argument(
        "--original", metavar="LEVEL",
        help="the original sound beneath the translation: off, duck (18 dB down while anybody "
        "speaks), full, or a level such as -20dB (default: duck for videos, else off)",
    )  # fmt: skip
    parser.add_argument(
        "--background", choices=BACKGROUNDS,
        help="keep: music and noise of the original stay at their level, and its voice is taken "
        "out where it is translated, or is as loud as --original says; needs `stslocal models "
        "pull spleeter-2stems` (default: auto, all of it is as loud as --original says)",
    )  # fmt: skip


def check_without_speech(arguments: argparse.Namespace, printer: Printer) -> None:
    """Refuse the options of speech where `--tts none` makes none. Raises SettingsError."""
    usual = {
        "--voice": (None,),
        "--reference": (None,),
        "--speed-cap": (None,),
        "--max-lag-s": (None,),
        "--original": (None, "auto", "off"),
        "--background": (None, "auto"),
        "--replace-audio": (False,),
        "--subtitle-times": (None, "auto", "source"),
    }
    named = [
        name.removesuffix("-s")
        for name, values in usual.items()
        if getattr(arguments, name[2:].replace("-", "_")) not in values
    ]
    if named:
        raise SettingsError(
            f"`--tts {NO_SPEECH}` makes no speech: leave out {' and '.join(named)}, or --tts"
        )
    if arguments.check == "all":
        printer.status("nothing is spoken, so --check has nothing to recognize again")


def check_background(options: FileOptions, store: ModelStore) -> None:
    """Refuse, before anything is loaded, what needs a model. Raises ModelNotFoundError."""
    if options.keeps_background:
        from stslocal.loading.separators import check_separator

        check_separator(store)


def add_subtitle_options(output: argparse._ArgumentGroup) -> None:
    """Add --subtitles, --bilingual and --subtitle-times to a group."""
    output.add_argument(
        "--subtitles", type=_subtitles, metavar="KINDS",
        help=f"kinds of subtitles, with commas between them: {', '.join(SUBTITLE_FORMATS)}; all or "
        f"none (default: {','.join(USUAL_SUBTITLES)})",
    )  # fmt: skip
    output.add_argument(
        "--bilingual", action="store_true",
        help="subtitles of the translation with what was said beneath each sentence",
    )  # fmt: skip
    output.add_argument(
        "--subtitle-times", choices=SUBTITLE_TIMES,
        help="times of the translation's subtitles: those of the source (auto: for videos) or of "
        "the translated speech (auto: for sound alone)",
    )  # fmt: skip


def _subtitles(text: str) -> list[str]:
    kinds = [part.strip() for part in text.split(",")]
    return {"none": [], "all": list(SUBTITLE_FORMATS)}.get(text.strip(), kinds)


def add_sharing_options(parser: argparse.ArgumentParser) -> None:
    """Add --watch and --shard to a command."""
    sharing = parser.add_argument_group("many recordings")
    sharing.add_argument(
        "--watch", action="store_true",
        help="translate also what comes into the folders, as soon as it is complete, until Ctrl-C "
        "or SIGTERM",
    )  # fmt: skip
    sharing.add_argument(
        "--shard", metavar="I/N",
        help="translate only share I of N, by the names of the recordings, as for an array of jobs",
    )  # fmt: skip


def add_video_options(output: argparse._ArgumentGroup) -> None:
    """Add --replace-audio to the options of results."""
    output.add_argument(
        "--replace-audio", action="store_true",
        help="leave the translated audio track out of a video (default: it stays beside the "
        "translation)",
    )  # fmt: skip


def file_options(settings: Settings, arguments: argparse.Namespace) -> FileOptions:
    """Take the options of file translation from the settings and the flags."""
    from stslocal.files.options import FileOptions

    options = FileOptions.from_settings(
        settings,
        arguments.reference,
        audio_track=arguments.audio_track,
        channel=arguments.channel,
        languages=listed_languages(arguments.source),
        speakers=speaker_choice(arguments),
        replace_audio=arguments.replace_audio,
        bilingual=arguments.bilingual,
        report=arguments.report,
    )
    source, target = arguments.source_srt, arguments.target_srt
    if source is None and target is None:
        return options
    from stslocal.files.given_subtitles import GivenSubtitles

    given = GivenSubtitles.read(source, target, language=settings.source, target=settings.target)
    return replace(options, given=given)


def listed_languages(text: str | None) -> tuple[str, ...]:
    """The languages of `--from en,pt`; none where one language or `auto` is given.

    Raises SettingsError for a name that is no language.
    """
    parts = (text or "").split(",")
    return tuple(dict.fromkeys(find(part.strip()).code for part in parts)) if parts[1:] else ()


def channel_number(text: str) -> int:
    """Read a track or channel, counted from 1."""
    if not text.isdecimal() or len(text) > 4 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 on")
    return int(text)
