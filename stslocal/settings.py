"""The settings of a person: defaults < settings file < environment < flags.

How they are written is in `stslocal.written_settings`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from stslocal import languages
from stslocal.errors import SettingsError
from stslocal.storage import config_path
from stslocal.written_settings import (
    WrittenSetting,
    by_attribute,
    from_environment,
    from_file,
    from_flags,
)

DEVICES = ("auto", "cpu", "cuda")
COMPUTE_TYPES = (
    "auto", "int8", "int8_float16", "int8_float32", "int8_bfloat16", "int16", "float16",
    "bfloat16", "float32",
)  # fmt: skip
SOUND_FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")
VIDEO_FORMATS = ("mp4", "mkv", "webm", "mov")
OUTPUT_FORMATS = (*SOUND_FORMATS, *VIDEO_FORMATS)
"""Each name is also the suffix of the file."""
AUTO_FORMAT = "auto"
"""The name that stands for a video where the recording is one, else for WAV."""
SUBTITLE_FORMATS = ("srt", "vtt", "ass", "txt", "tsv", "json")
USUAL_SUBTITLES = ("srt", "vtt")
SUBTITLE_TIMES = ("auto", "source", "speech")
CHECKS = ("auto", "all", "none")
ORIGINALS = ("auto", "off", "duck", "full")
BACKGROUNDS = ("auto", "keep")
QUIETEST_ORIGINAL_DB = 60
DUPLEX_MODES = ("auto", "half", "full", "aec")
PATIENCES = ("quick", "balanced", "sentence")
HIGHEST_SPEED_CAP = 2.0
"""The engines speak no faster than this."""
AUTO_VOICE = "auto"
"""The name that stands for the voice that is most like the speaker's here: cloned, else converted,
else matched."""
CONVERT_VOICE = "convert"
"""The name that stands for a built-in voice that is converted into the speaker's."""
MATCH_VOICE = "match"
"""The name that stands for the built-in voice nearest to the speaker's, or the clone of an engine
that clones."""
NO_SPEECH = "none"
"""The name that stands for no synthesizer: the translation is text alone."""
LIKE_THE_SPEAKER = (AUTO_VOICE, CONVERT_VOICE, MATCH_VOICE)
"""The names that stand for a voice like the speaker's."""
PART_OF_ANOTHER = {"part": True}
"""Marks a field that is no setting by itself: another setting is written with it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run, all checked."""

    source: str = "auto"
    """Language of the speech, a code of `stslocal.languages`; `auto` detects it."""
    target: str = ""
    """Language to translate into; empty when none is set."""
    source_region: str = field(default="", metadata=PART_OF_ANOTHER)
    """The region in `source` as it was written, such as `BR`; empty when none was."""
    target_region: str = field(default="", metadata=PART_OF_ANOTHER)
    """The region in `target`; a voice that has it speaks so."""
    voice: str = AUTO_VOICE
    """`auto` for a voice like the speaker's: cloned where the synthesizer clones, else converted
    where a converter is installed, else matched; `convert` or `match` for that one; else the name
    of a voice."""
    device: str = "auto"
    """Where engines compute: `cpu`, `cuda`, or `auto`, which takes a GPU where there is one.
    Whisper, NLLB, OPUS-MT and XTTS can use a GPU; the others run on the processor."""
    compute_type: str = "auto"
    """CTranslate2's number format, such as `int8` or `float16`; `auto` takes the fastest here."""
    threads: int = 0
    """CPU threads for all engines together; 0 means one for each core."""
    asr: str = "auto"
    """Name of the recognizer in the registry."""
    mt: str = "auto"
    """Name of the translator, or `whisper` for Whisper's own translation into English."""
    tts: str = "auto"
    """Name of the synthesizer, or `none` for a translation that is text alone: subtitles, session
    and report of a file, captions live."""
    glossary: str = ""
    """File of terms with fixed translations; empty when there is none."""
    output_format: str = AUTO_FORMAT
    """Format of the result: sound (`wav`, `flac`, `mp3`, `ogg`, `m4a`), a video with the translated
    sound (`mp4`, `mkv`, `webm`, `mov`), or `auto`, a video for a video and WAV for sound alone."""
    subtitles: tuple[str, ...] = USUAL_SUBTITLES
    """Kinds of the subtitles to write beside the speech: `srt`, `vtt`, `ass`, `txt`, `tsv`, `json`,
    or `all`."""
    subtitle_times: str = "auto"
    """Times of the translation's subtitles: those of the `source`, those of the translated
    `speech`, or `auto`, the source's for a video and the speech's for sound alone."""
    original: str = "auto"
    """The original sound beneath the translation of a file: `off`, `duck` (18 dB down while
    anybody speaks), `full`, a level such as `-20dB`, or `auto`, `duck` for a video and else
    `off`."""
    background: str = "auto"
    """Music and noise of the original: `keep` leaves them at their level beneath the translation
    of a file, and `original` is then the level of the voice alone, which `auto` takes out where it
    is translated; `auto` does not tell them from the voice."""
    speed_cap: float = 1.5
    """Highest speaking rate of file translation, where 1.0 is the voice's own rate. A rate above
    1.2 is taken only where the lag would exceed `max-lag`."""
    max_lag_s: float = 4.0
    """Lag in seconds behind the speaker that a translation tries not to exceed."""
    check: str = "auto"
    """Which sentences of the translated speech are recognized again, and said again if they are
    wrong: `all`, `none`, or `auto`, those with a number or an unusual length."""
    patience: str = "balanced"
    """How long live translation waits for the end of a sentence: `quick`, `balanced` or
    `sentence`."""
    duplex: str = "auto"
    """What live translation does so that its own voice is not recognized."""
    input_device: str = ""
    """Microphone, by its number or a part of its name; empty for the system's."""
    output_device: str = ""
    """Loudspeaker, by its number or a part of its name; empty for the system's."""

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
        return cls.load_with_origins(flags, environ=environ)[0]

    @classmethod
    def load_with_origins(
        cls,
        flags: Mapping[str, object] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> tuple[Settings, dict[str, WrittenSetting]]:
        """Like `load`, with what was written, by attribute; defaults are not in it."""
        environ = os.environ if environ is None else environ
        settings, origins = cls(), {}
        for layer in (
            from_file(config_path(environ)),
            from_environment(environ, _NUMBERS),
            from_flags(flags),
        ):
            written = by_attribute(layer, _CHECKS)
            checked: dict[str, Any] = {name: _checked(name, one) for name, one in written.items()}
            for name in ("source", "target"):
                if name in written:
                    checked[f"{name}_region"] = languages.region_of(str(written[name].value))
            settings = replace(settings, **checked)
            origins.update(written)
        return settings, origins

    @property
    def is_spoken(self) -> bool:
        """Whether the translation is spoken."""
        return self.tts != NO_SPEECH

    def with_values(self, values: Mapping[str, object]) -> Settings:
        """These settings with other values, by attribute. Raises SettingsError for a wrong one."""
        checked: dict[str, Any] = {}
        for name, value in values.items():
            try:
                checked[name] = _CHECKS[name](value)
            except SettingsError as error:
                raise SettingsError(f"{name}: {error}") from None
        return replace(self, **checked)


def _checked(name: str, one: WrittenSetting) -> object:
    try:
        return _CHECKS[name](one.value)
    except SettingsError as error:
        raise SettingsError(f"{one.place}: {error}") from None


def _one_of(*allowed: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value not in allowed:
            raise SettingsError(f"{value!r} is not one of {', '.join(allowed)}")
        return str(value)

    return check


def _some_of(*allowed: str) -> Callable[[object], tuple[str, ...]]:
    check_one = _one_of(*allowed)

    def check(value: object) -> tuple[str, ...]:
        if isinstance(value, str):  # as the flag and the environment have it
            parts = [part.strip() for part in value.split(",")]
            value = [] if parts == ["none"] else [part for part in parts if part]
            value = list(allowed) if parts == ["all"] else value
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


def _original(value: object) -> str:
    """One of ORIGINALS, or a level such as -20dB."""
    if value in ORIGINALS:
        return str(value)
    level = str(value).casefold().replace(" ", "").removesuffix("db")
    if not level.startswith("-") or not level[1:].isdecimal() or len(level) > 3:
        raise SettingsError(
            f"{value!r} is not one of {', '.join(ORIGINALS)}, or a level such as -20dB"
        )
    if not 1 <= int(level[1:]) <= QUIETEST_ORIGINAL_DB:
        raise SettingsError(f"{value!r} is not a level from -1dB to -{QUIETEST_ORIGINAL_DB}dB")
    return f"-{int(level[1:])}dB"


def _device(value: object) -> str:
    """A device's number or a part of its name."""
    number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return str(value) if number else _text(value)


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
    "output_format": _one_of(AUTO_FORMAT, *OUTPUT_FORMATS),
    "subtitles": _some_of(*SUBTITLE_FORMATS),
    "subtitle_times": _one_of(*SUBTITLE_TIMES),
    "original": _original,
    "background": _one_of(*BACKGROUNDS),
    "speed_cap": _between(1.0, HIGHEST_SPEED_CAP),
    "max_lag_s": _between(0.5, 60.0),
    "check": _one_of(*CHECKS),
    "patience": _one_of(*PATIENCES),
    "duplex": _one_of(*DUPLEX_MODES),
    "input_device": _device,
    "output_device": _device,
}

_NUMBERS = [each.name for each in fields(Settings) if isinstance(each.default, int | float)]
