"""A process that translates with models that do what a text says.

`slow N word` waits N seconds, `die` ends the process, `die once FILE` too unless the file is there,
`print word` prints something, `speak` writes what is no message. Other texts are turned round, with
the name of the model's file. A model whose file is named `bad` cannot be read; one that is named
`deadly` ends the process.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from stslocal.engines.firefox import worker
from stslocal.engines.firefox.worker import Models, Translator


class Scripted:
    def __init__(self, name: str) -> None:
        self.name = name

    def translate(self, text: str) -> str:
        match text.split():
            case ["slow", seconds, *_]:
                time.sleep(float(seconds))
            case ["die"]:
                os._exit(7)
            case ["die", "once", marker] if not Path(marker).exists():
                Path(marker).touch()
                os._exit(7)
            case ["print", *_]:
                print("a library says something", flush=True)  # noqa: T201
            case _:
                pass
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
