"""Connections before they are requests: how many there are, and how long their head may take."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from stslocal.server.options import Limits

_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: application/json\r\n"
    b'\r\n{"error": {"message": "too many connections are open", "type": "server_error", '
    b'"param": null, "code": "too_many_connections"}}'
)


class _BoundedConnection(H11Protocol):
    """A connection that is closed when the head of a request takes too long.

    uvicorn itself waits for it without end, so a few thousand idle clients would take all sockets.
    """

    limits = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._is_one_too_many = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._is_one_too_many = len(self.connections) > self.limits.connections
        if len(self.connections) > 2 * self.limits.connections:
            transport.abort()
            return
        self._deadline = self.loop.call_later(self.limits.header_s, self._end_if_waiting)

    def data_received(self, data: bytes) -> None:
        if self._is_one_too_many:  # answered only now: a client that still sends gets no answer
            self.transport.write(_TOO_MANY)
            self.transport.close()
            return
        super().data_received(data)
        waits = self._waits_for_head()
        if not waits and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif waits and self._deadline is None and self.conn.trailing_data[0]:
            self._deadline = self.loop.call_later(self.limits.header_s, self._end_if_waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _waits_for_head(self) -> bool:
        return self.conn.their_state is h11.IDLE

    def _end_if_waiting(self) -> None:
        self._deadline = None
        if self._waits_for_head() and not self.transport.is_closing():
            self.transport.close()


def bounded_connections(limits: Limits) -> type[H11Protocol]:
    """Make uvicorn's protocol for connections with these limits."""
    return type("BoundedConnection", (_BoundedConnection,), {"limits": limits})
