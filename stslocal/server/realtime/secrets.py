"""Client secrets: tokens for a short time, which a page or a phone gets instead of the server's."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from stslocal.clock import Clock
from stslocal.server.realtime.protocol import ProtocolError, SessionConfig

_SHORTEST_S, _USUAL_S, _LONGEST_S = 10, 600, 7200
_MOST = 1000
"""Secrets that are valid at once; the oldest ends when there are more."""


@dataclass(frozen=True, slots=True)
class _Secret:
    config: SessionConfig
    model: str
    ends_s: float


class ClientSecrets:
    """Makes secrets and knows those that are valid. For the event loop's thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secrets: OrderedDict[str, _Secret] = OrderedDict()

    def create(self, request: object) -> tuple[str, int, SessionConfig, str]:
        """A new secret, its seconds of life, its configuration and its model.

        Raises ProtocolError for a request that cannot be used.
        """
        if not isinstance(request, dict) or not isinstance(request.get("session"), dict):
            raise ProtocolError("missing_value", "the body needs `session`", param="session")
        session: dict[str, Any] = request["session"]
        model = session.get("model")
        if not isinstance(model, str) or not 0 < len(model) <= 200:
            raise ProtocolError("missing_value", "the session needs `model`", param="session.model")
        config = SessionConfig().updated(session)
        life_s = _life_s(request.get("expires_after"))
        value = f"ek_{secrets.token_hex(24)}"
        self._secrets[value] = _Secret(config, model, self._clock.now() + life_s)
        if len(self._secrets) > _MOST:
            self._secrets.popitem(last=False)
        return value, life_s, config, model

    def accepts(self, value: str) -> bool:
        """Whether a secret is valid now."""
        return self.config(value) is not None

    def config(self, value: str) -> SessionConfig | None:
        """The configuration of sessions with this secret; None if it is not valid."""
        found = self._secrets.get(value)
        if found is None:
            return None
        if found.ends_s < self._clock.now():
            del self._secrets[value]
            return None
        return found.config


def _life_s(expires_after: object) -> int:
    if expires_after is None:
        return _USUAL_S
    seconds = expires_after.get("seconds", _USUAL_S) if isinstance(expires_after, dict) else None
    if not isinstance(seconds, int) or not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise ProtocolError(
            "invalid_value",
            f"a secret lives {_SHORTEST_S} to {_LONGEST_S} seconds",
            param="expires_after.seconds",
        )
    return seconds
