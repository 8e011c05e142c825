"""The server on a Ray cluster: `serve run stslocal.server.ray:app to=pt sessions=4`.

Each replica is the application of `stslocal serve`, in a process that loads the engines once. A
WebSocket stays at its replica. A session outlives it: each text is kept in a ledger, an actor of
the cluster, before it is sent; the client comes back to any replica, which goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

import ray
from ray import serve
from ray.exceptions import RayError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stslocal.errors import SettingsError
from stslocal.foreign_files import UnreadableFileError, open_file
from stslocal.server.app import make_app
from stslocal.server.errors import Refusal, error_response
from stslocal.server.ledger import Ledger
from stslocal.server.options import ServerOptions, is_loopback
from stslocal.server.realtime import endpoint
from stslocal.server.realtime.handover import Handover
from stslocal.server.state import LoadEngines, ServerState
from stslocal.settings import Settings

_log = logging.getLogger(__name__)

_KEEP_S = 2.0
"""For the ledger to answer. A session does not wait longer, and then outlives no replica."""
_SPARE = 16
"""Requests of a replica besides its sessions."""
_LEAVE_S = 60.0
"""For sessions to end before a replica that is not needed ends; then their clients move."""
_LONGEST_TOKEN = 4096
_OF_ONE_PROCESS = ("/v1/jobs", "/v1/rooms", f"{endpoint.PATH}/client_secrets")
"""What one process keeps to itself. It would be missing in the other replicas."""


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """The arguments of `serve run stslocal.server.ray:app`, as NAME=VALUE."""

    to: str = ""
    """Language whose engines are loaded at the start."""
    source: str = "auto"
    """Language that is spoken (`from` in other programs, which is a word of Python)."""
    token_file: str = ""
    """File with what clients must send. Without it only the machine of the proxy is served."""
    sessions: int = 4
    """Live sessions of a replica: as many as `stslocal doctor` shows for so many processors."""
    min_replicas: int = 1
    max_replicas: int = 1
    cpus: int = 2
    """Processors of a replica, and the threads of its engines."""
    gpus: float = 0.0

    @classmethod
    def parse(cls, arguments: Mapping[str, Any]) -> ClusterOptions:
        """Read the arguments. Raises SettingsError."""
        kinds: dict[str, type] = {"sessions": int, "min_replicas": int, "max_replicas": int,
                                  "cpus": int, "gpus": float}  # fmt: skip
        names = [field.name for field in fields(cls)]
        values: dict[str, Any] = {}
        for name, value in arguments.items():
            if name not in names:
                raise SettingsError(f"there is no {name}=: give {', '.join(names)}")
            try:
                values[name] = kinds.get(name, str)(value)
            except ValueError:
                raise SettingsError(f"{name}={value} is no number: give one") from None
        options = cls(**values)
        if min(options.sessions, options.min_replicas, options.cpus) < 1 or options.gpus < 0:
            raise SettingsError("sessions, min_replicas and cpus are numbers from 1 on")
        return replace(options, max_replicas=max(options.min_replicas, options.max_replicas))


def app(arguments: dict[str, Any]) -> Any:
    """The application for `serve run` and for configuration files of Ray Serve.

    Raises SettingsError for arguments that cannot be followed.
    """
    options = ClusterOptions.parse(arguments)
    settings = Settings.load({"target": options.to or None, "source": options.source})
    return deployment(options, settings, _token(options.token_file))


def deployment(
    options: ClusterOptions, settings: Settings, token: str = "", load: LoadEngines | None = None
) -> Any:
    """The application with settings; `load` is another source of engines, for tests."""
    if not token and os.environ.get("RAY_SERVE_ENABLE_HA_PROXY", "0") == "1":
        raise SettingsError("HAProxy hides where clients are: give a token_file")
    settings = replace(settings, threads=settings.threads or options.cpus)
    served = ServerOptions(
        host="0.0.0.0" if token else "127.0.0.1", token=token, max_sessions=options.sessions
    )

    def build() -> ASGIApp:
        state = ServerState(served, settings, load=load)
        state.handovers = RayHandovers()
        if settings.target:
            engines = state.engines_for(settings.source, settings.target)
            source = None if settings.source == "auto" else settings.source
            engines.warm_up(source, settings.target)
        return Replica(state)

    return serve.deployment(
        serve.ingress(build)(),
        name="stslocal",
        max_ongoing_requests=options.sessions + _SPARE,
        autoscaling_config={
            "min_replicas": options.min_replicas,
            "max_replicas": options.max_replicas,
            "target_ongoing_requests": max(1.0, 0.75 * options.sessions),
        },
        ray_actor_options={"num_cpus": options.cpus, "num_gpus": options.gpus},
        graceful_shutdown_timeout_s=_LEAVE_S,
    ).bind()


class RayHandovers:
    """The Handovers of a replica, in an actor that outlives all replicas."""

    def __init__(self) -> None:
        self._owner = secrets.token_hex(8)
        self._ledger = (
            ray.remote(Ledger)
            .options(
                name="stslocal-ledger", namespace="stslocal", lifetime="detached",
                get_if_exists=True, num_cpus=0, max_restarts=-1,
            )
            .remote()
        )  # fmt: skip

    def keep(self, session: Handover) -> bool:
        """As Handovers."""
        try:
            kept = ray.get(self._ledger.keep.remote(self._owner, session), timeout=_KEEP_S)
        except RayError as error:
            _log.warning("the ledger does not answer (%s)", type(error).__name__)
            return True
        return bool(kept)

    def take(self, session_id: str) -> Handover | None:
        """As Handovers."""
        try:
            found = ray.get(self._ledger.take.remote(self._owner, session_id), timeout=_KEEP_S)
        except RayError as error:
            _log.warning("the ledger does not answer (%s)", type(error).__name__)
            return None
        return cast("Handover | None", found)


class Replica:
    """The application around that of `stslocal serve`: what uvicorn and its own loop do there."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._app = make_app(state)
        self._watching: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            self._check(scope)
        except Refusal as refusal:
            await error_response(refusal)(scope, receive, send)
            return
        await self._app(scope, self._bounded(receive), send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._watching = asyncio.create_task(self._state.sessions.watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching
        await send({"type": "lifespan.shutdown.complete"})

    def _check(self, scope: Scope) -> None:
        client = (scope.get("client") or ("",))[0]
        if not self._state.options.token and not is_loopback(client):
            raise Refusal(
                403, "foreign_client",
                "without a token only the server's own machine is served: start it with token_file",
            )  # fmt: skip
        if scope["path"].startswith(_OF_ONE_PROCESS):
            raise Refusal(
                501, "not_on_a_cluster",
                "jobs, rooms and client secrets are kept by one process: use `stslocal serve`",
            )  # fmt: skip

    def _bounded(self, receive: Receive) -> Receive:
        """Messages of a WebSocket, of which a long one ends the connection."""
        most = self._state.options.limits.message_bytes

        async def bounded() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                size = len(message.get("text") or message.get("bytes") or "")
                if size > most:
                    return {"type": "websocket.disconnect", "code": 1009}
            return message

        return bounded


def _token(path: str) -> str:
    if not path:
        return ""
    try:
        with open_file(Path(path)) as file:
            token = file.read(_LONGEST_TOKEN).decode().strip()
    except (OSError, UnicodeDecodeError, UnreadableFileError) as error:
        raise SettingsError(f"{path} cannot be read: give a file of text") from error
    if not token:
        raise SettingsError(f"{path} is empty: write into it what clients must send")
    return token
