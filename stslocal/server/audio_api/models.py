"""The models that are installed, as OpenAI's clients list them."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore
from stslocal.server.errors import Refusal
from stslocal.server.openapi import described


class ModelRoutes:
    """The routes for the list of models."""

    def __init__(self, store: ModelStore | None = None) -> None:
        """`store` is the person's by default."""
        self._store = store

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/v1/models", self.models),
            Route("/v1/models/{model}", self.model),
        ]

    @described(tag="models")
    async def models(self, request: Request) -> JSONResponse:
        """List the installed models, in the order of the manifest."""
        rows = await run_in_threadpool(self._rows)
        return JSONResponse({"object": "list", "data": list(rows.values())})

    @described(tag="models")
    async def model(self, request: Request) -> JSONResponse:
        """Show one installed model."""
        name = request.path_params["model"]
        rows = await run_in_threadpool(self._rows)
        if name not in rows:
            raise Refusal(
                404,
                "model_not_found",
                f"no model {name[:80]!r} is installed: `stslocal models list` shows what there is",
                param="model",
            )
        return JSONResponse(rows[name])

    def _rows(self) -> dict[str, dict[str, Any]]:
        store = self._store or ModelStore.discover()
        return {
            model.id: _row(store, model)
            for model in store.manifest.models.values()
            if store.installed(model.id)
        }


def _row(store: ModelStore, model: Model) -> dict[str, Any]:
    """The fields of OpenAI's list, and what a person wants to know before using a model."""
    try:
        created = int(store.location(model).stat().st_mtime)
    except OSError:
        created = 0
    return {
        "id": model.id,
        "object": "model",
        "created": created,
        "owned_by": model.engine,
        "role": model.role,
        "title": model.title,
        "licence": model.licence,
        "licence_url": model.licence_url,
        "commercial": model.commercial,
    }
