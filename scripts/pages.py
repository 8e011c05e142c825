"""Write the parts of README.md and docs/ that are made from the code, and docs/events.schema.json.

    python scripts/pages.py          list the pages that are out of date; exit code 1 if one is
    python scripts/pages.py --write  write them

In a page, each part stands between `<!-- made by scripts/pages.py: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stslocal.cli.app import build_parser
from stslocal.cli.output import format_amount
from stslocal.direction_tables import PACKED
from stslocal.engines.entry import RECOGNIZER, SYNTHESIZER, EngineEntry, Role
from stslocal.engines.registry import ENGINES
from stslocal.languages import languages
from stslocal.metrics import Event
from stslocal.metrics.event_lines import event_name
from stslocal.metrics.event_schema import event_schema, field_notes
from stslocal.models.firefox import FIREFOX
from stslocal.models.manifest import Manifest, Model
from stslocal.models.manifest_file import load_manifest
from stslocal.models.opus import OPUS
from stslocal.settings import Settings
from stslocal.storage import PLACE_VARIABLES
from stslocal.written_settings import FLAG_NAMES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CHECKOUT = Path(__file__).resolve().parent.parent
SCHEMA = CHECKOUT / "docs" / "events.schema.json"
_PART = re.compile(
    r"(<!-- made by scripts/pages\.py: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL
)


def pages() -> list[Path]:
    """The pages that may have such parts."""
    return [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]


def schema() -> str:
    """The schema of the events as a file."""
    return json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n"


def with_parts(text: str) -> str:
    """The text of a page with its parts made again."""

    def made(match: re.Match[str]) -> str:
        return f"{match[1]}\n{PARTS[match['name']]()}\n{match[3]}"

    return _PART.sub(made, text)


def packs_table(manifest: Manifest | None = None) -> str:
    """The packs of the manifest."""
    manifest = manifest or load_manifest()
    rows = []
    for pack in manifest.packs.values():
        models = [manifest.model(name) for name in pack.models]
        names = ", ".join(f"`{name}`" for name in pack.models)
        rows.append((f"`{pack.id}`", names, _amount(models), pack.title))
    return _table(("pack", "models", "download", "what for"), rows)


def models_table(manifest: Manifest | None = None) -> str:
    """The models of the manifest, without those by direction."""
    rows = []
    for model in (manifest or load_manifest()).models.values():
        if model.engine in (FIREFOX, OPUS):
            continue
        size = "comes with the program" if model.package else _amount([model])
        rows.append((f"`{model.id}`", model.title, size, _licence(model)))
    return _table(("model", "what it is", "download", "licence"), rows)


def languages_table() -> str:
    """What can be done in each language that has a model by direction, or a voice."""
    firefox = _directions(FIREFOX) | set(PACKED)
    opus = _directions(OPUS)
    rows = []
    for language in languages():
        code = language.code
        by_direction = [_reach("Firefox", firefox, code), _reach("OPUS-MT", opus, code)]
        into = code == "en" or ("en", code) in firefox | opus
        speakers = [
            entry for entry in _with_language(SYNTHESIZER, code) if entry.name in _ENGINE_NAMES
        ]
        if not (any(by_direction) or speakers):
            continue
        nllb = "NLLB" if _translates(code) else ""
        recognizers = _with_language(RECOGNIZER, code)
        voices = ["cloned" if _clones(entry) else "converted or matched" for entry in speakers]
        free = into and any(_is_for_any_use(entry) for entry in speakers)
        rows.append(
            (
                str(language),
                _named(recognizers),
                ", ".join(filter(None, [*by_direction, nllb])),
                _named(speakers) or "not spoken",
                ", ".join(dict.fromkeys(voices)),
                "any use" if free else "not for commercial use" if speakers else "",
            )
        )
    headings = ("language", "recognized by", "translated by", "spoken by", "voice", "spoken for")
    return _table(headings, rows)


def _directions(engine: str) -> set[tuple[str, str]]:
    """The directions of the models of an engine, by their names."""
    names = (model.id for model in load_manifest().models.values() if model.engine == engine)
    return {(name.split("-")[1], name.split("-")[2]) for name in names}


def _reach(name: str, directions: set[tuple[str, str]], code: str) -> str:
    """The name of an engine by whose models a language is translated; empty if it is not."""
    out_of = any(source == code for source, _ in directions)
    into = any(target == code for _, target in directions)
    return f"{name}, only from it" if out_of and not into else name if out_of else ""


def layers_table() -> str:
    """The layers of the import contract, from the top down."""
    contract = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        row["layers"]
        for row in contract["tool"]["importlinter"]["contracts"]
        if row["type"] == "layers"
    )
    rows = []
    for number, layer in enumerate(layers, 1):
        rooms = re.split(r" [|:] ", layer)
        apart = " | " in layer
        for room in rooms:
            notes = _first_sentence(room) + (" *" if apart else "")
            rows.append((str(number) if room == rooms[0] else "", f"`{room}`", notes))
    return _table(("layer", "room", "what it holds"), rows)


def settings_table() -> str:
    """All settings, with their flags and variables."""
    flags = set(_flags(build_parser()))
    notes = field_notes(Settings)
    rows = []
    for field in fields(Settings):
        if field.metadata:
            continue  # written with another setting
        name = FLAG_NAMES.get(field.name, field.name)
        flag = "--" + name.replace("_", "-")
        if flag not in flags:
            raise SystemExit(f"the setting {field.name} has no flag {flag}")
        default = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
        rows.append(
            (
                f"`{name.replace('_', '-')}`",
                f"`{flag}`",
                f"`STSLOCAL_{name.upper()}`",
                f"`{default}`" if default != "" else "none",
                notes[field.name],
            )
        )
    return _table(("in the file", "flag", "environment", "default", "meaning"), rows)


def places_table() -> str:
    """The environment variables for the places of files."""
    rows = [(f"`{name}`", meaning) for name, meaning in PLACE_VARIABLES.items()]
    return _table(("variable", "what it chooses"), rows)


def events_table() -> str:
    """All events with their fields."""
    rows = []
    for kind in get_args(Event):
        name = event_name(kind)
        notes = field_notes(kind)
        parts = [
            f"`{field.name}`" + (f": {notes[field.name]}" if field.name in notes else "")
            for field in fields(kind)
            if field.name != "at_s"
        ]
        meaning = " ".join((kind.__doc__ or "").split())
        rows.append((f"`{name}`", meaning, "<br>".join(parts)))
    return _table(("event", "when", "fields, besides `at_s`"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "events": events_table,
    "languages": languages_table,
    "layers": layers_table,
    "models": models_table,
    "packs": packs_table,
    "places": places_table,
    "settings": settings_table,
}


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in lines)


def _first_sentence(room: str) -> str:
    """The first paragraph of a package's or a module's docstring, in one line."""
    package = CHECKOUT / "stslocal" / room
    path = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not text:
        raise SystemExit(f"{path} has no docstring")
    return " ".join(text.partition("\n\n")[0].split())


_ENGINE_NAMES = {
    "faster_whisper": "Whisper",
    "kokoro": "Kokoro",
    "pocket": "Pocket TTS",
    "xtts": "XTTS",
}
"""Engines in the table of languages, by the names that people know."""


def _with_language(role: Role[Any], code: str) -> list[EngineEntry]:
    """The engines of a role with any weights that have a language."""
    return [
        entry
        for entry in ENGINES
        if entry.role == role
        and any(code in weights.capabilities().languages for weights in entry.weights)
    ]


def _translates(code: str) -> bool:
    """Whether NLLB has a language."""
    (nllb,) = (entry for entry in ENGINES if entry.name == "nllb")
    return any(code in pair for pair in nllb.weights[-1].capabilities().pairs)


def _clones(entry: EngineEntry) -> bool:
    return entry.weights[-1].capabilities().clones


def _is_for_any_use(entry: EngineEntry) -> bool:
    known = load_manifest().models
    return all(known[model].commercial for each in entry.weights for model in each.models)


def _named(entries: Sequence[EngineEntry]) -> str:
    return ", ".join(_ENGINE_NAMES.get(entry.name, entry.name) for entry in entries)


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            choices: dict[str, Any] = action.choices
            for command in choices.values():
                yield from _flags(command)


def _amount(models: list[Model]) -> str:
    """The size of the download, as far as it is known before the first pull."""
    sizes = [model.download_bytes for model in models if not model.package]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return "known when it is fetched"
    return format_amount(sum(known), "bytes")


def _licence(model: Model) -> str:
    use = "" if model.commercial else ", **not for commercial use**"
    return f"[{model.licence}]({model.licence_url}){use}"


def main() -> int:
    """Compare the pages with the code, and write them with --write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the pages")
    write = parser.parse_args().write
    stale = []
    made = {page: with_parts(page.read_text(encoding="utf-8")) for page in pages()}
    for page, new in {**made, SCHEMA: schema()}.items():
        if not page.is_file() or new != page.read_text(encoding="utf-8"):
            stale.append(page.relative_to(CHECKOUT).as_posix())
            if write:
                page.write_text(new, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name}: {'written' if write else 'out of date'}")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main())
