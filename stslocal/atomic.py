"""Small files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from stslocal.errors import output_error


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
