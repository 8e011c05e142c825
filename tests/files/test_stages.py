from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslocal.engines.protocols import Task
from stslocal.files.by_language import RecognizeByEar
from stslocal.files.stages import Recognize, SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.translation.segmentation import Segmenter
from stslocal.translation.translate import Translate
from stslocal.types import (
    RECOGNITION_RATE,
    Recognition,
    Samples,
    Segment,
    Utterance,
)
from tests.fakes import (
    FakeRecognizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
    only_translator,
)

pytestmark = pytest.mark.unit


def test_blocks_of_any_size_become_the_same_utterances() -> None:
    recording = Lexicon().script((0.5, "one two three"), (4.0, "four five six"))
    cuts = []
    for size in (512, 1000, 16_000, len(recording)):
        stage = SegmentSpeech(FakeVad(), UtteranceCutter())
        blocks = [recording[at : at + size] for at in range(0, len(recording), size)]
        utterances = [u for block in blocks for u in stage.process(block)] + list(stage.finish())
        cuts.append([(u.start_s, len(u.samples)) for u in utterances])
    assert len(cuts[0]) == 2
    assert all(cut == cuts[0] for cut in cuts)


def test_words_are_timed_in_the_stream_and_sentences_cross_utterances() -> None:
    lexicon = Lexicon()
    stage = Recognize(FakeRecognizer(lexicon=lexicon), Segmenter("en"), language="en")
    first = Utterance(0, 10.0, lexicon.say("we went"))
    second = Utterance(1, 11.0, lexicon.say("home. And"))
    assert list(stage.process(first)) == []
    (segment,) = stage.process(second)
    assert segment.text == "we went home."
    assert segment.start_s == pytest.approx(10.0, abs=0.02)
    assert segment.words[2].start_s == pytest.approx(11.0, abs=0.02)
    (rest,) = stage.finish()
    assert (rest.index, rest.text) == (1, "And")


def test_recognition_work_is_shared_among_the_segments_it_made() -> None:
    lexicon = Lexicon()
    stage = Recognize(FakeRecognizer(lexicon=lexicon), Segmenter("en"), language="en")
    segments = list(stage.process(Utterance(0, 0.0, lexicon.say("one two. Three four."))))
    assert [segment.text for segment in segments] == ["one two.", "Three four."]
    assert all(segment.recognition_s > 0 for segment in segments)


def test_a_recognizer_that_translates_gives_both_texts() -> None:
    lexicon = Lexicon()
    stage = RecognizeByEar(FakeRecognizer(lexicon=lexicon), language="de")
    silence = np.zeros(RECOGNITION_RATE, np.float32)
    assert list(stage.process(Utterance(0, 0.0, silence))) == []
    (segment,) = stage.process(Utterance(1, 5.0, lexicon.say("guten tag")))
    assert (segment.index, segment.text, segment.translation) == (0, "guten tag", "en:guten en:tag")
    (spoken,) = Translate(only_translator(FakeTranslator()), target="en").process(segment)
    assert spoken.text == "en:guten en:tag"


def test_translation_goes_through_the_translator() -> None:
    (item,) = Translate(only_translator(FakeTranslator()), target="pt").process(
        Segment(0, 0, 1, "good day", "en")
    )
    assert (item.text, item.language, item.index) == ("pt:good pt:day", "pt", 0)


class InventingRecognizer(FakeRecognizer):
    """Invents words for long silence beside speech when it translates, as Whisper may."""

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None = None,
        task: Task = "transcribe",
    ) -> Recognition:
        recognition = super().transcribe(audio, language=language, task=task)
        loud = np.flatnonzero(audio > 0.09)
        silence = max(loud[0], len(audio) - loud[-1]) / RECOGNITION_RATE
        if task == "translate" and silence > 0.5:
            return replace(recognition, text=f"{recognition.text} Thank you very much.")
        return recognition


def test_the_recognizer_translates_only_where_words_were_recognized() -> None:
    lexicon = Lexicon()
    said = lexicon.say("wir gehen heim.")
    breath = np.full(2 * RECOGNITION_RATE, 0.05, np.float32)
    stage = RecognizeByEar(InventingRecognizer(lexicon=lexicon), language="de")
    for samples in (np.concatenate([said, breath]), np.concatenate([breath, said, breath]), said):
        (segment,) = stage.process(Utterance(0, 10.0, samples))
        assert segment.translation == "en:wir en:gehen en:heim."
