"""Refusals and failures as clients of OpenAI's interfaces know them: `{"error": {...}}`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stslocal.errors import (
    AudioDecodeError,
    ModelError,
    ModelNotFoundError,
    SettingsError,
    StslocalError,
    root_cause,
)


class Refusal(StslocalError):  # noqa: N818 - a refusal is no failure
    """A request that is refused, with its status and code."""

    def __init__(self, status: int, code: str, message: str, *, param: str | None = None) -> None:
        """`code` is a word for programs, such as `invalid_token`; `message` is for a person."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


def error_body(
    message: str, *, status: int, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """The JSON object of an error with an HTTP status."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def refusal_of(error: StslocalError) -> Refusal:
    """What a client gets for an error: 400 for a wrong request, 404 for a model, else 500."""
    reason = root_cause(error)
    if isinstance(reason, Refusal):
        return reason
    if isinstance(reason, ModelNotFoundError):
        return Refusal(404, "model_not_found", str(reason))
    if isinstance(reason, ModelError):
        return Refusal(500, "model_damaged", str(reason))
    if isinstance(reason, SettingsError):
        return Refusal(400, "invalid_value", str(reason))
    if isinstance(reason, AudioDecodeError):
        return Refusal(400, "invalid_audio", str(reason))
    return Refusal(500, "failed", str(reason))


def error_response(error: StslocalError) -> JSONResponse:
    """The answer to a request that ended with `error`."""
    refusal = refusal_of(error)
    body = error_body(str(refusal), status=refusal.status, code=refusal.code, param=refusal.param)
    return JSONResponse(body, refusal.status)


async def on_error(request: Request, error: Exception) -> Response:
    """Starlette's handler of a StslocalError that a route raises."""
    assert isinstance(error, StslocalError)
    return error_response(error)


async def on_missing(request: Request, error: Exception) -> Response:
    """Starlette's handler of its own HTTPException, such as a path that is not served."""
    status = getattr(error, "status_code", 500)
    text = {404: f"nothing is served at {request.url.path}"}.get(status, str(error.args[-1:]))
    if status == 405:
        text = f"{request.url.path} does not take {request.method}"
    return JSONResponse(error_body(text, status=status), status)


async def on_fault(request: Request, error: Exception) -> Response:
    """Starlette's handler of a bug, whose text may say what no client should know."""
    text = f"the server failed by a fault of its own ({type(error).__name__})"
    return JSONResponse(error_body(text, status=500, code="fault"), 500)
