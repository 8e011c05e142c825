"""The words of Japanese. Numbers become kanji, which its voices read by the counter after them."""

from __future__ import annotations

from stslocal.text.spoken.cardinals.east_asian import japanese
from stslocal.text.spoken.unspaced import UnspacedWords


def _clock(hours: int, minutes: int) -> str:
    return f"{japanese(hours)}時" + (f"{japanese(minutes)}分" if minutes else "")


JAPANESE = UnspacedWords(
    digits=("ゼロ", *"一二三四五六七八九"),
    between="",
    cardinal=japanese,
    point="点",
    minus="マイナス",
    plus="プラス",
    ratio="対",
    to="から",
    year=lambda year: f"{japanese(int(year))}年",
    year_noun="年",
    month=lambda month: f"{japanese(month)}月",
    day=lambda day: f"{japanese(day)}日",
    clock=_clock,
    percent=lambda number: f"{number}パーセント",
    fraction=lambda top, bottom: f"{bottom}分の{top}",
    units={
        "km²": "平方キロメートル", "m²": "平方メートル", "cm²": "平方センチメートル",
        "m³": "立方メートル", "km/h": "時速{}キロメートル", "m/s": "秒速{}メートル",
        "mph": "時速{}マイル", "km": "キロメートル", "m": "メートル", "cm": "センチメートル",
        "mm": "ミリメートル", "ft": "フィート", "in": "インチ", "mi": "マイル", "kg": "キログラム",
        "g": "グラム", "mg": "ミリグラム", "t": "トン", "lb": "ポンド", "oz": "オンス",
        "l": "リットル", "L": "リットル", "ml": "ミリリットル", "mL": "ミリリットル",
        "ha": "ヘクタール", "h": "時間", "min": "分", "s": "秒", "ms": "ミリ秒",
        "kWh": "キロワット時", "kW": "キロワット", "MW": "メガワット", "W": "ワット", "V": "ボルト",
        "Hz": "ヘルツ", "kHz": "キロヘルツ", "MHz": "メガヘルツ", "GHz": "ギガヘルツ",
        "dB": "デシベル", "KB": "キロバイト", "kB": "キロバイト", "MB": "メガバイト",
        "GB": "ギガバイト", "TB": "テラバイト", "°C": "度", "℃": "度", "°F": "華氏{}度",
        "℉": "華氏{}度", "°": "度",
    },
    money={
        "US$": "米ドル", "R$": "レアル", "$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円",
        "￥": "円", "₩": "ウォン", "₹": "ルピー", "₽": "ルーブル", "USD": "ドル", "EUR": "ユーロ",
        "GBP": "ポンド", "JPY": "円",
    },
    scales="十百千万億兆",
    own=(),
    at="アット",
    dot="ドット",
    dash="ハイフン",
    underscore="アンダーバー",
    slash="スラッシュ",
    symbols={
        "&": "アンド", "=": "イコール", "×": "かける", "÷": "わる", "±": "プラスマイナス",
        "≥": "以上", "≤": "以下", "%": "パーセント", "+": "プラス", "#": "シャープ",
        "@": "アット", "$": "ドル", "€": "ユーロ", "£": "ポンド", "°": "度", "§": "第",
    },
)  # fmt: skip
