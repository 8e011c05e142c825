"""Unpacks the files of a Firefox Translations model, which are published in gzip's format."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from stslocal.errors import ModelIntegrityError
from stslocal.models.firefox import KINDS_OF_FILES

MOST_TIMES = 8
"""A file that unpacks to more than so many times its size is no model: those unpack to 1.3 to 3."""
_SPARE_BYTES = 1 << 16
"""Added to that, for tiny files."""
_BLOCK_BYTES = 1 << 20


def unpack_firefox(fetched: Path, target: Path) -> None:
    """Unpack every published file under the name by which the engine knows it.

    Raises ModelIntegrityError for a file that is no gzip, is cut off, has a wrong checksum or size
    inside, or unpacks to more than a model has.
    """
    for path in sorted(fetched.glob("*.gz")):
        name = KINDS_OF_FILES.get(path.name.partition(".")[0])
        if name is not None:
            _unpack(path, target / name)


def _unpack(path: Path, target: Path) -> None:
    left = MOST_TIMES * path.stat().st_size + _SPARE_BYTES
    try:
        # gzip compares the checksum and the size at the end with what it has unpacked.
        with gzip.open(path) as packed, target.open("wb") as unpacked:
            while block := packed.read(_BLOCK_BYTES):
                left -= len(block)
                if left < 0:
                    raise ModelIntegrityError(
                        f"{path.name} unpacks to more than {MOST_TIMES} times its size: "
                        "please report this"
                    )
                unpacked.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ModelIntegrityError(
            f"{path.name} cannot be unpacked ({error}): please report this"
        ) from error
