"""The name of a model in a request: OpenAI's names stand for the server's own engine."""

from __future__ import annotations

import re
from typing import Any

from stslocal.engines import registry
from stslocal.engines.registry import Role
from stslocal.errors import SettingsError
from stslocal.server.errors import Refusal

_OF_OPENAI = re.compile(r"(whisper-1|tts-1|gpt-)[\w.-]{0,80}")
"""Clients have one of these built in, and no way to leave it out."""
_ANY = ("", "auto", "stslocal")


def check_model(name: str, taken: str, role: Role[Any]) -> None:
    """Raise Refusal for a name that stands neither for any engine nor for the one that is taken."""
    if name in (*_ANY, taken) or _OF_OPENAI.fullmatch(name):
        return
    try:
        meant = [choice.name for choice in registry.choices(role, name)]
    except SettingsError:
        raise _not_found(f"there is no {role.name} {name[:80]!r}", taken) from None
    if taken not in meant:
        raise _not_found(f"this server was not started with the {role.name} {name[:80]}", taken)


def _not_found(fault: str, taken: str) -> Refusal:
    message = f"{fault}: it has {taken}; leave out `model`, or send `auto`"
    return Refusal(404, "model_not_found", message, param="model")
