from __future__ import annotations

from typing import get_args

import pytest

import stslocal

pytestmark = pytest.mark.unit

PUBLIC = """
AudioDecodeError AudioDeviceError AudioError DeviceChanged DeviceXrun Dropped
DuplexChanged EngineError Engines
Event FileProgress FirstAudio InputLevel InputMuted LagMeasured Line MicrophoneFault
ModelDownloadError ModelError ModelIntegrityError ModelNotFoundError
Notice OutputError OutputFile PartialText PlacedSegment PlaybackEnded PlaybackStarted
RedoResult ReliefChanged Samples Segment SegmentCommitted SegmentDropped SegmentPaced
SegmentTranslated Session SessionModel SessionSegment SessionSource SessionVoice Settings
SettingsError Span Speech SpeechDropped SpeechEnded SpeechStarted SpeechTranslator SpokenSegment
StageBusy StageError StslocalError
TextCommitted Transcription TranslatedSamples TranslatedSegment TranslatedSpeech VoiceLearnt
VoiceProfile Word __version__ correct_lines from_json read_lines to_json
""".split()


def test_the_public_names_are_these() -> None:
    assert sorted(stslocal.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_exists_and_has_a_docstring(name: str) -> None:
    assert getattr(stslocal, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = stslocal.nothing_like_this


def test_every_kind_of_event_is_public() -> None:
    kinds = {kind.__name__ for kind in get_args(stslocal.Event)}
    assert kinds <= set(stslocal.__all__)
