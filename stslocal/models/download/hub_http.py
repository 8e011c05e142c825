"""The hub's protocol for a single request: redirects, token, certificates, meaning of answers."""

from __future__ import annotations

import email.utils
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from stslocal import __version__
from stslocal.models.download.arrival import SourceFailedError

NETWORK = (urllib.error.URLError, http.client.HTTPException, OSError)
"""The errors of a connection that fails."""
_LONGEST_REASON = 200
"""Characters of an error that are shown: what answers may be no hub, and send anything."""


class TemporaryError(Exception):
    """An attempt failed, and another one may succeed. The hub asks to wait `wait_s` seconds."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class FileInfo:
    """The hub's description of a file. Source: huggingface_hub's constants.py."""

    bytes: int | None
    sha256: str | None
    """Only files in large file storage have one; the hub has none for small files in git."""
    commit: str | None


class HubClient:
    """Sends requests and follows redirects. Only the hub's own address gets the token."""

    def __init__(self, token: str | None, encoding: str = "identity") -> None:
        """`encoding` is the form in which files are asked for; nothing is unpacked here."""
        self._token = token
        self._encoding = encoding
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=_tls()), _Redirects
        )

    def open(
        self, url: str, *, timeout: float, method: str = "GET", headers: Mapping[str, str] = {}
    ) -> Any:
        """Return the answer and raise errors as `urllib.request.urlopen` does."""
        request = _Request(url, method, {}, headers)
        return self._send(request, timeout)

    def file_info(self, url: str, *, timeout: float) -> FileInfo:
        """Ask for a file's description. Raises TemporaryError or SourceFailedError."""
        request = _Request(url, "HEAD", {}, {})
        try:
            with self._send(request, timeout) as response:
                answer = {**request.redirect_headers, **dict(response.headers.items())}
        except urllib.error.HTTPError as error:
            with error:
                raise error_of_status(error) from error
        except NETWORK as error:
            raise TemporaryError(describe(error)) from error
        return _file_info(answer)

    def _send(self, request: _Request, timeout: float) -> Any:
        request.add_header("Accept-Encoding", self._encoding)
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return self._opener.open(request, timeout=timeout)


class _Request(urllib.request.Request):
    """A request that collects the headers of the redirects it follows."""

    def __init__(
        self, url: str, method: str, redirect_headers: dict[str, str], headers: Mapping[str, str]
    ) -> None:
        fixed = {"Accept-Encoding": "identity", "User-Agent": f"stslocal/{__version__}"}
        super().__init__(url, headers={**fixed, **headers}, method=method)
        self.redirect_headers = redirect_headers
        self.first_url = url


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is None or not isinstance(req, _Request):
            return new
        first = urlsplit(req.first_url).scheme
        if urlsplit(newurl).scheme not in {"https", first}:
            # Files without a known sha256 are as safe as the connection.
            raise SourceFailedError(f"it redirects from {first} to {newurl[:80]}")
        # The hub describes a file in the answer that redirects to the address of its bytes.
        req.redirect_headers.update(headers.items())
        again = _Request(newurl, req.get_method(), req.redirect_headers, new.headers)
        again.first_url = req.first_url
        token = req.unredirected_hdrs.get("Authorization")
        if token and urlsplit(newurl)[:2] == urlsplit(req.full_url)[:2]:
            again.add_unredirected_header("Authorization", token)
        return again


def _file_info(answer: Mapping[str, str]) -> FileInfo:
    headers = {name.lower(): value for name, value in answer.items()}
    size = headers.get("x-linked-size") or headers.get("content-length") or ""
    etag = headers.get("x-linked-etag", "").removeprefix("W/").strip('"')
    commit = headers.get("x-repo-commit", "")
    return FileInfo(
        bytes=whole_number(size),
        sha256=etag if re.fullmatch(r"[0-9a-f]{64}", etag) else None,
        commit=commit if re.fullmatch(r"[0-9a-f]{40}", commit) else None,
    )


def error_of_status(error: urllib.error.HTTPError) -> Exception:
    """The error for an HTTP status: TemporaryError if another attempt may help, else
    SourceFailedError.
    """
    if error.code == HTTPStatus.UNAUTHORIZED:
        return SourceFailedError("the hub needs a login (401): set HF_TOKEN to your token")
    if error.code == HTTPStatus.FORBIDDEN:
        return SourceFailedError(
            "access is restricted (403): accept the licence on the model's page and set HF_TOKEN"
        )
    if error.code == HTTPStatus.NOT_FOUND:
        return SourceFailedError("it does not exist any more (404)")
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = _seconds(error.headers.get("Retry-After", ""))
        return TemporaryError(f"too many requests (429), wait {wait_s:.0f} s", wait_s)
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TemporaryError(f"the hub has an internal error ({error.code})")
    return SourceFailedError(f"the hub answers with status {error.code}")


def _seconds(retry_after: str) -> float:
    """The wait of a Retry-After header, which contains seconds or a date."""
    seconds = whole_number(retry_after)
    if seconds is not None:
        return float(seconds)
    try:
        until = email.utils.parsedate_to_datetime(retry_after).timestamp()
    except Exception:  # noqa: BLE001 - a date from outside: ValueError, OverflowError and others
        return 0.0
    return max(0.0, until - time.time())


def whole_number(text: str | None) -> int | None:
    """The number in a header; None for anything else, such as `²`, `abc` or 5000 digits."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None


def describe(error: BaseException) -> str:
    """Describe in a few words why a connection failed."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return describe(reason)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection ({error.reason or error})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)[:_LONGEST_REASON] or type(error).__name__


def _tls() -> ssl.SSLContext:
    """A context with the system's certificates, from truststore or certifi.

    huggingface_hub installs one of the two. Python's default context finds no certificates on
    some systems, for example with python.org's build for macOS.
    """
    if find_spec("truststore"):
        system: ssl.SSLContext = import_module("truststore").SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return system
    context = ssl.create_default_context()
    if find_spec("certifi"):
        context.load_verify_locations(import_module("certifi").where())
    return context
