"""Names of rulers in the cases of Czech, Polish and Russian: a numeral after them has their case.

A form that two cases share has the case that is more frequent after a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_G, _D, _I, _L = "genitive", "dative", "instrumental", "locative"


def _forms(gender: str, names: str, endings: Mapping[str, str]) -> dict[str, str]:
    """By each form of some names, the form of the ordinal after it.

    A name is followed by its stem, with a stroke between them, where that is another one.
    """
    found: dict[str, str] = {}
    for entry in names.split():
        name, _, stem = entry.partition("/")
        found |= {f"{stem or name}{ending}": form for ending, form in endings.items()}
        found[name] = gender
    return found


def _merged(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {name: form for table in tables for name, form in table.items()}


RUSSIAN_RULERS = _merged((
    _forms(
        "m",
        "Александр Бенедикт Вильгельм Генрих Георг Густав Иван Иоанн Карл Константин Леопольд "
        "Людвиг Людовик Максимилиан Михаил Наполеон Павел/Павл Петр Пётр/Петр Рамзес Рудольф "
        "Фердинанд Филипп Франциск Фридрих Фёдор Эдуард Юстиниан Яков",
        {"а": _G, "у": _D, "ом": _I, "е": _L},
    ),
    _forms("m", "Николай/Никола", {"я": _G, "ю": _D, "ем": _I, "е": _L}),
    _forms("m", "Василий/Васили Дарий/Дари Пий/Пи", {"я": _G, "ю": _D, "ем": _I, "и": _L}),
    _forms(
        "f",
        "Анна/Анн Екатерина/Екатерин Елизавета/Елизавет",
        {"ы": "f genitive", "е": "f genitive", "ой": "f genitive", "у": "f accusative"},
    ),
    _forms(
        "f",
        "Виктория/Викто Мария/Мар",
        {"рии": "f genitive", "рией": "f genitive", "рию": "f accusative",
         "ии": "f genitive", "ией": "f genitive", "ию": "f accusative"},
    ),
))  # fmt: skip
POLISH_RULERS = _merged((
    _forms(
        "m",
        "August Aleksander/Aleksandr Benedykt Bolesław Edward Filip Henryk Iwan Jakub Jan Józef "
        "Karol Kazimierz Ludwik Michał Mikołaj Napoleon Paweł/Pawł Piotr Rudolf Stanisław "
        "Wilhelm Wacław Władysław Zygmunt",
        {"a": _G, "owi": _D, "em": _L, "iem": _L, "ie": _L, "u": _L},
    ),
    _forms("m", "Franciszek/Franciszk Fryderyk Mieszko/Mieszk Ludwik Henryk",
           {"a": _G, "owi": _D, "iem": _L, "u": _L}),
    dict.fromkeys("Zygmuncie Pawle Piotrze Edwardzie Auguście Benedykcie".split(), _L),
    _forms(
        "f",
        "Anna/Ann Elżbieta/Elżbie Katarzyna/Katarzyn Maria/Mari Wiktoria/Wiktori",
        {"y": "f locative", "i": "f locative", "ie": "f locative", "ty": "f locative",
         "cie": "f locative", "ę": "f accusative", "ą": "f accusative", "tę": "f accusative",
         "tą": "f accusative"},
    ),
))  # fmt: skip
CZECH_RULERS = _merged((
    _forms(
        "m",
        "Alexandr Benedikt Boleslav Bořivoj Edvard Ferdinand Filip František/Františk Fridrich "
        "Jakub Jan Jindřich Josef Karel/Karl Leopold Ludvík Maxmilián Napoleon Otakar Pavel/Pavl "
        "Petr Rudolf Vilém Vladislav Václav Zikmund",
        {"a": _G, "ovi": _L, "u": _L, "em": _I},
    ),
    _forms("m", "Mikuláš", {"e": _G, "i": _L, "em": _I}),
    _forms(
        "f",
        "Alžběta/Alžbět Anna/Ann Kateřina/Kateřin",
        {"y": "f other", "ě": "f other", "u": "f instrumental", "ou": "f instrumental"},
    ),
    _forms("f", "Marie/Mari Viktorie/Viktori", {"i": "f instrumental", "í": "f instrumental"}),
))  # fmt: skip
