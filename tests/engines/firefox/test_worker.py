"""What the process that translates does with a request, and which models it keeps."""

from __future__ import annotations

import pytest

from stslocal.engines.firefox.worker import Models, Translator, answer
from stslocal.engines.worker.messages import Message, RefusedError

pytestmark = pytest.mark.unit


class Named(Models):
    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.loads: list[str | None] = []

    def load(self, files: tuple[str | None, ...]) -> Translator:
        self.loads.append(files[0])
        if files[0] == "bad":
            raise ValueError("no model")
        return self

    def translate(self, text: str) -> str:
        return text.upper()


def test_the_one_used_longest_ago_makes_room() -> None:
    models = Named(2)
    for name in ("a", "b", "a", "c", "a", "b"):
        models.get((name,))
    assert models.loads == ["a", "b", "c", "b"]


def test_a_request_is_answered_or_refused_with_a_sentence() -> None:
    models = Named(2)
    assert answer(Message({"files": ["a"], "text": "x"}), models).fields == {"text": "X"}
    assert answer(Message({"files": ["a"], "text": None}), models).fields == {"text": ""}
    with pytest.raises(RefusedError, match=r"^no model$"):
        answer(Message({"files": ["bad"], "text": "x"}), models)
