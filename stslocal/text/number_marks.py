"""How each language writes numbers: decimal mark, group mark, and where groups are set.

After the Unicode CLDR's `decimal`, `group` and `standard` number patterns (as known to the author;
minor languages follow the official language beside which they are written).
"""

from __future__ import annotations

from dataclasses import dataclass

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class NumberMarks:
    """The marks of a language's numbers."""

    decimal: str
    group: str
    indian: bool = False
    """Groups of two digits above the thousands: 12,34,567."""
    least_grouped: int = 4
    """Fewest digits that are grouped: five in Spanish, which writes 1234 and 12.345."""

    def grouped(self, digits: str) -> str:
        """A whole number's digits with group marks."""
        if len(digits) < self.least_grouped:
            return digits
        head, groups = digits[:-3], [digits[-3:]]
        size = 2 if self.indian else 3
        while head:
            groups.insert(0, head[-size:])
            head = head[:-size]
        return self.group.join(groups)


_POINT = NumberMarks(".", ",")
_COMMA = NumberMarks(",", ".")
_LATE_COMMA = NumberMarks(",", ".", least_grouped=5)
_SPACE = NumberMarks(",", NO_BREAK_SPACE)
_LATE_SPACE = NumberMarks(",", NO_BREAK_SPACE, least_grouped=5)
_NARROW = NumberMarks(",", NARROW_SPACE)
_INDIAN = NumberMarks(".", ",", indian=True)

_LANGUAGES = (
    (_POINT, "ak am bem ceb cy dik dyu ee en ga gd ha haw he ig ilo ja kam ki km ko lg luo lus "
             "mi mt my nus ny om pag sat sm sn so st nso sw ti tl th tn tpi ts tum tw war xh yi "
             "yo yue zh zh-Hant zu fj ay cjk kbp kac knc knc-Arab lua mos ps sd si shn bo dz ug "
             "umb taq "
             "taq-Tfng ckb fa prs azb ar arz acm ars ary apc ajp acq aeb mn ms bjn-Arab "
             "ace-Arab gn qu ss"),
    (_INDIAN, "as awa bho bn gu hi hne kn ks ks-Deva mag mai ml mni mr ne or pa sa ta te ur"),
    (_COMMA, "ace ast az ban bjn bs ca da de el eu fo fur gl hr id is it jv kea ku lb li lij lmo "
             "ln lo mk min nl pap pt ro rn rw sc scn sg sl sr su tr vec vi kg kmb bug"),
    (_LATE_COMMA, "es"),
    (_SPACE, "af ba be br cs eo fi ht hu hy ka kab kk ky la lt nb nn oc ru sk sq sv tg tk tt "
             "uk uz crh tzm mg szl fuv wo fon"),
    (_LATE_SPACE, "bg et ltg lv pl"),
    (_NARROW, "fr bm"),
)  # fmt: skip
_MARKS = {code: marks for marks, codes in _LANGUAGES for code in codes.split()}


def number_marks(language: str) -> NumberMarks:
    """The marks of a language, by its code in languages.tsv; English ones for unknown codes."""
    return _MARKS.get(language, _POINT)


def known_languages() -> frozenset[str]:
    """The codes of the languages in the table."""
    return frozenset(_MARKS)
