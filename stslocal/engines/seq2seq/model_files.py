"""The files of a model's folder in CTranslate2's layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stslocal.engines.model_json import damaged, how_to_get, read_strings
from stslocal.errors import ModelNotFoundError

FILES = ("config.json", "model.bin")
"""Files of every model's folder, besides one of the vocabularies."""
VOCABULARIES = ("shared_vocabulary.json", "shared_vocabulary.txt")
"""A JSON list of pieces (CTranslate2 since version 3.17), or text with one piece a line."""


def check_files(folder: Path, tokenizers: Sequence[str]) -> None:
    """Raise ModelNotFoundError, with the command that fetches the model, if a file is missing."""
    missing = [name for name in (*FILES, *tokenizers) if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing:
        raise ModelNotFoundError(
            f"the translation model in {folder} lacks {', '.join(missing)}: {how_to_get(folder)}"
        )


def read_vocabulary(folder: Path) -> list[str]:
    """All tokens in the order of their numbers. Raises ModelIntegrityError."""
    path = folder / VOCABULARIES[0]
    if path.is_file():
        return read_strings(path)
    path = folder / VOCABULARIES[1]
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(path, error) from error
