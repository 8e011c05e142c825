"""Reads `models/manifest.toml` and checks every entry of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stslocal.direction_tables import PACKED, PACKED_MODEL, has_packed_models
from stslocal.errors import ModelError
from stslocal.foreign_files import UnreadableFileError, read_toml
from stslocal.models.firefox import FIREFOX, firefox_models
from stslocal.models.manifest import (
    ROLES,
    ArchiveSource,
    Build,
    HubSource,
    Manifest,
    Model,
    ModelFile,
    Pack,
    Source,
)
from stslocal.models.opus import opus_models
from stslocal.models.toml_table import Mistake, Table, unknown

FORMAT = 1
"""The version of the manifest's format. The program reads no other one."""

FIRST_PULL = "first-pull"
"""The value of `commit` if the commit is not publicly known."""


def manifest_path() -> Path:
    """The manifest of the installed package, else the one in `models/` of a checkout."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "manifest.toml"
    return shipped if shipped.is_file() else package.parent / "models" / "manifest.toml"


def load_manifest(path: Path | None = None) -> Manifest:
    """Read and check a manifest. Raises ModelError with the place of a mistake.

    Without `path` it is the shipped one, together with the models by direction, which have tables
    of their own.
    """
    is_shipped = path is None
    by_direction = firefox_models() | opus_models() if is_shipped else {}
    path = path or manifest_path()
    try:
        document = read_toml(path)
    except UnreadableFileError as error:
        raise ModelError(f"{path} cannot be read as a manifest: it {error}") from error
    try:
        manifest = _parse(Table(document, "the manifest"), by_direction)
    except Mistake as mistake:
        raise ModelError(f"{path}: {mistake}") from mistake
    return _without_packed(manifest) if is_shipped and not has_packed_models() else manifest


def _without_packed(manifest: Manifest) -> Manifest:
    """The manifest for a machine without the package that has some of the models: these are
    fetched, each by its direction.
    """
    fetched = [f"{FIREFOX}-{source}-{target}" for source, target in PACKED]
    models = {name: each for name, each in manifest.models.items() if name != PACKED_MODEL}
    packs = {}
    for pack in manifest.packs.values():
        names = [[name] if name != PACKED_MODEL else fetched for name in pack.models]
        packs[pack.id] = replace(pack, models=tuple(name for each in names for name in each))
    return Manifest(MappingProxyType(models), MappingProxyType(packs))


def _parse(document: Table, others: Mapping[str, Model]) -> Manifest:
    version = document.take("format", int)
    if version != FORMAT:
        raise Mistake(f"its format is {version}, but this program reads {FORMAT}: update stslocal")
    models = {name: _parse_model(name, table) for name, table in document.named_tables("models")}
    models |= others
    packs = {name: _parse_pack(name, table) for name, table in document.named_tables("packs")}
    document.end()
    for pack in packs.values():
        if pack.id in models:
            raise Mistake(f"'{pack.id}' is both a pack and a model")
        for model_id in pack.models:
            if model_id not in models:
                raise Mistake(f"packs.{pack.id}: " + unknown("model", model_id, models))
    return Manifest(MappingProxyType(models), MappingProxyType(packs))


def _parse_pack(name: str, table: Table) -> Pack:
    pack = Pack(
        id=name,
        title=table.take("title", str),
        models=table.strings("models"),
        per_language=table.take("per_language", bool, False),
    )
    table.end()
    return pack


def _parse_model(name: str, table: Table) -> Model:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise Mistake(f"{table.where}: a model's id is lower-case letters, digits, '-' and '.'")
    role = table.take("role", str)
    if role not in ROLES:
        raise Mistake(f"{table.where}: " + unknown("role", role, ROLES))
    files = _parse_files(table, "files")
    build = None
    for build_table in table.maybe_table("build"):
        build = Build(
            step=build_table.take("step", str),
            version=build_table.take("version", int, 1),
            inputs=_parse_files(build_table, "inputs"),
            earlier=_parse_files(build_table, "earlier", []),
        )
        build_table.end()
    fetched = files if build is None else build.inputs
    package = table.match("package", r"[\w.-]+==[\w.]+", "of the form name==version", None)
    sources = tuple(_parse_source(source, fetched) for source in table.tables("sources", []))
    if (package is None) == (not sources):
        raise Mistake(f"{table.where} needs either 'sources' or a 'package' that holds it")
    if sources:
        for file in fetched:
            if not any(file.name in source.names for source in sources):
                raise Mistake(f"{table.where}: no source yields '{file.name}'")
    model = Model(
        id=name,
        title=table.take("title", str),
        role=role,
        engine=table.take("engine", str),
        licence=table.take("licence", str),
        licence_url=table.match("licence_url", r"https://\S+", "an https address"),
        commercial=table.take("commercial", bool, True),
        files=files,
        sources=sources,
        build=build,
        package=package,
        terms_url=table.match("terms_url", r"https://\S+", "an https address", None) or "",
    )
    table.end()
    return model


def _parse_files(table: Table, key: str, *default: list[object]) -> tuple[ModelFile, ...]:
    files = []
    for entry in table.tables(key, *default):
        file = ModelFile(
            name=_relative_path(entry, entry.take("name", str)),
            bytes=entry.take("bytes", int, None),
            sha256=entry.match("sha256", r"[0-9a-f]{64}", "64 hex digits", None),
        )
        entry.end()
        files.append(file)
    if not (files or default) or len({file.name for file in files}) < len(files):
        raise Mistake(f"{table.where}: '{key}' is empty or names a file twice")
    return tuple(files)


_PART = re.compile(r"\w([\w.-]*[\w-])?")
"""A part of a path. Windows drops a dot at the end."""
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, whatever their suffix."""


def _relative_path(table: Table, name: str) -> str:
    """Return `name` if it is a plain path inside the model's folder on every system."""
    parts = name.split("/")
    if not all(_PART.fullmatch(part) and not _DEVICE.fullmatch(part) for part in parts):
        raise Mistake(f"{table.where}: '{name}' is not a plain relative path")
    return name


def _parse_source(table: Table, files: tuple[ModelFile, ...]) -> Source:
    """Read a source.

    A file's place in it is `prefix` + name, unless `members` gives it. A source yields all files,
    unless `only` lists some of them.
    """
    kind = table.take("kind", str)
    prefix = table.take("prefix", str, "")
    own_places: dict[str, Any] = table.take("members", dict, {})
    known = [file.name for file in files]
    only = table.strings("only", tuple(known))
    for name in (*own_places, *only):
        if name not in known:
            raise Mistake(f"{table.where}: " + unknown("file", name, known))
    members = {}
    for name in only:
        parts = own_places.get(name, prefix + name)
        members[name] = (parts,) if isinstance(parts, str) else tuple(parts)
    source: Source
    if kind in ("huggingface", "github"):
        pattern, what = r"[0-9a-f]{40}", "a full commit hash"
        if kind == "huggingface":
            pattern, what = rf"{pattern}|{FIRST_PULL}", f"{what} or '{FIRST_PULL}'"
        commit = table.match("commit", pattern, what)
        commit = None if commit == FIRST_PULL else commit
        repo = table.match("repo", r"(spaces/)?[\w.-]+/[\w.-]+", "of the form owner/name")
        if any(len(parts) != 1 for parts in members.values()):
            raise Mistake(f"{table.where}: a file of a repository has exactly one member")
        paths = {name: parts[0] for name, parts in members.items()}
        source = HubSource(repo, commit, MappingProxyType(paths), kind)
    elif kind in ("pypi", "npm"):
        packages = table.strings("packages")
        # A name that begins with "-" would be an option of pip or npm.
        pinned = r"\w[\w.-]*==[\w.]+" if kind == "pypi" else r"(@\w[\w.-]*/)?\w[\w.-]*@[\w.-]+"
        if not packages or not all(re.fullmatch(pinned, package) for package in packages):
            raise Mistake(f"{table.where}: 'packages' are not all pinned to a version")
        source = ArchiveSource(kind, packages, MappingProxyType(members))
    else:
        kinds = ("huggingface", "github", "pypi", "npm")
        raise Mistake(f"{table.where}: " + unknown("kind of source", kind, kinds))
    table.end()
    return source
