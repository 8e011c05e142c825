"""The words of English. Dates are said in two ways: American and British."""

from __future__ import annotations

import re
from dataclasses import replace

from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.words import RomanNumeral, Words

_ORDINAL_WORDS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty"}
_ORDINALS = "third quarter fifth sixth seventh eighth ninth tenth".split()
_NUMBERS = "one two three four five six seven eight nine".split()
_NUMBERED = frozenset(
    "war chapter part act scene volume vol book section article phase type class stage grade level "
    "title appendix figure table episode season round group mark bowl games olympiad page "
    "category schedule factor tier unit version wave vatican "
    "apollo soyuz gemini titan saturn".split()
)
_TITLES = frozenset(
    "King Queen Pope Emperor Empress Tsar Czar Prince Sultan Pharaoh Kaiser".split()
)
_SMALL_WORDS = frozenset(
    "a an the in on at of for to by with and or but is was "
    "are were has had have it this that".split()
)
_KINDS = frozenset(
    "war phase type class schedule title grade stage level tier factor category bowl mark".split()
)
"""Those after which I is a number in "Type I diabetes"."""
_AFTER_PRONOUN = frozenset(
    "am have will would can could think know said like love want saw got did do need".split()
)
_AFTER_I = frozenset("of and to".split())


def _ordinal(number: int, feminine: bool = False) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(
        number % 10, "th"
    )  # fmt: skip
    return f"{number}{ending}"


def _ordinal_words(number: int) -> str:
    if number < len(_ORDINAL_WORDS):
        return _ORDINAL_WORDS[number]
    tens, ones = divmod(number, 10)
    if tens not in _TENS:
        return _ordinal(number)
    return f"{_TENS[tens]}-{_ORDINAL_WORDS[ones]}" if ones else f"{_TENS[tens][:-1]}ieth"


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if before.endswith("s") and before[:-1].lower() in _NUMBERED:
        before = before[:-1]  # "World Wars I and II"
    single = len(numeral.letters) == 1
    if before.lower() in _NUMBERED and before.lower() != before:
        pronoun = numeral.letters == "I" and numeral.after not in ("", *_AFTER_I)
        if pronoun and (before.lower() not in _KINDS or numeral.after in _AFTER_PRONOUN):
            return None  # "Part I like"
        if not single or numeral.letters in "IVX":
            return str(numeral.value)
    if before.lower() in _NUMBERED and not single:
        return str(numeral.value)
    if numeral.after == "century":
        return _ordinal_words(numeral.value)
    if before in KINGS | QUEENS:
        titled = bool(set(numeral.before[-3:-1]) & _TITLES)
        followed = numeral.after in ("", "of")
        if not single or (numeral.letters in "VX" and (titled or before != "Malcolm")):
            return f"the {_ordinal_words(numeral.value)}"
        if numeral.letters == "I" and (titled or followed) and len(numeral.before) + followed > 1:
            return f"the {_ordinal_words(numeral.value)}"
        return None
    if single:
        return None
    if set(numeral.letters) <= set("IVX"):
        named = before[:1].isupper() and before.lower() not in _SMALL_WORDS
        if named or numeral.letters not in ("IV", "VI", "XI", "XX", "XV", "IX", "XXX"):
            return str(numeral.value)
        return None
    return str(numeral.value) if numeral.value > 1000 and len(numeral.letters) > 3 else None


def _fraction(top: int, bottom: int) -> str | None:
    if bottom > 10:
        name = _ordinal(bottom)
        return f"{top} {name}" if top == 1 else f"{top} {name}s"
    name = _ORDINALS[bottom - 3]
    return f"{_NUMBERS[top - 1]} {name}" + ("" if top == 1 else "s")


def _american_date(day: int, month: str, year: str, before: str) -> str:
    return f"{month} {_ordinal(day)}" + (f", {year}" if year else "")


def _british_date(day: int, month: str, year: str, before: str) -> str:
    return f"the {_ordinal(day)} of {month}" + (f" {year}" if year else "")


def _clock(hours: int, minutes: int, before: str) -> str:
    return f"{hours} {minutes:02d}" if minutes else f"{hours} o'clock"


_WEEKDAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday",
    "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_DAYS = "|".join(_WEEKDAYS)


def _lasted(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2])
    return f"{hours} hour{'s' * (hours != 1)} {minutes} minute{'s' * (minutes != 1)}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeio" else "a"


AMERICAN = Words(
    point=".",
    group=",",
    digits=tuple("zero one two three four five six seven eight nine".split()),
    point_word="point",
    dot="dot",
    to="to",
    by="by",
    times="times",
    of=lambda noun: noun,
    units={
        "mm²": "square millimetre/square millimetres",
        "°N": "degree north/degrees north", "°S": "degree south/degrees south",
        "°E": "degree east/degrees east", "°W": "degree west/degrees west",
        "° N": "degree north/degrees north", "° S": "degree south/degrees south",
        "° E": "degree east/degrees east", "° W": "degree west/degrees west",
        "km/h": "kilometre an hour/kilometres an hour",
        "kph": "kilometre an hour/kilometres an hour",
        "mph": "mile an hour/miles an hour", "m/s": "metre a second/metres a second",
        "km²": "square kilometre/square kilometres", "m²": "square metre/square metres",
        "cm²": "square centimetre/square centimetres", "m³": "cubic metre/cubic metres",
        "cm³": "cubic centimetre/cubic centimetres", "ft²": "square foot/square feet",
        "sq ft": "square foot/square feet", "sq km": "square kilometre/square kilometres",
        "km": "kilometre/kilometres", "m": "metre/metres", "cm": "centimetre/centimetres",
        "mm": "millimetre/millimetres", "nm": "nanometre/nanometres",
        "ft": "foot/feet", "ft.": "foot/feet", "in": "inch/inches", "in.": "inch/inches",
        "m/s²": "metre per second squared/metres per second squared", "yd": "yard/yards",
        "yds": "yard/yards", "mi": "mile/miles", "kg": "kilogram/kilograms",
        "kgs": "kilogram/kilograms", "g": "gram/grams", "mg": "milligram/milligrams",
        "t": "tonne/tonnes", "lb": "pound/pounds", "lbs": "pound/pounds", "lb.": "pound/pounds",
        "lbs.": "pound/pounds", "oz": "ounce/ounces", "oz.": "ounce/ounces",
        "l": "litre/litres", "L": "litre/litres", "ml": "millilitre/millilitres",
        "mL": "millilitre/millilitres", "cl": "centilitre/centilitres", "gal": "gallon/gallons",
        "tbsp": "tablespoon/tablespoons", "tsp": "teaspoon/teaspoons", "ha": "hectare/hectares",
        "h": "hour/hours", "hr": "hour/hours", "hrs": "hour/hours", "hr.": "hour/hours",
        "hrs.": "hour/hours", "min": "minute/minutes", "mins": "minute/minutes",
        "min.": "minute/minutes", "s": "second/seconds", "sec": "second/seconds",
        "secs": "second/seconds", "sec.": "second/seconds", "ms": "millisecond/milliseconds",
        "yr": "year/years", "yrs": "year/years", "wk": "week/weeks", "wks": "week/weeks",
        "kWh": "kilowatt hour/kilowatt hours", "kW": "kilowatt/kilowatts",
        "MW": "megawatt/megawatts", "W": "watt/watts", "V": "volt/volts", "A": "amp/amps",
        "mAh": "milliamp hour/milliamp hours", "Hz": "hertz/hertz", "kHz": "kilohertz/kilohertz",
        "MHz": "megahertz/megahertz", "GHz": "gigahertz/gigahertz", "dB": "decibel/decibels",
        "KB": "kilobyte/kilobytes", "kB": "kilobyte/kilobytes", "MB": "megabyte/megabytes",
        "GB": "gigabyte/gigabytes", "TB": "terabyte/terabytes",
        "MB/s": "megabyte a second/megabytes a second",
        "Mbps": "megabit a second/megabits a second",
        "Gbps": "gigabit a second/gigabits a second", "hp": "horsepower/horsepower",
        "°C": "degree Celsius/degrees Celsius", "°F": "degree Fahrenheit/degrees Fahrenheit",
        "º C": "degree Celsius/degrees Celsius",
        "° C": "degree Celsius/degrees Celsius", "° F": "degree Fahrenheit/degrees Fahrenheit",
        "ºC": "degree Celsius/degrees Celsius", "ºF": "degree Fahrenheit/degrees Fahrenheit",
        "°": "degree/degrees", "¢": "cent/cents", "mpg": "mile a gallon/miles a gallon",
    },
    money={
        "US$": "US dollar/US dollars|cent/cents",
        "US $": "US dollar/US dollars|cent/cents", "USD": "US dollar/US dollars|cent/cents",
        "C$": "Canadian dollar/Canadian dollars|cent/cents",
        "CAD": "Canadian dollar/Canadian dollars|cent/cents",
        "A$": "Australian dollar/Australian dollars|cent/cents",
        "AUD": "Australian dollar/Australian dollars|cent/cents",
        "$": "dollar/dollars|cent/cents", "€": "euro/euros|cent/cents",
        "EUR": "euro/euros|cent/cents", "£": "pound/pounds|penny/pence",
        "GBP": "pound/pounds|penny/pence", "R$": "real/reals|centavo/centavos",
        "BRL": "real/reals|centavo/centavos", "¥": "yen/yen", "JPY": "yen/yen",
        "₹": "rupee/rupees|paisa/paise", "INR": "rupee/rupees|paisa/paise",
        "Rs.": "rupee/rupees|paisa/paise", "CHF": "Swiss franc/Swiss francs|centime/centimes",
        "₽": "rouble/roubles", "₩": "won/won", "₿": "bitcoin/bitcoins",
    },
    cents="and",
    height_joint="",
    scales={
        "hundred": "hundred/hundred", "thousand": "thousand/thousand", "million": "million/million",
        "billion": "billion/billion", "trillion": "trillion/trillion",
        "lakh": "lakh/lakh", "crore": "crore/crore",
        "k": "thousand/thousand", "K": "thousand/thousand", "m": "million/million",
        "M": "million/million", "mn": "million/million", "mil": "million/million",
        "MM": "million/million", "bn": "billion/billion", "b": "billion/billion",
        "B": "billion/billion", "tn": "trillion/trillion", "T": "trillion/trillion",
    },
    bare_scales=frozenset({"k", "M", "mn", "bn", "tn"}),
    percent="percent",
    per="per",
    articles=frozenset({"a", "an"}),
    and_="and",
    half="one half",
    mixed_half="and a half",
    fraction=_fraction,
    part_of=lambda unit: f"of {_article(unit)} {unit}",
    half_of=lambda unit: f"half {_article(unit)} {unit}",
    months=tuple(
        "January February March April May June July August September October November "
        "December".split()
    ),
    month_abbreviations={
        "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Sept": 9,
        "Oct": 10, "Nov": 11, "Dec": 12, "Jan.": 1, "Feb.": 2, "Mar.": 3, "Apr.": 4, "Aug.": 8,
        "Sep.": 9, "Sept.": 9, "Oct.": 10, "Nov.": 11, "Dec.": 12,
    },
    day_first=False,
    date_contexts=frozenset("on until since dated".split()),
    date=_american_date,
    clock=_clock,
    half_days=("AM", "PM"),
    ordinal=_ordinal,
    ordinal_signs=("", ""),
    roman=_roman,
    own=(
        (r"(\d{1,2})h ?([0-5]?\d)m(?:in)?", _lasted),
        (rf"({_DAYS})\.?[-—]({_DAYS})\.?",
         lambda match: f"{_WEEKDAYS[match[1]]} to {_WEEKDAYS[match[2]]}"),
    ),
    call_words=frozenset(
        "call calls called calling phone telephone tel dial dialed dialled text fax mobile ring "
        "whatsapp hotline".split()
    ),
    code_words=frozenset(
        "code pin zip zipcode postcode password extension account id passcode".split()
    ),
    symbols={
        "&": "and", "+": "plus", "=": "equals", "@": "at", "#": "number", "%": "percent",
        "±": "plus or minus", "~": "about", "≈": "about", "<": "less than", ">": "more than",
        "≤": "at most", "≥": "at least", "×": "times", "÷": "divided by", "§": "section",
        "^": "to the power of", "minus": "minus", "plus": "plus", "$": "dollars",
        "€": "euros", "£": "pounds",
        "°": "degrees",
    },
    dash="dash",
    underscore="underscore",
    slash="slash",
    abbreviations={
        "No.": "number", "no.": "number", "No": "number", "Nos.": "numbers", "nos.": "numbers",
        "nº": "number",
        "vs.": "versus", "vs": "versus", "St.": "Saint", "Dr.": "Doctor", "Mr.": "Mister",
        "Mrs.": "Missus", "Ms.": "Miz", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz",
        "Jr.": "Junior", "Sr.": "Senior", "Jr": "Junior", "approx.": "approximately",
        "Gov.": "Governor", "Gen.": "General", "Sen.": "Senator", "Rep.": "Representative",
        "Col.": "Colonel", "Capt.": "Captain", "Lt.": "Lieutenant", "Sgt.": "Sergeant",
        "Rev.": "Reverend", "dept.": "department", "Dept.": "Department", "Prof.": "Professor",
        "fig.": "figure", "Fig.": "figure", "e.g.": "for example", "i.e.": "that is",
        "etc.": "et cetera", "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Ln.": "Lane",
        "Mt.": "Mount", "Ft.": "Fort", "Inc.": "Incorporated", "Ltd.": "Limited", "Corp.":
        "Corporation", "Co.": "Company", "pp.": "pages", "p.": "page", "vol.": "volume",
        "Vol.": "volume", "ch.": "chapter", "Ph.D.": "PhD", "w/": "with", "w/o": "without",
        "ext.": "extension", "Ext.": "extension", "Apt.": "apartment",
        "tel.": "telephone", "Tel.": "telephone",
        "Jan.": "January", "Feb.": "February", "Aug.": "August", "Sept.": "September",
        "Oct.": "October", "Nov.": "November", "Dec.": "December", "a.m.": "AM", "p.m.": "PM",
        "WWI": "World War 1", "WWII": "World War 2", "a.k.a.": "also known as",
    },
    numbered=frozenset({"No", "No.", "no.", "Nos.", "nos.", "nº", "fig.", "Fig.", "pp.", "p.",
                        "ch.", "vol.", "Vol.", "ext.", "Ext."}),
    closing=frozenset({"etc.", "Ave.", "Blvd.", "Rd.", "Ln.", "Inc.", "Ltd.", "Corp.", "Co.",
                       "a.m.", "p.m."}),
    after_names={"St.": "Street", "Dr.": "Drive"},
    before_names=frozenset(
        "Mount Fort Lake Port Point Sault East West "
        "North South Bay Cape".split()
    ),
)  # fmt: skip
BRITISH = replace(AMERICAN, day_first=True, date=_british_date)
