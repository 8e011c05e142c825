"""The options of the translate command that say who speaks in a recording."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stslocal.errors import SettingsError

if TYPE_CHECKING:
    from stslocal.files.plan import FileTask
    from stslocal.files.speakers.choice import SpeakerChoice
    from stslocal.models.store import ModelStore

CHANNELS = ("mix", "speakers")


def add_speaker_options(parser: argparse.ArgumentParser) -> None:
    """Add --speakers and --channels to a command."""
    speakers = parser.add_argument_group("several speakers")
    speakers.add_argument(
        "--speakers", metavar="auto|N|FILE",
        help="a voice for each speaker, with names in the subtitles: auto finds them, N is how "
        "many they are, FILE says who speaks when (RTTM, JSON or a session file). Best with the "
        "models `speakers`",
    )  # fmt: skip
    speakers.add_argument(
        "--channels", choices=CHANNELS,
        help="speakers: each channel of the recording has a speaker of its own (default: mix)",
    )  # fmt: skip


def speaker_choice(arguments: argparse.Namespace) -> SpeakerChoice | None:
    """How speakers are distinguished, by the flags; None where they are not.

    Raises SettingsError for flags that contradict each other, and for a file that cannot be used.
    """
    from stslocal.files.speakers.choice import SpeakerChoice

    if arguments.channels == "speakers":
        if arguments.speakers is not None or arguments.channel is not None:
            raise SettingsError(
                "with `--channels speakers` the channels say who speaks: leave out --speakers and "
                "--channel"
            )
        return SpeakerChoice(by_channel=True)
    return None if arguments.speakers is None else SpeakerChoice.parse(arguments.speakers)


def check_speaker_choice(choice: SpeakerChoice | None, tasks: Sequence[FileTask]) -> None:
    """Refuse the turns of one recording for several. Raises SettingsError."""
    if choice is not None and choice.turns and len(tasks) > 1:
        raise SettingsError(
            f"--speakers names a file with the turns of one recording, and there are {len(tasks)}: "
            "translate them one by one, or with `--speakers auto`"
        )


def with_finder(choice: SpeakerChoice | None, store: ModelStore) -> SpeakerChoice | None:
    """The choice with the engine that finds the speakers, where they are to be found.

    Raises ModelNotFoundError, before anything is loaded, where nothing finds them.
    """
    if choice is None or not choice.is_found:
        return choice
    from stslocal.loading.diarizers import check_diarizer

    return replace(choice, finder=check_diarizer(store))
