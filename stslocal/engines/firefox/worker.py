"""The process that translates: it reads a request from its input and answers on its output.

fxtranslate holds Python's lock (the GIL) for a whole sentence, and its `Translator` may be used by
one thread only. In our own process the callbacks of the sound card would wait for it. Here there is
one thread and nothing else to do.

A request is `{"files": [model, source vocabulary, target vocabulary, shortlist or null], "text":
sentence or null}`; without a text the model is loaded only. The answer is `{"text": translation}`,
or `{"error": sentence}` for files that cannot be read. Any other fault ends this process: the other
side starts a new one.

The process ends when its input ends, so it cannot outlive the one that started it.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from stslocal.engines.firefox.frames import read_message, write_message

MOST_MODELS = 12
"""Models in memory, about 40 MB each. The one that was used longest ago makes room."""
LONGEST_S = 60.0
"""Seconds after which a request is given up and the process ends. A sentence takes 0.01 to 0.2."""


class Translator(Protocol):
    """What is used of `fxtranslate.Translator`."""

    def translate(self, text: str) -> str: ...


class Models:
    """The models in memory."""

    def __init__(self, most: int = MOST_MODELS) -> None:
        self._most = most
        self._loaded: OrderedDict[tuple[str | None, ...], Translator] = OrderedDict()

    def get(self, files: tuple[str | None, ...]) -> Translator:
        """The model with these files. Raises OSError or ValueError for files that are wrong."""
        if files not in self._loaded:
            while len(self._loaded) >= self._most:
                self._loaded.popitem(last=False)
            self._loaded[files] = self.load(files)
        self._loaded.move_to_end(files)
        return self._loaded[files]

    def load(self, files: tuple[str | None, ...]) -> Translator:
        """Read the files of a model."""
        import fxtranslate

        model, source, target, shortlist = (file and Path(file).read_bytes() for file in files)
        translator: Translator = fxtranslate.Translator(
            model or b"", source or b"", target or b"", shortlist or None
        )
        return translator


def answer(request: dict[str, Any], models: Models) -> dict[str, Any]:
    """The answer to a request."""
    try:
        model = models.get(tuple(request["files"]))
    except (OSError, ValueError, ImportError) as error:
        return {"error": str(error)}
    text = request["text"]
    return {"text": "" if text is None else model.translate(text)}


def serve(requests: BinaryIO, answers: BinaryIO, models: Models) -> None:
    """Answer requests until they end."""
    while (request := read_message(requests)) is not None:
        # The watch is a thread in C, which needs no lock of Python: it ends also a call that hangs.
        faulthandler.dump_traceback_later(LONGEST_S, exit=True)
        reply = answer(request, models)
        faulthandler.cancel_dump_traceback_later()
        write_message(answers, reply)


def main(models: Models | None = None) -> None:
    """Serve the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    try:
        serve(sys.stdin.buffer, answers, models or Models())
    except BrokenPipeError:
        os._exit(0)  # nobody reads the answers any more
