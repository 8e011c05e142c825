"""Trims NLLB to a few languages: removes the tokens that only other languages need.

A few languages use a small part of the 256 206 tokens of NLLB-200, but every step of decoding
multiplies with the row of every token. Trimming removes rows and leaves the other weights
unchanged, bit for bit; `pieces` makes sure that texts are split into the same tokens. A translation
can change in two ways. It cannot use a token that was removed. And probabilities are shared among
fewer tokens, so a beam search may order two nearly equal hypotheses differently.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stslocal.errors import ModelIntegrityError, ModelNotFoundError, SettingsError
from stslocal.foreign_files import PathKind, UnreadableFileError, parse_json, read_text
from stslocal.languages import Language
from stslocal.models.building.ct2_model import ModelBin
from stslocal.models.building.nllb import TOKENIZER, is_language_code
from stslocal.models.building.pieces import Pieces
from stslocal.models.building.scripts import name_prefixes, name_prefixes_in

_UNUSED_ROW = "madeupword"


@dataclass(frozen=True, slots=True)
class Trimmed:
    """How many tokens were kept."""

    kept: int
    total: int
    """Tokens of the model before it was trimmed."""


def trim(
    folder: Path, target: Path, languages: Sequence[Language], corpus: Iterable[str] | None = None
) -> Trimmed:
    """Write a model in CTranslate2's format for `languages` into the empty folder `target`.

    It keeps all special tokens, the codes of these languages, all single characters, and the
    pieces that occur in the texts of `corpus`; without a corpus, the pieces in the languages'
    scripts. Raises SettingsError for a language that the model does not have, and
    ModelNotFoundError or ModelIntegrityError for a folder without such a model.
    """
    vocabulary, listing = _read_vocabulary(folder)
    if not (folder / TOKENIZER).is_file():
        raise ModelNotFoundError(f"{folder} lacks {TOKENIZER}, which comes with every NLLB model")
    pieces = Pieces(folder / TOKENIZER)
    rows = choose_rows(vocabulary, pieces, languages, corpus)
    tokens = [vocabulary[row] for row in rows]
    ModelBin.read(folder / "model.bin").write_with_only(rows, len(vocabulary), target / "model.bin")
    _write_vocabulary(target / listing, tokens)
    pieces.write_with_only(set(tokens), target / TOKENIZER)
    if (folder / "config.json").is_file():
        shutil.copyfile(folder / "config.json", target / "config.json")
    return Trimmed(len(rows), len(vocabulary))


def choose_rows(
    vocabulary: Sequence[str],
    pieces: Pieces,
    languages: Sequence[Language],
    corpus: Iterable[str] | None,
) -> list[int]:
    """The indices in the vocabulary of the tokens to keep, in ascending order."""
    codes = {language.flores or "" for language in languages}
    for language in languages:
        if language.flores not in vocabulary:
            raise SettingsError(f"the model does not translate {language}")
    if corpus is None:
        allowed = frozenset().union(*(name_prefixes(code.partition("_")[2]) for code in codes))
        wanted = {piece for piece in pieces.usable if name_prefixes_in(piece) <= allowed}
    else:
        wanted = {piece for text in pieces.cut(corpus) for piece in text}

    def kept(token: str) -> bool:
        if token in pieces.usable:
            return len(token) == 1 or token in wanted
        if is_language_code(token):
            return token in codes
        return not token.startswith(_UNUSED_ROW)

    return [row for row, token in enumerate(vocabulary) if kept(token)]


def _read_vocabulary(folder: Path) -> tuple[list[str], str]:
    """Read the tokens. Returns the name of their file too: older conversions have a text file."""
    for name in ("shared_vocabulary.json", "shared_vocabulary.txt"):
        try:
            text = read_text(folder / name)
            tokens = parse_json(text) if name.endswith(".json") else text.split("\n")[:-1]
        except UnreadableFileError as error:
            if error.kind is PathKind.MISSING:
                continue
            raise ModelIntegrityError(f"{folder / name} is damaged: it {error}") from error
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise ModelIntegrityError(f"{folder / name} is damaged: it is not a list of tokens")
        return tokens, name
    raise ModelNotFoundError(f"{folder} lacks shared_vocabulary.json, which lists its tokens")


def _write_vocabulary(path: Path, tokens: Sequence[str]) -> None:
    as_json = path.suffix == ".json"
    text = json.dumps(tokens, indent=2, ensure_ascii=False) if as_json else "\n".join(tokens)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
