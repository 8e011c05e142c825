"""Small files that are there whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from stslocal.errors import OutputError, output_error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path` through a temporary file beside it.

    Raises OutputError when that is not possible; an older file of that name is then untouched.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def keep_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write what may be lost, as JSON; where that is not possible, nothing is kept."""
    with suppress(OSError, OutputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(document, indent=1, ensure_ascii=False))


def kept_json(path: Path) -> dict[str, Any]:
    """Read what `keep_json` wrote; what cannot be read is as good as nothing."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
