"""`stslocal live` as a person runs it: its command line, real engines, real PortAudio.

A recording is played into a virtual microphone while the virtual loudspeaker is recorded, both on
the clock of one card. So the played speech and its latency are measured outside the program.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
import sacrebleu
from corpus import OWN, Corpus

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import resample
from stslocal.engines.silero.detector import SileroVad
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.metrics import Event, MicrophoneFault, PlaybackStarted
from stslocal.results.session import Session, read_session
from stslocal.results.session_segment import Span
from stslocal.types import RECOGNITION_RATE, Samples
from tests.device.busy import up_to_three_times
from tests.device.conftest import (
    MICROPHONE,
    ROOM_FEED,
    ROOM_LOUDSPEAKER,
    ROOM_MICROPHONE,
    SoundServer,
    find_sound,
    speechlike,
)
from tests.live_program import running_stslocal, wait_until

pytestmark = [pytest.mark.device, pytest.mark.real]

RATE = 24_000
"""Hertz of the recording of the room."""
SPOKEN = ("jfk", "ljspeech-4", "ljspeech-7")
"""24 s of English by two speakers, whose translation is known."""
SPOKEN_IN_LARGER = ("fleurs-en-003", "fleurs-en-000", "fleurs-en-004")
"""21 s by three speakers."""
PAUSE_S = 1.0
NEEDLE = RATE
"""Samples in 1 s: so much of a segment's end or start is searched in the room."""
AGREE_S = 0.15
"""Largest difference between the program's figure and the one measured in the room."""


def joined(corpus: Corpus) -> tuple[Samples, str]:
    """Recordings one after the other, at RATE, and their Portuguese translation."""
    clips = corpus.named(*(SPOKEN if corpus.folder == OWN else SPOKEN_IN_LARGER))
    pause = np.zeros(round(PAUSE_S * RATE), np.float32)
    pieces: list[Samples] = []
    for clip in clips:
        samples = read_audio(clip.path, sample_rate=RATE)
        pieces += [0.5 * samples / np.abs(samples).max(), pause]
    return np.concatenate(pieces), " ".join(clip.translations["pt"] for clip in clips)


def recognized_again(samples: Samples, models: Path) -> str:
    """The text that Whisper recognizes in Portuguese speech at RATE."""
    recognizer = FasterWhisperRecognizer.load(models / "whisper-base")
    stage = SegmentSpeech(SileroVad.load(), UtteranceCutter())
    utterances = [*stage.process(resample(samples, RATE, RECOGNITION_RATE)), *stage.finish()]
    texts = [recognizer.transcribe(each.samples, language="pt").text for each in utterances]
    return " ".join(texts)


def latencies_seen(
    session: Session, said: Samples, spoken: Samples, microphone: Samples, loudspeaker: Samples
) -> dict[int, float]:
    """End-of-speech latency of each segment, measured in the room. All sounds are at RATE.

    `said` and `spoken` are the session's recordings. The session file says where a segment lies
    in them; that part is then searched in the recording of the room.
    """
    latencies = {}
    for segment in session.segments:
        if segment.target is None:
            continue
        source = part(said, segment.source)[-NEEDLE:]
        target = part(spoken, segment.target)[:NEEDLE]
        source_at, source_alike = find_sound(microphone, source)
        target_at, target_alike = find_sound(loudspeaker, target)
        assert min(source_alike, target_alike) > 0.5, f"segment {segment.index} was not found"
        first_sound = int((np.abs(target) > 0.02 * np.abs(target).max()).argmax())
        ended, began = source_at + len(source), target_at + first_sound
        latencies[segment.index] = (began - ended) / RATE
    return latencies


def part(samples: Samples, span: Span) -> Samples:
    return samples[round(span.start_s * RATE) : round(span.end_s * RATE)]


@up_to_three_times
def test_a_talk_is_translated_and_its_latency_is_the_reported_one(
    sound_server: SoundServer, starter_models: Path, corpus: Corpus, tmp_path: Path
) -> None:
    talk, meant = joined(corpus)
    folder = Path(mkdtemp(dir=tmp_path))
    room, kept = folder / "room", folder / "kept"
    sound_server.record(room, RATE, of="room", channels=2)
    command = (
        f"live --from en --to pt --input-device {ROOM_MICROPHONE} --output-device"
        f" {ROOM_LOUDSPEAKER} --duplex full --max-lag 30 --record kept --record-as-spoken --json"
    )
    with running_stslocal(folder, starter_models, *command.split()) as program:
        wait_until(program.is_ready, "the program is ready")
        sound_server.play_into(talk, RATE, into=ROOM_FEED)
        time.sleep(2.0)
        program.interrupt()
    time.sleep(0.5)
    sound_server.end_clients()
    loudspeaker, microphone = np.fromfile(room, np.float32).reshape(-1, 2).T

    text = recognized_again(loudspeaker, starter_models)
    assert sacrebleu.sentence_chrf(text, [meant]).score >= 45, text

    reported = {
        event.segment: event.end_of_speech_latency_s
        for event in program.events()
        if isinstance(event, PlaybackStarted)
    }
    (session,) = map(read_session, kept.glob("*.session.json"))
    spoken, said = (read_audio(path, sample_rate=RATE) for path in sorted(kept.glob("*.wav")))
    assert len(reported) >= len(SPOKEN)
    assert reported == pytest.approx(
        latencies_seen(session, said, spoken, microphone, loudspeaker), abs=AGREE_S
    )


def test_a_muted_microphone_is_reported_with_the_command_that_helps(
    sound_server: SoundServer, starter_models: Path, tmp_path: Path
) -> None:
    command = "live --from en --to pt --voice af_sarah --json"
    subprocess.run(["pactl", "set-source-mute", MICROPHONE, "1"], check=True)
    try:
        with running_stslocal(tmp_path, starter_models, *command.split()) as program:
            wait_until(program.is_ready, "the session is ready")
            wait_until(lambda: "no sound comes from" in program.reported(), "it is said")
            subprocess.run(["pactl", "set-source-mute", MICROPHONE, "0"], check=True)
            sound_server.play_into(speechlike(4.0, RATE), RATE)
            wait_until(lambda: len(faults(program.events())) == 2, "sound comes again")
            program.interrupt()
    finally:
        subprocess.run(["pactl", "set-source-mute", MICROPHONE, "0"], check=True)
    assert "because it is muted in the sound settings" in program.reported()
    assert f"`pactl set-source-mute {MICROPHONE} 0`" in program.reported()
    silent, again = faults(program.events())
    assert (silent.fault, silent.present) == ("silent", True)
    assert 5.0 <= silent.at_s < 7.0
    assert (again.fault, again.present) == ("silent", False)


def faults(events: list[Event]) -> list[MicrophoneFault]:
    return [event for event in events if isinstance(event, MicrophoneFault)]
