"""Takes the files of a request to the disk, with bounds on everything while it arrives.

The name that a client gives a file is text for messages, and never a path: the files are numbered.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import shutil
import tempfile
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from stslocal.errors import output_error
from stslocal.server.errors import Refusal

logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it logs what is refused here

_LONGEST_NAME = 100
_MOST_FIELDS = 64
_FIELD_BYTES = 1 << 16
_SPARE_BYTES = 256 << 20
"""Disk that uploads leave free."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a client sent."""

    field: str
    """The name of its field in the form."""
    name: str
    """As the client calls it, for messages and for the names of results; never a path."""
    path: Path
    """Where it lies: only this user may read it."""

    @contextmanager
    def opened(self, stop: threading.Event | None = None) -> Iterator[BinaryIO]:
        """Open it to read; messages then have the client's name for it.

        When `stop` is set it ends there, so that no work goes on that nobody waits for.
        """
        number = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        raw = io.FileIO(self.name, opener=lambda *_: number)
        with _Stoppable(raw, stop or threading.Event()) as file:
            yield file


class _Stoppable(io.BufferedReader):
    """A file that cannot be read any more when an event is set."""

    def __init__(self, raw: io.FileIO, stop: threading.Event) -> None:
        super().__init__(raw)
        self._stop = stop

    def read(self, size: int | None = -1, /) -> bytes:
        if self._stop.is_set():
            raise OSError(errno.ECANCELED, "nobody waits for it any more")
        return super().read(size)


@dataclass(slots=True)
class Form:
    """The fields and files of a request."""

    fields: Mapping[str, list[str]]
    files: list[Upload]

    def text(self, name: str, default: str = "") -> str:
        """The value of a field that may be given once. Raises Refusal."""
        values = self.fields.get(name, [default])
        if len(values) > 1:
            raise invalid(name, f"{name} is given {len(values)} times: give it once")
        return values[0]

    def check_names(self, known: frozenset[str]) -> None:
        """Refuse a field that has no meaning here, which is a mistake of the client's."""
        for name in [*self.fields, *(file.field for file in self.files)]:
            if name not in known:
                raise invalid(
                    name, f"there is no parameter {name[:60]!r}: leave it out", "unknown_parameter"
                )


def invalid(param: str, message: str, code: str = "invalid_value") -> Refusal:
    """The refusal of a parameter."""
    return Refusal(400, code, message, param=param)


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A new folder for uploads, gone at the end. Raises Refusal where there can be none."""
    try:
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refusal(507, "disk_full", str(output_error(parent, error))) from error
    with tempfile.TemporaryDirectory(prefix="upload-", dir=parent, ignore_cleanup_errors=True) as f:
        yield Path(f)


async def receive_body(request: Request, most: int) -> bytes:
    """Take a body of at most `most` bytes into memory. Raises Refusal."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refusal(413, "too_large", f"the body has more than {most} bytes")
    return bytes(body)


async def receive_form(request: Request, folder: Path, *, most_files: int = 1) -> Form:
    """Take a multipart form, its files into `folder`.

    The bytes of the whole request are bounded by `stslocal.server.security`. Raises Refusal.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Refusal(400, "invalid_form", "send a form (multipart/form-data) with the recording "
                      "in the field `file`")  # fmt: skip
    await run_in_threadpool(_check_disk, folder, int(request.headers.get("content-length") or 0))
    reader = _FormReader(folder, most_files)
    try:
        parser = MultipartParser(options[b"boundary"], reader.callbacks())
        async for chunk in request.stream():
            await run_in_threadpool(parser.write, chunk)
        await run_in_threadpool(parser.finalize)
    except FormParserError as error:
        raise Refusal(400, "invalid_form", "the form is damaged: send it again") from error
    except OSError as error:
        raise Refusal(507, "disk_full", f"the upload cannot be kept: {error.strerror}") from error
    finally:
        reader.close()
    if not reader.ended:
        raise Refusal(400, "invalid_form", "the form ends before its last boundary: send it again")
    return Form(reader.fields, reader.files)


def shown_name(name: str) -> str:
    """The last part of a client's name for a file, without letters that have a meaning elsewhere.

    It is for people and for headers; nothing is opened by it.
    """
    last = PureWindowsPath(PurePosixPath(name.strip()).name).name
    kept = "".join(
        letter if letter.isprintable() and letter not in '<>:"/\\|?*' else "_" for letter in last
    )
    kept = unicodedata.normalize("NFC", kept.encode(errors="replace").decode()).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if dot and len(suffix) <= 8:
        return f"{stem[:_LONGEST_NAME]}.{suffix}" if stem else suffix
    return kept[:_LONGEST_NAME] or "recording"


def _check_disk(folder: Path, coming: int) -> None:
    if shutil.disk_usage(folder).free < coming + _SPARE_BYTES:
        raise Refusal(
            507, "disk_full", "the server's disk has no room for this upload: delete jobs"
        )


@dataclass(slots=True)
class _FormReader:
    """The parser's callbacks, which put the parts of a form to their places."""

    folder: Path
    most_files: int
    ended: bool = False
    fields: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    files: list[Upload] = field(default_factory=list)
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _key: bytes = b""
    _value: bytes = b""
    _name: str = ""
    _text: bytearray = field(default_factory=bytearray)
    _count: int = 0
    _file: BinaryIO | None = None

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_key,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part,
            "on_end": self._on_end,
        }

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def _on_key(self, data: bytes, start: int, end: int) -> None:
        self._key += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._key.lower()] = self._value
        self._key = self._value = b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._text.clear()
        if b"filename" not in options:
            self._count += 1
            if self._count > _MOST_FIELDS:
                raise Refusal(400, "invalid_form", f"the form has more than {_MOST_FIELDS} fields")
            return
        if len(self.files) == self.most_files:
            raise Refusal(400, "too_many_files", f"send at most {self.most_files} files at once")
        path = self.folder / str(len(self.files) + 1)
        self._file = open(path, "xb", opener=_only_ours)  # noqa: SIM115 - closed with its part
        name = shown_name(options[b"filename"].decode(errors="replace"))
        self.files.append(Upload(self._name, name, path))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(memoryview(data)[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _FIELD_BYTES:
            raise invalid(self._name, f"{self._name[:60]} is longer than {_FIELD_BYTES >> 10} KB")

    def _on_part(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        else:
            self.fields[self._name].append(self._text.decode(errors="replace"))

    def _on_end(self) -> None:
        self.ended = True


def _only_ours(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
