"""Mozilla's Firefox Translations models, from the table `stslocal/firefox_models.tsv`.

There is a model for each direction from and to English, `firefox-en-fr`, and for some a smaller and
quicker one, `firefox-en-fr-tiny`. The table is made by scripts/firefox_models.py. It has the sizes
and hashes of the compressed files as published and, for the weights, also those of the unpacked
file. They are unpacked on the machine that pulls them, where gzip's own checksum holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from stslocal.direction_tables import (
    FIREFOX_TABLE,
    PACKED,
    ListedModel,
    has_packed_models,
    read_table,
)
from stslocal.languages import find
from stslocal.models.manifest import Build, HubSource, Model, ModelFile

FIREFOX = "firefox"
"""The engine, and the start of the models' ids."""

REPOSITORY = "mozilla/firefox-translations-models"
COMMIT = "e7957fc407441a5e3e35bbcbf9d60d9b35764618"
"""The last one: the repository is closed since 2025-12, and its content stays."""

BUCKET = "translations-data"
BUCKET_LISTED = "2026-03-29"
"""Mozilla's public bucket, and the day of its list in which the weights have the same sha256. The
folders there have the ids of the trainings, so that what is in them stays."""

KINDS_OF_FILES = MappingProxyType(
    {
        "model": "model.bin",
        "vocab": "vocab.spm",
        "srcvocab": "srcvocab.spm",
        "trgvocab": "trgvocab.spm",
        "lex": "lex.bin",
    }
)
"""The unpacked file by the first part of the published name, which ends in `.gz`."""

_LICENCE_URL = f"https://github.com/{REPOSITORY}/blob/{COMMIT}/LICENSE"
_UNKNOWN = "-"


def firefox_models(table: Path = FIREFOX_TABLE) -> dict[str, Model]:
    """The models by id, in the order of the table, without those that a package has here.

    Raises ModelError for a damaged table.
    """
    packed = PACKED if has_packed_models() else ()
    made = read_table(table, lambda each: None if each.direction in packed else _model(each))
    return {model.id: model for model in made if model is not None}


def pivot_models(code: str, known: Collection[str], engine: str = FIREFOX) -> list[str]:
    """The ids in `known` of an engine's best models between a language and English."""
    return [name for name in (f"{engine}-{code}-en", f"{engine}-en-{code}") if name in known]


def _model(listed: ListedModel) -> Model:
    source, target = listed.direction
    tier = listed.files[0]["tier"]
    inputs = tuple(ModelFile(row["file"], int(row["bytes"]), row["sha256"]) for row in listed.files)
    paths = {file.name: f"models/{tier}/{source}{target}/{file.name}" for file in inputs}
    here = {
        row["file"]: f"{row['in_bucket']}/{row['file']}"
        for row in listed.files
        if row["in_bucket"] != _UNKNOWN
    }
    sources = [HubSource(REPOSITORY, COMMIT, MappingProxyType(paths), "github")]
    if here:
        sources.append(HubSource(BUCKET, BUCKET_LISTED, MappingProxyType(here), "mozilla"))
    return Model(
        id=listed.id,
        title=f"Firefox Translations {tier}: {find(source).name} to {find(target).name}",
        role="translation",
        engine=FIREFOX,
        licence="MPL-2.0",
        licence_url=_LICENCE_URL,
        commercial=True,
        files=tuple(_unpacked(row) for row in listed.files),
        sources=tuple(sources),
        build=Build("firefox", 1, inputs),
        package=None,
    )


def _unpacked(row: Mapping[str, str]) -> ModelFile:
    """The file that one of the published files becomes."""
    size, sha256 = row["unpacked_bytes"], row["unpacked_sha256"]
    return ModelFile(
        KINDS_OF_FILES[row["file"].partition(".")[0]],
        None if size == _UNKNOWN else int(size),
        None if sha256 == _UNKNOWN else sha256,
    )
