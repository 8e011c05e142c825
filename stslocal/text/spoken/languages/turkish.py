"""The words of Turkish. Numbers are in words; a noun after a number stays in the singular."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.agglutinative import turkish, turkish_ordinal
from stslocal.text.spoken.languages.rulers import KINGS
from stslocal.text.spoken.languages.spellings import spelled
from stslocal.text.spoken.numbers import NUMBER, Number, in_words, parse_number
from stslocal.text.spoken.words import Numerals, RomanNumeral, Words

_FRACTIONS = {2: "ikide", 3: "üçte", 4: "dörtte", 5: "beşte", 6: "altıda", 7: "yedide",
              8: "sekizde", 9: "dokuzda", 10: "onda", 16: "on altıda", 100: "yüzde"}  # fmt: skip


_TITLES = frozenset("Dünya Cumhuriyet Bölüm Yüzyıl Kat Lig".split())
"""Words before which a number with a full stop is an ordinal."""
_ORDERED = _TITLES | KINGS | frozenset(
    "Abdülhamid Abdülhamit Ahmed Ahmet Alaeddin Aleksandr Bayezid Beyazıt Elizabeth Fransuva "
    "Gıyaseddin Haçlı Justinianus Katerina Keykubad Kılıçarslan Konstantin Mahmud Mahmut Mehmed "
    "Mehmet Meşrutiyet Murad Murat Mustafa Napolyon Nikola Osman Petro Ramses Selim Süleyman "
    "Viyana Wilhelm".split()
)  # fmt: skip
"""Words before which a single letter with a full stop is an ordinal, and no initial."""


def _date(day: int, month: str, year: str, before: str) -> str:
    return f"{day} {month} {year}".rstrip()


def _clock(hours: int, minutes: int, before: str) -> str:
    return f"{hours} {minutes:02d}" if minutes else f"{hours}"


def _percent(match: re.Match[str]) -> str:
    ends = [parse_number(part, ",") for part in match.groups() if part]
    return "yüzde " + " ".join(_say(each) for each in ends)


def _say(number: Number) -> str:
    return in_words(number, TURKISH)


def _dotted(number: int, before: tuple[str, ...], after: str) -> str | None:
    """Before a small letter, and before a title such as 2. Dünya Savaşı."""
    return turkish_ordinal(number) if after[:1].islower() or after in _TITLES else None


def _span(match: re.Match[str]) -> str:
    """3-5. bölümler: only the last one is an ordinal."""
    return f"{turkish(int(match[1]))} ila {turkish_ordinal(int(match[2]))}"


def _roman(numeral: RomanNumeral) -> str | None:
    if numeral.suffix:
        named = numeral.after in _ORDERED or numeral.after[:1].islower()
        if len(numeral.letters) == 1 and (numeral.letters in "LCDM" or not named):
            return None  # an initial: M. Yılmaz
        return turkish_ordinal(numeral.value)
    several = len(numeral.letters) > 1 and set(numeral.letters) <= set("IVX")
    return str(numeral.value) if several else None


TURKISH = Words(
    point=",",
    group=".",
    spaced_groups=True,
    digits=tuple("sıfır bir iki üç dört beş altı yedi sekiz dokuz".split()),
    numerals=Numerals(cardinal=turkish, pairs_after_point=True),
    point_word="virgül",
    dot="nokta",
    to="ila",
    ratio="—",
    by="çarpı",
    times="kat",
    of=lambda noun: noun,
    units=spelled({
        "mm²": "milimetrekare", "cm²": "santimetrekare", "m²": "metrekare", "km²": "kilometrekare",
        "m³": "metreküp", "cm³": "santimetreküp", "km/h": "kilometre bölü saat",
        "mph": "mil bölü saat", "m/s": "metre bölü saniye", "km": "kilometre", "m": "metre",
        "cm": "santimetre", "mm": "milimetre", "ft": "fit", "in": "inç", "yd": "yarda", "mi": "mil",
        "kg": "kilo", "g": "gram", "mg": "miligram", "t": "ton", "lb": "libre", "oz": "ons",
        "l": "litre", "ml": "mililitre", "ha": "hektar", "h": "saat", "min": "dakika",
        "s": "saniye", "ms": "milisaniye", "kWh": "kilovatsaat", "kW": "kilovat",
        "MW": "megavat", "W": "vat", "V": "volt", "A": "amper", "Hz": "hertz", "kHz": "kilohertz",
        "MHz": "megahertz", "GHz": "gigahertz", "dB": "desibel", "kB": "kilobayt",
        "MB": "megabayt", "GB": "gigabayt", "TB": "terabayt", "°C": "santigrat derece",
        "°F": "fahrenhayt derece", "°": "derece",
    }, {"km/h": "km/s km/sa", "g": "gr gr.", "h": "sa sa.", "min": "dk dk.", "s": "sn sn."}),
    money={
        "₺": "lira|kuruş", "TL": "lira|kuruş", "TRY": "lira|kuruş", "$": "dolar|sent",
        "US$": "dolar|sent", "US $": "dolar|sent", "USD": "dolar|sent", "€": "avro|sent",
        "EUR": "avro|sent", "£": "sterlin|peni", "GBP": "sterlin|peni", "R$": "real",
        "¥": "yen", "JPY": "yen", "CHF": "İsviçre frangı", "₹": "rupi", "₽": "ruble",
    },
    cents="",
    height_joint="",
    scales={
        "bin": "bin", "milyon": "milyon", "milyar": "milyar", "trilyon": "trilyon", "mn": "milyon",
        "mlyr": "milyar", "k": "bin", "K": "bin", "M": "milyon", "bn": "milyar", "B": "milyar",
    },
    bare_scales=frozenset("mn mlyr k M bn".split()),
    percent="yüzde",
    per="bölü",
    and_="",
    half="yarım",
    mixed_half="buçuk",
    fraction=lambda top, bottom: f"{_FRACTIONS[bottom]} {turkish(top)}",
    part_of=lambda unit: unit,
    half_of=lambda unit: f"yarım {unit}",
    months=tuple(
        "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık".split()
    ),
    month_abbreviations={"Oca": 1, "Şub": 2, "Nis": 4, "Haz": 6, "Tem": 7, "Ağu": 8, "Eyl": 9},
    day_first=True,
    date=_date,
    clock=_clock,
    clock_contexts=frozenset("saat".split()),
    half_days=("sabah", "akşam"),
    ordinal=lambda number, _: turkish_ordinal(number),
    ordinal_signs=("", ""),
    dotted_ordinal=_dotted,
    roman=_roman,
    roman_suffixes=r"\.",
    own=(
        (r"([01]?\d|2[0-4])\.([0-5]\d)(?='[td]?[ea]n?(?!\w))",
         lambda match: _clock(int(match[1]), int(match[2]), "")),
        (r"(\d{1,4})[—-](\d{1,4})\.(?= [a-zçğıöşü])", _span),
        (r"(\d{1,4})'?(?:[iıuü]nc[iıuü]|nc[iıuü])",
         lambda match: turkish_ordinal(int(match[1]))),
        (rf"%\s?({NUMBER})(?:[-—]%?({NUMBER}))?", _percent),
        (rf"({NUMBER})(?:[-—]({NUMBER}))? ?%", _percent),
    ),
    call_words=frozenset("telefon tel ara arayın numara faks".split()),
    code_words=frozenset("kod kodu pin şifre hesap".split()),
    symbols={
        "&": "ve", "+": "artı", "=": "eşittir", "@": "et", "#": "numara", "%": "yüzde",
        "±": "artı eksi", "~": "yaklaşık", "≈": "yaklaşık", "<": "küçüktür", ">": "büyüktür",
        "≤": "en fazla", "≥": "en az", "×": "çarpı", "÷": "bölü", "§": "paragraf", "^": "üssü",
        "minus": "eksi", "plus": "artı", "$": "dolar", "€": "avro", "£": "sterlin", "°": "derece",
    },
    dash="tire",
    underscore="alt çizgi",
    slash="eğik çizgi",
    abbreviations={
        "vb.": "ve benzeri", "vs.": "vesaire", "örn.": "örneğin", "Örn.": "Örneğin",
        "Dr.": "Doktor", "Prof.": "Profesör", "Doç.": "Doçent", "Av.": "Avukat", "Sn.": "Sayın",
        "No.": "numara", "no.": "numara", "nº": "numara", "tel.": "telefon", "Tel.": "Telefon",
        "Cad.": "Caddesi", "Sok.": "Sokak", "Mah.": "Mahallesi", "s.": "sayfa", "bkz.": "bakınız",
        "M.Ö.": "milattan önce", "M.S.": "milattan sonra", "MÖ": "milattan önce", "yy.": "yüzyıl",
        "T.C.": "Türkiye Cumhuriyeti", "ort.": "ortalama", "maks.": "maksimum",
    },
    numbered=frozenset({"No.", "no.", "nº", "s."}),
    closing=frozenset({"vb.", "vs.", "Cad.", "Sok.", "Mah."}),
)  # fmt: skip
