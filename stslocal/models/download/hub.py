"""Fetch files of a Hugging Face repository: pinned to a commit, resumed across runs.

Addresses, token, endpoint and offline mode are huggingface_hub's, so HF_ENDPOINT, HF_TOKEN and
HF_HUB_OFFLINE mean what they always mean. The bytes are read here, because that package throws
an interrupted download away. It is imported nowhere else, so loading a model cannot call home.
"""

from __future__ import annotations

import logging
import queue
import shutil
import threading
import time
import urllib.error
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from stslocal.models.download.arrival import (
    Arrival,
    SourceFailedError,
    WrongBytesError,
    disk_full,
    size_so_far,
)
from stslocal.models.download.hub_http import NETWORK, HubClient, PassingError, describe, refusal
from stslocal.models.download.meter import Meter
from stslocal.models.manifest import HubSource, ModelFile

_log = logging.getLogger(__name__)

PROBE_S = 5.0
"""Seconds that the first contact may take. A hub that is out of reach costs this, once a pull."""
READ_TIMEOUT_S = 10.0
"""Seconds without a byte after which a connection is given up and opened anew."""
RETRY_DELAYS_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses between attempts that bring nothing; an attempt that brings bytes starts over."""
LONGEST_WAIT_S = 60.0
"""Seconds that the hub may ask us to wait (429 with Retry-After)."""
SLOWEST_BYTES_S = 1024.0
PACE_S = 30.0
"""A file that came slower than SLOWEST_BYTES_S over PACE_S seconds is given up."""
STREAMS = 4
"""Files fetched at a time, of all models of a pull together."""

T = TypeVar("T")


class _AbandonedError(Exception):
    """Another file of the model failed, so this one is left as it is."""


class Hub:
    """The hub as one pull sees it: once found out of reach, it is not asked again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: HubClient | None = None
        self._problem = ""
        self._slots = threading.BoundedSemaphore(STREAMS)

    def newest(self, source: HubSource, meter: Meter) -> str:
        """Ask which commit a repository is at now. Raises SourceFailedError."""
        path = next(iter(source.paths.values()))
        url = _url(source.repo, path, "main")
        client = self._connect(url, meter)
        statement = _persist(path, meter, lambda: client.ask(url, timeout=READ_TIMEOUT_S))
        if statement.commit is None:
            raise SourceFailedError(f"the hub does not say at which commit {source.repo} is")
        return statement.commit

    def fetch(
        self,
        source: HubSource,
        commit: str,
        files: Sequence[ModelFile],
        folder: Path,
        meter: Meter,
    ) -> None:
        """Fetch files into a model's folder. Raises SourceFailedError; OutputError if they are
        larger than the manifest could know and the disk cannot hold them.
        """
        urls = {file.name: _url(source.repo, source.paths[file.name], commit) for file in files}
        client = self._connect(next(iter(urls.values())), meter)
        files = [_learn(client, file, urls[file.name], meter) for file in files]
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
                    _give_way(meter, failed)
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
                from huggingface_hub import constants, get_token

                implicit = not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN
                self._client = HubClient(get_token() if implicit else None)
                offline = constants.HF_HUB_OFFLINE
                self._problem = "HF_HUB_OFFLINE is set" if offline else _probe(self._client, url)
            client = self._client
        if self._problem:
            raise SourceFailedError(self._problem)
        return client


def _url(repo: str, path: str, revision: str) -> str:
    from huggingface_hub import hf_hub_url

    name = repo.removeprefix("spaces/")
    kind = None if name == repo else "space"
    return hf_hub_url(name, path, repo_type=kind, revision=revision)


def _probe(client: HubClient, url: str) -> str:
    """Say why the hub is out of reach, or nothing.

    In a thread of its own, because looking up a name cannot be given a time limit.
    """
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask() -> None:
        try:
            client.open(url, timeout=PROBE_S, method="HEAD").close()
            answers.put("")
        except urllib.error.HTTPError as error:
            error.close()
            answers.put("")
        except (*NETWORK, ValueError) as error:  # ValueError: HF_ENDPOINT is no address
            answers.put(describe(error))

    threading.Thread(target=ask, name="hub-probe", daemon=True).start()
    try:
        reason = answers.get(timeout=PROBE_S)
    except queue.Empty:
        reason = f"no answer in {PROBE_S:g} s"
    return reason and f"{urlsplit(url).hostname} is out of reach: {reason}"


def _learn(client: HubClient, file: ModelFile, url: str, meter: Meter) -> ModelFile:
    """Complete what the manifest does not tell of a file with what the hub tells of it."""
    if file.bytes is not None and file.sha256 is not None:
        return file
    said = _persist(file.name, meter, lambda: client.ask(url, timeout=READ_TIMEOUT_S))
    if file.bytes is not None and said.bytes not in (None, file.bytes):
        raise WrongBytesError(f"the hub's {file.name} has {said.bytes} bytes, not {file.bytes}")
    return replace(file, bytes=said.bytes, sha256=file.sha256 or said.sha256)


def _persist(
    name: str, meter: Meter, attempt: Callable[[], T], done: Callable[[], int] = lambda: 0
) -> T:
    """Make attempts until one succeeds, or too many brought nothing. Raises SourceFailedError."""
    in_vain = 0
    while True:
        before = done()
        try:
            return attempt()
        except PassingError as error:
            in_vain = 0 if done() > before else in_vain + 1
            if in_vain > len(RETRY_DELAYS_S) or error.wait_s > LONGEST_WAIT_S:
                raise SourceFailedError(f"{name}: {error}") from error
            wait_s = error.wait_s or RETRY_DELAYS_S[max(in_vain - 1, 0)]
            _log.info("%s: %s; asking the hub again in %.1f s", name, error, wait_s)
            meter.wait(wait_s)


def _give_way(meter: Meter, failed: threading.Event) -> None:
    """Stop here if the pull was told to, or if another file of the model failed."""
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
    with Arrival(folder, file, origin=url) as arrival:
        inherited = arrival.size
        if inherited:
            _log.info("%s goes on from the hub after %d bytes", file.name, inherited)
        meter.add(inherited)
        while True:
            try:
                _persist(
                    file.name,
                    meter,
                    lambda: _stream(client, url, arrival, meter, failed),
                    lambda: arrival.size,
                )
                arrival.finish()
                return
            except WrongBytesError as error:
                _log.info("what came from the hub is thrown away: %s", error)
                meter.add(-arrival.size)
                arrival.discard()
                if not inherited:
                    raise
                # What an earlier run left may be at fault: once more, from the start.
                inherited = 0
                arrival.open()


def _stream(
    client: HubClient, url: str, arrival: Arrival, meter: Meter, failed: threading.Event
) -> None:
    """Make one attempt at the rest of a file. Raises PassingError or SourceFailedError."""
    _give_way(meter, failed)
    if arrival.file.bytes is not None and arrival.size == arrival.file.bytes:
        return
    headers = {"Range": f"bytes={arrival.size}-"} if arrival.size else {}
    try:
        response = client.open(url, timeout=READ_TIMEOUT_S, headers=headers)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                _start_over(arrival, meter)
                raise PassingError("the hub has less of it than came before") from error
            raise refusal(error) from error
    except NETWORK as error:
        raise PassingError(describe(error)) from error
    with response:
        if arrival.size and response.status != HTTPStatus.PARTIAL_CONTENT:
            _start_over(arrival, meter)
        total = arrival.file.bytes
        if total is None and response.headers["Content-Length"]:
            total = arrival.size + int(response.headers["Content-Length"])
        pace = _Pace()
        while True:
            _give_way(meter, failed)
            try:
                chunk = response.read1(1 << 16)
            except NETWORK as error:
                raise PassingError(describe(error)) from error
            if not chunk:
                break
            arrival.write(chunk)
            meter.add(len(chunk))
            pace.count(len(chunk))
    if total is not None and arrival.size < total:
        raise PassingError(f"the connection ended after {arrival.size} of {total} bytes")


class _Pace:
    """Notices a file that comes drop by drop."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._bytes = 0

    def count(self, size: int) -> None:
        self._bytes += size
        elapsed = time.perf_counter() - self._since
        if elapsed >= PACE_S:
            if self._bytes < SLOWEST_BYTES_S * elapsed:
                raise SourceFailedError(f"it sends only {self._bytes / elapsed:.0f} bytes a second")
            self._since, self._bytes = time.perf_counter(), 0


def _start_over(arrival: Arrival, meter: Meter) -> None:
    meter.add(-arrival.size)
    arrival.restart()
