"""What the scripted server has: languages, models and voices."""

from __future__ import annotations

from typing import Any

_ENGLISH = {"code": "en", "name": "English", "native_name": "English"}
_PORTUGUESE = {"code": "pt", "name": "Portuguese", "native_name": "português"}
_ARABIC = {"code": "ar", "name": "Arabic", "native_name": "العربية"}
LANGUAGES: dict[str, Any] = {
    "sources": [_ARABIC, _ENGLISH, _PORTUGUESE],
    "targets": [_ARABIC, _ENGLISH, _PORTUGUESE],
    "pairs": {"ar": ["en"], "en": ["ar", "pt"], "pt": ["en"]},
    "source": "",
    "target": "pt",
}
MODELS: list[dict[str, Any]] = [
    {
        "id": "whisper-base",
        "title": "Whisper base",
        "purpose": "recognition",
        "size": "145 MB",
        "licence": "MIT",
        "licence_url": "/page/icon.svg",
        "commercial": True,
        "installed": True,
        "command": "",
        "languages": "",
    },
    *(
        {
            "id": f"firefox-en-{code}",
            "title": f"Firefox Translations, English to {name}",
            "purpose": "translation",
            "size": "30 MB",
            "licence": "MPL-2.0",
            "licence_url": "",
            "commercial": True,
            "installed": False,
            "command": f"stslocal models pull firefox-en-{code}",
            "languages": name,
        }
        for code, name in (("fr", "French"), ("de", "German"), ("es", "Spanish"))
    ),
    {
        "id": "xtts-v2",
        "title": "XTTS, which clones voices",
        "purpose": "speech",
        "size": "1.9 GB",
        "licence": "CPML",
        "licence_url": "",
        "commercial": False,
        "installed": False,
        "command": "stslocal models pull xtts-v2 --accept-licence",
        "languages": "",
    },
]
VOICES: list[dict[str, Any]] = [
    {
        "name": "maria",
        "kind": "cloned",
        "engine": "pocket",
        "made_on": "2026-11-02",
        "consent": "Maria: for our lectures",
    }
]
