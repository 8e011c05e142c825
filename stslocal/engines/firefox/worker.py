"""The process that translates: what it does with a request. `engines.worker` starts and asks it.

fxtranslate holds Python's lock (the GIL) for a whole sentence, and its `Translator` may be used by
one thread only. In our own process the callbacks of the sound card would wait for it. Here there is
one thread and nothing else to do.

A request is `{"files": [model, source vocabulary, target vocabulary, shortlist or null], "text":
sentence or null}`; without a text the model is loaded only. The answer is `{"text": translation}`.
Files that cannot be read are refused. Any other fault ends this process: the other side starts a
new one.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Protocol

from stslocal.engines.worker.messages import Message, RefusedError
from stslocal.engines.worker.serving import run

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


def answer(request: Message, models: Models) -> Message:
    """The answer to a request. Raises RefusedError for files that cannot be read."""
    try:
        model = models.get(tuple(request.fields["files"]))
    except (OSError, ValueError, ImportError) as error:
        raise RefusedError(str(error)) from error
    text = request.fields["text"]
    return Message({"text": "" if text is None else model.translate(text)})


def main(models: Models | None = None) -> None:
    """Serve the process that started this one."""
    loaded = models or Models()
    run(lambda request: answer(request, loaded), longest_s=LONGEST_S)
