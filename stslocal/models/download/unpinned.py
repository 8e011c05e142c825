"""What is refused of files whose sha256 the manifest does not know: only the source vouches for
them.
"""

from __future__ import annotations

import re
from pathlib import Path

from stslocal.errors import ModelIntegrityError
from stslocal.models.manifest import Model

_PICKLE_NAME = re.compile(r"(\.(pt|pth|ckpt|pkl|pickle)|(^|/)pytorch_model[^/]*\.bin)$", re.I)
_PICKLE_START = re.compile(rb"\x80[\x02-\x05]|PK\x03\x04", re.S)
"""A pickle, or a zip archive, in which PyTorch keeps one."""
_WEB_PAGE_START = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body)\b", re.I)


def refuse_unsafe_files(model: Model, folder: Path) -> None:
    """Delete fetched files that nobody vouches for and that are a pickle or a web page.

    A pickle may run a program when it is loaded. A web page comes from a login or a proxy. What
    a model is built from is not meant: a reader of our own reads it, and runs nothing. Raises
    ModelIntegrityError for the first one.
    """
    if model.build is not None:
        return
    for file in model.unpinned:
        path = folder / file.name
        with path.open("rb") as stream:
            start = stream.read(1024)
        fault = ""
        if _PICKLE_NAME.search(file.name) or _PICKLE_START.match(start):
            fault = "a pickle, which may run a program when it is loaded"
        elif _WEB_PAGE_START.match(start):
            fault = "a web page and no model"
        if fault:
            path.unlink()
            raise ModelIntegrityError(
                f"{model.id}: {file.name} is {fault}, and its sha256 is not known: the manifest "
                "must name its sha256"
            )
