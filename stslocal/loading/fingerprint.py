"""The fingerprint of a translation: its session file holds it, and a rerun compares it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from stslocal.loading.selection import EngineSelection
from stslocal.storage import sha256_of, sha256_of_stream
from stslocal.translation.request import TranslationRequest
from stslocal.voices.store import VoiceStore


def fingerprint(request: TranslationRequest, engines: EngineSelection) -> dict[str, Any]:
    """Return the request and the engines as JSON values, with the sha256 of each named file."""
    saved = VoiceStore()
    return {
        "from": request.source_language or "auto",
        "to": request.target_language,
        **({"region": request.target_region} if request.target_region else {}),
        "voice": engines.voice(request.voice),
        "reference": _sha256(request.reference) if request.reference else None,
        "saved_voice": sha256_of(saved.path(request.voice)) if request.voice in saved else None,
        **({"glossary": request.glossary.digest} if request.glossary else {}),
        **engines.as_settings(),
    }


def _sha256(reference: Path | BinaryIO) -> str:
    if isinstance(reference, Path):
        return sha256_of(reference)
    reference.seek(0)  # it has been read
    digest = sha256_of_stream(reference)
    reference.seek(0)  # it is read again
    return digest
