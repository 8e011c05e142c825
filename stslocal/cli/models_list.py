"""`stslocal models list`: all models, their state and their files, in 80 columns."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any

from stslocal.cli.arguments import add_json
from stslocal.cli.output import Printer, format_amount, printable
from stslocal.direction_tables import SMALLER
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.models.firefox import FIREFOX
from stslocal.models.manifest import Model, size_text
from stslocal.models.opus import OPUS
from stslocal.models.store import ModelStore

_WIDTH = 80
_HEADINGS = {
    "recognition": "recognition, --asr",
    "translation": "translation, --mt",
    "synthesis": "speech, --tts",
    "voices": "voices of the speech",
    "speaker encoder": "comparison of voices",
    "conversion": "change of voices",
    "separation": "voice apart from music, --background keep",
    "diarization": "speakers of a recording, --speakers",
}
"""What the models of a role do, for a person, and the option that names one."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument("--files", action="store_true", help="list the files of each model too")
    add_json(command)


def run_list(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print a line for each model, by role, and one for each pack."""
    store = ModelStore.discover()
    models = list(store.manifest.models.values())
    used = _taken_by_auto(store)
    rows = [{**_describe(store, model), "auto": model.id in used} for model in models]
    printer.result_json("models", rows, root=str(store.root))
    width = max(len(model.id) for model in models)
    printer.result(f"  {'model':{width}}  {'size':>7}  licence")
    printer.result("")
    for role in dict.fromkeys(model.role for model in models):
        printer.result(_HEADINGS.get(role, role))
        of_role = [row for row in rows if row["role"] == role]
        shown = [row for row in of_role if arguments.files or not _is_one_of_many(row)]
        for row in shown:
            printer.result(_line(row, width))
            if arguments.files:
                _print_files(row, printer)
        for engine, print_many in ((FIREFOX, _print_firefox), (OPUS, _print_opus)):
            if others := [r for r in of_role if r not in shown and r["engine"] == engine]:
                print_many(others, printer)
        printer.result("")
    _print_packs(store, width, printer)
    _print_notes(rows, store, printer)
    if arguments.files:
        _print_unpinned(models, printer)
    return 0


def _line(row: dict[str, Any], width: int) -> str:
    """A model's line: whether it is installed, name, size, licence and what else is to be said."""
    is_here = row["installed"]
    mark = printable("✓", "x") if is_here else " "
    licence = row["licence"] + ("" if row["commercial"] else " *")
    remark = "" if row["state"] in ("installed", "not installed") else row["state"]
    if is_here and row["auto"]:
        remark = "taken by auto"
    return f"{mark} {row['id']:{width}}  {row['size']:>7}  {licence:15} {remark}".rstrip()


def _is_one_of_many(row: dict[str, Any]) -> bool:
    """Whether a model is one of those by direction, of which only the installed are listed."""
    return bool(row["engine"] in (FIREFOX, OPUS) and row["state"] == "not installed")


def _print_opus(rows: Sequence[dict[str, Any]], printer: Printer) -> None:
    """Print one paragraph for the OPUS-MT models that are not installed."""
    directions = ", ".join(row["id"].removeprefix(f"{OPUS}-") for row in rows)
    licences = " or ".join(dict.fromkeys(row["licence"] for row in rows))
    _print_wrapped(
        f"{OPUS}-XX-YY: {len(rows)} more, about 300 MB to fetch and 80 MB installed each, "
        f"{licences}. XX-YY is {directions}. From English, a {FIREFOX} model "
        f"goes on. `stslocal models pull {rows[0]['id']}` fetches one",
        printer,
        indent="  ",
    )


def _print_firefox(rows: Sequence[dict[str, Any]], printer: Printer) -> None:
    """Print one paragraph for the Firefox models that are not installed."""
    smaller = [row["id"] for row in rows if row["id"].endswith(SMALLER)]
    ids = [row["id"].removesuffix(SMALLER) for row in rows]
    codes = sorted({code for name in ids for code in name.split("-")[1:]} - {"en"})
    quicker = (
        f"{len(smaller)} that end in {SMALLER}, as {smaller[-1]}, are the smaller and quicker of "
        "two. "
        if smaller
        else ""
    )
    sizes = [row["download_bytes"] for row in rows]
    low, high = (format_amount(size, "bytes") for size in (min(sizes), max(sizes)))
    licences = ", ".join(dict.fromkeys(row["licence"] for row in rows))
    _print_wrapped(
        f"{FIREFOX}-en-XX and {FIREFOX}-XX-en: {len(rows)} more, {low} to {high} each, {licences}. "
        f"XX is {', '.join(codes)}. Other pairs go through English. "
        f"{quicker}"
        "`stslocal models pull firefox-en-fr` fetches one, `--files` lists all",
        printer,
        indent="  ",
    )


def _print_packs(store: ModelStore, width: int, printer: Printer) -> None:
    if not store.packs:
        return
    printer.result("packs: models that work together")
    for pack in store.packs.values():
        models = [store.manifest.models[model] for model in pack.models]
        fetched = [model for model in models if model.package is None]
        here = sum(store.installed(model.id) for model in fetched)
        mark = printable("✓", "x") if all(store.installed(each.id) for each in models) else " "
        remark = "" if here in (0, len(fetched)) else f"{here} of {len(fetched)} installed"
        if pack.per_language:
            remark = ", ".join(filter(None, [remark, "and its translators"]))
        line = f"{mark} {pack.id:{width}}  {size_text(fetched):>7}  {remark}"
        printer.result(line.rstrip())
        _print_wrapped(pack.title, printer, indent="    ")
    printer.result("")


def _print_notes(rows: Sequence[dict[str, Any]], store: ModelStore, printer: Printer) -> None:
    here = [row for row in rows if row["installed"]]
    mark = printable("✓", "x")
    total = format_amount(sum(row["bytes"] for row in here), "bytes")
    printer.result(f"{mark} installed: {len(here)} of {len(rows)} models, {total}, in {store.root}")
    if not all(row["commercial"] for row in rows):
        printer.result("* not for commercial use: `stslocal models pull` shows the licence first")
    if any(row["auto"] and row["installed"] for row in rows):
        _print_wrapped(
            "taken by auto: what translates files here when no option names a model; where a "
            "language needs another one, stslocal names it",
            printer,
        )


def _print_files(row: dict[str, Any], printer: Printer) -> None:
    for file in row["files"]:
        first = "" if file["pinned"] or not file["sha256"] else ", as first pulled"
        _print_file(printer, file, first)
    for file in row["built_from"]:
        _print_file(printer, file, ", from which these are built")


def _print_file(printer: Printer, file: dict[str, Any], remark: str) -> None:
    size = "?" if file["bytes"] is None else str(file["bytes"])
    sha256 = file["sha256"] or "sha256 will be kept from the first pull"
    printer.result(f"    {sha256:64}  {size:>10}  {file['name']}{remark}")


def _print_unpinned(models: Sequence[Model], printer: Printer) -> None:
    unpinned = [f"{model.id} ({len(model.unpinned)})" for model in models if model.unpinned]
    if unpinned:
        _print_wrapped(
            "Files whose sha256 is not publicly known, or that are built here, are compared with "
            f"the sha256 of the first pull: {', '.join(unpinned)}.",
            printer,
        )


def _print_wrapped(text: str, printer: Printer, indent: str = "") -> None:
    for line in textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    ):
        printer.result(line)


def _taken_by_auto(store: ModelStore) -> set[str]:
    """The models that a translation of files takes now; empty for settings that are wrong."""
    from stslocal.loading.select import select_engines
    from stslocal.settings import Settings

    try:
        selection = select_engines(Settings.load(), store)
    except SettingsError:
        return set()
    return {model for _, choice in selection.choices() for model in choice.weights.models}


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


def _bytes_on_disk(store: ModelStore, model: Model) -> int:
    """The size of an installed model; 0 for one that is not installed."""
    if not store.installed(model.id):
        return 0
    folder = store.location(model)
    return sum((folder / file.name).stat().st_size for file in model.files)


def size_of(model: Model) -> str:
    """The size of a model, or of its download; `?` when the manifest has neither."""
    has_all_sizes = all(file.bytes is not None for file in model.files)
    size = model.bytes if has_all_sizes else model.download_bytes or model.bytes or None
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
        "bytes": _bytes_on_disk(store, model) or model.bytes,
        "download_bytes": model.download_bytes,
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
