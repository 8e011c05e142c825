"""The table of languages: their codes, and their names for people.

A language's *code* is its BCP 47 tag: ISO 639-1 where there is one (`pt`), else ISO 639-3
(`ast`), with a script only where a language is written in two (`zh` is simplified, `zh-Hant`
traditional Chinese). The rows are in languages.tsv. A *region* (`BR`, `419`) says where a language
is spoken; it is no part of the code, because most engines have no regional forms. Codes of one
engine's own are in that engine's folder.

Sources: the list of FLORES-200 without the two codes that NLLB-200's vocabulary lacks, and the
languages of Whisper's tokenizer.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stslocal.errors import SettingsError

UNDETERMINED = "und"
"""ISO 639-2 for a language that is not known (yet)."""
_REGIONAL_NAMES = {
    "brazilian portuguese": "BR",
    "european portuguese": "PT",
    "castilian": "ES",
}
"""Names of the table, folded, that mean a regional form."""
_ISO_639_2 = dict(
    pair.split("=")
    for pair in "als=sqi arb=ara ayr=aym azj=aze dik=din fuv=ful gaz=orm khk=mon kmr=kur knc=kau "
    "lvs=lav npi=nep ory=ori pbt=pus pes=fas plt=mlg quy=que swh=swa uzn=uzb ydd=yid "
    "zsm=msa br=bre la=lat".split()
)
"""ISO 639-2 where it is not what FLORES-200 writes: containers of videos have that one."""
_SAME_REGIONS = {"UK": "GB"}
_LATIN_AMERICA = frozenset("AR BO CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV UY VE US".split())
"""Where Spanish is that of Latin America (419)."""


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

    @property
    def three_letters(self) -> str:
        """The tag of the language in containers: ISO 639-2 (`por`), else 639-3 (`ast`)."""
        code = self.flores.partition("_")[0] if self.flores else self.code
        return _ISO_639_2.get(code, code)

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
    `portugues`). Raises SettingsError with the nearest names, and for an unknown region.
    """
    wanted = _fold(text)
    found = _known(wanted)
    if found is None:
        raise SettingsError(f"'{text}' is not a language that stslocal knows{_suggestion(wanted)}")
    region = _tail_of(wanted)
    if region and region not in regions():
        raise SettingsError(
            f"'{text}' names a region, {region}, that stslocal does not know: "
            f"write {found.code} alone, or with a country as in pt-BR"
        )
    return found


def region_of(text: str) -> str:
    """The region in the code or name of a language that a person types: `BR` for `pt_br`.

    Empty where there is none, and where it only stands for a script (`zh-TW`).
    """
    wanted = _fold(text)
    if wanted in _REGIONAL_NAMES:
        return _REGIONAL_NAMES[wanted]
    region = _tail_of(wanted)
    return _SAME_REGIONS.get(region, region)


@cache
def regions() -> Mapping[str, str]:
    """The regions by code: their English names as they stand after `of` (`the United States`)."""
    table = files("stslocal").joinpath("regions.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in table.splitlines()[1:])


def regional_forms(code: str, region: str) -> tuple[str, ...]:
    """The forms of a language that suit a region, the best first: `es-MX`, then `es-419`."""
    wide = ("419",) if code == "es" and region in _LATIN_AMERICA else ()
    return tuple(f"{code}-{each}" for each in (region, *wide) if each)


def name_of_form(code: str, region: str) -> str:
    """The name of a regional form for a message, such as `Portuguese of Brazil`."""
    language = _spellings().get(_fold(code))
    name = language.name if language else code
    return f"{name} of {regions().get(region, region)}" if region else name


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
        index.setdefault(language.three_letters, language)
    return index


def _fold(text: str) -> str:
    """Remove case and accents and write `-` for `_`, so that spellings can be compared."""
    bare = unicodedata.normalize("NFKD", text.strip().replace("_", "-"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


def _tail_of(wanted: str) -> str:
    """The region at the end of a folded text in capitals, where it is no part of a spelling."""
    _, _, tail = wanted.rpartition("-")
    is_region = wanted not in _spellings() and _is_region(tail) and _known(wanted) is not None
    return tail.upper() if is_region else ""


def _is_region(tail: str) -> bool:
    return len(tail) == 2 or (len(tail) == 3 and tail.isdigit())


def _known(wanted: str) -> Language | None:
    """Look up a folded text, if need be without subtags that make no difference here."""
    index = _spellings()
    head, _, tail = wanted.rpartition("-")
    language = _known(head) if head and wanted not in index else index.get(wanted)
    if language is None or wanted in index:
        return language
    # A region (`pt-BR`, `es-419`) names a form of a language that has the same code here.
    # A script (`sr-Latn`) changes the text, so it must be the script of the table.
    return language if _is_region(tail) or (tail and tail == language.script.casefold()) else None


def _suggestion(wanted: str) -> str:
    index = _spellings()
    near = difflib.get_close_matches(wanted, index, n=4, cutoff=0.7)
    if (plain := _known(wanted.partition("-")[0])) is not None:
        near = [_fold(plain.code)]
    found = dict.fromkeys(str(index[spelling]) for spelling in near)
    if not found:
        return ": write a code or a name, such as pt or Portuguese"
    return f": did you mean {' or '.join(list(found)[:3])}?"
