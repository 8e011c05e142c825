"""A glossary with real translations and a real recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.engines.bergamot.translator import BergamotTranslator
from stslocal.results.session import read_session
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.glossary_translator import GlossaryTranslator
from tests.real.conftest import Command

pytestmark = pytest.mark.real

CLIP = Path(__file__).parents[2] / "stslocal" / "samples" / "public-domain.pt.ogg"


@pytest.mark.parametrize(
    ("source", "target", "text", "terms"),
    [
        (
            "en",
            "pt",
            "The neural network was trained for three days. The network runs on Kubernetes.",
            {"neural network": "malha neural", "network": "malha", "Kubernetes": "Kubernetes"},
        ),
        (
            "en",
            "pt",
            "Helm charts describe each release of our cloud.",
            {"Helm charts": "Helm charts", "release": "entrega", "cloud": "nuvem privada"},
        ),
        (
            "pt",
            "en",
            "A rede neural foi treinada durante três dias em São Bento.",
            {"rede neural": "neural mesh", "São Bento": "São Bento"},
        ),
    ],
)
def test_every_term_becomes_what_the_glossary_says(
    source: str, target: str, text: str, terms: dict[str, str]
) -> None:
    lost: list[Term] = []
    translator = GlossaryTranslator(
        BergamotTranslator.load(),
        Glossary(Term(*pair) for pair in terms.items()),
        on_lost=lost.append,
    )
    (made,) = translator.translate([text], source=source, target=target)
    assert not lost
    for wanted in terms.values():
        assert wanted in made, made
    assert "X1" not in made


def test_a_recording_is_translated_by_the_glossary(stslocal: Command, tmp_path: Path) -> None:
    terms = tmp_path / "terms.tsv"
    terms.write_text("# rights\ndomínio público\tpublic commons\nLibriVox\n", encoding="utf-8")
    ran = stslocal("translate", CLIP, "--from", "pt", "--to", "en", "-o", tmp_path,
                   "--glossary", terms, "--voice", "af_heart")  # fmt: skip
    assert ran.code == 0, ran.err
    session = read_session(tmp_path / "public-domain.pt.en.session.json")
    assert "domínio público" in " ".join(segment.text for segment in session.segments)
    assert "public commons" in " ".join(segment.translation for segment in session.segments)
    assert not session.warnings
    assert session.settings["glossary"] == Glossary.read(terms).digest
