"""A process that translates with models that turn texts round, with the name of their folder.

A model whose folder's name ends in `bad` cannot be read, one in `deadly` ends the process.
"""

from __future__ import annotations

import os
from pathlib import Path

from stslocal.engines.firefox import worker
from stslocal.engines.firefox.worker import Models, Translator


class Scripted:
    def __init__(self, name: str) -> None:
        self.name = name

    def translate(self, text: str) -> str:
        return f"[{self.name}]({text[::-1]})"


class ScriptedModels(Models):
    def load(self, files: tuple[str | None, ...]) -> Translator:
        name = Path(files[0] or "").parent.name
        if name.endswith("bad"):
            raise ValueError("no model")
        if name.endswith("deadly"):
            os._exit(9)
        return Scripted(name)


def main() -> None:
    worker.main(ScriptedModels())
