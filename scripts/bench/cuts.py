"""Measure what live translation loses where it cuts sentences, and what it wins back.

    python scripts/bench/cuts.py [--data FOLDER] [--sentences 100] [--every 2] [--show]

Sentences of FLORES-200 dev (../shared/data, else those of our recordings) are cut as LiveSegmenter
cuts them: one word each 0.35 s, of which the last two may still change, and a segment wanted every
`--every` seconds. Bergamot translates them whole, each piece alone, and with the sentence so far
(stslocal.translation.continuing), with words held and without. BLEU and chrF against the reference
and against the translation of the whole sentence; segments in which words were held; times.
`--show` prints the pieces and their translations.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

from corpus import add_data_option, bleu, chrf

from stslocal.engines.bergamot.translator import BergamotTranslator
from stslocal.live.segmentation import LiveSegmenter
from stslocal.translation.continuing import CutSentences
from stslocal.translation.coverage import Coverage
from stslocal.translation.translators import Translators
from stslocal.types import Segment, Word

WORD_S, GAP_S = 0.32, 0.03
UNSTABLE = 2
"""Words at the end that the recognizer may still change."""


def cut(text: str, language: str, every_s: float) -> list[Segment]:
    """The segments of a sentence that is said evenly, as a live session cuts it."""
    step_s = WORD_S + GAP_S
    words = [
        Word(word, number * step_s, number * step_s + WORD_S, 1.0)
        for number, word in enumerate(text.split())
    ]
    wanted_s = every_s
    now_s = 0.0
    segmenter = LiveSegmenter(language, spare_s=lambda: wanted_s - now_s)
    segments: list[Segment] = []
    given = 0
    for said in range(1, len(words) + 1):
        now_s = words[said - 1].end_s
        open_words = words[given:said]
        if count := segmenter.count_due(open_words, max(0, len(open_words) - UNSTABLE)):
            segments.append(segmenter.cut(open_words[:count], count, open_words[count:]))
            given += count
            wanted_s = now_s + every_s
    segments += segmenter.push(words[given:])
    return segments + segmenter.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--every", type=float, default=2.0)
    parser.add_argument("--show", action="store_true")
    add_data_option(parser)
    arguments = parser.parse_args()
    engine = BergamotTranslator.load()
    coverage = Coverage(
        "none", engine.capabilities, {"bergamot": engine.capabilities}, "none", engine.capabilities
    )
    translators = Translators({"bergamot": engine}, coverage)
    for pair in (("en", "pt"), ("pt", "en")):
        texts, references = (each[: arguments.sentences] for each in arguments.data.parallel(*pair))
        translator = translators.for_pair(*pair)
        assert translator is not None
        whole = translator.translate(texts, source=pair[0], target=pair[1])
        sentences = [cut(text, pair[0], arguments.every) for text in texts]
        count = sum(map(len, sentences))
        print(f"{pair[0]} -> {pair[1]}: {len(texts)} sentences in {count} pieces")
        report("whole", whole, references, whole)
        alone = [[replace(each, complete=True) for each in segments] for segments in sentences]
        out_at_once = [
            [replace(each, followed=False) for each in segments] for segments in sentences
        ]
        found = {}
        for name, pieces in (
            ("each piece alone", alone), ("with context", out_at_once),
            ("with context, held", sentences),
        ):  # fmt: skip
            began_s = time.process_time()
            found[name] = [continued(translators, each, pair[1]) for each in pieces]
            spent_ms = 1000 * (time.process_time() - began_s) / count
            joined = [" ".join(filter(None, parts)) for parts in found[name]]
            report(name, joined, references, whole, f"{spent_ms:.0f} ms a piece")
        if arguments.show:
            for number, segments in enumerate(sentences):
                print("  " + " | ".join(segment.text for segment in segments))
                for parts in found.values():
                    print("    " + " | ".join(parts[number]))


def continued(translators: Translators, segments: Sequence[Segment], target: str) -> list[str]:
    sentence = CutSentences(translators, target=target)
    return [sentence.translate(segment).text for segment in segments]


def report(
    name: str, found: Sequence[str], references: Sequence[str], whole: Sequence[str], more: str = ""
) -> None:
    print(
        f"  {name:20} BLEU {bleu(found, references):.1f} chrF {chrf(found, references):.1f}; "
        f"against the whole {bleu(found, whole):.1f} and {chrf(found, whole):.1f}  {more}"
    )


if __name__ == "__main__":
    main()
