"""Mozilla's Firefox Translations models, from the table `stslocal/firefox_models.tsv`.

There is a model for each direction from and to English, `firefox-en-fr`. The table is made by
scripts/firefox_models.py; its sizes and hashes are those of the compressed files as published. They
are unpacked on the machine that pulls them, where gzip's own checksum holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

from stslocal.languages import find
from stslocal.models.direction_table import Row, models_of
from stslocal.models.manifest import Build, HubSource, Model, ModelFile

FIREFOX = "firefox"
"""The engine, and the start of the models' ids."""

TABLE = Path(__file__).resolve().parents[1] / "firefox_models.tsv"

REPOSITORY = "mozilla/firefox-translations-models"
COMMIT = "e7957fc407441a5e3e35bbcbf9d60d9b35764618"
"""The last one: the repository is closed since 2025-12, and its content stays."""

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

OFFERED_BY_A_PACKAGE = frozenset({("en", "pt"), ("pt", "en")})
"""Directions that the manifest has from a registry, as `bergamot-en-pt`."""

_LICENCE_URL = f"https://github.com/{REPOSITORY}/blob/{COMMIT}/LICENSE"
_COLUMNS = ("source", "target", "tier", "comet", "file", "bytes", "sha256")


def firefox_models(table: Path = TABLE) -> dict[str, Model]:
    """The models by id, in the order of the table. Raises ModelError for a damaged table."""
    return models_of(table, _COLUMNS, _model)


def pivot_models(languages: Iterable[str], known: Iterable[str]) -> list[str]:
    """The ids in `known` of the models between these languages and English."""
    wanted = [name for code in languages for name in (f"firefox-{code}-en", f"firefox-en-{code}")]
    existing = set(known)
    return [name for name in wanted if name in existing]


def _model(source: str, target: str, rows: Sequence[Row]) -> Model:
    tier = rows[0]["tier"]
    inputs = tuple(ModelFile(row["file"], int(row["bytes"]), row["sha256"]) for row in rows)
    names = [KINDS_OF_FILES[file.name.partition(".")[0]] for file in inputs]
    paths = {file.name: f"models/{tier}/{source}{target}/{file.name}" for file in inputs}
    return Model(
        id=f"{FIREFOX}-{source}-{target}",
        title=f"Firefox Translations {tier}: {find(source).name} to {find(target).name}",
        role="translation",
        engine=FIREFOX,
        licence="MPL-2.0",
        licence_url=_LICENCE_URL,
        commercial=True,
        files=tuple(ModelFile(name, None, None) for name in names),
        sources=(HubSource(REPOSITORY, COMMIT, MappingProxyType(paths), "github"),),
        build=Build("firefox", 1, inputs),
        package=None,
    )
