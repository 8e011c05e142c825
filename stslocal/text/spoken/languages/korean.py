"""The words of Korean. Hours and common counters have native numbers, all else those of Chinese."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.east_asian import korean, korean_native
from stslocal.text.spoken.unspaced import UnspacedWords

_MONTHS = {6: "유월", 10: "시월"}
_COUNTERS = (
    "시간|시(?!속)|개(?!월)|명|사람|살|마리|잔|병|권|대|장|가지|달|채|그루|벌|켤레|번째|군데|곳|"
    "송이|쌍|통"
)
"""After these, a number below 100 is native."""
_LAST_NATIVE_HOUR = 12


def _month(month: int) -> str:
    return _MONTHS.get(month, f"{korean(month)}월")


def _hour(hours: int) -> str:
    native = 1 <= hours <= _LAST_NATIVE_HOUR
    return f"{korean_native(hours) if native else korean(hours)} 시"


def _clock(hours: int, minutes: int) -> str:
    return _hour(hours) + (f" {korean(minutes)} 분" if minutes else "")


def _counted(match: re.Match[str]) -> str:
    number, counter = int(match[1]), match[2]
    if counter == "시":
        return _hour(number) if number <= 24 else f"{korean(number)} 시"
    if number == 1 and counter == "번째":
        return "첫 번째"
    is_age = counter == "대" and number % 10 == 0  # 20대
    native = 1 <= number < 100 and not is_age
    return f"{korean_native(number) if native else korean(number)} {counter}"


def _score(match: re.Match[str]) -> str:
    return f"{korean(int(match[1]))} 대 {korean(int(match[2]))}"


KOREAN = UnspacedWords(
    digits=tuple("공일이삼사오육칠팔구"),
    between=" ",
    cardinal=korean,
    point=" 점 ",
    minus="마이너스",
    plus="플러스",
    ratio="대",
    to="에서 ",
    year=lambda year: f"{korean(int(year))} 년",
    year_noun="년",
    month=_month,
    day=lambda day: f"{korean(day)} 일",
    clock=_clock,
    percent=lambda number: f"{number} 퍼센트",
    fraction=lambda top, bottom: f"{bottom}분의 {top}",
    units={
        "km²": "제곱킬로미터", "m²": "제곱미터", "cm²": "제곱센티미터", "m³": "세제곱미터",
        "km/h": "시속 {} 킬로미터", "m/s": "초속 {} 미터", "mph": "시속 {} 마일", "km": "킬로미터",
        "m": "미터", "cm": "센티미터", "mm": "밀리미터", "ft": "피트", "in": "인치", "mi": "마일",
        "kg": "킬로그램", "g": "그램", "mg": "밀리그램", "t": "톤", "lb": "파운드", "oz": "온스",
        "l": "리터", "L": "리터", "ml": "밀리리터", "mL": "밀리리터", "ha": "헥타르", "h": "시간",
        "min": "분", "s": "초", "ms": "밀리초", "kWh": "킬로와트시", "kW": "킬로와트",
        "MW": "메가와트", "W": "와트", "V": "볼트", "Hz": "헤르츠", "kHz": "킬로헤르츠",
        "MHz": "메가헤르츠", "GHz": "기가헤르츠", "dB": "데시벨", "KB": "킬로바이트",
        "kB": "킬로바이트", "MB": "메가바이트", "GB": "기가바이트", "TB": "테라바이트",
        "°C": "섭씨 {} 도", "℃": "섭씨 {} 도", "°F": "화씨 {} 도", "℉": "화씨 {} 도", "°": "도",
    },
    money={
        "US$": "미국 달러", "R$": "헤알", "$": "달러", "€": "유로", "£": "파운드", "¥": "엔",
        "￥": "엔", "₩": "원", "₹": "루피", "₽": "루블", "USD": "달러", "EUR": "유로",
        "GBP": "파운드", "KRW": "원", "JPY": "엔",
    },
    scales="십백천만억조",
    own=(
        (r"(?<!\d)(1[0-2]|0?[1-9])월", lambda match: _month(int(match[1]))),
        (r"(?<![\d.,])(\d{1,3})대 ?(\d{1,3})", _score),
        (rf"(?<![\d.,])(\d{{1,3}}) ?({_COUNTERS})", _counted),
        (r"(?<=\d)(?=개월|[년일분초원층호번위회배주도점])(?!\d)", lambda _: " "),
    ),
    at="골뱅이",
    dot="점",
    dash="하이픈",
    underscore="밑줄",
    slash="슬래시",
    symbols={
        "&": "앤드", "=": "는", "×": "곱하기", "÷": "나누기", "±": "플러스마이너스", "≥": "이상",
        "≤": "이하", "%": "퍼센트", "+": "플러스", "#": "샵", "@": "골뱅이", "$": "달러",
        "€": "유로", "£": "파운드", "°": "도", "§": "제",
    },
)  # fmt: skip
