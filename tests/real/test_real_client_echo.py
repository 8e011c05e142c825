"""Somebody speaks beside the loudspeaker of a client that says what it plays: the words stay."""

from __future__ import annotations

import numpy as np
import pytest
from corpus import Corpus, word_error_rate
from rooms import Room, reading

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import resample
from stslocal.loading.engines import Engines
from stslocal.samples import BundledClip
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.server.kit import Served, served
from tests.server.realtime_kit import frames, raw, receive_until, send, text_of

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

LEAD_S = 5.0
"""The loudspeaker plays alone for so long, until its echo is found."""
ECHO_DB = 6.0


def recognized(server: Served, captured: Samples, played: Samples | None) -> str:
    """The words of a session that wants them alone."""
    pieces = list(frames(resample(captured, RECOGNITION_RATE, WIRE_RATE)))
    beside = (
        [None] * len(pieces)
        if played is None
        else list(frames(resample(played, RECOGNITION_RATE, WIRE_RATE)))
    )
    with raw(server, "?source=en") as connection:
        audio = {"output": {"language": None}, "input": {"transcription": {"model": "whisper"}}}
        send(connection, "session.update", session={"audio": audio})
        for piece, sound in zip(pieces, beside, strict=True):
            send(connection, "session.input_audio_buffer.append", audio=piece, played=sound)
        send(connection, "session.close")
        return text_of(receive_until(connection, "session.closed"), "input")


def test_the_words_beside_a_loud_loudspeaker_are_recognized(
    engines: Engines, bundled_clip: BundledClip, recordings: Corpus
) -> None:
    speaker = read_audio(bundled_clip.path, sample_rate=RECOGNITION_RATE)
    speaker = np.concatenate([np.zeros(round(LEAD_S * RECOGNITION_RATE), np.float32), speaker])
    played = reading(recordings, "pt", len(speaker) / RECOGNITION_RATE)
    captured = Room(echo_db=ECHO_DB).captured(played, speaker)
    with served(engines, settings=Settings(source="en", target="pt")) as server:
        cleaned = recognized(server, captured, played)
        untouched = recognized(server, captured, None)
    wrong = word_error_rate([bundled_clip.transcript], [cleaned])
    # The first words may be of the loudspeaker, whose echo is not found at once.
    assert wrong < 30, cleaned
    assert wrong < word_error_rate([bundled_clip.transcript], [untouched]) - 20, untouched
