"""Builds a model of NLLB or Pocket TTS: its folder is complete or does not exist."""

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
from stslocal.models.building.pocket.product import build_pocket
from stslocal.models.building.trimming import trim
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of

QUANTIZATIONS = ("int8", "int8_float16", "int8_float32", "int16", "float16", "float32")
"""Types that weights can be stored in. The type to compute with is chosen when they are loaded."""

BUILDABLE = ("nllb", POCKET := "pocket")
"""Engines whose models are built from a checkpoint that a person has."""

_BYTES = {"int8": 1, "int16": 2, "float16": 2, "float32": 4}
"""Bytes per weight, by the first part of a quantization's name."""
_SPARE_BYTES = 50_000_000

Note = Callable[[str], None]
"""Called with a few words about the current step, for a person."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build a model."""

    quantization: str = ""
    """One of QUANTIZATIONS. Empty means int8, or no change for a converted model."""
    languages: tuple[Language, ...] = ()
    """The languages to keep; empty keeps all."""
    corpus: tuple[Path, ...] = ()
    """Text files in these languages, one text per line. Tokens that occur in them are kept."""


def build_nllb(source: Path, target: Path, recipe: Recipe, note: Note = lambda text: None) -> None:
    """Write the files of a model into the empty folder `target`.

    `source` contains a checkpoint in transformers' layout, which is converted, or a model in
    CTranslate2's format. Raises SettingsError for a recipe that does not fit it,
    ModelNotFoundError or ModelIntegrityError for any other folder, OutputError for a full disk.
    """
    _check(recipe)
    converted = (source / "model.bin").is_file()
    if converted and recipe.quantization:
        raise SettingsError(
            f"the model in {source} is converted already and keeps its quantization: leave "
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


def build_model(
    model: Model, source: Path, target: Path, recipe: Recipe, note: Note = lambda text: None
) -> None:
    """Write the files of `model`, of NLLB or Pocket TTS, into the empty folder `target`.

    Raises the errors of `build_nllb` and `build_pocket`.
    """
    if model.engine == POCKET:
        if recipe.languages or recipe.corpus:
            raise SettingsError(f"{model.id} has one language and cannot be trimmed")
        quantization, language = recipe.quantization or "int8", model.id.rpartition("-")[2]
        build_pocket(source, target, language=language, quantization=quantization, note=note)
    else:
        build_nllb(source, target, recipe, note)


def install_built(
    store: ModelStore, model: Model, source: Path, recipe: Recipe, note: Note = lambda text: None
) -> Path:
    """Build a model into the store and record its hashes. Returns its folder.

    An installed model stays until the new files are complete. Raises the errors of `build_model`.
    """
    folder = store.location(model)
    with store.lock(model, lambda: note("waiting for another stslocal")):
        with replacing(folder, store.incoming(model) / "built") as new:
            build_model(model, source, new, recipe, note)
        hashes = {file.name: sha256_of(folder / file.name) for file in model.files}
        store.record(model, hashes, built=True)
    return folder


@contextmanager
def replacing(folder: Path, scratch: Path) -> Iterator[Path]:
    """Yield an empty folder that replaces `folder` if the block ends without an exception.

    `scratch` is on the same disk. `folder` is always complete: the old one or the new one.
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
    note(f"kept {trimmed.kept} of {trimmed.total} tokens")


def _lines(files: Sequence[Path]) -> Iterator[str]:
    for path in files:
        try:
            with path.open(encoding="utf-8") as stream:
                yield from stream
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"the corpus {path} cannot be read ({error}): name a text file in UTF-8"
            ) from error


def _check(recipe: Recipe) -> None:
    if recipe.quantization and recipe.quantization not in QUANTIZATIONS:
        raise SettingsError(
            f"there is no quantization '{recipe.quantization}': choose one of "
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
    """Refuse the build if the disk has too little space for it."""
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
