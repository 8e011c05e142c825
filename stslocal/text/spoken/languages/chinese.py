"""The words of Chinese, for text in simplified characters and in traditional ones."""

from __future__ import annotations

from dataclasses import replace

from stslocal.text.spoken.cardinals.east_asian import chinese
from stslocal.text.spoken.unspaced import UnspacedWords

_DIGITS = tuple("零一二三四五六七八九")
_COUNTERS = (
    "个|個|位|本|只|隻|人|天|年(?!级|級|代)|次|条|條|张|張|件|点|點|小时|小時|分钟|分鐘|公里|公斤|千米|"
    "米|块|塊|倍|种|種|家|座|辆|輛|岁|歲|周|週|层|層|部|台|名|份|页|頁|节|節|场|場|杯|瓶|斤|吨|噸|美元|"
    "欧元|歐元|英镑|英鎊|万|萬|亿|億|千"
)
"""Before these, two is 两."""


def _each(text: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in text)


def _clock(hours: int, minutes: int) -> str:
    hour = "两" if hours == 2 else chinese(hours)
    if not minutes:
        return f"{hour}点"
    return f"{hour}点{'零' if minutes < 10 else ''}{chinese(minutes)}分"


CHINESE = UnspacedWords(
    digits=_DIGITS,
    between="",
    cardinal=chinese,
    point="点",
    minus="负",
    plus="加",
    ratio="比",
    to="到",
    year=lambda year: f"{_each(year)}年",
    year_noun="年",
    month=lambda month: f"{chinese(month)}月",
    day=lambda day: f"{chinese(day)}日",
    clock=_clock,
    percent=lambda number: f"百分之{number}",
    fraction=lambda top, bottom: f"{bottom}分之{top}",
    units={
        "km²": "平方公里", "m²": "平方米", "cm²": "平方厘米", "m³": "立方米", "km/h": "公里每小时",
        "m/s": "米每秒", "mph": "英里每小时", "km": "公里", "m": "米", "cm": "厘米", "mm": "毫米",
        "ft": "英尺", "in": "英寸", "mi": "英里", "kg": "公斤", "g": "克", "mg": "毫克", "t": "吨",
        "lb": "磅", "oz": "盎司", "l": "升", "L": "升", "ml": "毫升", "mL": "毫升", "ha": "公顷",
        "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "kWh": "千瓦时", "kW": "千瓦",
        "MW": "兆瓦", "W": "瓦", "V": "伏", "Hz": "赫兹", "kHz": "千赫", "MHz": "兆赫",
        "GHz": "吉赫", "dB": "分贝", "KB": "千字节", "kB": "千字节", "MB": "兆字节", "GB": "吉字节",
        "TB": "太字节", "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度", "°": "度",
    },
    money={
        "US$": "美元", "HK$": "港元", "NT$": "新台币{}元", "R$": "雷亚尔", "A$": "澳元",
        "C$": "加元",
        "$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元", "₩": "韩元", "₹": "卢比",
        "₽": "卢布", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "RMB": "元", "CNY": "元",
        "JPY": "日元",
    },
    scales="十百千万萬亿億",
    own=(
        (r"(?<!\d)(\d{4})(?=年)(?!年[级級])", lambda match: _each(match[1])),
        (rf"(?<![\d.,第])2(?=(?:{_COUNTERS}))(?!点[\d零一二三四五六七八九])", lambda match: "两"),
    ),
    at="艾特",
    dot="点",
    dash="横杠",
    underscore="下划线",
    slash="斜杠",
    symbols={
        "&": "和", "=": "等于", "×": "乘", "÷": "除以", "±": "正负", "≥": "大于等于",
        "≤": "小于等于",
        "%": "百分之", "+": "加", "#": "井号", "@": "艾特", "$": "美元", "€": "欧元", "£": "英镑",
        "°": "度", "§": "第",
    },
)  # fmt: skip
_TRADITIONAL = str.maketrans(
    "点万亿两时钟负华欧镑韩卢布顷贝节赫兹摄吨盎横杠划线于币国港兆图吉号",
    "點萬億兩時鐘負華歐鎊韓盧布頃貝節赫茲攝噸盎橫槓劃線於幣國港兆圖吉號",
)


def _in_traditional(words: UnspacedWords) -> UnspacedWords:
    """The same words in traditional characters."""

    def written(text: str) -> str:
        return text.translate(_TRADITIONAL)

    def rewritten(table: dict[str, str]) -> dict[str, str]:
        return {sign: written(noun) for sign, noun in table.items()}

    return replace(
        words,
        cardinal=lambda number, gender: written(chinese(number, gender)),
        point="點",
        minus="負",
        clock=lambda hours, minutes: written(_clock(hours, minutes)),
        units=rewritten(dict(words.units)),
        money=rewritten(dict(words.money)),
        own=tuple(
            (pattern, lambda match, say=say: written(say(match)))  # type: ignore[misc]
            for pattern, say in words.own
        ),
        dot="點",
        dash="橫槓",
        underscore="下劃線",
        slash="斜槓",
        symbols=rewritten(dict(words.symbols)),
    )


TRADITIONAL_CHINESE = _in_traditional(CHINESE)
