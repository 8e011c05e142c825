"""OPUS-MT models of the University of Helsinki, from the table `stslocal/opus_models.tsv`.

There is a model for each direction, `opus-de-fr`: for pairs that the Firefox models reach only
through English, and for languages that they lack. The table has what public lock files and audit
records agree on; `-` stands for what is not publicly known, and `first-pull` for such a commit. The
published checkpoints are converted to CTranslate2's format on the machine that pulls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from stslocal.direction_tables import OPUS_TABLE, ListedModel, read_table
from stslocal.languages import find
from stslocal.models.manifest import Build, HubSource, Model, ModelFile

OPUS = "opus"
"""The engine, and the start of the models' ids."""

FILES = ("config.json", "model.bin", "shared_vocabulary.json", "source.spm", "target.spm")
"""The files of a converted model. They are made here, so that none has a known hash."""

_LICENCES = MappingProxyType(
    {
        "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
        "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    }
)
_FIRST_PULL = "first-pull"
_UNKNOWN = "-"


def opus_models(table: Path = OPUS_TABLE) -> dict[str, Model]:
    """The models by id, in the order of the table. Raises ModelError for a damaged table."""
    return {model.id: model for model in read_table(table, _model)}


def _model(listed: ListedModel) -> Model:
    source, target = listed.direction
    inputs = tuple(_file(row) for row in listed.files)
    licence, commit = listed.files[0]["licence"], listed.files[0]["commit"]
    paths = {file.name: file.name for file in inputs}
    return Model(
        id=listed.id,
        title=f"OPUS-MT: {find(source).name} to {find(target).name}, converted here",
        role="translation",
        engine=OPUS,
        licence=licence,
        licence_url=_LICENCES[licence],
        commercial=True,
        files=tuple(ModelFile(name, None, None) for name in FILES),
        sources=(
            HubSource(
                f"Helsinki-NLP/opus-mt-{source}-{target}",
                None if commit == _FIRST_PULL else commit,
                MappingProxyType(paths),
            ),
        ),
        build=Build("opus", 1, inputs),
        package=None,
    )


def _file(row: Mapping[str, str]) -> ModelFile:
    size, sha256 = row["bytes"], row["sha256"]
    return ModelFile(
        row["file"],
        None if size == _UNKNOWN else int(size),
        None if sha256 == _UNKNOWN else sha256,
    )
