"""Voices over HTTP: list them, make one from recordings of somebody who agreed, delete one."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
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
from stslocal.server.openapi import FILE, FORM, TEXT, choice_of, described
from stslocal.server.state import ServerState
from stslocal.server.uploads import Form, private_folder, receive_form
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
_FIELDS = {
    "name": (TEXT, "the name of the new voice"),
    "consent": (TEXT, "whose voice it is and what they agreed to; kept with the voice"),
    "agreed": (choice_of(["true"]), "that the speaker agrees"),
    "language": (TEXT, "the language that it is to speak"),
    "file": (FILE, f"a recording of the speaker; up to {_MOST_CLIPS}"),
}
_REQUIRED = ("name", "consent", "agreed", "file")


def routes(state: ServerState) -> list[BaseRoute]:
    """The routes under `/v1/voices`."""

    @described(tag="voices")
    async def list_voices(request: Request) -> JSONResponse:
        """The saved voices, with what their speakers agreed to."""
        return JSONResponse({"object": "list", "data": await run_in_threadpool(_rows)})

    @described(tag="voices", body=FORM, required=_REQUIRED, fields=_FIELDS)
    async def make_voice(request: Request) -> JSONResponse:
        """Make a voice from recordings. `consent` says whose it is, `agreed` that they agreed."""
        with private_folder(Path(tempfile.gettempdir())) as folder:
            form = await receive_form(request, folder, most_files=_MOST_CLIPS)
            form.check_names(frozenset(_FIELDS))
            row = await run_in_threadpool(_make, state, form)
        return JSONResponse(row, 201)

    @described(tag="voices")
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
    store, rows = VoiceStore(), []
    for voice in store.voices():
        with suppress(SettingsError):  # it is damaged, or was deleted just now
            rows.append(_row(store.load(voice.name)))
    return rows


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


def _make(state: ServerState, form: Form) -> dict[str, Any]:
    clips = [
        file.path.rename(file.path.with_name(f"recording {number}"))  # as messages call it
        for number, file in enumerate(form.files, 1)
    ]
    name = form.text("name").strip()
    consent = " ".join(form.text("consent").split())[:_LONGEST_CONSENT]
    if form.text("agreed") != "true" or not consent:
        raise Refusal(
            400, "consent_required",
            "say whose voice it is and that they agree to its use: `consent` with a text, and "
            "`agreed` with true", param="consent",
        )  # fmt: skip
    if not clips:
        raise Refusal(400, "invalid_form", "send one or more recordings as `file`", param="file")
    saved = VoiceStore()
    saved.path_for_new(name)
    language = languages.find(form.text("language") or state.settings.target or "en").code
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
