"""Who may use the server and how much: host, origin, token, rates and sizes, in this order.

* **Host.** Without a token the server answers only to this machine's own names. So a page of the
  web cannot reach it by giving its own name our address (DNS rebinding).
* **Origin.** A browser says which page sends a request. Other pages than ours are refused, unless
  the person has named them with --origin.
* **Token.** `Authorization: Bearer TOKEN`; for a WebSocket also the subprotocol
  `openai-insecure-api-key.TOKEN`, because a browser can send no header with it.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stslocal.server.errors import Refusal, error_response
from stslocal.server.options import ServerOptions, is_loopback
from stslocal.server.rates import Buckets

SUBPROTOCOL = "realtime"
"""The subprotocol that a client offers beside its token."""
_TOKEN_PROTOCOL = "openai-insecure-api-key."
_OPEN_PATHS = ("/health", "/", "/favicon.ico")
_OPEN_FOLDER = "/page/"
"""The page's own files hold no secret; what the page asks for needs the token."""
_FAILURES_PER_S, _FAILURES = 0.1, 10
_UPLOADS = ("/v1/audio/", "/v1/jobs", "/v1/voices")


class Security:
    """The middleware around all routes. Refuses in OpenAI's error shape."""

    def __init__(
        self,
        app: ASGIApp,
        options: ServerOptions,
        accepts: Callable[[str, str], bool] = lambda token, path: False,
    ) -> None:
        """`accepts` says whether another token than the server's own may be used for a path."""
        self._app = app
        self._options = options
        self._accepts = accepts
        limits = options.limits
        self._requests = Buckets(limits.requests_per_s, 4 * limits.requests_per_s)
        self._failures = Buckets(_FAILURES_PER_S, _FAILURES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
            if scope["type"] == "http":
                receive = self._bounded(scope, receive)
        except Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Refusal as refusal:  # the body was too large or too slow
            if begun:
                raise
            await _refuse(refusal, scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        client = scope["client"][0] if scope.get("client") else ""
        if not self._requests.of(client).take():
            raise Refusal(429, "rate_limit_exceeded", "too many requests: wait a second")
        self._check_host(headers)
        self._check_origin(headers, scope["scheme"])
        path = scope["path"]
        if self._options.token and not (path in _OPEN_PATHS or path.startswith(_OPEN_FOLDER)):
            self._check_token(token_of(headers), client, path)

    def _check_host(self, headers: Headers) -> None:
        if self._options.token:
            return
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if not is_loopback(host) and host != self._options.host:
            raise Refusal(
                403, "foreign_host",
                "this server answers only at 127.0.0.1 and localhost: for other names, start it "
                "with --token",
            )  # fmt: skip

    def _check_origin(self, headers: Headers, scheme: str) -> None:
        origin = headers.get("origin")
        secure = scheme in ("https", "wss")
        own = f"{'https' if secure else 'http'}://{headers.get('host', '')}"
        if origin is None or origin == own or origin in self._options.origins:
            return
        raise Refusal(
            403, "foreign_origin",
            f"pages of {origin!r:.80} may not use this server: `--origin` names those that may",
        )  # fmt: skip

    def _check_token(self, given: str, client: str, path: str) -> None:
        if not given:  # which guesses nothing, and takes nothing from others at that address
            raise Refusal(401, "missing_token", "send the token as `Authorization: Bearer TOKEN`")
        failures = self._failures.of(client)
        if failures.is_empty:
            raise Refusal(429, "rate_limit_exceeded", "too many wrong tokens: wait ten seconds")
        expected = self._options.token.encode()
        if hmac.compare_digest(given.encode(), expected) or self._accepts(given, path):
            return
        failures.take()
        raise Refusal(401, "invalid_token", "the token is wrong")

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body of a request, which may be neither too long nor too slow."""
        limits = self._options.limits
        upload = scope["path"].startswith(_UPLOADS)
        most = limits.upload_bytes if upload else limits.body_bytes
        too_long = Refusal(413, "too_large", f"the body has more than {most} bytes")
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > most:
            raise too_long
        taken, over = 0, False

        async def bounded() -> Message:
            nonlocal taken, over
            if over:  # the route waits for the end of the client, as long as that takes
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), limits.body_s)
            except asyncio.TimeoutError:
                raise Refusal(408, "too_slow", "the body of the request came too slowly") from None
            taken += len(message.get("body", b""))
            over = not message.get("more_body", False)
            if taken > most:
                raise too_long
            return message

        return bounded


def token_of(headers: Headers) -> str:
    """The token of a request; empty where it has none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    for protocol in headers.get("sec-websocket-protocol", "").split(","):
        if protocol.strip().startswith(_TOKEN_PROTOCOL):
            return protocol.strip()[len(_TOKEN_PROTOCOL) :]
    return ""


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response: JSONResponse = error_response(refusal)
    if refusal.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    if scope["type"] == "http":
        response.headers["connection"] = "close"
    await response(scope, receive, send)
