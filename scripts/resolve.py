"""Show that stslocal installs on every Python and platform that docs/installing.md names.

    python scripts/resolve.py            resolve the base install, compare with the table there
    python scripts/resolve.py --write    resolve the extras too and write the table

Only wheels count and nothing is installed. uv resolves, because pip evaluates a requirement's
markers for the machine that it runs on, even when asked for another platform.
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
"""What uv calls a platform, and what the page calls it."""
OLDEST_MACOS = "14.0"
INSTALLS = ("", "aec", "xtts", "convert")
"""The base install, and it with one extra."""
PURE_SOURCES = ("docopt", "unidic-lite")
"""Packages of pure Python that exist as source only: any machine can install them."""
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
"""onnxruntime left Intel Macs behind before it had wheels for Python 3.14."""


def main() -> int:
    """Resolve, tell what does not, and hold the page to it."""
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
    """Every target and why it does not resolve, empty where it does. Raises UnreachableError."""
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
    """Why `target` does not resolve; empty where it does."""
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
    """`uv pip compile` in the checkout. Raises UnreachableError when the index does not answer."""
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
    """Targets of the base install that must resolve and do not."""
    return [
        target
        for target, text in problems.items()
        if text and not target.extra and target not in GAPS
    ]


def table(problems: dict[Target, str]) -> str:
    """Which Pythons each install resolves for, as Markdown."""
    heads = [f"`stslocal[{extra}]`" if extra else "`stslocal`" for extra in INSTALLS]
    lines = [f"| platform | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    return "\n".join([*lines, *rows(problems)]) + "\n"


def rows(problems: dict[Target, str]) -> list[str]:
    """The table's rows, as far to the right as the installs in `problems` reach."""
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
    """`3.10 to 3.14`, or the versions one by one where some between them are missing."""
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
