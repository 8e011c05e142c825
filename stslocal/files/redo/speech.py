"""Speaks the lines of a session that are done again, and places all of its lines anew.

A line that is not done again keeps its sound and its place, and moves only where one before it has
become so long that it has to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from stslocal.audio.resample import resample
from stslocal.engines.protocols import SpeechRecognizer, SpeechSynthesizer
from stslocal.files.placement import (
    Expected,
    Place,
    PlacementLimits,
    TargetTimeline,
    place,
    speed_to_fit,
)
from stslocal.files.redo.patching import Piece
from stslocal.files.redo.plan import LinePlan
from stslocal.files.speak import LOOKAHEAD_S, ORIGINAL, Synthesize
from stslocal.files.speech_check import CheckSpeech
from stslocal.results.corrections import FASTEST
from stslocal.results.line_times import written_time
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment, Span, SpeechCheck
from stslocal.types import Samples, Segment, SpokenSegment, TranslatedSegment, VoiceProfile

_NEAR = 12
"""Lines on each side of one from whose lengths its own length is estimated."""
_PRIOR_S = 5.0
"""Seconds of speech of them after which they count as much as the engine's estimate."""
_SAID_AGAIN = 1.03
"""A line whose speed turns out to be wrong by more than this factor is said once more."""
_LEAST_LAG_S = 0.5
_LATER_S = 0.05
"""A line that starts later than a person wants by more than this is reported."""


@dataclass(frozen=True, slots=True)
class SessionVoices:
    """What speaks the lines: a synthesizer, and the voices."""

    synthesizer: SpeechSynthesizer | None
    """None where nothing is to be spoken."""
    voice_of: Callable[[SessionSegment], VoiceProfile]
    """The voice that is to speak a segment. Raises SettingsError."""
    limits: PlacementLimits
    recognizer: SpeechRecognizer | None = None
    """Checks what is spoken; None checks nothing."""
    thorough: bool = False
    """Whether every line is recognized again, and not only those likely to be wrong."""


@dataclass(slots=True)
class Layout:
    """The new sound of a session."""

    pieces: list[Piece] = field(default_factory=list)
    places: dict[int, Span | None] = field(default_factory=dict)
    """Where each line is, by its number; None for one without sound."""
    spoken: dict[int, SpokenSegment] = field(default_factory=dict)
    """The lines that were spoken now."""
    checks: dict[int, SpeechCheck] = field(default_factory=dict)
    """What was found in their speech, where it was checked."""
    warnings: list[str] = field(default_factory=list)


def lay_out(
    session: Session,
    plans: Mapping[int, LinePlan],
    translations: Mapping[int, str],
    voices: SessionVoices,
    *,
    rate: int,
) -> Layout:
    """Speak lines and place all lines. `plans` and `translations` are by the number of the line.

    `rate` is that of the sound in which they are replaced, in hertz.

    Raises SettingsError for a voice, and EngineError.
    """
    layout, timeline = Layout(), TargetTimeline()
    rows = session.segments
    for number, row in enumerate(rows, 1):
        plan = plans.get(number)
        start_s = None if row.target is None else row.target.start_s
        if plan is not None and row.correction.skip:
            start_s = None
        elif plan is not None and plan.is_spoken:
            _speak(layout, timeline, session, plan, translations[number], voices, rate)
            continue
        elif plan is not None and start_s is not None and row.correction != row.redone:
            start_s = _wanted_start(row, start_s)
        if start_s is None or row.target is None:
            layout.places[number] = None
            layout.pieces.append(Piece(0.0))
            continue
        length_s = row.target.end_s - row.target.start_s
        placed_s = timeline.place(start_s, length_s)
        layout.pieces.append(Piece(placed_s, old=row.target))
        layout.places[number] = Span(placed_s, placed_s + length_s)
    _report_places(layout, session, plans, voices.limits)
    return layout


def _wanted_start(row: SessionSegment, start_s: float) -> float:
    """Where a line that keeps its sound is to start."""
    if row.correction.start_s is not None:
        return row.correction.start_s
    return start_s if row.redone.start_s is None else row.source.start_s


def _speak(
    layout: Layout,
    timeline: TargetTimeline,
    session: Session,
    plan: LinePlan,
    text: str,
    voices: SessionVoices,
    rate: int,
) -> None:
    """Speak a line at the speed that its place needs, and place it."""
    assert voices.synthesizer is not None, "a line is spoken only where a synthesizer is loaded"
    row, synthesizer = plan.segment, voices.synthesizer
    voice = voices.voice_of(row)
    item = TranslatedSegment(
        Segment(row.index, row.source.start_s, row.source.end_s, plan.text, row.language),
        text, session.target_language, 0.0,
    )  # fmt: skip
    pace = _measured_share(session, plan.number, voice, synthesizer)
    estimated_s = pace * synthesizer.estimate_s(text, language=item.language, voice=voice)
    following = _following(session, plan.number)
    chosen = _choose(row, timeline, following, estimated_s, voices.limits)
    speaker = Synthesize(synthesizer, voice, limits=voices.limits)
    spoken = speaker.say(item, chosen.speed)
    if len(spoken.samples):
        again = _choose(row, timeline, following, spoken.duration_s * spoken.speed, voices.limits)
        if not 1 / _SAID_AGAIN < again.speed / spoken.speed < _SAID_AGAIN:
            spoken = speaker.say(item, again.speed)
        chosen = again
    speaker.close()
    if voices.recognizer is not None:
        stage = CheckSpeech(
            voices.recognizer, synthesizer, voice, thorough=voices.thorough, pace=pace
        )
        by_person = row.correction.translation is not None
        spoken, check = stage.checked(spoken, by_person=by_person)
        if check is not None:
            layout.checks[plan.number] = check
    layout.spoken[plan.number] = spoken
    if not len(spoken.samples):
        layout.places[plan.number] = None
        layout.pieces.append(Piece(0.0))
        return
    start_s = timeline.place(chosen.start_s, spoken.duration_s)
    layout.pieces.append(Piece(start_s, samples=_at_rate(spoken, rate)))
    layout.places[plan.number] = Span(start_s, start_s + spoken.duration_s)


def _choose(
    row: SessionSegment,
    timeline: TargetTimeline,
    following: Sequence[SessionSegment],
    natural_s: float,
    limits: PlacementLimits,
) -> Place:
    """Start and speed of a line that lasts `natural_s` at the voice's own speed."""
    wanted = row.correction
    start_s = row.source.start_s if wanted.start_s is None else wanted.start_s
    if wanted.speed is not None:
        return Place(start_s, wanted.speed)
    if wanted.end_s is not None:
        room_s = wanted.end_s - timeline.earliest_s(start_s)
        return Place(start_s, min(FASTEST, speed_to_fit(natural_s, room_s)))
    late_s = max((one.late_s or 0.0 for one in following), default=0.0)
    left_s = max(_LEAST_LAG_S, limits.max_lag_s - max(0.0, late_s))
    sentences = [Expected(start_s, row.source.end_s, natural_s)]
    sentences += [
        Expected(one.target.start_s, one.target.end_s, one.target.end_s - one.target.start_s)
        for one in following
        if one.target is not None
    ]
    chosen = place(sentences, timeline, PlacementLimits(limits.max_speed, left_s))
    return chosen if wanted.start_s is None else Place(start_s, chosen.speed)


def _following(session: Session, number: int) -> list[SessionSegment]:
    """The lines with sound that come soon after a line."""
    row = session.segments[number - 1]
    return [
        one
        for one in session.segments[number:]
        if one.target is not None
        and one.source.start_s < row.source.start_s + LOOKAHEAD_S
        and not one.correction.skip
    ]


def _measured_share(
    session: Session, number: int, voice: VoiceProfile, synthesizer: SpeechSynthesizer
) -> float:
    """How many times longer the lines beside one are than the engine estimates."""
    measured_s = estimated_s = _PRIOR_S
    for row in session.segments[max(0, number - 1 - _NEAR) : number + _NEAR]:
        if row.target is None or row.voice == ORIGINAL or row.is_changed:
            continue
        measured_s += (row.target.end_s - row.target.start_s) * row.speed
        estimated_s += synthesizer.estimate_s(
            row.translation, language=session.target_language, voice=voice
        )
    return measured_s / estimated_s


def _at_rate(spoken: SpokenSegment, rate: int) -> Samples:
    """The samples of a line at the rate of the file: another engine may have another one."""
    if spoken.sample_rate == rate:
        return spoken.samples
    return resample(spoken.samples, spoken.sample_rate, rate)


def _report_places(
    layout: Layout, session: Session, plans: Mapping[int, LinePlan], limits: PlacementLimits
) -> None:
    """Say where lines are not where a person wants them, and which became too late."""
    for number, row in enumerate(session.segments, 1):
        at = layout.places[number]
        if at is None:
            continue
        if (check := layout.checks.get(number)) and check.fault:
            layout.warnings.append(
                f"line {number} is doubtful in the translated speech ({check.fault}): listen to it "
                f"at {written_time(at.start_s)}"
            )
        wanted = row.correction
        given_s = wanted.start_s if number in plans else None
        if given_s is not None and at.start_s > given_s + _LATER_S:
            layout.warnings.append(
                f"line {number} starts at {written_time(at.start_s)} and not at "
                f"{written_time(given_s)}: what is before it lasts until then"
            )
        if number in plans and wanted.end_s is not None and at.end_s > wanted.end_s + _LATER_S:
            layout.warnings.append(
                f"line {number} ends at {written_time(at.end_s)} and not at "
                f"{written_time(wanted.end_s)}: it cannot be spoken faster"
            )
        before_s = row.late_s or 0.0
        late_s = at.start_s - row.source.start_s
        if wanted.start_s is None and late_s > max(limits.max_lag_s, before_s + _LATER_S):
            layout.warnings.append(f"line {number} is spoken {late_s:.1f} s late")
