"""`stslocal models build`: convert a model from its publisher's checkpoint, and trim NLLB."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from stslocal.cli.arguments import add_json
from stslocal.cli.output import Printer, format_amount
from stslocal.errors import SettingsError
from stslocal.languages import Language, find
from stslocal.models.store import ModelStore

HELP = "convert NLLB or Pocket TTS from its checkpoint, or trim NLLB to a few languages"
_INSTALLED = "installed"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument("model", metavar="MODEL", help="such as nllb, or pocket-fr")
    command.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="FOLDER",
        help="a checkpoint as Meta or Kyutai publishes it, NLLB converted for CTranslate2, or "
        f"`{_INSTALLED}` for MODEL as it is installed",
    )
    command.add_argument(
        "--languages",
        metavar="CODES",
        help="keep only these, such as en,pt,es: the model gets smaller and faster",
    )
    command.add_argument(
        "--corpus",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="texts in these languages, one sentence a line: keep only the tokens that occur in "
        "them, which are far fewer than all tokens in the languages' scripts",
    )
    command.add_argument(
        "--quantization",
        default="",
        metavar="TYPE",
        help="number format for a checkpoint's weights (default: int8; lossless: float32)",
    )
    command.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="write to this new folder (default: install it as MODEL)",
    )
    add_json(command)


def run_build(arguments: argparse.Namespace, printer: Printer) -> int:
    """Build a model and print its folder."""
    from stslocal.loading.model_names import models_to_pull
    from stslocal.models.building.build import (
        BUILDABLE,
        Recipe,
        build_model,
        install_built,
        replacing,
    )
    from stslocal.settings import Settings

    store = ModelStore.discover()
    model = models_to_pull([arguments.model], Settings(), store)[0]
    others = [each.id for each in store.manifest.models.values() if each.engine in BUILDABLE]
    if model.engine not in BUILDABLE:
        raise SettingsError(
            f"{model.id} is not made from a checkpoint of yours: run "
            f"`stslocal models pull {model.id}`; there are {', '.join(others)}"
        )
    recipe = Recipe(
        arguments.quantization, _languages(arguments.languages), tuple(arguments.corpus)
    )
    source = Path(arguments.source)
    if arguments.source == _INSTALLED:
        source = store.folder(model.id)
    elif not source.is_dir():
        raise SettingsError(f"there is no folder {source}")
    printer.status(f"{model.id}: {model.licence} ({model.licence_url})")

    def announce(text: str) -> None:
        printer.status(f"{model.id}: {text}")

    if arguments.output is None:
        folder = install_built(store, model, source, recipe, announce)
    else:
        folder = arguments.output
        if folder.exists():
            raise SettingsError(f"{folder} is there already: name a new folder")
        with replacing(folder, folder.with_name(f".{folder.name}.part")) as new:
            build_model(model, source, new, recipe, announce)
    size = sum(path.stat().st_size for path in folder.iterdir())
    codes = [language.code for language in recipe.languages]
    row = {"model": model.id, "folder": str(folder), "bytes": size, "languages": codes}
    printer.result_json("built", row)
    printer.result(f"{model.id}: {format_amount(size, 'bytes')} in {folder}")
    return 0


def _languages(text: str | None) -> tuple[Language, ...]:
    """Parse languages separated by commas. Raises SettingsError with the nearest names."""
    names = [name for name in (text or "").split(",") if name.strip()]
    found: dict[str, Any] = {language.code: language for language in map(find, names)}
    return tuple(found.values())
