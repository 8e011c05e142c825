"""The settings of a person: defaults < settings file < environment < flags.

The file is TOML, with one key for each setting, at `STSLOCAL_CONFIG` or in the user's
configuration folder (`stslocal/config.toml`). A setting has the name of its flag (`max-lag`), and
in the environment that name in capitals (`STSLOCAL_MAX_LAG`). Keys may be written with `-` or `_`.
An unknown key is an error that names the nearest one.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from stslocal import languages
from stslocal.errors import SettingsError
from stslocal.foreign_files import PathKind, UnreadableFileError, read_toml
from stslocal.storage import PLACE_VARIABLES, config_path

DEVICES = ("auto", "cpu", "cuda")
COMPUTE_TYPES = (
    "auto", "int8", "int8_float16", "int8_float32", "int8_bfloat16", "int16", "float16",
    "bfloat16", "float32",
)  # fmt: skip
OUTPUT_FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")
SUBTITLE_FORMATS = ("srt", "vtt")
SUBTITLE_TIMES = ("auto", "source", "speech")
DUPLEX_MODES = ("auto", "half", "full", "aec")
HIGHEST_SPEED_CAP = 2.0
"""The engines speak no faster than this."""
MATCH_VOICE = "match"
"""The name that stands for a voice like the speaker's: the nearest one, or a clone."""


FLAG_NAMES = {"source": "from", "target": "to", "max_lag_s": "max_lag"}
"""The flags of settings whose attribute here has another name. Both names are accepted."""
_COMMAND_LINE = "the command line"
_ATTRIBUTES = {flag: name for name, flag in FLAG_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run, all checked."""

    source: str = "auto"
    """Language of the speech, a code of `stslocal.languages`; `auto` detects it."""
    target: str = ""
    """Language to translate into; empty when none is set."""
    voice: str = MATCH_VOICE
    """`match` for a voice like the speaker's, else the name of a voice."""
    device: str = "auto"
    """Where engines compute: `cpu`, `cuda`, or `auto`, which takes a GPU where there is one."""
    compute_type: str = "auto"
    """CTranslate2's number format, such as `int8` or `float16`; `auto` takes the fastest here."""
    threads: int = 0
    """CPU threads for all engines together; 0 means one for each core."""
    asr: str = "auto"
    """Name of the recognizer in the registry."""
    mt: str = "auto"
    """Name of the translator, or `whisper` for Whisper's own translation into English."""
    tts: str = "auto"
    """Name of the synthesizer."""
    glossary: str = ""
    """File of terms with fixed translations; empty when there is none."""
    output_format: str = "wav"
    """Format of the translated speech: `wav`, `flac`, `mp3`, `ogg` or `m4a`."""
    subtitles: tuple[str, ...] = SUBTITLE_FORMATS
    """Formats of the subtitles to write beside the speech."""
    subtitle_times: str = "auto"
    """Times of the translation's subtitles: those of the `source`, those of the translated
    `speech`, or `auto`, the source's for a video and the speech's for sound alone."""
    speed_cap: float = 1.5
    """Highest speaking rate of file translation, where 1.0 is the voice's own rate. A rate above
    1.2 is taken only where the lag would exceed `max-lag`."""
    max_lag_s: float = 4.0
    """Lag in seconds behind the speaker that a translation tries not to exceed."""
    duplex: str = "auto"
    """What live translation does so that its own voice is not recognized."""

    @classmethod
    def load(
        cls,
        flags: Mapping[str, object] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> Settings:
        """Combine the settings of the file, the environment and the flags.

        A flag that is None was not given. `environ` is `os.environ` by default. Raises
        SettingsError for a key or a value that cannot be used, with its origin.
        """
        environ = os.environ if environ is None else environ
        path = config_path(environ)
        settings = cls().updated(_read_file(path), origin=str(path))
        settings = settings.updated(_from_environment(environ), origin="the environment")
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        return settings.updated(given, origin=_COMMAND_LINE)

    def updated(self, values: Mapping[str, object], *, origin: str) -> Settings:
        """Return these settings with `values` over them, checked; `origin` is for messages."""
        checked: dict[str, Any] = {}
        for key, value in values.items():
            name = key.replace("-", "_")
            name = _ATTRIBUTES.get(name, name)
            if name not in _CHECKS:
                raise SettingsError(f"{origin} has an unknown setting '{key}'{_nearest(name)}")
            try:
                checked[name] = _CHECKS[name](value)
            except SettingsError as error:
                flag = FLAG_NAMES.get(name, name).replace("_", "-")
                place = f"--{flag}" if origin == _COMMAND_LINE else f"{key} in {origin}"
                raise SettingsError(f"{place}: {error}") from None
        return replace(self, **checked)


def _read_file(path: Path) -> dict[str, object]:
    try:
        return read_toml(path)
    except UnreadableFileError as error:
        if error.kind is PathKind.MISSING:
            return {}
        raise SettingsError(f"the settings file {path} {error}") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for variable, text in environ.items():
        if not variable.startswith("STSLOCAL_") or variable in PLACE_VARIABLES:
            continue
        name = variable.removeprefix("STSLOCAL_").lower()
        name = _ATTRIBUTES.get(name, name)
        default = _DEFAULTS.get(name)
        if isinstance(default, tuple):
            values[name] = [part.strip() for part in text.split(",") if part.strip()]
        elif isinstance(default, int | float):
            values[name] = _as_number(text)
        else:
            values[name] = text
    return values


def _as_number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _nearest(name: str) -> str:
    known = [FLAG_NAMES.get(setting, setting) for setting in _CHECKS]
    near = difflib.get_close_matches(name, [*known, *FLAG_NAMES], n=1)
    return f": did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}"


def _one_of(*allowed: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value not in allowed:
            raise SettingsError(f"{value!r} is not one of {', '.join(allowed)}")
        return str(value)

    return check


def _some_of(*allowed: str) -> Callable[[object], tuple[str, ...]]:
    check_one = _one_of(*allowed)

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise SettingsError(f"{value!r} is not a list of {', '.join(allowed)}")
        return tuple(dict.fromkeys(check_one(item) for item in value))

    return check


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{value!r} is not a name")
    return value


def _whole(low: int, high: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise SettingsError(f"{value!r} is not a whole number from {low} to {high}")
        return value

    return check


def _between(low: float, high: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:  # type: ignore[operator]
            raise SettingsError(f"{value!r} is not a number from {low:g} to {high:g}")
        return float(value)  # type: ignore[arg-type]

    return check


def _language(*words: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        return _text(value) if value in words else languages.find(_text(value)).code

    return check


_CHECKS: Mapping[str, Callable[[object], object]] = {
    "source": _language("auto"),
    "target": _language(),
    "voice": _text,
    "device": _one_of(*DEVICES),
    "compute_type": _one_of(*COMPUTE_TYPES),
    "threads": _whole(0, 256),
    "asr": _text,
    "mt": _text,
    "tts": _text,
    "glossary": _text,
    "output_format": _one_of(*OUTPUT_FORMATS),
    "subtitles": _some_of(*SUBTITLE_FORMATS),
    "subtitle_times": _one_of(*SUBTITLE_TIMES),
    "speed_cap": _between(1.0, HIGHEST_SPEED_CAP),
    "max_lag_s": _between(0.5, 60.0),
    "duplex": _one_of(*DUPLEX_MODES),
}

_DEFAULTS = {field.name: field.default for field in fields(Settings)}
