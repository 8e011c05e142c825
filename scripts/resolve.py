"""Check that stslocal can be installed on every Python and platform in docs/installing.md.

    python scripts/resolve.py            resolve the base install, compare with the table there
    python scripts/resolve.py --write    resolve the extras too and write the table

Only wheels count, and nothing is installed. The script resolves with uv, because pip evaluates the
markers of a requirement for the machine that it runs on, also for another platform.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from environment import CHECKOUT, NEWEST, OLDEST, enter

PAGE = CHECKOUT / "docs" / "installing.md"
BEGIN = "<!-- made by scripts/resolve.py -->\n"
END = "<!-- end -->\n"
PYTHONS = [f"{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
PLATFORMS = {
    "x86_64-manylinux_2_28": "Linux, x86-64, glibc 2.28 or later",
    "aarch64-manylinux_2_28": "Linux, ARM64, glibc 2.28 or later",
    "aarch64-apple-darwin": "macOS 14 or later, Apple silicon",
    "x86_64-apple-darwin": "macOS 14 or later, Intel",
    "x86_64-pc-windows-msvc": "Windows, x86-64",
}
"""The platforms by uv's names, with the page's names."""
OLDEST_MACOS = "14.0"
INSTALLS = ("", "server", "speakers", "ray", "xtts", "convert")
"""The base install, and the base install with one extra."""
PURE_SOURCES = ("docopt", "unidic-lite")
"""Packages of pure Python that exist only as source, which every machine can install."""
AT_ONCE = 8


class UnreachableError(Exception):
    """The package index does not answer."""


@dataclass(frozen=True)
class Target:
    """One install to resolve."""

    extra: str
    platform: str
    python: str


GAPS = {Target("", "x86_64-apple-darwin", "3.14")}
"""The last onnxruntime for Intel Macs has no wheels for Python 3.14."""


def main() -> int:
    """Resolve, print what does not resolve, and compare the page or write it."""
    enter("dev")
    write = "--write" in sys.argv[1:]
    start = time.perf_counter()
    try:
        problems = resolve_all(INSTALLS if write else INSTALLS[:1])
    except UnreachableError:
        print("cannot reach the package index: skipped")
        return 0
    print(f"{len(problems)} installs resolved in {time.perf_counter() - start:.0f} s")
    failed = unexpected(problems)
    for target in failed:
        print(f"{target} does not resolve:\n{problems[target]}")
    page = PAGE.read_text(encoding="utf-8")
    if write:
        page = with_table(page, table(problems))
        PAGE.write_text(page, encoding="utf-8", newline="\n")
    elif not all(f"\n{row}" in page for row in rows(problems)):
        print(f"{PAGE} is not up to date: run `python scripts/resolve.py --write`")
        return 1
    return 1 if failed else 0


def resolve_all(installs: Sequence[str]) -> dict[Target, str]:
    """The reason why each target does not resolve; empty where it does. Raises UnreachableError."""
    first, *others = [
        Target(extra, platform, python)
        for extra in installs
        for platform in PLATFORMS
        for python in PYTHONS
    ]
    with tempfile.TemporaryDirectory() as folder:
        excluded = Path(folder) / "excluded.txt"
        excluded.write_text("\n".join(PURE_SOURCES), encoding="utf-8")
        # The first one alone: without a network it fails at once.
        problems = {first: problem(first, excluded)}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = pool.map(lambda target: problem(target, excluded), others)
            return problems | dict(zip(others, answers, strict=True))


def problem(target: Target, excluded: Path) -> str:
    """The reason why `target` does not resolve; empty where it does."""
    done = run_uv(
        [
            *("pyproject.toml", "--constraints", "constraints.txt", "--no-build"),
            *("--python-platform", target.platform, "--python-version", target.python),
            *(("--extra", target.extra) if target.extra else ()),
            *("--excludes", str(excluded)),
        ]
    )
    return "" if done.returncode == 0 else done.stderr


def run_uv(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run `uv pip compile` in the checkout. Raises UnreachableError if the index is silent."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config"]
    environment = {"MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS, **os.environ}
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    done = subprocess.run(
        [*command, "--python", sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "error sending request" in done.stderr:
        raise UnreachableError
    return done


def unexpected(problems: dict[Target, str]) -> list[Target]:
    """The targets of the base install that must resolve and do not."""
    return [
        target
        for target, text in problems.items()
        if text and not target.extra and target not in GAPS
    ]


def table(problems: dict[Target, str]) -> str:
    """The Pythons for which each install resolves, as a Markdown table."""
    heads = [f"`stslocal[{extra}]`" if extra else "`stslocal`" for extra in INSTALLS]
    lines = [f"| platform | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    return "\n".join([*lines, *rows(problems)]) + "\n"


def rows(problems: dict[Target, str]) -> list[str]:
    """The rows of the table, with one column for each install in `problems`."""
    installs = dict.fromkeys(target.extra for target in problems)
    return [
        f"| {title} |"
        + "".join(
            f" {span([p for p in PYTHONS if not problems[Target(extra, platform, p)]])} |"
            for extra in installs
        )
        for platform, title in PLATFORMS.items()
    ]


def span(pythons: Sequence[str]) -> str:
    """The versions as `3.10 to 3.14`; one by one where some between them are missing."""
    if not pythons:
        return "no"
    first, last = (PYTHONS.index(python) for python in (pythons[0], pythons[-1]))
    if last - first + 1 == len(pythons) > 1:
        return f"{pythons[0]} to {pythons[-1]}"
    return ", ".join(pythons)


def with_table(page: str, text: str) -> str:
    """`page` with `text` between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
