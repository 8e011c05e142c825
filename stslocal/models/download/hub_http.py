"""The hub's protocol, one request at a time: redirects, token, certificates, what answers mean."""

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
"""What a connection that fails raises."""


class PassingError(Exception):
    """An attempt failed in a way that another attempt may not."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Statement:
    """What the hub says of a file before sending it. Source: huggingface_hub's constants.py."""

    bytes: int | None
    sha256: str | None
    """Of files in large file storage; the hub has no sha256 of the small ones in git."""
    commit: str | None


class HubClient:
    """Sends requests; follows redirects, and shows the token to the hub's own address alone."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=_tls()), _Redirects
        )

    def open(
        self, url: str, *, timeout: float, method: str = "GET", headers: Mapping[str, str] = {}
    ) -> Any:
        """Give the answer, as `urllib.request.urlopen` does, and raise what it raises."""
        request = _Request(url, method, {}, headers)
        return self._send(request, timeout)

    def ask(self, url: str, *, timeout: float) -> Statement:
        """Ask about a file. Raises PassingError or SourceFailedError."""
        request = _Request(url, "HEAD", {}, {})
        try:
            with self._send(request, timeout) as response:
                said = {**request.said, **dict(response.headers.items())}
        except urllib.error.HTTPError as error:
            with error:
                raise refusal(error) from error
        except NETWORK as error:
            raise PassingError(describe(error)) from error
        return _statement(said)

    def _send(self, request: _Request, timeout: float) -> Any:
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return self._opener.open(request, timeout=timeout)


class _Request(urllib.request.Request):
    """A request that remembers what answers on the way to the last one said."""

    def __init__(
        self, url: str, method: str, said: dict[str, str], headers: Mapping[str, str]
    ) -> None:
        fixed = {"Accept-Encoding": "identity", "User-Agent": f"stslocal/{__version__}"}
        super().__init__(url, headers={**fixed, **headers}, method=method)
        self.said = said


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is None or not isinstance(req, _Request):
            return new
        # The hub says what it knows of a file when it sends us to where the bytes are.
        req.said.update(headers.items())
        again = _Request(newurl, req.get_method(), req.said, new.headers)
        token = req.unredirected_hdrs.get("Authorization")
        if token and urlsplit(newurl)[:2] == urlsplit(req.full_url)[:2]:
            again.add_unredirected_header("Authorization", token)
        return again


def _statement(said: Mapping[str, str]) -> Statement:
    facts = {name.lower(): value for name, value in said.items()}
    size = facts.get("x-linked-size") or facts.get("content-length") or ""
    etag = facts.get("x-linked-etag", "").removeprefix("W/").strip('"')
    commit = facts.get("x-repo-commit", "")
    return Statement(
        bytes=int(size) if size.isdigit() else None,
        sha256=etag if re.fullmatch(r"[0-9a-f]{64}", etag) else None,
        commit=commit if re.fullmatch(r"[0-9a-f]{40}", commit) else None,
    )


def refusal(error: urllib.error.HTTPError) -> Exception:
    """What an HTTP status means for the person, and whether another attempt may help."""
    if error.code == HTTPStatus.UNAUTHORIZED:
        return SourceFailedError("the hub asks who you are (401): set HF_TOKEN to your token")
    if error.code == HTTPStatus.FORBIDDEN:
        return SourceFailedError(
            "access is restricted (403): accept the licence on the model's page and set HF_TOKEN"
        )
    if error.code == HTTPStatus.NOT_FOUND:
        return SourceFailedError("it is not there any more (404)")
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = _seconds(error.headers.get("Retry-After", ""))
        return PassingError(f"too many requests (429), wait {wait_s:.0f} s", wait_s)
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PassingError(f"the hub is in trouble ({error.code})")
    return SourceFailedError(f"the hub answers {error.code}")


def _seconds(retry_after: str) -> float:
    """Read a Retry-After header, which gives seconds or a date."""
    if retry_after.isdigit():
        return float(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, until.timestamp() - time.time())


def describe(error: BaseException) -> str:
    """Say in a few words what happened to a connection."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return describe(reason)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection ({error.reason or error})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error) or type(error).__name__


def _tls() -> ssl.SSLContext:
    """Trust what the system trusts, through whichever package huggingface_hub brought along.

    Python's own context finds no certificates on some systems (python.org's macOS build).
    """
    if find_spec("truststore"):
        system: ssl.SSLContext = import_module("truststore").SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return system
    context = ssl.create_default_context()
    if find_spec("certifi"):
        context.load_verify_locations(import_module("certifi").where())
    return context
