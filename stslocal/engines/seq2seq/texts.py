"""Translates texts through the models that lead from one language to another, mostly one."""

from __future__ import annotations

from collections.abc import Sequence

from stslocal.engines.failures import as_engine_error
from stslocal.engines.protocols import Continuation
from stslocal.engines.seq2seq.search import SentenceTranslator

_SHOWN = 60
"""Characters of a text in a message."""


def translate_texts(
    engine: str,
    steps: Sequence[SentenceTranslator],
    texts: Sequence[str],
    *,
    quick: bool,
    are_sentences: bool = False,
) -> list[str]:
    """Translate each text sentence by sentence, through all steps.

    A text is split into sentences once, before the first step, unless each is one. `engine` is
    named in the EngineError that is raised when a model fails.
    """
    first, *others = steps
    cut = first.whole if are_sentences else first.sentences
    with as_engine_error(f"{engine} could not translate {_shown(texts[0] if texts else '')}"):
        cut_texts = [cut(text) for text in texts]
        translations = first.translate([part for text in cut_texts for part in text], quick=quick)
        for step in others:
            parts = [step.whole(text) for text in translations]
            found = iter(step.translate([part for each in parts for part in each], quick=quick))
            translations = [step.join([next(found) for _ in each]) for each in parts]
    every = iter(translations)
    return [steps[-1].join([next(every) for _ in text]) for text in cut_texts]


def alternative_texts(engine: str, steps: Sequence[SentenceTranslator], text: str) -> list[str]:
    """Other translations of a text; see AlternativesTranslator. None where there are several steps.

    Raises EngineError when a model fails.
    """
    if len(steps) > 1:
        return []
    (step,) = steps
    with as_engine_error(f"{engine} could not translate {_shown(text)}"):
        return step.alternatives(step.sentences(text))


def continue_text(
    engine: str, steps: Sequence[SentenceTranslator], text: str, spoken: str, *, may_hold: bool
) -> Continuation | None:
    """Continue a sentence; see SentenceContinuer. None where there are several steps.

    Raises EngineError when a model fails.
    """
    if len(steps) > 1:
        return None
    with as_engine_error(f"{engine} could not translate {_shown(text)}"):
        return steps[0].continue_translation(text, spoken, may_hold=may_hold)


def _shown(text: str) -> str:
    return repr(text[:_SHOWN])
