"""Chooses the audio track of a recording that has several.

In order: the track that a person names; the one whose language tag is the source language; the one
that the file calls its default; the first. A track that is silent gives way to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stslocal.errors import AudioDecodeError, SettingsError
from stslocal.languages import find

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """Which sound of a recording is read."""

    track: int | None = None
    """The audio track, from 1. None: chosen by language tag, default flag and sound."""
    channel: int | None = None
    """The channel, from 1. None: all of them are mixed."""
    language: str | None = None
    """The source language, whose track is preferred. None when it is not known."""


def playable_tracks(container: InputContainer, name: str) -> Sequence[AudioStream]:
    """The audio tracks that can be decoded. Raises AudioDecodeError when there is none."""
    tracks = container.streams.audio
    if not tracks:
        raise AudioDecodeError(f"{name} has no audio stream: choose a recording with sound")
    known = [track for track in tracks if track.codec_context is not None]
    if not known:
        raise AudioDecodeError(f"{name} has audio in a format unknown to FFmpeg: convert it first")
    sound = [t for t in known if t.codec_context.channels and t.codec_context.sample_rate]
    if not sound:
        raise AudioDecodeError(f"{name} declares 0 channels or 0 Hz: convert or record it again")
    return sound


def by_preference(
    container: InputContainer, name: str, choice: SoundChoice
) -> Sequence[AudioStream]:
    """The tracks in the order in which they should be tried; the named one alone.

    Raises AudioDecodeError when there is no such track.
    """
    tracks = playable_tracks(container, name)
    every = container.streams.audio
    if choice.track is not None:
        number = choice.track
        if not 1 <= number <= len(every) or every[number - 1] not in tracks:
            there = ", ".join(describe(container, track) for track in tracks)
            raise AudioDecodeError(
                f"{name} has no audio track {number}: name one of {there} with --audio-track"
            )
        return [every[number - 1]]
    return sorted(tracks, key=lambda track: _rank(track, choice.language))


def number_of(container: InputContainer, track: AudioStream) -> int:
    """The number of a track, from 1."""
    return [stream.index for stream in container.streams.audio].index(track.index) + 1


def describe(container: InputContainer, track: AudioStream) -> str:
    """A track for a message, such as `2 (eng)`."""
    language = language_tag(track)
    return f"{number_of(container, track)}{f' ({language})' if language else ''}"


def language_tag(track: Stream) -> str:
    """The language that the file declares, as it is written there; empty without one."""
    tag = track.metadata.get("language", "")
    return "" if tag in ("und", "mis", "mul", "zxx") or not tag.isprintable() else tag[:16]


def _rank(track: AudioStream, language: str | None) -> tuple[bool, bool, int]:
    return (
        language is None or _code(language_tag(track)) != language,
        not _is_default(track),
        track.index,
    )


def _code(tag: str) -> str | None:
    try:
        return find(tag).code if tag else None
    except SettingsError:
        return None


def _is_default(track: AudioStream) -> bool:
    return bool(int(track.disposition) & 1)
