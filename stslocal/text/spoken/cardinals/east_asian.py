"""Numbers in Chinese, Japanese and Korean, which count by ten thousands."""

from __future__ import annotations

_HAN = "零一二三四五六七八九"
_HAN_PLACES = ("", "十", "百", "千")
_CHINESE_GROUPS = ("", "万", "亿", "万亿")
_JAPANESE_GROUPS = ("", "万", "億", "兆")
_HANGUL = "영일이삼사오육칠팔구"
_HANGUL_PLACES = ("", "십", "백", "천")
_KOREAN_GROUPS = ("", "만", "억", "조")
_NATIVE = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")


def chinese(number: int, gender: str = "") -> str:
    """A cardinal number in Chinese: 一千零一, 十五, 两万."""
    if number == 0:
        return _HAN[0]
    words, skipped = "", False
    for power, group in _groups(number, len(_CHINESE_GROUPS)):
        if group == 0:
            skipped = bool(words)
            continue
        if words and (skipped or group < 1000):
            words += _HAN[0]
        count = "两" if group == 2 and power and not words else _chinese_group(group, not words)
        words += count + _CHINESE_GROUPS[power]
        skipped = False
    return words


def _chinese_group(number: int, leads: bool) -> str:
    """A number below 10 000; one that leads begins with 十 and not with 一十, and has 两千."""
    words, skipped = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            skipped = bool(words)
            continue
        if skipped:
            words += _HAN[0]
            skipped = False
        if digit == 1 and place == 1 and not words and leads:
            words += "十"
        elif digit == 2 and place == 3 and leads:
            words += "两千"
        else:
            words += _HAN[digit] + _HAN_PLACES[place]
    return words


def japanese(number: int, gender: str = "") -> str:
    """A cardinal number in Japanese: 千九百四十五, 一万."""
    if number == 0:
        return _HAN[0]
    words = ""
    for power, group in _groups(number, len(_JAPANESE_GROUPS)):
        if group:
            said = _group(group, _HAN, _HAN_PLACES)
            if power and said.startswith("千"):
                said = f"一{said}"
            words += said + _JAPANESE_GROUPS[power]
    return words


def korean(number: int, gender: str = "") -> str:
    """A cardinal number in Korean, of Chinese origin: 천구백사십오, 만."""
    if number == 0:
        return _HANGUL[0]
    words: list[str] = []
    for power, group in _groups(number, len(_KOREAN_GROUPS)):
        if group:
            alone = group == 1 and power == 1 and not words
            count = "" if alone else _group(group, _HANGUL, _HANGUL_PLACES)
            words.append(count + _KOREAN_GROUPS[power])
    return " ".join(words)


def korean_native(number: int) -> str:
    """A native number below 100 before a counter: 세, 스무, 스물한."""
    if number == 20:
        return "스무"
    return _NATIVE_TENS[number // 10] + _NATIVE[number % 10]


def _group(number: int, digits: str, places: tuple[str, ...]) -> str:
    """A number below 10 000 without the word for one before ten, hundred and thousand."""
    words = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("" if digit == 1 and place else digits[digit]) + places[place]
    return words


def _groups(number: int, count: int) -> list[tuple[int, int]]:
    """The groups of four digits with their power of 10 000, the highest first."""
    return [(power, number // 10_000**power % 10_000) for power in reversed(range(count))]
