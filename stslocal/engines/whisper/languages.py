"""The languages of Whisper and its codes for them.

Source: https://github.com/openai/whisper, tokenizer.py.
"""

from __future__ import annotations

_WHISPER_CODES = """
af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr
ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc
pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue
zh
""".split()
_CODES = {"jw": "jv", "no": "nb"}
"""Codes of `stslocal.languages` that differ from Whisper's. Its `zh` is Chinese in any script. It
writes mostly simplified characters, so it is `zh` here too, and `zh-Hant` is not listed."""
_WHISPER_CODE = {code: whisper for whisper, code in _CODES.items()}

LANGUAGES = frozenset(_CODES.get(whisper, whisper) for whisper in _WHISPER_CODES)
"""Codes of `stslocal.languages`; only large-v3 has `yue` (Cantonese)."""


def from_whisper(whisper_code: str) -> str:
    """Give the code of `stslocal.languages` for a language that Whisper detected."""
    return _CODES.get(whisper_code, whisper_code)


def to_whisper(code: str) -> str:
    """Give the code of Whisper for one of LANGUAGES."""
    return _WHISPER_CODE.get(code, code)
