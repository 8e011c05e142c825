"""OpenAI's interface for recordings and texts: transcriptions, translations, speech, models."""

from __future__ import annotations

from starlette.routing import BaseRoute

from stslocal.server.audio_api.models import ModelRoutes
from stslocal.server.audio_api.recordings import RecordingTexts
from stslocal.server.audio_api.speech import SpeechRoutes
from stslocal.server.state import ServerState
from stslocal.server.work import Workers


def routes(state: ServerState) -> list[BaseRoute]:
    """The routes of this room."""
    workers = Workers(state.options.limits)
    return [
        *RecordingTexts(state, workers).routes(),
        *SpeechRoutes(state, workers).routes(),
        *ModelRoutes().routes(),
    ]
