"""The voices of a session that is corrected: found by name, or made again from its recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from stslocal.audio.decode import SoundChoice, read_audio, read_blocks
from stslocal.engines.protocols import VoiceActivityDetector
from stslocal.errors import SettingsError
from stslocal.files.languages import beginning
from stslocal.files.opening import LONGEST_OPENING_S, OPENING_S, no_speech
from stslocal.files.redo.plan import LinePlan
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.speakers.reading import Reading
from stslocal.files.speakers.voices import speaker_voices
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.loading.parts import LoadedParts
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment
from stslocal.results.session_speakers import SessionVoice
from stslocal.results.writing import session_voice
from stslocal.settings import LIKE_THE_SPEAKER
from stslocal.storage import sha256_of
from stslocal.types import RECOGNITION_RATE, Samples, Utterance, VoiceProfile
from stslocal.voices.choose import REFERENCE_RATE


class Voices:
    """Gives each line its voice; each voice is made once."""

    def __init__(
        self,
        session: Session,
        parts: LoadedParts,
        recording: Callable[[], Path],
        reference: Path | None = None,
    ) -> None:
        """`recording` finds the recording, where a voice is made from it. `reference` is another
        recording of the speaker, which was given when the session was made.
        """
        self._session = session
        self._parts = parts
        self._recording = recording
        self._reference = reference
        self._made: dict[str, VoiceProfile] = {}
        self._by_speaker: dict[str, VoiceProfile] = {}
        self.warnings: list[str] = []

    def voice_of(self, segment: SessionSegment) -> VoiceProfile:
        """The voice that a person wants for a segment, else that of its speaker or the session."""
        session = self._session
        name = segment.correction.voice or str(session.settings["voice"])
        if name == session.settings["voice"] and self._has_voice_of(segment.speaker):
            if not self._by_speaker:
                self._by_speaker = self._made_for_speakers(name)
            return self._by_speaker[segment.speaker]
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _has_voice_of(self, speaker: str) -> bool:
        """Whether a speaker's own voice was made for the session."""
        session = self._session
        is_like = session.settings["voice"] in LIKE_THE_SPEAKER
        return is_like and self._reference is None and speaker in session.speakers

    def _made_for_speakers(self, name: str) -> dict[str, VoiceProfile]:
        session, voices, vad = self._session, self._parts.voices, self._parts.vad
        assert voices is not None, "a voice is made only where a synthesizer is loaded"
        assert vad is not None, "it is loaded where a voice is made from sound"
        choice = SpeakerChoice(turns=tuple(session.turns), by_channel=not session.turns)
        reading = Reading(
            self._recording(), vad, sound_choice(session), lambda _: None, choice=choice
        )
        reading.find_speakers()
        made = speaker_voices(
            voices,
            reading.references,
            name=self._parts.selection.voice(name),
            language=session.target_language,
        )
        for speaker, voice in made.items():
            if speaker in session.speakers and not _is_same(session.speakers[speaker], voice):
                self._warn_of_another_voice()
                break
        first = next(iter(made.values()))
        return {speaker: made.get(speaker, first) for speaker in session.speakers}

    def _warn_of_another_voice(self) -> None:
        self.warnings.append(
            "the voice is not the same as before, because another model or release made it: "
            f"`--line 1-{len(self._session.segments)}` speaks all lines in it"
        )

    def _make(self, name: str) -> VoiceProfile:
        session, voices = self._session, self._parts.voices
        assert voices is not None, "a voice is made only where a synthesizer is loaded"
        language = session.target_language
        if name not in LIKE_THE_SPEAKER:
            return voices.voice(name, language=language)
        speech, rate = self._speech()
        made = voices.like(speech, rate, language=language, name=self._parts.selection.voice(name))
        if name == session.settings["voice"] and not _is_same(session.voice, made):
            self._warn_of_another_voice()
        return made

    def _speech(self) -> tuple[Samples, int]:
        """The sound from which the session's voice was made, and its rate."""
        if self._reference is not None:
            return read_audio(self._reference, sample_rate=REFERENCE_RATE), REFERENCE_RATE
        assert self._parts.vad is not None, "it is loaded where a voice is made from sound"
        speech = opening_speech(self._parts.vad, self._recording(), self._session)
        return speech, RECOGNITION_RATE


def needs_sound(session: Session, plans: Sequence[LinePlan]) -> bool:
    """Whether a line is spoken in a voice that is made from a recording."""
    names = {plan.segment.correction.voice for plan in plans if plan.is_spoken}
    every = {str(name or session.settings["voice"]) for name in names}
    return bool(every & set(LIKE_THE_SPEAKER))


def check_reference(session: Session, reference: Path | None) -> None:
    """Raise SettingsError unless the reference is that with which the session was made."""
    wanted = session.settings.get("reference")
    if wanted is None and reference is None:
        return
    if reference is None:
        raise SettingsError(
            "the voice of this session was made from another recording: name it with --reference, "
            "or a voice with --voice"
        )
    if wanted is not None and sha256_of(reference) != wanted:
        raise SettingsError(
            f"{reference} is not the reference with which the session was made: name that one"
        )


def opening_speech(
    vad: VoiceActivityDetector, recording: Path | BinaryIO, session: Session
) -> Samples:
    """The sound at the beginning from which a translation makes its voice, as it was then.

    The languages of the utterances are those of the session's segments. Raises AudioDecodeError.
    """
    target = session.target_language
    opening: list[Utterance] = []
    total_s = others_s = 0.0
    for utterance in _utterances(vad, recording, session):
        length_s = len(utterance.samples) / RECOGNITION_RATE
        total_s += length_s
        if _language_at(session, utterance) != target:
            opening.append(utterance)
            others_s += length_s
        if others_s >= OPENING_S or total_s >= LONGEST_OPENING_S:
            break
    if not opening and "subtitles_given" in session.settings:
        opening = [no_speech()]
    if not opening:
        raise SettingsError(
            "the recording has no speech of which a voice can be made: name a voice with --voice"
        )
    return beginning(opening)


def _utterances(
    vad: VoiceActivityDetector, recording: Path | BinaryIO, session: Session
) -> Iterator[Utterance]:
    stage = SegmentSpeech(vad, UtteranceCutter())
    for block in read_blocks(recording, choice=sound_choice(session), on_warning=lambda _: None):
        yield from stage.process(block)
    yield from stage.finish()


def sound_choice(session: Session) -> SoundChoice:
    """Which sound of the recording was read."""
    settings = session.settings
    source = settings.get("from", "auto")
    return SoundChoice(
        settings.get("audio_track"), settings.get("channel"), None if source == "auto" else source
    )


def _language_at(session: Session, utterance: Utterance) -> str:
    """The language of the segments at an utterance; the source's where there is none."""
    shared: dict[str, float] = {}
    for segment in session.segments:
        at = segment.source
        both_s = min(at.end_s, utterance.end_s) - max(at.start_s, utterance.start_s)
        if both_s > 0:
            shared[segment.language] = shared.get(segment.language, 0.0) + both_s
    return max(shared, key=lambda code: shared[code], default=session.source_language)


def _is_same(before: SessionVoice, made: VoiceProfile) -> bool:
    """Whether a voice is described as the session describes it, whose numbers are rounded."""
    after = session_voice(made)
    return (
        before.name == after.name
        and abs(before.pitch_semitones - after.pitch_semitones) < 0.01
        and dict(before.provenance) == dict(after.provenance)
    )
