"""The languages of XTTS-v2 and its codes for them.

Source: the model card, https://huggingface.co/coqui/XTTS-v2.
"""

from __future__ import annotations

LANGUAGES = frozenset("ar cs de en es fr hi hu it ja ko nl pl pt ru tr zh zh-Hant".split())
"""Codes of `stslocal.languages`. Chinese is spoken alike from either script."""


def to_xtts(code: str) -> str:
    """Give the code of XTTS for one of LANGUAGES."""
    return "zh-cn" if code in ("zh", "zh-Hant") else code
