"""The options of a server: where it listens, who may use it, and how much of it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from stslocal.errors import SettingsError
from stslocal.storage import server_folder

HOST, PORT = "127.0.0.1", 8790
LEAST_TOKEN = 16
"""Characters of a token; a shorter one can be guessed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, or all together, may take."""

    body_bytes: int = 1 << 20
    """Body of a request, without an uploaded file."""
    upload_bytes: int = 1 << 30
    """Body of a request with a file."""
    message_bytes: int = 1 << 20
    """A message of a WebSocket: 16 s of sound."""
    connections: int = 256
    """Open connections of all clients together."""
    requests_per_s: float = 50.0
    """Requests of one address, on average over some seconds."""
    messages_per_s: float = 200.0
    """Messages of one WebSocket, on average over some seconds."""
    header_s: float = 10.0
    """Until a new connection has sent the head of its request."""
    body_s: float = 30.0
    """Until the next piece of a body has arrived."""
    idle_s: float = 60.0
    """A session ends after so many seconds without sound."""
    recording_s: float = 6 * 3600.0
    """Length of an uploaded recording, whatever its header declares."""
    requests_at_once: int = 2
    """Recordings and texts in work at once, besides live sessions and jobs."""
    requests_waiting: int = 32
    """Further ones that may wait."""
    jobs: int = 100
    """File jobs that are kept, finished ones too."""
    jobs_at_once: int = 1
    """Jobs in work at once: live sessions need the rest of the machine."""
    jobs_bytes: int = 20 << 30
    """Disk of all jobs together, recordings and results."""
    recordings: int = 50
    """Recordings of one job."""
    resume_s: float = 30.0
    """A session waits so many seconds for a client whose connection was lost."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How `stslocal serve` was asked to run, checked."""

    host: str = HOST
    port: int = PORT
    """0 takes a free one."""
    token: str = field(default="", repr=False)
    """What clients must send; empty where only this machine is served."""
    certificate: Path | None = None
    key: Path | None = None
    self_signed: bool = False
    max_sessions: int = 0
    """Live sessions at once; 0 takes as many as this machine was measured to keep up with."""
    origins: tuple[str, ...] = ()
    """Origins of foreign pages that may use the server, such as `https://example.org`."""
    drain_s: float = 30.0
    """Seconds that open sessions get at the end, to translate what was said."""
    limits: Limits = Limits()
    folder: Path = field(default_factory=server_folder)
    """Where jobs and uploads lie. The jobs of a folder are one server's at a time."""

    def __post_init__(self) -> None:
        """Raise SettingsError for options that do not fit together."""
        if not self.is_local and not self.token:
            raise SettingsError(
                f"{self.host} can be reached from other machines: add `--token SECRET`, which "
                "clients then send"
            )
        if self.token and (len(self.token) < LEAST_TOKEN or not self.token.isascii()):
            raise SettingsError(
                f"the token is too easy to guess: give {LEAST_TOKEN} or more letters and digits, "
                "as `openssl rand -hex 16` makes them"
            )
        if not set(self.token) <= _TOKEN_CHARACTERS:
            raise SettingsError(
                "the token has other characters than letters, digits, - and _: make one with "
                "`openssl rand -hex 16`"
            )
        if (self.certificate is None) != (self.key is None):
            raise SettingsError("--certificate and --key belong together: give both")
        if self.self_signed and self.certificate is not None:
            raise SettingsError("--self-signed makes a certificate: leave out --certificate")
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"there is no port {self.port}: give a number from 0 to 65535")
        if not 0 <= self.max_sessions <= 10_000:
            raise SettingsError(
                f"--max-sessions {self.max_sessions} is not a number from 1 to 10000"
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def scheme(self) -> str:
        """The scheme of its address: `http` or `https`."""
        return "https" if self.self_signed or self.certificate is not None else "http"


_TOKEN_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is that of the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
