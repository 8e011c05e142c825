"""The languages of a model, by the codes that it has in its vocabulary."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from stslocal.errors import SettingsError
from stslocal.languages import find, name_of

_MOST_LISTED = 20
"""A message lists the languages of a model that has no more than this."""


def flores_pair(codes: Mapping[str, str], source: str, target: str) -> tuple[str, str]:
    """FLORES-200 codes of a pair; `codes` has those of a model, by our codes.

    Raises SettingsError for a pair that the model lacks.
    """
    if source == target:
        raise SettingsError(
            f"nllb translates between two languages, not {name_of(source)} into itself"
        )
    for code in (source, target):
        if code not in codes:
            raise SettingsError(
                f"this nllb model does not have {name_of(code)}{_suggestion(codes, code)}"
            )
    return codes[source], codes[target]


def _suggestion(codes: Mapping[str, str], code: str) -> str:
    if len(codes) <= _MOST_LISTED:
        return f"; it has {', '.join(sorted(map(name_of, codes)))}"
    names = {find(known).name: known for known in codes}
    name = name_of(code).partition(" (")[0]
    near = difflib.get_close_matches(name, names, n=3)
    if not near:
        return f"; it has {len(codes)} others"
    return f": the nearest are {', '.join(name_of(names[name]) for name in near)}"
