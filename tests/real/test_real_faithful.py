"""The starter pack's translator, held to its source: what field reports found wrong."""

from __future__ import annotations

import re

import pytest
from corpus import LARGER, Corpus, chrf

from stslocal.engines.bergamot.translator import BergamotTranslator
from stslocal.engines.protocols import TextTranslator
from stslocal.translation.coverage import Coverage
from stslocal.translation.numbers_held import Texts, hold
from stslocal.translation.translators import Translators
from tests.fakes import RECOGNIZES, SPEAKS

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def engine() -> BergamotTranslator:
    return BergamotTranslator.load()


@pytest.fixture(scope="module")
def translator(engine: BergamotTranslator) -> TextTranslator:
    """The translator as files and live translation get it."""
    coverage = Coverage("fake", RECOGNIZES, {"bergamot": engine.capabilities}, "fake", SPEAKS)
    found = Translators({"bergamot": engine}, coverage).for_pair("en", "pt")
    assert found is not None
    return found


def to_pt(translator: TextTranslator, text: str) -> str:
    return translator.translate([text], source="en", target="pt")[0]


def to_en(translator: TextTranslator, text: str) -> str:
    return translator.translate([text], source="pt", target="en")[0]


EVERYDAY = [
    ("Thank you.", "Obrigado."),
    ("Thank you all.", "Obrigado a todos."),
    ("Thank you for listening.", "Obrigado por ouvir."),
    ("Thank you, doctor.", "Obrigado, doutor."),
    ("Excuse me.", "Com licença."),
    ("Ladies and gentlemen.", "Senhoras e senhores."),
    ("Shut up.", "Cale a boca."),
    ("Help!", "Socorro!"),
    ("You're welcome.", "De nada."),
    ("Yes.", "Sim."),
]
EVERYDAY_BACK = [
    ("Socorro!", "Help!"),
    ("Pois é.", "That's right."),
    ("Com licença.", "Excuse me."),
    ("Exatamente.", "Exactly."),
    ("Cala a boca.", "Shut up."),
    ("Obrigada.", "Thank you."),
    ("Obrigada pela oportunidade.", "Thank you for the opportunity."),
    ("Até logo.", "See you later."),
    ("Tudo bem?", "How are you?"),
    ("Não.", "No."),
]


@pytest.mark.parametrize(("text", "right"), EVERYDAY)
def test_everyday_utterances(translator: TextTranslator, text: str, right: str) -> None:
    assert to_pt(translator, text) == right


@pytest.mark.parametrize(("text", "right"), EVERYDAY_BACK)
def test_everyday_utterances_from_portuguese(
    translator: TextTranslator, text: str, right: str
) -> None:
    assert to_en(translator, text) == right


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is 10,000 feet high.", ["10.000 pés"]),
        ("The mountain is ten thousand feet high.", ["dez mil pés"]),
        ("That's 2,200,112 tons.", ["2.200.112 toneladas"]),
        ("It costs $1,234.56.", ["$1.234,56"]),
        ("It costs $15.99 a month.", ["$15,99"]),
        ("Rent is £1,850 a month.", ["1.850 libras"]),
        ("The population is 244,890.", ["244.890"]),
        ("World War Two ended in nineteen forty five.", ["1945"]),
        ("In 1969, man landed on the moon.", ["1969"]),
        ("The train leaves at 11:05 p.m.", ["23:05"]),
        ("The mountain is 29,032 feet high.", ["29.032 pés"]),
        ("Some are sold from US$11,000 to $22,500 per ounce.", ["11.000", "22.500"]),
    ],
)
def test_numbers_keep_values_marks_and_units(
    translator: TextTranslator, text: str, parts: list[str]
) -> None:
    found = to_pt(translator, text)
    assert all(part in found for part in parts), found
    held = hold(Texts(text, found, "en", "pt"))
    assert (held.missing, held.extra) == ((), ()), found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Arrecadamos 3,2 milhões.", ["3.2 million"]),
        ("Foram 2.200.112 toneladas.", ["2,200,112"]),
        ("As aulas começam às 8h30.", ["8:30"]),
        ("Foi vendido por R$ 450.000.", ["R$450,000"]),
        ("O rio tem 6.992 quilômetros.", ["6,992 kilometers"]),
        ("Quinze para as três.", ["2:45"]),
    ],
)
def test_numbers_from_portuguese(translator: TextTranslator, text: str, parts: list[str]) -> None:
    found = to_en(translator, text)
    assert all(part in found for part in parts), found
    held = hold(Texts(text, found, "pt", "en"))
    assert (held.missing, held.extra) == ((), ()), found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Email maria.silva@example.com please.", "maria.silva@example.com"),
        ("Write to info@acme.org.", "info@acme.org"),
        ("Follow @acme on Twitter.", "@acme"),
        ("Use the hashtag #python.", "#python"),
        ("I like C#.", "C#"),
        ("Visit https://www.acme.org/docs today.", "https://www.acme.org/docs"),
        ("Call me at 1-800-555-1234.", "1-800-555-1234"),
        ("😀 hello", "😀"),
    ],
)
def test_addresses_and_handles_survive(translator: TextTranslator, text: str, kept: str) -> None:
    assert kept in to_pt(translator, text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Escreva para joao.silva@exemplo.com.br, por favor.", "joao.silva@exemplo.com.br"),
        ("Siga @acme no Twitter.", "@acme"),
        ("O telefone é (11) 98765-4321.", "(11) 98765-4321"),
    ],
)
def test_they_survive_from_portuguese(translator: TextTranslator, text: str, kept: str) -> None:
    assert kept in to_en(translator, text)


@pytest.mark.parametrize(
    "text", ["Bill Gates and Will Smith", "J.K. Rowling wrote it.", "😀 hello", "Catch-22."]
)
def test_nothing_is_added(translator: TextTranslator, text: str) -> None:
    found = to_pt(translator, text)
    assert "(" not in found
    words = re.findall(r"\w+", found.casefold())
    assert len(words) == len(set(words)), found


def test_good_sentences_stay_as_good(
    engine: BergamotTranslator, translator: TextTranslator, corpus: Corpus
) -> None:
    """Measured on 500 sentences of FLORES-200 dev: docs/benchmarks.md."""
    count = 60 if corpus.folder == LARGER else None
    for source, target in (("en", "pt"), ("pt", "en")):
        texts, references = (each[:count] for each in corpus.parallel(source, target))
        plain = engine.translate(texts, source=source, target=target)
        held = translator.translate(texts, source=source, target=target)
        assert abs(chrf(held, references) - chrf(plain, references)) < 0.3
