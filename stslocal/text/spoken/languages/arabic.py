"""The words of Modern Standard Arabic. Numbers are in words, and nouns agree with them."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.arabic import (
    arabic,
    arabic_counted,
    arabic_form,
    arabic_ordinal,
    genitive,
)
from stslocal.text.spoken.languages import endings
from stslocal.text.spoken.languages.spellings import joined, spelled
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_METRE = "متر/متران/أمتار/مترًا"
_KILOMETRE = "كيلومتر/كيلومتران/كيلومترات/كيلومترًا"
_CENTIMETRE = "سنتيمتر/سنتيمتران/سنتيمترات/سنتيمترًا"
_MILLIMETRE = "مليمتر/مليمتران/مليمترات/مليمترًا"
_HOUR, _MINUTE = "ساعة/ساعتان/ساعات/ساعة", "دقيقة/دقيقتان/دقائق/دقيقة"
_SECOND, _DEGREE = "ثانية/ثانيتان/ثوان/ثانية", "درجة/درجتان/درجات/درجة"
_DOLLAR, _CENT = "دولار/دولاران/دولارات/دولارًا", "سنت/سنتان/سنتات/سنتًا"
_THOUSAND, _MILLION = "ألف/ألفان/آلاف/ألفًا", "مليون/مليونان/ملايين/مليونًا"
_BILLION, _TRILLION = "مليار/ملياران/مليارات/مليارًا", "تريليون/تريليونان/تريليونات/تريليونًا"
_FRACTIONS = {3: "ثلث/ثلثان/أثلاث", 4: "ربع/ربعان/أرباع", 5: "خمس/خمسان/أخماس",
              6: "سدس/سدسان/أسداس", 7: "سبع/سبعان/أسباع", 8: "ثمن/ثمنان/أثمان",
              9: "تسع/تسعان/أتساع", 10: "عشر/عشران/أعشار"}  # fmt: skip
_PREPOSITIONS = frozenset("في من إلى حتى منذ بعد قبل يوم عن بتاريخ مساء صباح".split())


def _date(day: int, month: str, year: str, before: str) -> str:
    ordinal = arabic_ordinal(day)
    if before in _PREPOSITIONS:
        ordinal = genitive(ordinal)
    return f"{ordinal} من {month}" + (f" عام {genitive(arabic(int(year)))}" if year else "")


def _clock(hours: int, minutes: int, before: str) -> str:
    hour = "الواحدة" if hours == 1 else arabic_ordinal(hours, True) if hours else "منتصف الليل"
    if not minutes:
        return hour
    part = {15: "الربع", 30: "النصف"}.get(minutes) or arabic_counted(minutes, _MINUTE, "f")
    return f"{hour} و{part}"


def _year(match: re.Match[str]) -> str:
    return f"{match[1]} {genitive(arabic(int(match[2])))}"


def _roman(numeral: RomanNumeral) -> str | None:
    return str(numeral.value) if len(numeral.letters) > 1 else None


def _fraction(top: int, bottom: int) -> str | None:
    if bottom not in _FRACTIONS:
        return f"{arabic(top)} على {arabic(bottom)}"
    names = _FRACTIONS[bottom].split("/")
    return names[0] if top == 1 else names[1] if top == 2 else f"{arabic(top, 'm')} {names[2]}"


ARABIC = Words(
    point=".",
    group=",",
    digits=tuple("صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة".split()),
    numerals=Numerals(cardinal=arabic),
    plural=arabic_form,
    count=arabic_counted,
    feminine=frozenset("ساعة دقيقة ثانية درجة ليرة روبية قدم بوصة أونصة هللة".split()),
    point_word="فاصلة",
    dot="نقطة",
    to="إلى",
    by="في",
    times="مرات",
    of=lambda noun: noun,
    units=spelled({
        "mm²": joined(_MILLIMETRE, "مربع"), "cm²": joined(_CENTIMETRE, "مربع"),
        "m²": joined(_METRE, "مربع"), "km²": joined(_KILOMETRE, "مربع"),
        "m³": joined(_METRE, "مكعب"), "km/h": joined(_KILOMETRE, "في الساعة"),
        "mph": joined("ميل/ميلان/أميال/ميلًا", "في الساعة"), "m/s": joined(_METRE, "في الثانية"),
        "km": _KILOMETRE, "m": _METRE, "cm": _CENTIMETRE, "mm": _MILLIMETRE,
        "ft": "قدم/قدمان/أقدام/قدمًا", "in": "بوصة/بوصتان/بوصات/بوصة",
        "mi": "ميل/ميلان/أميال/ميلًا", "kg": "كيلوغرام/كيلوغرامان/كيلوغرامات/كيلوغرامًا",
        "g": "غرام/غرامان/غرامات/غرامًا", "mg": "مليغرام/مليغرامان/مليغرامات/مليغرامًا",
        "t": "طن/طنان/أطنان/طنًا", "lb": "رطل/رطلان/أرطال/رطلًا",
        "oz": "أونصة/أونصتان/أونصات/أونصة", "l": "لتر/لتران/لترات/لترًا",
        "ml": "مليلتر/مليلتران/مليلترات/مليلترًا", "ha": "هكتار/هكتاران/هكتارات/هكتارًا",
        "h": _HOUR, "min": _MINUTE, "s": _SECOND, "kW": "كيلوواط", "MW": "ميغاواط", "W": "واط",
        "kWh": "كيلوواط ساعة", "V": "فولت", "Hz": "هرتز", "kHz": "كيلوهرتز", "MHz": "ميغاهرتز",
        "GHz": "غيغاهرتز", "dB": "ديسيبل", "kB": "كيلوبايت", "MB": "ميغابايت", "GB": "غيغابايت",
        "TB": "تيرابايت", "°C": joined(_DEGREE, "مئوية"), "°F": joined(_DEGREE, "فهرنهايت"),
        "°": _DEGREE,
    }, {
        "km": "كم كلم", "m": "م", "cm": "سم", "mm": "مم", "kg": "كغ كجم كلغ", "g": "غ غم جم",
        "km/h": "كم/س كم/ساعة", "km²": "كم²", "m²": "م²", "m³": "م³", "l": "ل", "ml": "مل",
        "°C": "°م",
    }),
    money={
        "$": f"{_DOLLAR}|{_CENT}", "US$": f"{_DOLLAR}|{_CENT}", "US $": f"{_DOLLAR}|{_CENT}",
        "USD": f"{_DOLLAR}|{_CENT}", "€": f"يورو|{_CENT}", "EUR": f"يورو|{_CENT}",
        "£": "جنيه/جنيهان/جنيهات/جنيهًا|بنس/بنسان/بنسات/بنسًا", "R$": "ريال/ريالان/ريالات/ريالًا",
        "GBP": "جنيه/جنيهان/جنيهات/جنيهًا|بنس/بنسان/بنسات/بنسًا", "¥": "ين", "JPY": "ين",
        "SAR": "ريال/ريالان/ريالات/ريالًا|هللة/هللتان/هللات/هللة", "ر.س": "ريال/ريالان/ريالات/ريالًا",
        "AED": "درهم/درهمان/دراهم/درهمًا", "EGP": "جنيه/جنيهان/جنيهات/جنيهًا",
        "₹": "روبية/روبيتان/روبيات/روبية", "₽": "روبل/روبلان/روبلات/روبلًا",
        "CHF": "فرنك/فرنكان/فرنكات/فرنكًا",
    },
    gender_before=endings.arabic,
    cents="و",
    height_joint="و",
    scales={
        **dict.fromkeys("ألف آلاف ألفًا k K".split(), _THOUSAND),
        **dict.fromkeys("مليون ملايين مليونًا M".split(), _MILLION),
        **dict.fromkeys("مليار مليارات مليارًا bn B".split(), _BILLION),
        **dict.fromkeys("تريليون تريليونات".split(), _TRILLION),
    },
    bare_scales=frozenset("k M bn".split()),
    after_scale=0,
    percent="بالمئة",
    per="لكل",
    and_="و",
    half="نصف",
    mixed_half="ونصف",
    fraction=_fraction,
    part_of=lambda unit: unit,
    half_of=lambda unit: f"نصف {unit}",
    months=tuple(
        "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()
    ),
    month_abbreviations={"ابريل": 4, "إبريل": 4, "اغسطس": 8, "اكتوبر": 10},
    day_first=True,
    date=_date,
    date_tail="(?:م| م)?(?![^\\W\\d_])",
    clock=_clock,
    half_days=("صباحًا", "مساءً"),
    ordinal=arabic_ordinal,
    ordinal_signs=("", ""),
    roman=_roman,
    own=(
        (r"(القرن) (\d\d?)", lambda match: f"{match[1]} {arabic_ordinal(int(match[2]))}"),
        (r"(في|منذ|حتى|بعد|قبل) ((?:19|20)\d\d)", _year),
        (r"(عام|العام|سنة) ([12]\d{3})(?: ?م)?", _year),
        (r"([12]\d{3}) ?م", lambda match: arabic(int(match[1]), "")),
    ),
    call_words=frozenset("هاتف الهاتف اتصل رقم جوال فاكس".split()),
    code_words=frozenset("رمز الرمز كود حساب".split()),
    symbols={
        "&": "و", "+": "زائد", "=": "يساوي", "@": "آت", "#": "رقم", "%": "بالمئة",
        "±": "زائد ناقص", "~": "حوالي", "≈": "حوالي", "<": "أقل من", ">": "أكثر من",
        "≤": "على الأكثر", "≥": "على الأقل", "×": "في", "÷": "على", "§": "البند", "^": "أس",
        "minus": "ناقص", "plus": "زائد", "$": "دولار", "€": "يورو", "£": "جنيه", "°": "درجة",
    },
    scripts=("LATIN", "ARABIC"),
    dash="شرطة",
    underscore="شرطة سفلية",
    slash="شرطة مائلة",
    abbreviations={
        "د.": "دكتور", "أ.د.": "الأستاذ الدكتور", "م.": "مهندس", "ص.": "صفحة", "إلخ": "إلى آخره",
        "ق.م": "قبل الميلاد", "هـ": "هجرية", "ت.": "هاتف", "nº": "رقم",
    },
    numbered=frozenset({"ص.", "nº"}),
)  # fmt: skip
