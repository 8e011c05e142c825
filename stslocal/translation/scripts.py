"""Tells a translation in the wrong script: Chinese letters for French, or a source left as it is.

Names, addresses and terms stay as they are written in any language, so words that begin with a
capital do not count, nor does a text in which less than half is foreign.
"""

from __future__ import annotations

import re
import unicodedata

from stslocal.languages import find, is_code

_SCRIPTS = {
    "Latn": ("LATIN",), "Cyrl": ("CYRILLIC",), "Grek": ("GREEK",), "Hebr": ("HEBREW",),
    "Arab": ("ARABIC",), "Deva": ("DEVANAGARI",), "Beng": ("BENGALI",), "Taml": ("TAMIL",),
    "Telu": ("TELUGU",), "Knda": ("KANNADA",), "Mlym": ("MALAYALAM",), "Gujr": ("GUJARATI",),
    "Guru": ("GURMUKHI",), "Orya": ("ORIYA",), "Sinh": ("SINHALA",), "Thai": ("THAI",),
    "Laoo": ("LAO",), "Khmr": ("KHMER",), "Mymr": ("MYANMAR",), "Geor": ("GEORGIAN",),
    "Armn": ("ARMENIAN",), "Ethi": ("ETHIOPIC",), "Tibt": ("TIBETAN",), "Hang": ("HANGUL", "CJK"),
    "Jpan": ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK", "HALFWIDTH"),
    "Hans": ("CJK",), "Hant": ("CJK",),
}  # fmt: skip
"""By code of a script: how Unicode's names of its letters begin."""
_TWO_SCRIPTS = frozenset("az bs kk ks ku ky mn ms pa sd sr tg tk tt ug uz".split())
"""Languages that are also written in another script than that of the table."""
_FEWEST_LETTERS = 8
_MOST_FOREIGN = 0.5


def in_wrong_script(translation: str, language: str) -> bool:
    """Whether most of a translation is written in a script that `language` does not have."""
    if language in _TWO_SCRIPTS or not is_code(language):
        return False
    own = _SCRIPTS.get(find(language).script)
    if own is None:
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", translation) if not word[0].isupper()]
    letters = [letter for word in words for letter in word]
    foreign = sum(unicodedata.name(letter, "?").split()[0] not in own for letter in letters)
    every = sum(letter.isalpha() for letter in translation)
    weight = 2 if any("\u3040" <= letter <= "\u9fff" for letter in letters) else 1
    return weight * foreign >= _FEWEST_LETTERS and foreign > _MOST_FOREIGN * every
