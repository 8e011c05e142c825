"""Every translator of a run is held to its source, with and without a glossary."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stslocal.metrics import Event, Notice, SegmentTranslated
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.translate import Translate
from stslocal.translation.translators import Translators
from stslocal.types import Segment
from tests.fakes import RECOGNIZES, SPEAKS, FakeTranslator, only_translator

pytestmark = pytest.mark.unit


class English(FakeTranslator):
    """Writes English marks and a wrong unit in every language, and keeps the words."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return [text.replace("feet", "metros") for text in texts]


@pytest.mark.parametrize("glossary", [None, Glossary([Term("tower", "torre")])])
def test_every_translator_is_held_to_its_source(glossary: Glossary | None) -> None:
    engines = {"one": English(), "two": English()}
    coverage = Coverage(
        "fake", RECOGNIZES, {name: each.capabilities for name, each in engines.items()}, "fake",
        SPEAKS,
    )  # fmt: skip
    translator = Translators(engines, coverage, glossary=glossary).for_pair("en", "pt")
    assert translator is not None
    (found,) = translator.translate(["tower: 1,063.5 feet"], source="en", target="pt")
    assert found == ("Torre" if glossary else "tower") + ": 1.063,5 pés"


def test_a_translation_out_of_proportion_is_reported_at_once() -> None:
    class Endless(FakeTranslator):
        def translate(
            self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
        ) -> list[str]:
            return ["tudo o que se pode dizer sobre isso e nada mais do que isso" for _ in texts]

    events: list[Event] = []
    stage = Translate(only_translator(Endless()), target="pt", emit=events.append)
    (translated,) = stage.process(Segment(0, 2.0, 3.0, "Yes.", "en"))
    assert translated.text.startswith("tudo")
    assert [type(event) for event in events] == [SegmentTranslated, Notice]
    (said,) = [event.text for event in events if isinstance(event, Notice)]
    assert said.startswith("what was said from 0:02 to 0:03 may be translated wrongly")
