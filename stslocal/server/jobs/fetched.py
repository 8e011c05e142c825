"""A session file as a client fetches it: with the names of the files that it fetches too.

In the server's folder a recording is called `1.mp3`. The session that is fetched beside the other
results has their names instead, so `stslocal edit` and `stslocal redo` take it on another machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stslocal.results.session import read_session, sealed


def fetched_session(path: Path, names: Mapping[str, str]) -> bytes:
    """The bytes of a session file with other names of files, by those that it has.

    Raises SessionFormatError.
    """
    session = read_session(path)
    output = {names.get(name, name): file for name, file in session.output.items()}
    return sealed(replace(session, output=output))
