"""The words of Hindi. espeak-ng says its numbers, with lakh and crore."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.hindi import hindi, hindi_year
from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.words import RomanNumeral, Words

_ORDINALS = {1: "प्रथम", 2: "द्वितीय", 3: "तृतीय", 4: "चतुर्थ", 5: "पंचम", 6: "षष्ठम", 7: "सप्तम",
             8: "अष्टम", 9: "नवम", 10: "दशम"}  # fmt: skip
_STEMS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 5: "पाँचव", 6: "छठ", 7: "सातव", 8: "आठव",
          9: "नौव", 10: "दसव"}  # fmt: skip
_NASAL = frozenset({5, 7, 8, 9, 10})
_NUMBERED = frozenset("युद्ध अध्याय भाग खंड War Chapter Part Act".split())


def _ordinal(number: int, feminine: bool) -> str:
    return _ORDINALS.get(number, f"{number} {'वीं' if feminine else 'वां'}")


def _counted(match: re.Match[str]) -> str:
    """2रा, 5वें, 21वां: an ordinal with the ending that is written."""
    number, ending = int(match[1]), match[2]
    vowel = "ी" if "ी" in ending else "े" if "े" in ending else "ा"
    if number in _STEMS:
        return f"{_STEMS[number]}{vowel}{'ं' if number in _NASAL else ''}"
    return f"{hindi(number)}व{vowel}ं"


def _date(day: int, month: str, year: str, before: str) -> str:
    said = hindi_year(int(year)) if year and int(year) < 2000 else year
    return f"{day} {month} {said}".rstrip()


def _halved(match: re.Match[str]) -> str:
    """डेढ़, ढाई and साढ़े तीन: one and a half, two and a half, three and a half."""
    whole = int(match[1])
    return {1: "डेढ़", 2: "ढाई"}.get(whole) or f"साढ़े {hindi(whole)}"


def _year(match: re.Match[str]) -> str:
    return hindi_year(int(match[1]))


def _clock(hours: int, minutes: int, before: str) -> str:
    return f"{hours} बजकर {minutes} मिनट" if minutes else f"{hours} बजे"


def _roman(numeral: RomanNumeral) -> str | None:
    before = numeral.before[-1] if numeral.before else ""
    if before in KINGS | QUEENS:
        return _ordinal(numeral.value, False) if len(numeral.letters) > 1 else None
    if len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX"):
        return str(numeral.value)
    return str(numeral.value) if before in _NUMBERED and numeral.letters in "IVX" else None


def _fraction(top: int, bottom: int) -> str | None:
    names = {3: "तिहाई", 4: "चौथाई"}
    digits = "एक दो तीन".split()
    return f"{digits[top - 1]} {names[bottom]}" if bottom in names else f"{bottom} में से {top}"


def _same(name: str) -> str:
    return f"{name}/{name}"


HINDI = Words(
    point=".",
    group="",
    digits=tuple("शून्य एक दो तीन चार पाँच छह सात आठ नौ".split()),
    point_word="दशमलव",
    dot="डॉट",
    to="से",
    by="गुणा",
    times="गुना",
    of=lambda noun: noun,
    units={
        "mm²": "वर्ग मिलीमीटर/वर्ग मिलीमीटर",
        "°N": "डिग्री उत्तर/डिग्री उत्तर", "°S": "डिग्री दक्षिण/डिग्री दक्षिण",
        "°E": "डिग्री पूर्व/डिग्री पूर्व", "°W": "डिग्री पश्चिम/डिग्री पश्चिम",
        "° N": "डिग्री उत्तर/डिग्री उत्तर", "° S": "डिग्री दक्षिण/डिग्री दक्षिण",
        "° E": "डिग्री पूर्व/डिग्री पूर्व", "° W": "डिग्री पश्चिम/डिग्री पश्चिम",
        "km/h": _same("किलोमीटर प्रति घंटा"), "mph": _same("मील प्रति घंटा"),
        "m/s": _same("मीटर प्रति सेकंड"), "km²": _same("वर्ग किलोमीटर"),
        "m²": _same("वर्ग मीटर"), "m³": _same("घन मीटर"), "km": _same("किलोमीटर"),
        "किमी": _same("किलोमीटर"), "कि.मी.": _same("किलोमीटर"), "m": _same("मीटर"),
        "cm": _same("सेंटीमीटर"), "सेमी": _same("सेंटीमीटर"), "mm": _same("मिलीमीटर"),
        "ft": _same("फुट"), "in": _same("इंच"), "kg": _same("किलो"),
        "किग्रा": _same("किलोग्राम"), "g": _same("ग्राम"), "mg": _same("मिलीग्राम"),
        "t": _same("टन"), "lb": _same("पाउंड"), "lbs": _same("पाउंड"), "oz": _same("औंस"),
        "l": _same("लीटर"), "L": _same("लीटर"), "ml": _same("मिलीलीटर"), "ha": _same("हेक्टेयर"),
        "h": "घंटा/घंटे", "hr": "घंटा/घंटे", "hrs": "घंटा/घंटे", "min": _same("मिनट"),
        "s": _same("सेकंड"), "sec": _same("सेकंड"), "kWh": _same("किलोवाट घंटा"),
        "kW": _same("किलोवाट"), "W": _same("वाट"), "V": _same("वोल्ट"), "A": _same("एम्पियर"),
        "Hz": _same("हर्ट्ज़"), "kHz": _same("किलोहर्ट्ज़"), "MHz": _same("मेगाहर्ट्ज़"),
        "GHz": _same("गीगाहर्ट्ज़"), "KB": _same("किलोबाइट"), "MB": _same("मेगाबाइट"),
        "GB": _same("गीगाबाइट"), "TB": _same("टेराबाइट"), "°C": _same("डिग्री सेल्सियस"),
        "°F": _same("डिग्री फ़ारेनहाइट"), "º C": "डिग्री सेल्सियस/डिग्री सेल्सियस",
        "° C": _same("डिग्री सेल्सियस"), "°": _same("डिग्री"),
    },
    money={
        "₹": "रुपया/रुपये|पैसा/पैसे", "INR": "रुपया/रुपये|पैसा/पैसे",
        "Rs.": "रुपया/रुपये|पैसा/पैसे", "Rs": "रुपया/रुपये|पैसा/पैसे",
        "रु.": "रुपया/रुपये|पैसा/पैसे", "रु": "रुपया/रुपये|पैसा/पैसे",
        "R$": "रियाल/रियाल", "US$": "डॉलर/डॉलर|सेंट/सेंट",
        "US $": "डॉलर/डॉलर|सेंट/सेंट", "USD": "डॉलर/डॉलर|सेंट/सेंट",
        "$": "डॉलर/डॉलर|सेंट/सेंट", "€": "यूरो/यूरो|सेंट/सेंट", "EUR": "यूरो/यूरो|सेंट/सेंट",
        "£": "पाउंड/पाउंड|पेंस/पेंस", "¥": "येन/येन",
    },
    cents="",
    height_joint="",
    scales={
        "सौ": _same("सौ"), "हज़ार": _same("हज़ार"), "हजार": _same("हज़ार"),
        "लाख करोड़": _same("लाख करोड़"), "लाख": _same("लाख"),
        "करोड़": _same("करोड़"), "मिलियन": _same("मिलियन"),
        "बिलियन": _same("बिलियन"), "अरब": _same("अरब"), "k": _same("हज़ार"), "K": _same("हज़ार"),
        "M": _same("मिलियन"), "m": _same("मिलियन"), "bn": _same("बिलियन"), "B": _same("बिलियन"),
    },
    bare_scales=frozenset({"k", "M", "bn"}),
    percent="प्रतिशत",
    per="प्रति",
    and_="और",
    half="आधा",
    mixed_half="और आधा",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=lambda unit: f"आधा {unit}",
    months=tuple(
        "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर".split()
    ),
    day_first=True,
    date=_date,
    clock=_clock,
    clock_tail="(?: बजे)?",
    half_days=("सुबह", "शाम"),
    ordinal=_ordinal,
    ordinal_signs=("th|st|nd|rd", "(?!)"),
    roman=_roman,
    own=(
        (r"([1-9]\d?) 1/2", _halved),
        (r"([12])\.5(?= (?:करोड़|लाख|हज़ार|हजार|अरब|घंटे|साल|गुना)(?!\w))", _halved),
        (r"(1[1-9]\d\d)(?= (?:में|के दशक|ईस्वी|ई\.))", _year),
        (r"(\d{1,4})(व[ाेी][ंँ]?|रा|री|रे|था|थी|थे|ला|ली|ले|ठा|ठी|ठे)", _counted),
    ),
    call_words=frozenset("फोन फ़ोन कॉल टेलीफोन नंबर मोबाइल".split()),
    code_words=frozenset("कोड पिन".split()),
    symbols={
        "&": "और", "+": "प्लस", "=": "बराबर", "@": "ऐट", "#": "नंबर", "%": "प्रतिशत",
        "±": "प्लस माइनस", "~": "लगभग", "≈": "लगभग", "<": "से कम", ">": "से ज़्यादा",
        "≤": "अधिकतम", "≥": "कम से कम", "×": "गुणा", "÷": "भाग", "§": "धारा",
        "^": "की घात", "minus": "माइनस", "plus": "प्लस", "°": "डिग्री",
    },
    scripts=("LATIN", "DEVANAGARI"),
    dash="हाइफ़न",
    underscore="अंडरस्कोर",
    slash="स्लैश",
    abbreviations={
        "डॉ.": "डॉक्टर", "डा.": "डॉक्टर", "प्रो.": "प्रोफ़ेसर", "कु.": "कुमारी",
        "ई.पू.": "ईसा पूर्व", "Dr.": "डॉक्टर", "Mr.": "मिस्टर", "Mrs.": "मिसेज़",
        "नं.": "नंबर", "No.": "नंबर",
    },
    numbered=frozenset({"No."}),
)  # fmt: skip
