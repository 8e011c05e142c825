"""Fetches files of a repository at a fixed commit, from Hugging Face, GitHub or Mozilla.

An interrupted download is resumed. "Hub" means any of them here.

Addresses, token, endpoint and offline mode come from huggingface_hub, so HF_ENDPOINT, HF_TOKEN and
HF_HUB_OFFLINE have their usual effect. That package deletes an interrupted download, so this
module reads the bytes. No other module imports it, so loading a model cannot use the network.
"""

from __future__ import annotations

import logging
import queue
import shutil
import threading
import urllib.error
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from stslocal.models.download.addresses import address, encoding_for, token_for, why_offline
from stslocal.models.download.arrival import (
    IncomingFile,
    SourceFailedError,
    WrongBytesError,
    disk_full,
    size_so_far,
)
from stslocal.models.download.hub_http import (
    NETWORK,
    HubClient,
    TemporaryError,
    describe,
    error_of_status,
    whole_number,
)
from stslocal.models.download.meter import Meter
from stslocal.models.download.speed import SpeedCheck
from stslocal.models.manifest import HubSource, ModelFile

_log = logging.getLogger(__name__)

HUBS = ("huggingface", "github", "mozilla")
"""Their kinds, as sources name them."""
PROBE_S = 5.0
"""Time limit of the first request. If the hub is out of reach, a pull waits this long once."""
READ_TIMEOUT_S = 10.0
"""A connection that delivers no byte for this long is closed and opened again."""
RETRY_DELAYS_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses between attempts that receive nothing. After one that receives bytes they start again."""
LONGEST_WAIT_S = 60.0
"""Longest wait that the hub may ask for (429 with Retry-After)."""
STREAMS = 4
"""Number of files that a pull fetches at a time, over all its models."""

T = TypeVar("T")


class _AbandonedError(Exception):
    """Another file of the model failed, so the download of this one stops."""


class Hub:
    """One hub, for one pull. If it is out of reach, it is not contacted again in this pull."""

    def __init__(self, kind: str = "huggingface") -> None:
        """`kind` is that of its sources."""
        self._kind = kind
        self._lock = threading.Lock()
        self._client: HubClient | None = None
        self._problem = ""
        self._slots = threading.BoundedSemaphore(STREAMS)

    def newest_commit(self, source: HubSource, meter: Meter) -> str:
        """Ask for the newest commit of a repository. Raises SourceFailedError."""
        path = next(iter(source.paths.values()))
        url = address(source, path, "main")
        client = self._connect(url, meter)
        info = _with_retries(path, meter, lambda: client.file_info(url, timeout=READ_TIMEOUT_S))
        if info.commit is None:
            raise SourceFailedError(f"the hub does not give the commit of {source.repo}")
        return info.commit

    def fetch(
        self,
        source: HubSource,
        commit: str,
        files: Sequence[ModelFile],
        folder: Path,
        meter: Meter,
    ) -> None:
        """Fetch files into a model's folder. Raises SourceFailedError; also OutputError if files
        whose sizes the manifest does not give are too large for the disk.
        """
        urls = {file.name: address(source, source.paths[file.name], commit) for file in files}
        client = self._connect(next(iter(urls.values())), meter)
        files = [_with_hub_info(client, file, urls[file.name], meter) for file in files]
        needed = sum(
            (file.bytes or 0) - size_so_far(folder, file, urls[file.name]) for file in files
        )
        if shutil.disk_usage(folder).free < needed:
            raise disk_full(folder, needed)
        meter.note("from the hub")
        failed = threading.Event()

        def fetch_one(file: ModelFile) -> None:
            try:
                while not self._slots.acquire(timeout=0.1):
                    _check_stop(meter, failed)
                try:
                    _fetch_file(client, urls[file.name], file, folder, meter, failed)
                finally:
                    self._slots.release()
            except BaseException:
                failed.set()
                raise

        with ThreadPoolExecutor(STREAMS) as pool:
            tasks = [pool.submit(fetch_one, file) for file in files]
        errors = [error for task in tasks if (error := task.exception()) is not None]
        for error in errors:
            if not isinstance(error, _AbandonedError):
                raise error

    def _connect(self, url: str, meter: Meter) -> HubClient:
        meter.note("asking the hub")
        with self._lock:
            if self._client is None:
                self._client = HubClient(token_for(self._kind), encoding_for(self._kind))
                self._problem = why_offline() or _probe(self._client, url)
            client = self._client
        if self._problem:
            raise SourceFailedError(self._problem)
        return client


def _probe(client: HubClient, url: str) -> str:
    """Return why the hub is out of reach; empty if it answers.

    The request has its own thread, because a name look-up has no time limit.
    """
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask() -> None:
        try:
            client.open(url, timeout=PROBE_S, method="HEAD").close()
            answers.put("")
        except urllib.error.HTTPError as error:
            error.close()
            answers.put("")
        # ValueError: HF_ENDPOINT is not an address.
        except (*NETWORK, ValueError, SourceFailedError) as error:
            answers.put(describe(error))

    threading.Thread(target=ask, name="hub-probe", daemon=True).start()
    try:
        reason = answers.get(timeout=PROBE_S)
    except queue.Empty:
        reason = f"no answer in {PROBE_S:g} s"
    return reason and f"{urlsplit(url).hostname} is out of reach: {reason}"


def _with_hub_info(client: HubClient, file: ModelFile, url: str, meter: Meter) -> ModelFile:
    """`file` with the size and hash that the hub gives, if the manifest does not give them."""
    if file.bytes is not None and file.sha256 is not None:
        return file
    info = _with_retries(file.name, meter, lambda: client.file_info(url, timeout=READ_TIMEOUT_S))
    if file.bytes is not None and info.bytes not in (None, file.bytes):
        raise WrongBytesError(f"the hub's {file.name} has {info.bytes} bytes, not {file.bytes}")
    return replace(file, bytes=info.bytes, sha256=file.sha256 or info.sha256)


def _with_retries(
    name: str, meter: Meter, attempt: Callable[[], T], received: Callable[[], int] = lambda: 0
) -> T:
    """Call `attempt` until it succeeds. Raises SourceFailedError after too many failures."""
    failures = 0
    while True:
        before = received()
        try:
            return attempt()
        except TemporaryError as error:
            failures = 0 if received() > before else failures + 1
            if failures > len(RETRY_DELAYS_S) or error.wait_s > LONGEST_WAIT_S:
                raise SourceFailedError(f"{name}: {error}") from error
            wait_s = error.wait_s or RETRY_DELAYS_S[max(failures - 1, 0)]
            _log.info("%s: %s; asking the hub again in %.1f s", name, error, wait_s)
            meter.wait(wait_s)


def _check_stop(meter: Meter, failed: threading.Event) -> None:
    """Raise an error if the pull was stopped, or if another file of the model failed."""
    meter.check()
    if failed.is_set():
        raise _AbandonedError


def _fetch_file(
    client: HubClient,
    url: str,
    file: ModelFile,
    folder: Path,
    meter: Meter,
    failed: threading.Event,
) -> None:
    with IncomingFile(folder, file, origin=url) as incoming:
        from_earlier_run = incoming.size
        if from_earlier_run:
            _log.info("%s goes on from the hub after %d bytes", file.name, from_earlier_run)
        meter.add(from_earlier_run)
        while True:
            try:
                _with_retries(
                    file.name,
                    meter,
                    lambda: _fetch_rest(client, url, incoming, meter, failed),
                    lambda: incoming.size,
                )
                incoming.finish()
                return
            except WrongBytesError as error:
                _log.info("the bytes from the hub are deleted: %s", error)
                meter.add(-incoming.size)
                incoming.discard()
                if not from_earlier_run:
                    raise
                # The bytes of an earlier run may be wrong, so fetch the whole file once.
                from_earlier_run = 0
                incoming.open()


def _fetch_rest(
    client: HubClient, url: str, incoming: IncomingFile, meter: Meter, failed: threading.Event
) -> None:
    """Try once to fetch the rest of a file. Raises TemporaryError or SourceFailedError."""
    _check_stop(meter, failed)
    if incoming.file.bytes is not None and incoming.size == incoming.file.bytes:
        return
    if incoming.size and incoming.file.sha256 is None and not incoming.etag:
        # Nothing would tell whether the rest belongs to what we have.
        _start_over(incoming, meter)
    headers = {"Range": f"bytes={incoming.size}-"} if incoming.size else {}
    if incoming.size and incoming.etag:
        headers["If-Range"] = incoming.etag
    try:
        response = client.open(url, timeout=READ_TIMEOUT_S, headers=headers)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                _start_over(incoming, meter)
                raise TemporaryError("the hub's file is shorter than the part we have") from error
            raise error_of_status(error) from error
    except NETWORK as error:
        raise TemporaryError(describe(error)) from error
    with response:
        if incoming.size and response.status != HTTPStatus.PARTIAL_CONTENT:
            _start_over(incoming, meter)
        if incoming.file.sha256 is None and response.headers.get_content_type() == "text/html":
            raise SourceFailedError(f"{incoming.file.name}: the hub answers with a web page")
        etag = response.headers.get("ETag", "")
        if incoming.size and incoming.etag not in ("", etag):
            _start_over(incoming, meter)
            incoming.etag = ""
            raise TemporaryError("the hub's file has changed")
        incoming.etag = etag if etag.startswith('"') else ""
        total, length = incoming.file.bytes, whole_number(response.headers.get("Content-Length"))
        if total is None and length is not None:
            total = incoming.size + length
        speed = SpeedCheck()
        while True:
            _check_stop(meter, failed)
            try:
                chunk = response.read1(1 << 16)
            except NETWORK as error:
                raise TemporaryError(describe(error)) from error
            if not chunk:
                break
            incoming.write(chunk)
            meter.add(len(chunk))
            speed.count(len(chunk))
    if total is not None and incoming.size < total:
        raise TemporaryError(f"the connection ended after {incoming.size} of {total} bytes")


def _start_over(incoming: IncomingFile, meter: Meter) -> None:
    meter.add(-incoming.size)
    incoming.restart()
