"""`stslocal models`: lists, fetches, checks, installs, builds and deletes models."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli import models_build, models_list, models_remove
from stslocal.cli.arguments import actions_of, add_json
from stslocal.cli.models_list import size_of, state_of
from stslocal.cli.output import Printer, ProgressBar, format_amount
from stslocal.errors import ModelError, ModelNotFoundError, SettingsError
from stslocal.foreign_files import PathKind, kind_of
from stslocal.languages import find
from stslocal.models.manifest import Model, ModelFile, size_text
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.models.download import PullResult

_DESCRIPTION = """\
Models are fetched once and then used without a network. They lie in the folder that
`stslocal models path` prints; STSLOCAL_MODELS chooses another.

  stslocal models list                 all models, and which are installed
  stslocal models pull starter         fetch a pack of models
  stslocal models pull open --languages en,fr
                                       the recommended pack, for these languages
  stslocal models pull fr              fetch what `--to fr` needs
  stslocal models verify               check every byte of the installed models
  stslocal models import FOLDER        install files that you carried here
  stslocal models build MODEL          convert a translation model, or trim it
"""


def add_parser(subparsers: Any) -> None:
    """Add `models` and its own commands."""
    parser = subparsers.add_parser(
        "models", help="list, fetch, verify and remove models", description=_DESCRIPTION
    )
    add = actions_of(parser)
    models_list.add_arguments(
        add(
            "list", models_list.run_list, "list all models, installed or not, with size and licence"
        )
    )

    command = add("pull", run_pull, "fetch models and check every byte; repair damaged ones")
    command.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="packs, models, engines or languages: `starter`, `whisper-small`, `nllb`, `fr`",
    )
    command.add_argument(
        "--languages",
        metavar="CODES",
        default="",
        help="the languages to translate among, such as en,pt,fr; for the pack `open`",
    )
    command.add_argument(
        "--accept-licence",
        action="store_true",
        help="accept the licences of models that are not for commercial use, and the terms of "
        "publishers who ask for it",
    )
    add_json(command)

    command = add("verify", run_verify, "compare the sha256 of every file with the manifest")
    _add_names(command, "*", "packs, models or engines (default: all that are installed)")
    add_json(command)

    command = add("path", run_path, "print the folder of all models, or of one")
    command.add_argument("name", nargs="?", metavar="MODEL", help="a model or an engine")
    add_json(command)

    command = add("import", run_import, "install models from a folder or an archive")
    command.add_argument("path", type=Path, metavar="PATH", help="where the files lie")
    _add_names(command, "*", "what to look for, named as for pull (default: all)")
    add_json(command)

    models_build.add_arguments(add("build", models_build.run_build, models_build.HELP))

    models_remove.add_arguments(add("remove", models_remove.run_remove, "delete models"))


def run_pull(arguments: argparse.Namespace, printer: Printer) -> int:
    """Fetch the files that are missing, with a bar for each model."""
    from stslocal.engines import registry
    from stslocal.loading.model_names import models_to_pull, voices_with_terms
    from stslocal.models.download import DownloadCache, pull

    store = ModelStore.discover()
    if not arguments.names:
        pack = next(iter(store.packs.values()))
        raise SettingsError(
            f"name what to fetch: `stslocal models pull {pack.id}` for a start, or a name of "
            "`stslocal models list`"
        )
    codes = [find(text).code for text in arguments.languages.split(",") if text.strip()]
    accepted: bool = arguments.accept_licence
    models = models_to_pull(
        arguments.names, Settings.load(), store, codes, with_terms=accepted, say=printer.status
    )
    absent = [model for model in models if not store.installed(model.id)]
    if arguments.accept_licence or not any(model.must_be_accepted for model in absent):
        _announce(absent, store, printer)
    with _ModelBars(printer, models) as bars:
        results = pull(
            store,
            models,
            display=bars,
            cache=DownloadCache.discover(),
            accept_licence=arguments.accept_licence,
            asked=arguments.names,
        )
    rows = [
        {
            "model": result.model,
            "origin": result.origin,
            "bytes": result.bytes,
            "seconds": round(result.seconds, 3),
        }
        for result in results
    ]
    printer.result_json("pulled", rows)
    for result in results:
        printer.result(f"{result.model}: {_outcome(store, result)}")
    if not accepted and (voices := voices_with_terms(codes, store)):
        printer.status(
            f"for a cloned voice ({', '.join(model.id for model in voices)}), agree to the terms "
            f"on {voices[0].terms_url}, set HF_TOKEN, and run this again with --accept-licence"
        )
    for entry in registry.ENGINES:
        is_used = any(model.engine == entry.name for model in models)
        if is_used and not registry.choice(entry.role, entry.name).importable:
            install = registry.how_to_install(entry)
            printer.warning(f"{entry.name} needs Python packages that are not installed: {install}")
    return 0


def _announce(models: Sequence[Model], store: ModelStore, printer: Printer) -> None:
    """Say what is going to be fetched, how much it is and with which licence."""
    for model in models:
        use = "" if model.commercial else ", not for commercial use"
        use += f", terms: {model.terms_url}" if model.terms_url else ""
        summary = f"{model.title}, {size_of(model)}, {model.licence}{use} ({model.licence_url})"
        printer.status(f"{model.id}: {summary}")
    if len(models) > 1:
        printer.status(f"{size_text(models)} in all, into {store.root}")


def _outcome(store: ModelStore, result: PullResult) -> str:
    if result.origin == "package":
        return f"right, in the Python package {store.manifest.model(result.model).package}"
    if not result.bytes:
        return result.origin
    amount = format_amount(result.bytes, "bytes")
    return f"{amount} from {result.origin} in {result.seconds:.1f} s"


def run_verify(arguments: argparse.Namespace, printer: Printer) -> int:
    """Hash every file. Returns 1 if a file is damaged, 2 if one is missing."""
    from stslocal.loading.model_names import installed_models

    store = ModelStore.discover()
    models = installed_models(arguments.names, store) or [
        model
        for model in store.manifest.models.values()
        if state_of(store, model) != "not installed"
    ]
    if not models:
        pack = next(iter(store.packs))
        raise ModelNotFoundError(f"no model is installed: run `stslocal models pull {pack}`")
    rows = []
    code = 0
    for model in models:
        problem = ""
        try:
            store.verify(model.id)
        except ModelNotFoundError as error:
            problem, code = str(error), code or 2
        except ModelError as error:
            problem, code = str(error), 1
        rows.append({"model": model.id, "ok": not problem, "problem": problem})
        files = "1 file is" if len(model.files) == 1 else f"{len(model.files)} files are"
        printer.result(problem or f"{model.id}: {files} right")
    printer.result_json("verified", rows)
    return code


def run_path(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print the folder of a model or of all models."""
    from stslocal.loading.model_names import installed_models

    store = ModelStore.discover()
    paths = [store.root]
    if arguments.name is not None:
        paths = [store.folder(model.id) for model in installed_models([arguments.name], store)]
    for path in paths:
        printer.result(str(path))
    printer.result_json("path", str(paths[0]))
    return 0


def run_import(arguments: argparse.Namespace, printer: Printer) -> int:
    """Install models from files that a person brought."""
    from stslocal.models.download import import_models

    if (kind := kind_of(arguments.path)) not in (PathKind.FILE, PathKind.FOLDER):
        raise SettingsError(f"{arguments.path} {kind.value}")
    from stslocal.loading.model_names import models_to_pull

    store = ModelStore.discover()
    names = arguments.names or list(store.manifest.models)
    models = models_to_pull(names, Settings.load(), store)
    with _ModelBars(printer, models) as bars:
        done = import_models(store, arguments.path, models, display=bars)
    printer.result_json("imported", done)
    for model_id in done:
        model = store.manifest.model(model_id)
        printer.result(f"{model_id}: installed, {model.licence} ({model.licence_url})")
    return 0


class _ModelBars:
    """Shows a bar for each model that is fetched. The threads of the downloads update them."""

    def __init__(self, printer: Printer, models: list[Model]) -> None:
        self._printer = printer
        self._totals = {m.id: _total(m.fetched) for m in models}
        self._stack = ExitStack()
        self._bars: dict[str, ProgressBar] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> _ModelBars:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def update(self, model_id: str, done: int, note: str) -> None:
        from stslocal.models.download import BUILDING

        with self._lock:
            if model_id not in self._bars and note != "checking":
                total = self._totals[model_id]
                bar = self._printer.progress(model_id, total=total, unit="bytes")
                self._bars[model_id] = self._stack.enter_context(bar)
            if model_id in self._bars:
                total = self._totals[model_id]
                if note == BUILDING:  # all of it is here, also where nothing was to be fetched
                    done = done if total is None else total
                if note.startswith("from "):  # done: what was made may be smaller than its parts
                    total = done
                self._bars[model_id].update(done, total=total, note=note)


def _total(files: Sequence[ModelFile]) -> int | None:
    """The bytes of all files together; None unless all sizes are known."""
    sizes = [file.bytes for file in files if file.bytes is not None]
    return sum(sizes) if len(sizes) == len(files) else None


def _add_names(command: argparse.ArgumentParser, count: str, help_text: str) -> None:
    command.add_argument("names", nargs=count, metavar="NAME", help=help_text)
