"""Voices over HTTP: list them, make one from recordings of somebody who agreed, delete one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from stslocal import languages
from stslocal.audio.decode import read_blocks
from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.errors import SettingsError
from stslocal.loading.load import load_speaker_judges
from stslocal.models.store import ModelStore
from stslocal.server.errors import Refusal
from stslocal.server.state import ServerState
from stslocal.types import RECOGNITION_RATE, VoiceProfile
from stslocal.voices.choose import describe_voice, voice_kind
from stslocal.voices.enrol import Reference, check_speakers, enrol
from stslocal.voices.store import VoiceStore

_MOST_CLIPS = 8
_LONGEST_S = 600.0
"""Seconds of all recordings together: a voice takes no more than a minute, and the rest only costs
memory."""
_LONGEST_CONSENT = 400
_WAY_OUT = "take a recording of one speaker"


def routes(state: ServerState) -> list[BaseRoute]:
    """The routes under `/v1/voices`."""

    async def list_voices(request: Request) -> JSONResponse:
        """The saved voices, with what their speakers agreed to."""
        return JSONResponse({"object": "list", "data": await run_in_threadpool(_rows)})

    async def make_voice(request: Request) -> JSONResponse:
        """Make a voice from recordings. `consent` says whose it is, `agreed` that they agreed."""
        with tempfile.TemporaryDirectory(prefix="stslocal-voice-") as folder:
            fields, clips = await _receive(request, Path(folder))
            row = await run_in_threadpool(_make, state, fields, clips)
        return JSONResponse(row, 201)

    async def delete_voice(request: Request) -> Response:
        """Delete a saved voice."""
        await run_in_threadpool(_delete, request.path_params["name"])
        return Response(status_code=204)

    return [
        Route("/v1/voices", list_voices, methods=["GET"]),
        Route("/v1/voices", make_voice, methods=["POST"]),
        Route("/v1/voices/{name}", delete_voice, methods=["DELETE"]),
    ]


def _rows() -> list[dict[str, Any]]:
    store = VoiceStore()
    return [_row(store.load(voice.name)) for voice in store.voices()]


def _row(profile: VoiceProfile) -> dict[str, Any]:
    about = profile.provenance
    return {
        "name": profile.name,
        "kind": voice_kind(profile),
        "engine": profile.engine,
        "language": about.get("language", ""),
        "made_on": about.get("made_on", ""),
        "consent": about.get("consent", ""),
    }


def _delete(name: str) -> None:
    store = VoiceStore()
    if name not in store:
        raise Refusal(404, "voice_not_found", f"there is no saved voice {name[:64]!r}")
    store.remove(name)


async def _receive(request: Request, folder: Path) -> tuple[dict[str, str], list[Path]]:
    """The fields of a form, and its recordings as files of `folder`, whose names are ours."""
    fields: dict[str, str] = {}
    clips: list[Path] = []
    async with request.form(max_files=_MOST_CLIPS, max_fields=16) as form:
        for key, value in form.multi_items():
            if isinstance(value, UploadFile):
                clips.append(folder / f"recording {len(clips) + 1}")
                await run_in_threadpool(_copy, value, clips[-1])
            else:
                fields[key] = value
    return fields, clips


def _copy(upload: UploadFile, path: Path) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(upload.file, file)


def _make(state: ServerState, fields: dict[str, str], clips: Sequence[Path]) -> dict[str, Any]:
    name = fields.get("name", "").strip()
    consent = " ".join(fields.get("consent", "").split())[:_LONGEST_CONSENT]
    if fields.get("agreed") != "true" or not consent:
        raise Refusal(
            400, "consent_required",
            "say whose voice it is and that they agree to its use: `consent` with a text, and "
            "`agreed` with true", param="consent",
        )  # fmt: skip
    if not clips:
        raise Refusal(400, "invalid_form", "send one or more recordings as `file`", param="file")
    saved = VoiceStore()
    saved.path_for_new(name)
    language = languages.find(fields.get("language") or state.settings.target or "en").code
    _check_length(clips)
    reference = Reference.read(clips)
    detector, encoder = load_speaker_judges(ModelStore.discover())
    check_speakers(reference, detector, encoder, way_out=_WAY_OUT)
    engines = state.engines_for("auto", language, "files")
    if _is_built_in(engines.synthesizer, name):
        raise SettingsError(f"{name} is a built-in voice: choose another name")
    profile = enrol(engines.voices, reference, name=name, language=language, consent=consent)
    try:
        saved.save(profile)
    except SettingsError as error:  # somebody else was faster
        raise Refusal(409, "voice_exists", str(error)) from error
    about = describe_voice(profile)
    return {**_row(profile), "verdict": f"{reference.quality.verdict}; the voice is {about}"}


def _is_built_in(synthesizer: SpeechSynthesizer, name: str) -> bool:
    try:
        synthesizer.voice(name)
    except SettingsError:
        return False
    return True


def _check_length(clips: Sequence[Path]) -> None:
    """Refuse endless media before all of it is in memory."""
    total_s = 0.0
    for clip in clips:
        for block in read_blocks(clip, on_warning=lambda text: None):
            total_s += len(block) / RECOGNITION_RATE
            if total_s > _LONGEST_S:
                raise Refusal(
                    400, "too_long",
                    f"the recordings are longer than {_LONGEST_S / 60:.0f} minutes: a minute of "
                    "speech is enough", param="file",
                )  # fmt: skip
