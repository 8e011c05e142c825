"""The table of languages: their codes, and their names for people.

A language's *code* is its BCP 47 tag: ISO 639-1 where there is one (`pt`), else ISO 639-3
(`ast`), with a script only where a language is written in two (`zh` is simplified, `zh-Hant`
traditional Chinese). The rows are in languages.tsv. Codes of one engine's own are in that
engine's folder.

Sources: the list of FLORES-200 without the two codes that NLLB-200's vocabulary lacks, and the
languages of Whisper's tokenizer.
"""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stslocal.errors import SettingsError

UNDETERMINED = "und"
"""ISO 639-2 for a language that is not known (yet)."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language and its names."""

    code: str
    """BCP 47, such as `pt` or `zh-Hant`."""
    name: str
    """In English."""
    native_name: str
    """In the language itself, or in English where that is not known."""
    flores: str | None
    """FLORES-200 code: ISO 639-3 and script, such as `por_Latn`. None where it has none."""
    aliases: tuple[str, ...]
    """Other names and codes that people type."""

    @property
    def script(self) -> str:
        """ISO 15924 code of the script in its FLORES-200 code (`Latn`); empty without one."""
        return self.flores.partition("_")[2] if self.flores else ""

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


@cache
def languages() -> tuple[Language, ...]:
    """All languages in the order of their English names."""
    table = files("stslocal").joinpath("languages.tsv").read_text(encoding="utf-8")
    return tuple(_parse(line) for line in table.splitlines()[1:])


def find(text: str) -> Language:
    """Find a language by the code or the name that a person types.

    Takes codes in any spelling (`pt`, `pt-BR`, `pt_br`, `por`, `por_Latn`, Whisper's `jw`) and
    names in English or the language itself, with or without accents (`Portuguese`,
    `portugues`). Raises SettingsError with the nearest names.
    """
    wanted = _fold(text)
    found = _known(wanted)
    if found is None:
        raise SettingsError(f"'{text}' is not a language that stslocal knows{_suggestion(wanted)}")
    return found


def is_code(text: str) -> bool:
    """Whether `text` is a language's code, as the names of results have it."""
    return any(text == language.code for language in languages())


def name_of(code: str) -> str:
    """The name of a language for a message, such as `German (de)`; an unknown code as it is."""
    language = _spellings().get(_fold(code))
    return str(language) if language else code


def _parse(line: str) -> Language:
    code, name, native, flores, aliases = ("" if cell == "-" else cell for cell in line.split("\t"))
    return Language(
        code=code,
        name=name,
        native_name=native or name,
        flores=flores or None,
        aliases=tuple(aliases.split(", ")) if aliases else (),
    )


@cache
def _spellings() -> dict[str, Language]:
    """All languages by their spellings: codes first, then names, then aliases."""
    index: dict[str, Language] = {}
    every = languages()
    for language in every:
        index.setdefault(_fold(language.code), language)
    for language in every:
        for text in (language.flores, language.name, language.native_name):
            if text:
                index.setdefault(_fold(text), language)
    for language in every:
        for alias in language.aliases:
            index.setdefault(_fold(alias), language)
    for language in every:
        if language.flores:
            index.setdefault(language.flores.partition("_")[0], language)
    return index


def _fold(text: str) -> str:
    """Remove case and accents and write `-` for `_`, so that spellings can be compared."""
    bare = unicodedata.normalize("NFKD", text.strip().replace("_", "-"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


def _known(wanted: str) -> Language | None:
    """Look up a folded text, if need be without subtags that make no difference here."""
    index = _spellings()
    head, _, tail = wanted.rpartition("-")
    language = _known(head) if head and wanted not in index else index.get(wanted)
    if language is None or wanted in index:
        return language
    # A region (`pt-BR`, `es-419`) names a variety of a language, and no engine here has varieties.
    # A script (`sr-Latn`) changes the text, so it must be the script of the table.
    region = len(tail) == 2 or (len(tail) == 3 and tail.isdigit())
    return language if region or (tail and tail == language.script.casefold()) else None


def _suggestion(wanted: str) -> str:
    index = _spellings()
    near = difflib.get_close_matches(wanted, index, n=4, cutoff=0.7)
    if (plain := _known(wanted.partition("-")[0])) is not None:
        near = [_fold(plain.code)]
    found = dict.fromkeys(str(index[spelling]) for spelling in near)
    if not found:
        return ": write a code or a name, such as pt or Portuguese"
    return f": did you mean {' or '.join(list(found)[:3])}?"
