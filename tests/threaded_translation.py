"""A translator that several threads use at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from stslocal.engines.protocols import TextTranslator


def translations_at_once(translator: TextTranslator, sentences: Sequence[str]) -> list[str]:
    """The translation of each English sentence into Portuguese, each in a thread of its own."""
    found: dict[int, str] = {}

    def work(index: int) -> None:
        (found[index],) = translator.translate([sentences[index]], source="en", target="pt")

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(sentences))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[index] for index in range(len(sentences))]
