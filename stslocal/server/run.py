"""Runs the application: sockets, encryption, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from stslocal.errors import SettingsError
from stslocal.server.app import make_app
from stslocal.server.connections import bounded_connections
from stslocal.server.state import ServerState

_POLL_S = 0.05

# Without a handler Python prints its errors, which `serve` raises.
logging.getLogger("uvicorn").addHandler(logging.NullHandler())


class RunningServer:
    """A server of one process. `serve` blocks; the other methods are for any thread."""

    def __init__(self, state: ServerState) -> None:
        """Raises SettingsError for a certificate that cannot be used."""
        self._state = state
        self._server = _Server(_config(state))
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def serve(self, on_ready: Callable[[str], None] = lambda address: None) -> None:
        """Serve until `stop`. `on_ready` gets the address when clients can connect.

        Raises SettingsError where the port is taken or not allowed.
        """
        asyncio.run(self._serve(on_ready))

    def stop(self) -> None:
        """Take no new sessions, let the open ones end, and then end. For any thread."""
        self._state.ending.set()
        loop, wake = self._loop, self._wake
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(wake.set)

    async def _serve(self, on_ready: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        sessions = self._state.sessions
        running = asyncio.create_task(self._server.serve())
        while not self._server.started and not running.done():
            await asyncio.sleep(_POLL_S)
        if self._server.started:
            on_ready(self._address())
        watching = asyncio.create_task(sessions.watch())
        stopping = asyncio.create_task(self._stopped())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await sessions.drain(self._state.options.drain_s)
                self._server.should_exit = True
            await running
        except OSError as error:
            raise SettingsError(self._cannot_listen(error)) from error
        finally:
            watching.cancel()
            stopping.cancel()

    async def _stopped(self) -> None:
        while not self._state.ending.is_set():
            await self._wake.wait()

    def _address(self) -> str:
        options = self._state.options
        port = self._server.servers[0].sockets[0].getsockname()[1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        return f"{options.scheme}://{host}:{port}"

    def _cannot_listen(self, error: OSError) -> str:
        options = self._state.options
        if error.errno == errno.EADDRINUSE:
            return f"port {options.port} is taken by another program: give another `--port`"
        if error.errno == errno.EACCES:
            return f"port {options.port} needs rights of an administrator: give one from 1024 on"
        return (
            f"cannot listen at {options.host}, port {options.port}: `--host` takes an address of "
            "this machine"
        )


class _Server(uvicorn.Server):
    """uvicorn's server, whose signals and log are ours."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the command."""
        yield

    async def startup(self, sockets: object = None) -> None:
        """Listen. uvicorn would log the error and end the process."""
        try:
            await super().startup(None)
        except SystemExit as end:
            raise end.__context__ if isinstance(end.__context__, OSError) else OSError() from None


def _config(state: ServerState) -> uvicorn.Config:
    options = state.options
    certificate, key = _certificate(state)
    limits = options.limits
    return uvicorn.Config(
        make_app(state),
        host=options.host,
        port=options.port,
        http=bounded_connections(limits),
        # The other implementation is being removed from `websockets`.
        ws="websockets-sansio",
        ws_max_size=limits.message_bytes,
        ws_per_message_deflate=False,  # sound does not get smaller
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=max(1, round(options.drain_s)),
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def _certificate(state: ServerState) -> tuple[Path | None, Path | None]:
    options = state.options
    if options.self_signed:
        from stslocal.server.tls import self_signed_certificate

        return self_signed_certificate(options.host)
    for path in (options.certificate, options.key):
        if path is not None and not path.is_file():
            raise SettingsError(f"{path} is no file: give a certificate in PEM format")
    return options.certificate, options.key
