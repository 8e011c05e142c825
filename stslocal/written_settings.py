"""Settings as a person wrote them: in the settings file, in the environment or as flags.

The file is TOML, with one key for each setting, at `STSLOCAL_CONFIG` or in the user's
configuration folder (`stslocal/config.toml`). A setting has the name of its flag (`max-lag`), and
in the environment that name in capitals (`STSLOCAL_MAX_LAG`). Keys may be written with `-` or `_`.
What the values may be is in `stslocal.settings`.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from stslocal.errors import SettingsError
from stslocal.foreign_files import PathKind, UnreadableFileError, read_toml
from stslocal.storage import PLACE_VARIABLES

FLAG_NAMES = {"source": "from", "target": "to", "max_lag_s": "max_lag"}
"""The flags of settings whose attribute here has another name. Both names are accepted."""
_ATTRIBUTES = {flag: name for name, flag in FLAG_NAMES.items()}
_PREFIX = "STSLOCAL_"

Origin: TypeAlias = Literal["file", "environment", "flag"]


@dataclass(frozen=True, slots=True)
class WrittenSetting:
    """A setting as a person wrote it, not checked yet."""

    key: str
    """The key of the file, the variable of the environment, or the flag."""
    value: object
    origin: Origin
    place: str
    """Where it stands, for messages: `max-lag in FILE`, `STSLOCAL_MAX_LAG` or `--max-lag`."""

    @property
    def attribute(self) -> str:
        """The field of Settings that it names, if there is one."""
        name = self.key.removeprefix(_PREFIX).lower() if self.origin == "environment" else self.key
        name = name.replace("-", "_")
        return _ATTRIBUTES.get(name, name)


def flag_name(attribute: str) -> str:
    """The name by which a person knows a field of Settings: that of its flag, without dashes."""
    return FLAG_NAMES.get(attribute, attribute).replace("_", "-")


def from_file(path: Path) -> list[WrittenSetting]:
    """The keys of the settings file; none where there is no file. Raises SettingsError."""
    try:
        values = read_toml(path)
    except UnreadableFileError as error:
        if error.kind is PathKind.MISSING:
            return []
        raise SettingsError(f"the settings file {path} {error}") from error
    return [WrittenSetting(key, value, "file", f"{key} in {path}") for key, value in values.items()]


def from_environment(environ: Mapping[str, str], numbers: Collection[str]) -> list[WrittenSetting]:
    """The variables that are set and not empty; those of the attributes `numbers` as numbers."""
    layer = []
    for variable, text in environ.items():
        if variable.startswith(_PREFIX) and variable not in PLACE_VARIABLES and text:
            one = WrittenSetting(variable, text, "environment", variable)
            is_number = one.attribute in numbers
            layer.append(replace(one, value=_as_number(text)) if is_number else one)
    return layer


def from_flags(flags: Mapping[str, object] | None) -> list[WrittenSetting]:
    """The flags that were given: None stands for one that was not."""
    return [
        WrittenSetting(key, value, "flag", f"--{flag_name(key)}")
        for key, value in (flags or {}).items()
        if value is not None
    ]


def by_attribute(
    layer: Sequence[WrittenSetting], known: Collection[str]
) -> dict[str, WrittenSetting]:
    """Order what stands in one place by attribute.

    Raises SettingsError for what is not one of the `known` attributes, and for one written twice.
    """
    written: dict[str, WrittenSetting] = {}
    for one in layer:
        name = one.attribute
        if name not in known:
            raise SettingsError(f"{one.place} is not a setting{_nearest(one, known)}")
        if name in written:
            keep = _right_name(name, one.origin)
            raise SettingsError(f"{one.place} and {written[name].key} are the same: keep '{keep}'")
        written[name] = one
    return written


def _as_number(text: str) -> object:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def _nearest(one: WrittenSetting, known: Collection[str]) -> str:
    """Name the setting that was probably meant, as it is written in that place."""
    near = difflib.get_close_matches(one.attribute, [*known, *_ATTRIBUTES], n=1)
    if not near:
        return f"; there are {', '.join(map(flag_name, known))}"
    return f": did you mean '{_right_name(_ATTRIBUTES.get(near[0], near[0]), one.origin)}'?"


def _right_name(attribute: str, origin: Origin) -> str:
    """The name of a setting in the file or in the environment."""
    name = flag_name(attribute)
    return _PREFIX + name.replace("-", "_").upper() if origin == "environment" else name
