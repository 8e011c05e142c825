"""`stslocal models remove`: deletes models, and their files in the download cache if asked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stslocal.cli.arguments import add_json
from stslocal.cli.output import Printer, format_amount
from stslocal.errors import ModelNotFoundError
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore

if TYPE_CHECKING:
    from stslocal.models.download import DownloadCache


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument("names", nargs="+", metavar="NAME", help="packs, models or engines")
    command.add_argument(
        "--cache",
        action="store_true",
        help="delete their files in the download cache too, which other checkouts may use",
    )
    add_json(command)


def run_remove(arguments: argparse.Namespace, printer: Printer) -> int:
    """Delete what is installed of the named models; raises ModelNotFoundError if nothing is."""
    from stslocal.loading.model_names import installed_models
    from stslocal.models.download import DownloadCache

    store = ModelStore.discover()
    cache = DownloadCache.discover()
    models = installed_models(arguments.names, store)
    kept_bytes = 0
    removed: list[str] = []
    absent: list[str] = []
    for model in models:
        if why := _reason_to_keep(model, models, arguments.names, store):
            printer.status(f"{model.id} stays: {why}")
            continue
        in_cache = _bytes_in_cache(model, store, cache)
        hashes = _hashes(model, store)
        try:
            store.remove(model.id)
        except ModelNotFoundError:
            if not (arguments.cache and in_cache):
                absent.append(model.id)
                continue
        if arguments.cache:
            for sha256 in hashes:
                cache.forget(sha256)
        else:
            kept_bytes += in_cache
        removed.append(model.id)
        printer.result(f"{model.id}: removed")
    if absent:
        are = "is" if len(absent) == 1 else "are"
        text = f"{', '.join(absent)} {are} not installed in {store.root}"
        if not removed:
            raise ModelNotFoundError(text)
        printer.status(text)
    if kept_bytes:
        size, names = format_amount(kept_bytes, "bytes"), " ".join(removed)
        printer.status(
            f"the download cache keeps {size} of these files, so that the next pull is quick: "
            f"`stslocal models remove {names} --cache` deletes that"
        )
    printer.result_json("removed", removed)
    return 0


def _reason_to_keep(model: Model, models: list[Model], names: list[str], store: ModelStore) -> str:
    """Why a model of a named pack stays; empty where it goes, as it does when it is named."""
    if model.id in names:
        return ""
    if model.package is not None:
        return f"it is part of the Python package {model.package}"
    going = {each.id for each in models}
    for pack in store.packs.values():
        others = set(pack.models) - {model.id}
        is_used = model.id in pack.models and others and not others & going
        if is_used and all(map(store.installed, others)):
            return f"the pack {pack.id} needs it"
    return ""


def _hashes(model: Model, store: ModelStore) -> set[str]:
    fetched = [file.sha256 or "" for file in model.fetched]
    return {*store.hashes(model.id).values(), *fetched} - {""}


def _bytes_in_cache(model: Model, store: ModelStore, cache: DownloadCache) -> int:
    return sum(map(cache.bytes_of, _hashes(model, store)))
