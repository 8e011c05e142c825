"""Measure which replacements of a term a translator keeps.

    python scripts/bench/glossary.py [--data FOLDER] [--sentences 60] [--forms "X1" "<1>" ...]

stslocal/translation/glossary_translator.py uses the result. Terms are words that occur in both
the English and the Portuguese sentence, or pairs of words that nearly always occur together, so
that the reference has each term's translation. Finding them takes many sentences: the 997 of
FLORES-200 dev, which come with the larger recordings (../shared/data). For each form, the script
prints the share of terms that came back exactly once, and chrF of all sentences, where a sentence
that lost a term is translated without replacement. Then it prints the same for GlossaryTranslator,
with its number of translations for a sentence.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sacrebleu
from corpus import Corpus, add_data_option

from stslocal.engines.bergamot.translator import BergamotTranslator
from stslocal.engines.protocols import TextTranslator
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.glossary_translator import GlossaryTranslator

WORD = re.compile(r"[^\W\d_]+")
ENOUGH_SENTENCES = 100
NAMES = ("Zorvax", "Quimbel", "Drenov", "Talvik")
FORMS: Mapping[str, Callable[[int, Term], str]] = {
    "the term": lambda index, term: term.target,
    "X1": lambda index, term: f"X{index + 1}",
    "XA": lambda index, term: f"X{'ABCD'[index]}",
    "XQ1": lambda index, term: f"XQ{index + 1}",
    "XX1": lambda index, term: f"XX{index + 1}",
    "T-1": lambda index, term: f"T-{index + 1}",
    "7001": lambda index, term: str(7001 + 1117 * index),
    "a name": lambda index, term: NAMES[index],
    "[1]": lambda index, term: f"[{index + 1}]",
    "#1": lambda index, term: f"#{index + 1}",
    "__1__": lambda index, term: f"__{index + 1}__",
    "<1>": lambda index, term: f"<{index + 1}>",
    "⟦1⟧": lambda index, term: f"⟦{index + 1}⟧",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, its reference, and its terms (each once, at most four)."""

    source: str
    reference: str
    terms: tuple[Term, ...]


class CountingTranslator:
    """A translator that counts the texts that it translates."""

    def __init__(self, translator: TextTranslator) -> None:
        self.capabilities = translator.capabilities
        self.texts = 0
        self._translator = translator

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        self.texts += len(texts)
        return self._translator.translate(texts, source=source, target=target, quick=quick)


def lower_words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


def aligned(source: Sequence[str], target: Sequence[str]) -> dict[str, str]:
    """Word pairs that nearly always occur together (Dice coefficient above 0.75, at least 4 times).

    Returns the target word by the source word.
    """
    left: Counter[str] = Counter()
    right: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for a, b in zip(source, target, strict=True):
        ours, theirs = lower_words(a), lower_words(b)
        left.update(ours)
        right.update(theirs)
        both.update((x, y) for x in ours if len(x) > 4 for y in theirs if len(y) > 3)
    best: dict[str, tuple[float, str]] = {}
    for (x, y), times in both.items():
        dice = 2 * times / (left[x] + right[y])
        if times >= 4 and dice > 0.75 and x != y:
            best[x] = max(best.get(x, (0.0, "")), (dice, y))
    return {x: y for x, (_, y) in best.items()}


def cases(source: Sequence[str], target: Sequence[str], count: int) -> list[Case]:
    known = aligned(source, target)
    order = list(range(len(source)))
    random.Random(0).shuffle(order)
    found = []
    for index in order:
        text, reference = source[index], target[index]
        terms = []
        for word in dict.fromkeys(WORD.findall(text)):
            translation = known.get(word, word if word[0].isupper() and len(word) > 3 else "")
            once = len(re.findall(rf"\b{word}\b", text)) == 1 and not text.startswith(word)
            if translation and once and re.search(rf"\b{translation}\b", reference):
                terms.append(Term(word, translation))
        if terms:
            found.append(Case(text, reference, tuple(terms[:4])))
        if len(found) == count:
            break
    return found


def occurrences(form: str, text: str) -> int:
    """How often a form occurs in a text as a whole word."""
    return len(re.findall(rf"(?<!\w){re.escape(form)}(?!\w)", text))


def measure(
    translator: TextTranslator,
    data: Corpus,
    source: str,
    target: str,
    sentences: int,
    forms: list[str],
) -> None:
    texts, references = data.parallel(source, target)
    if len(texts) < ENOUGH_SENTENCES:
        raise SystemExit(f"{data.title} has {len(texts)} sentences: too few to find terms in")
    chosen = cases(texts, references, sentences)
    number = sum(len(case.terms) for case in chosen)
    print(f"{source} -> {target}: {number} terms in {len(chosen)} sentences of {data.title}")

    def translated(texts: Sequence[str]) -> list[str]:
        return translator.translate(texts, source=source, target=target)

    def chrf(texts: Sequence[str]) -> float:
        return float(sacrebleu.corpus_chrf(texts, [[case.reference for case in chosen]]).score)

    plain = translated([case.source for case in chosen])
    print(f"  {'none':10}               chrF {chrf(plain):.2f}")
    for name in forms:
        marks = [[FORMS[name](*pair) for pair in enumerate(case.terms)] for case in chosen]
        replaced = []
        for case, put in zip(chosen, marks, strict=True):
            text = case.source
            for term, mark in zip(case.terms, put, strict=True):
                text = re.sub(rf"\b{term.source}\b", mark, text)
            replaced.append(text)
        back, final = 0, []
        for case, put, made, freely in zip(chosen, marks, translated(replaced), plain, strict=True):
            there = [occurrences(mark, made) == put.count(mark) for mark in put]
            back += sum(there)
            restored = made
            for term, mark in zip(case.terms, put, strict=True):
                restored = restored.replace(mark, term.target)
            final.append(restored if all(there) else freely)
        print(f"  {name:10} {100 * back / number:5.1f} % back   chrF {chrf(final):.2f}", flush=True)
    lost: list[Term] = []
    counted = CountingTranslator(translator)
    kept = [
        GlossaryTranslator(counted, Glossary(case.terms), on_lost=lost.append).translate(
            [case.source], source=source, target=target
        )[0]
        for case in chosen
    ]
    print(
        f"  {'ours':10} {100 - 100 * len(lost) / number:5.1f} % back   chrF {chrf(kept):.2f}"
        f"   {counted.texts / len(chosen):.2f} translations a sentence"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=60)
    parser.add_argument("--forms", nargs="*", choices=list(FORMS), default=list(FORMS))
    add_data_option(parser)
    arguments = parser.parse_args()
    translator = BergamotTranslator.load()
    for source, target in (("en", "pt"), ("pt", "en")):
        measure(translator, arguments.data, source, target, arguments.sentences, arguments.forms)


if __name__ == "__main__":
    main()
