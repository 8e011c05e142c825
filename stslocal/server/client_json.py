"""JSON of a client, in messages and in bodies."""

from __future__ import annotations

import json
import re
from typing import Any

from stslocal.foreign_files import UnreadableFileError, parse_json

_HALF = re.compile(r"\\u[dD][89abAB-F]")
"""How half a character is written; most texts have none, and are not looked through."""


def parse_client_json(text: str | bytes) -> Any:
    r"""Parse JSON in UTF-8 with the bounds of `parse_json`. Raises UnreadableFileError.

    Half a character (`"\ud800"`) is refused too: no answer that repeats it could be sent.
    """
    try:
        whole = text if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("is not UTF-8: send it as UTF-8") from error
    document = parse_json(whole)
    if _HALF.search(whole):
        try:
            json.dumps(document, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise UnreadableFileError("has half a character: send whole ones") from error
    return document
