"""The rules of the code: few layers, short files, short constructors, plain words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "stslocal"
VOCABULARY = CHECKOUT / "docs" / "vocabulary.md"
EVERYDAY = CHECKOUT / "stslocal" / "engines" / "bergamot" / "everyday.tsv"
"""What people say, not words of ours."""
MOST_LAYERS, MOST_LINES, MOST_ARGUMENTS = 9, 300, 10


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_there_are_few_layers() -> None:
    document = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert 1 < len(layers) <= MOST_LAYERS


def test_no_file_is_long() -> None:
    long = {
        path.relative_to(CHECKOUT).as_posix(): lines
        for path in modules()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    assert long == {}, "split the file by idea"


def constructors() -> Iterator[tuple[str, int]]:
    """Each class with the number of arguments of its constructor, without self."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    arguments = method.args
                    every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
                    yield f"{path.stem}.{node.name}", len(every) - 1


def test_no_constructor_takes_many_arguments() -> None:
    assert {name: n for name, n in constructors() if n > MOST_ARGUMENTS} == {}


def retired_words() -> list[str]:
    """The words of the last table of docs/vocabulary.md, first column."""
    table = VOCABULARY.read_text(encoding="utf-8").partition("## Retired")[2]
    cells = re.findall(r"^\| ([^|]+) \|", table, flags=re.MULTILINE)
    return [word.strip() for cell in cells[1:] for word in cell.split(",") if "--" not in cell]


def tracked_texts() -> list[Path]:
    """The text files of the checkout: those in git, or without git those of the usual folders."""
    kinds = {".py", ".md", ".toml", ".txt", ".tsv", ".json", ".jsonl", ".svg", ".sh", ""}
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
        ).stdout
        paths = [CHECKOUT / name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        folders = ("stslocal", "tests", "scripts", "docs")
        paths = [path for name in folders for path in (CHECKOUT / name).rglob("*")]
        paths += CHECKOUT.glob("*.*")
    return [path for path in paths if path.suffix in kinds and path.is_file()]


def test_retired_words_occur_only_in_the_vocabulary() -> None:
    words = retired_words()
    assert len(words) >= 10
    pattern = re.compile(
        rf"(?<![a-z])(?:{'|'.join(map(re.escape, words))})(?![a-z])", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()[:90]}"
        for path in tracked_texts()
        if path not in (VOCABULARY, EVERYDAY)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_every_link_between_the_pages_leads_somewhere() -> None:
    dead = []
    for page in tracked_texts():
        if page.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path, _, heading = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = page.parent / path if path else page
            if not there.exists() or (heading and not has_heading(there, heading)):
                dead.append(f"{page.relative_to(CHECKOUT)} -> {target}")
    assert dead == []


def has_heading(page: Path, anchor: str) -> bool:
    """Whether a page has the heading that a link's anchor names, as GitHub spells it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    spelled = [re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings]
    return anchor in spelled
