"""Sentences that live cuts read like whole ones, with the starter translator."""

from __future__ import annotations

from dataclasses import replace

import pytest
from corpus import chrf
from cuts import continued, cut

from stslocal.engines.bergamot.translator import BergamotTranslator
from stslocal.translation.coverage import Coverage
from stslocal.translation.numbers_held import Texts, hold
from stslocal.translation.translators import Translators

pytestmark = pytest.mark.real

SENTENCES = {
    ("en", "pt"): (
        "At 11:20, the police asked the protesters to move back on to the pavement, stating that "
        "they needed to balance the right to protest with the traffic building up.",
        "The secret service should not plan to build its own office in the 3 old houses that stand "
        "behind the museum, and it does not want to pay 45,000 dollars for a small garden.",
    ),
    ("pt", "en"): (
        "Os principais pesquisadores dizem que isso pode levar ao diagnóstico precoce de câncer em "
        "pacientes que vivem em 12 países de baixa renda e não têm acesso a hospitais.",
        "A mídia local informa que um veículo do aeroporto capotou em 1998 durante o atendimento "
        "de uma emergência que envolvia 250 passageiros de um avião de carga.",
    ),
}


@pytest.mark.parametrize("pair", SENTENCES)
def test_context_brings_a_cut_sentence_nearer_to_the_whole_one(pair: tuple[str, str]) -> None:
    engine = BergamotTranslator.load()
    known = engine.capabilities
    translators = Translators({"one": engine}, Coverage("", known, {"one": known}, "", known))
    texts = SENTENCES[pair]
    whole = engine.translate(texts, source=pair[0], target=pair[1])
    cuts = [cut(text, pair[0], 2.0) for text in texts]
    assert all(len(segments) > 1 for segments in cuts)
    apart = [[replace(each, complete=True) for each in segments] for segments in cuts]
    alone, together = (
        [" ".join(filter(None, continued(translators, each, pair[1]))) for each in parts]
        for parts in (apart, cuts)
    )
    # Measured: 94.0 and 95.9; alone 84.0 and 89.2.
    assert chrf(together, whole) > max(80.0, chrf(alone, whole) + 1.0)
    for text, translation in zip(texts, together, strict=True):
        held = hold(Texts(text, translation, *pair))
        assert not held.missing
        assert not held.extra
