"""Engines that take from a journal what they have answered in an earlier run.

Each answer goes through the journal's form also in the run that makes it. So a stage gets the same
values in both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np

from stslocal import __version__
from stslocal.engines.protocols import (
    AlternativesTranslator,
    SentenceTranslator,
    SpeechRecognizer,
    SpeechSynthesizer,
    Task,
    TextTranslator,
)
from stslocal.files.answers import (
    bytes_of,
    detected_of,
    recognition_of,
    recognition_row,
    sound_of,
    texts_of,
    voice_hash,
)
from stslocal.files.journal import SOUND, TEXT, TRANSLATION, Journal, journal_path, key_of
from stslocal.files.plan import FileTask
from stslocal.files.source import OpenRecording
from stslocal.foreign_files import parse_json
from stslocal.loading.engines import Engines
from stslocal.loading.fingerprint import fingerprint
from stslocal.translation.request import TranslationRequest
from stslocal.types import Recognition, Samples, VoiceProfile

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Resumed:
    """The engines of a run that goes on where an earlier one was ended."""

    engines: Engines
    warnings: list[str]
    """What is wrong with the journal, in sentences for a person. It may grow."""


@contextmanager
def resumable(
    engines: Engines,
    task: FileTask,
    request: TranslationRequest,
    recording: OpenRecording,
    on_resumed: Callable[[int], None],
) -> Iterator[Resumed]:
    """Keep what the engines answer until the block ends, and begin with what an earlier run kept.

    `on_resumed` gets the number of sentences that an earlier run has done, if there are any. The
    caller must be the only writer of the result.
    """
    warnings: list[str] = []
    identity = {
        "program": __version__,
        "recording": recording.sha256(),
        "request": fingerprint(request, engines.selection),
        "models": {
            name: [asdict(model) for model in models] for name, models in engines.models.items()
        },
    }
    last = SOUND if engines.selection.is_spoken else TRANSLATION
    with Journal(journal_path(task), identity, warnings.append, last=last) as journal:
        if journal.sentences:
            on_resumed(journal.sentences)
        yield Resumed(remembering(engines, journal, request.target_language), warnings)


def remembering(engines: Engines, journal: Journal, target: str) -> Engines:
    """The same engines; what they answer is kept, and not asked for where it is kept already.

    `target` is the language of the result.
    """
    return replace(
        engines,
        recognizer=_Recognizer(engines.recognizer, journal),
        translators={
            name: cast("TextTranslator", _Translator(name, engine, journal, target))
            for name, engine in engines.translators.items()
        },
        synthesizer=cast("SpeechSynthesizer", _Synthesizer(engines.synthesizer, journal)),
    )


class _Recognizer:
    """A recognizer, which is asked for each utterance."""

    def __init__(self, engine: SpeechRecognizer, journal: Journal) -> None:
        self.capabilities = engine.capabilities
        self._engine = engine
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        return _text_answer(
            self._journal,
            key_of(["transcribe", language, task], bytes_of(audio)),
            lambda: recognition_row(self._engine.transcribe(audio, language=language, task=task)),
            recognition_of,
            TRANSLATION if task == "translate" else TEXT,
        )

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        return _text_answer(
            self._journal,
            key_of(["hypothesize", language, paused], bytes_of(audio)),
            lambda: recognition_row(
                self._engine.hypothesize(audio, language=language, paused=paused)
            ),
            recognition_of,
        )

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        def ask() -> tuple[str, float]:
            code, probability = self._engine.detect_language(audio)
            return code, float(probability)

        key = key_of(["detect language"], bytes_of(audio))
        return _text_answer(self._journal, key, ask, detected_of)


class _Translator:
    """A translator, which is asked for each sentence and for parts of it."""

    def __init__(self, name: str, engine: TextTranslator, journal: Journal, target: str) -> None:
        self.capabilities = engine.capabilities
        self._name = name
        self._target = target
        self._engine = engine
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return self._texts("translate", self._engine.translate, texts, source, target, quick)

    def translate_sentences(
        self, sentences: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        engine = cast("SentenceTranslator", self._engine)
        return self._texts(
            "translate sentences", engine.translate_sentences, sentences, source, target, quick
        )

    def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
        engine = cast("AlternativesTranslator", self._engine)
        return _text_answer(
            self._journal,
            key_of(["alternatives", self._name, text, source, target]),
            lambda: engine.alternatives(text, source=source, target=target),
            texts_of,
        )

    def _texts(
        self,
        what: str,
        ask: Callable[..., list[str]],
        texts: Sequence[str],
        source: str,
        target: str,
        quick: bool,
    ) -> list[str]:
        def read(row: Any) -> list[str]:
            if len(found := texts_of(row)) != len(texts):
                raise ValueError("another number of texts")
            return found

        return _text_answer(
            self._journal,
            key_of([what, self._name, list(texts), source, target, quick]),
            lambda: ask(texts, source=source, target=target, quick=quick),
            read,
            TRANSLATION if target == self._target else TEXT,
        )


class _Synthesizer:
    """A synthesizer, which is asked for each sentence."""

    def __init__(self, engine: SpeechSynthesizer, journal: Journal) -> None:
        self.capabilities = engine.capabilities
        self.sample_rate = engine.sample_rate
        self._engine = engine
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        key = key_of(["synthesize", text, language, float(speed), voice_hash(voice)])
        kept = self._journal.take(key)
        if kept is not None and (samples := sound_of(kept)) is not None:
            yield samples
            return
        chunks = list(self._engine.synthesize(text, language=language, voice=voice, speed=speed))
        samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
        self._journal.add(key, SOUND + bytes_of(samples))
        yield samples


def _text_answer(
    journal: Journal,
    key: bytes,
    ask: Callable[[], Any],
    read: Callable[[Any], Answer],
    kind: bytes = TEXT,
) -> Answer:
    """An answer as JSON values, of an earlier run or of the engine; `read` makes it a value."""
    kept = journal.take(key)
    if kept is not None and kept[:1] == kind:
        try:
            return read(parse_json(kept[1:]))
        except Exception:  # noqa: BLE001 - any field may hold anything: the engine is asked
            kept = None
    data = json.dumps(ask()).encode()
    journal.add(key, kind + data)
    return read(json.loads(data))
