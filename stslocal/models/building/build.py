"""Builds an NLLB model in a folder that is there whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stslocal.errors import OutputError, SettingsError, output_error
from stslocal.languages import Language
from stslocal.models.building.checkpoint import weight_files
from stslocal.models.building.nllb import TOKENIZER, convert, read_shape
from stslocal.models.building.trimming import trim
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of

QUANTIZATIONS = ("int8", "int8_float16", "int8_float32", "int16", "float16", "float32")
"""How weights can be stored; the computer chooses how to compute with them when it loads them."""

_BYTES = {"int8": 1, "int16": 2, "float16": 2, "float32": 4}
"""Bytes a weight, by the first part of a quantization's name."""
_SPARE_BYTES = 50_000_000

Note = Callable[[str], None]
"""Told in a few words what is going on."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to make of a model."""

    quantization: str = ""
    """One of QUANTIZATIONS; empty is int8, or for a converted model what it has."""
    languages: tuple[Language, ...] = ()
    """Those to keep; empty keeps all."""
    corpus: tuple[Path, ...] = ()
    """Text files in these languages, by which tokens are chosen; a text a line."""


def build_nllb(source: Path, target: Path, recipe: Recipe, note: Note = lambda text: None) -> None:
    """Write the files of a model into the empty folder `target`.

    `source` holds a checkpoint in transformers' layout, which is converted, or a model in
    CTranslate2's. Raises SettingsError for a recipe that does not fit it, ModelNotFoundError or
    ModelIntegrityError for another folder, OutputError for a disk that is full.
    """
    _check(recipe)
    converted = (source / "model.bin").is_file()
    if converted and recipe.quantization:
        raise SettingsError(
            f"the model in {source} is converted already and stays as exact as it is: leave "
            "--quantization out, or build from Meta's checkpoint"
        )
    if converted and not recipe.languages:
        raise SettingsError(f"the model in {source} is built already: name --languages to trim it")
    quantization = recipe.quantization or "int8"
    _check_space(source, target, quantization, converted=converted, trimmed=bool(recipe.languages))
    if converted:
        _trim(source, target, recipe, note)
        return
    whole = target / "whole" if recipe.languages else target
    whole.mkdir(exist_ok=True)
    note(f"converting the weights to {quantization}")
    convert(source, whole, quantization)
    shutil.copyfile(source / TOKENIZER, whole / TOKENIZER)
    if recipe.languages:
        _trim(whole, target, recipe, note)
        shutil.rmtree(whole)


def install_built(
    store: ModelStore, model: Model, source: Path, recipe: Recipe, note: Note = lambda text: None
) -> Path:
    """Put what is built where a model is installed, and remember its hashes.

    What was installed before stays until the new files are whole. Raises as `build_nllb`.
    """
    folder = store.location(model)
    with store.lock(model, lambda: note("waiting for another stslocal")):
        with replacing(folder, store.incoming(model) / "built") as new:
            build_nllb(source, new, recipe, note)
        hashes = {file.name: sha256_of(folder / file.name) for file in model.files}
        store.record(model, hashes, built=True)
    return folder


@contextmanager
def replacing(folder: Path, scratch: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` if the block ends well.

    `scratch` is on the same disk. Whatever happens, `folder` is the old one or the new one.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    new, old = scratch / "new", scratch / "old"
    try:
        try:
            new.mkdir(parents=True)
            yield new
            folder.parent.mkdir(parents=True, exist_ok=True)
            if folder.exists():
                folder.replace(old)
            new.replace(folder)
        except OSError as error:
            raise output_error(folder, error) from error
    finally:
        if old.exists() and not folder.exists():
            old.replace(folder)
        shutil.rmtree(scratch, ignore_errors=True)


def _trim(source: Path, target: Path, recipe: Recipe, note: Note) -> None:
    names = ", ".join(language.name for language in recipe.languages)
    note(f"choosing the tokens of {names}")
    corpus = _lines(recipe.corpus) if recipe.corpus else None
    trimmed = trim(source, target, recipe.languages, corpus)
    note(f"kept {trimmed.tokens} of {trimmed.of} tokens")


def _lines(files: Sequence[Path]) -> Iterator[str]:
    for path in files:
        try:
            with path.open(encoding="utf-8") as stream:
                yield from stream
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"the corpus {path} cannot be read: {error}") from error


def _check(recipe: Recipe) -> None:
    if recipe.quantization and recipe.quantization not in QUANTIZATIONS:
        raise SettingsError(
            f"there is no quantization '{recipe.quantization}'; there are "
            f"{', '.join(QUANTIZATIONS)}"
        )
    if recipe.corpus and not recipe.languages:
        raise SettingsError("a corpus is for trimming: name the languages with --languages")
    if len(recipe.languages) == 1:
        raise SettingsError(
            f"a model for {recipe.languages[0]} alone translates nothing: name two languages or "
            "more"
        )


def _check_space(
    source: Path, target: Path, quantization: str, *, converted: bool, trimmed: bool
) -> None:
    """Refuse early what would fail late."""
    if converted:
        needed = (source / "model.bin").stat().st_size
    else:
        read_shape(source)
        weights = sum(path.stat().st_size for path in weight_files(source)) // _BYTES["float32"]
        needed = weights * _BYTES[quantization.partition("_")[0]] * (2 if trimmed else 1)
    free = shutil.disk_usage(target).free
    if free < needed + _SPARE_BYTES:
        raise OutputError(
            f"the disk of {target} has {free / 1e6:.0f} MB free, and up to "
            f"{(needed + _SPARE_BYTES) / 1e6:.0f} MB are needed: free some space or choose "
            "another folder"
        )
