"""`stslocal models list`: all models, their state and their files."""

from __future__ import annotations

import argparse
from typing import Any

from stslocal.cli.output import Printer, format_amount
from stslocal.errors import ModelNotFoundError
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore


def run_list(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print a line for each model."""
    store = ModelStore.discover()
    models = store.manifest.models.values()
    rows = [_describe(store, model) for model in models]
    printer.result_json({"root": str(store.root), "models": rows})
    widths = [max(len(row[key]) for row in rows) for key in ("id", "role", "licence")]
    for row in rows:
        printer.result(
            f"{row['id']:{widths[0]}}  {row['role']:{widths[1]}}  "
            f"{row['size']:>7}  {row['licence']:{widths[2]}}  "
            f"{', '.join(row['packs']) or '-':7}  {row['state']}"
        )
        if arguments.files:
            for file in row["files"]:
                first = "" if file["pinned"] or not file["sha256"] else ", as first pulled"
                _print_file(printer, file, first)
            for file in row["built_from"]:
                _print_file(printer, file, ", from which these are built")
    unpinned = [f"{model.id} ({len(model.unpinned)})" for model in models if model.unpinned]
    if unpinned:
        printer.result(
            "Files whose sha256 is not publicly known, or that are built here, are compared with "
            f"the sha256 of the first pull: {', '.join(unpinned)}. --files shows which."
        )
    return 0


def _print_file(printer: Printer, file: dict[str, Any], remark: str) -> None:
    size = "?" if file["bytes"] is None else str(file["bytes"])
    sha256 = file["sha256"] or "sha256 will be kept from the first pull"
    printer.result(f"    {sha256:64}  {size:>10}  {file['name']}{remark}")


def state_of(store: ModelStore, model: Model) -> str:
    """The state of a model in a few words, from the sizes of its files."""
    if store.installed(model.id):
        return f"in {model.package}" if model.package else "installed"
    try:
        folder = store.location(model)
    except ModelNotFoundError:
        return "not installed"
    if store.outdated(model):
        return "to be built again"
    return "incomplete" if any((folder / f.name).exists() for f in model.files) else "not installed"


def size_of(model: Model) -> str:
    """The size of a model, or of its download; `?` when the manifest has neither."""
    size = model.bytes or model.download_bytes
    return "?" if size is None else format_amount(size, "bytes")


def _describe(store: ModelStore, model: Model) -> dict[str, Any]:
    hashes = store.hashes(model.id)
    return {
        "id": model.id,
        "title": model.title,
        "role": model.role,
        "engine": model.engine,
        "licence": model.licence,
        "licence_url": model.licence_url,
        "commercial": model.commercial,
        "packs": store.manifest.packs_of(model.id),
        "bytes": model.bytes,
        "size": size_of(model),
        "installed": store.installed(model.id),
        "state": state_of(store, model),
        "sources": [str(source) for source in model.sources] or [f"package {model.package}"],
        "files": [
            {
                "name": file.name,
                "bytes": file.bytes,
                "sha256": hashes[file.name] or None,
                "pinned": file.sha256 is not None,
            }
            for file in model.files
        ],
        "built_from": [
            {"name": file.name, "bytes": file.bytes, "sha256": file.sha256}
            for file in (() if model.build is None else model.build.inputs)
        ],
    }
