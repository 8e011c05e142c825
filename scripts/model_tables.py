"""Print README's tables of packs and models, made from models/manifest.toml.

python scripts/model_tables.py             print them
python scripts/model_tables.py --write     put them into README.md
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stslocal.cli.output import format_amount
from stslocal.models.manifest import Manifest, Model
from stslocal.models.manifest_file import load_manifest

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- made by scripts/model_tables.py -->\n"
END = "<!-- end -->\n"


def tables(manifest: Manifest) -> str:
    """The packs, then the models, as Markdown."""
    lines = ["| pack | models | download | what for |", "|---|---|---|---|"]
    for pack in manifest.packs.values():
        models = [manifest.model(name) for name in pack.models]
        names = ", ".join(f"`{name}`" for name in pack.models)
        lines.append(f"| `{pack.id}` | {names} | {_amount(models)} | {pack.title} |")
    lines += ["", "| model | what it is | download | licence |", "|---|---|---|---|"]
    for model in manifest.models.values():
        size = "comes with the program" if model.package else _amount([model])
        lines.append(f"| `{model.id}` | {model.title} | {size} | {_licence(model)} |")
    return "\n".join(lines) + "\n"


def with_tables(readme: str, manifest: Manifest) -> str:
    """README with the tables of the manifest between the marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables(manifest)}\n{END}{after}"


def _amount(models: list[Model]) -> str:
    """The size of the download, as far as it is known before the first pull."""
    sizes = [model.download_bytes for model in models if not model.package]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return "known at the first pull"
    return format_amount(sum(known), "bytes")


def _licence(model: Model) -> str:
    use = "" if model.commercial else ", **not for commercial use**"
    return f"[{model.licence}]({model.licence_url}){use}"


def main() -> int:
    """Print the tables, or write them."""
    manifest = load_manifest()
    if "--write" in sys.argv[1:]:
        text = with_tables(README.read_text(encoding="utf-8"), manifest)
        README.write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(tables(manifest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
