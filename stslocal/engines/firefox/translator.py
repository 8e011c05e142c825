"""Translation by the models of Firefox Translations (MPL-2.0), for about forty languages.

There is a model for each direction from and to English. Other pairs are translated twice, through
English; the text is split into sentences once, before the first time. The models are run by the
package fxtranslate in a process of its own (`worker`), which all translators share.

Source: github.com/mozilla/translations, and its table of models with their figures on FLORES.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from stslocal.direction_tables import Direction
from stslocal.engines.bergamot.by_sentence import (
    TranslateSentence,
    pieces_of,
    sentences_of,
    translate_piece,
)
from stslocal.engines.firefox.directions import ModelFiles, find_directions
from stslocal.engines.pairs import check_pair, route
from stslocal.engines.protocols import Capabilities
from stslocal.engines.worker.messages import Message, RefusedError
from stslocal.engines.worker.process import WorkerProcess
from stslocal.errors import EngineError

_log = logging.getLogger(__name__)

_WITHOUT_SPACES = ("ja", "th", "yue", "zh", "zh-Hant")
"""Languages with no space between sentences."""


def start_worker() -> WorkerProcess:
    """A process that translates. What it was asked when it died is asked again."""
    return WorkerProcess("stslocal.engines.firefox.worker", "translates", attempts=2)


SHARED = start_worker()
"""The one process of this program: every session and every thread asks it, one after the other."""


class FirefoxTranslator:
    """A TextTranslator and SentenceTranslator for the pairs of its models, directly or through
    English.
    """

    def __init__(
        self,
        files: dict[Direction, ModelFiles],
        capabilities: Capabilities,
        announce: Callable[[str], None],
        worker: WorkerProcess,
    ) -> None:
        """Use `load`."""
        self.capabilities = capabilities
        self._files = files
        self._announce = announce
        self._worker = worker

    @classmethod
    def load(
        cls,
        *folders: Path,
        capabilities: Capabilities,
        announce: Callable[[str], None] = lambda text: None,
        worker: WorkerProcess = SHARED,
    ) -> FirefoxTranslator:
        """Load the models in these folders, for the pairs of `capabilities`.

        `announce` is called, now or later and by any thread, with a sentence for the person.
        Raises ModelIntegrityError for a folder with other files, and EngineError for a model that
        the engine cannot read.
        """
        files: dict[Direction, ModelFiles] = {}
        for folder in folders:
            files |= find_directions(folder)
        translator = cls(files, capabilities, announce, worker)
        used = {step for pair in capabilities.pairs for step in route(*pair, files)}
        for direction in sorted(used):
            translator._ask(direction, None)
            _log.info("firefox has loaded %s to %s", *direction)
        return translator

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text sentence by sentence; `quick` changes nothing.

        Raises SettingsError for another pair and EngineError when the engine fails.
        """
        steps = self._steps(source, target)
        return [self._translated(sentences_of(text, source), steps) for text in texts]

    def translate_sentences(
        self, sentences: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """As `translate`, but each text is one sentence."""
        steps = self._steps(source, target)
        return [self._translated(pieces_of(sentence), steps) for sentence in sentences]

    def _steps(self, source: str, target: str) -> Sequence[Direction]:
        """The directions that lead from one language to another. Raises SettingsError."""
        check_pair("firefox", self.capabilities.pairs, source, target, why=" with these models")
        return route(source, target, self._files)

    def _translated(self, pieces: Sequence[str], steps: Sequence[Direction]) -> str:
        translations = []
        for piece in pieces:
            translation = piece
            for step in steps:
                translation = translate_piece(translation, *step, self._sentence_translator(step))
            translations.append(translation)
        return ("" if steps[-1][1] in _WITHOUT_SPACES else " ").join(translations)

    def _sentence_translator(self, direction: Direction) -> TranslateSentence:
        return lambda sentence: self._ask(direction, sentence).strip()

    def _ask(self, direction: Direction, sentence: str | None) -> str:
        """The translation of a sentence; without one, the model is loaded."""
        files = self._files[direction]
        if sentence is not None:  # what is no Unicode would end the process
            sentence = sentence.encode(errors="replace").decode()
        request = Message({"files": files.paths, "text": sentence})
        try:
            reply = self._worker.ask(request, str(files.model), self._announce)
        except RefusedError as error:
            raise EngineError(
                f"firefox cannot use {files.model} ({error}): check it with "
                "`stslocal models verify`"
            ) from error
        return str(reply.fields["text"])
