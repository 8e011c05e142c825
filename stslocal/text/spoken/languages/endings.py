"""The gender that the word after a number shows by its ending, for one and two before a noun.

`before` and `after` are the words around the number. Romance languages have a room of their own.

Only endings that are right for most nouns; else nothing, and the number is said as it is alone.
"""

from __future__ import annotations

_SHORTEST_NOUN = 3
_CONJUNCTIONS = frozenset("albo oraz nebo anebo или либо что это és vagy meg az".split())
GERMAN_FEMININE = ("e", "ung", "heit", "keit", "schaft", "ion", "tät", "ik", "in", "frau", "Frau",
                    "stadt", "Stadt", "Zahl", "Hand", "Nacht", "Person", "Woche")  # fmt: skip
_POLISH_FEMININE = frozenset(
    "osoby kobiety książki córki siostry firmy szkoły rzeczy części noce gry bramki drogi głowy "
    "łodzie matki nogi ofiary ręce rodziny rundy szanse sprawy strony sztuki tony wersje wioski "
    "wsie wyspy zasady żony kategorie grupy szóstki drużyny bramy klasy komórki krowy linie "
    "maszyny".split()
)
_POLISH_NEUTER = ("imię", "ramię", "zwierzę", "plemię", "niemowlę", "dziecię", "cielę", "kurczę",
                  "prosię", "jagnię", "znamię")  # fmt: skip
_POLISH_MEN_ENDINGS = ("cy", "dzy", "rzy", "nci", "yści", "iści", "owie")
_POLISH_MEN = frozenset(
    "bracia chłopi dziennikarze Francuzi goście gracze kucharze lekarze malarze mężczyźni "
    "muzułmanie nauczyciele obywatele pisarze piłkarze przyjaciele rodzice sąsiedzi strażacy "
    "właściciele Włosi żołnierze żeglarze".split()
)
_POLISH_OF_MEN = frozenset(
    "agentów aktorów Amerykanów artystów astronautów autorów badaczy biskupów braci chłopaków "
    "chłopców chrześcijan członków doktorów dyrektorów dziadków dziennikarzy ekspertów farmerów "
    "gości górników graczy inżynierów kandydatów kapłanów kierowców klientów kolegów "
    "kibiców królów księży lekarzy ludzi mężczyzn mieszkańców ministrów muzyków naukowców "
    "nauczycieli Niemców niewolników obywateli oficerów pacjentów panów papieży pasażerów "
    "pilotów piłkarzy pisarzy Polaków policjantów polityków posłów pracowników prezydentów "
    "profesorów programistów przedsiębiorców przedstawicieli przyjaciół robotników rodziców "
    "rolników Rosjan rycerzy sąsiadów senatorów sędziów specjalistów sportowców sprawców "
    "strażaków studentów synów świadków świętych terrorystów trenerów turystów uczestników "
    "uczniów uczonych użytkowników więźniów widzów właścicieli wyborców zakładników zawodników "
    "żołnierzy Żydów".split()
)
"""Genitives: most nouns in -ów are no men."""
_CZECH_FEMININE = frozenset(
    "osoby ženy knihy dcery sestry firmy školy věci části noci hry branky rodiny strany třídy "
    "skupiny děti ruce nohy oči uši cesty hlavy ceny zprávy otázky chvíle ulice práce stanice "
    "verze kategorie linie stovky".split()
)

_ARABIC_FEMININE = frozenset(
    "نساء بنات أخوات مدن دقائق ثوان ثواني ليال ليالي غرف صور قصص دول فرق نقاط جزر قرى حروب مدارس "
    "وثائق رسائل وسائل مناطق قبائل عواصم أسر جمل كلمات ألسن عيون أرجل طائرات".split()
)
_ARABIC_MASCULINE = frozenset(
    "دولارات كيلومترات سنتيمترات مليمترات مليارات تريليونات سنتات اجتماعات قرارات مطارات قطارات "
    "تيارات إطارات اختبارات صراعات مؤتمرات مشروعات مجالات حيوانات نباتات خطابات امتحانات حسابات "
    "مهرجانات أوقات أصوات أبيات أموات اتفاقات انتصارات اقتراحات بيانات تصريحات مستشفيات تقريرات "
    "كيلوغرامات غرامات لترات أطنان مسدسات تلفزيونات".split()
)
"""Plurals in -āt of masculine nouns."""


def arabic(number: int, before: str, after: str) -> str:
    """ثلاث سنوات, ثلاثة رجال, إحدى عشرة امرأة: most plurals in -āt are of feminine nouns."""
    if 3 <= number % 100 <= 10:
        plural = after.endswith("ات") and after not in _ARABIC_MASCULINE
        return "f" if plural or after in _ARABIC_FEMININE else ""
    return "f" if 11 <= number % 100 <= 99 and after.endswith("ة") else ""


def hungarian(number: int, before: str, after: str) -> str:
    """Két ember, and kettő alone."""
    return "m" if len(after) > 1 and after.isalpha() and after not in _CONJUNCTIONS else ""


def german(number: int, before: str, after: str) -> str:
    """Eine Frau, ein Mann; alone, and before a word that is no noun, eins."""
    if number != 1 or not after[:1].isupper():
        return ""
    return "f" if after.endswith(GERMAN_FEMININE) else "m"


def russian(number: int, before: str, after: str) -> str:
    """Две книги, два дома; одна книга, одно окно, один дом."""
    if number % 100 in (11, 12) or len(after) < _SHORTEST_NOUN or after in _CONJUNCTIONS:
        return ""
    if number % 10 == 2:
        return "f" if after.endswith(("и", "ы", "ые", "ие")) else ""
    if number % 10 == 1:
        if after.endswith(("у", "ю")):
            return "f accusative"
        return "f" if after.endswith(("а", "я")) else "n" if after.endswith(("о", "е")) else ""
    return ""


def polish(number: int, before: str, after: str) -> str:
    """Dwie osoby, dwa domy; jedna osoba, jedno miasto, jeden dom; pięciu mężczyzn, dwaj panowie.

    Men and children have numbers of their own: see `polish_in`.
    """
    if len(after) < _SHORTEST_NOUN or after in _CONJUNCTIONS:
        return ""
    if number == 1:
        if after.endswith("ę"):
            return "n" if after.endswith(_POLISH_NEUTER) else "f accusative"
        return "f" if after.endswith("a") else "n" if after.endswith(("o", "e")) else ""
    if number > 1 and (after in _POLISH_OF_MEN or after == "dzieci"):
        return "children" if after == "dzieci" else "men"
    if 2 <= number <= 4 and (after in _POLISH_MEN or after.endswith(_POLISH_MEN_ENDINGS)):
        return "men nominative"
    feminine = number % 10 == 2 and number % 100 != 12 and after in _POLISH_FEMININE
    return "f" if feminine else ""


def czech(number: int, before: str, after: str) -> str:
    """Dvě ženy, dvě města, dva domy; jedna žena, jedno město, jeden dům."""
    if len(after) < _SHORTEST_NOUN or after in _CONJUNCTIONS:
        return ""
    if number == 1:
        if after.endswith("u"):
            return "f accusative"
        return "f" if after.endswith("a") else "n" if after.endswith(("o", "í")) else "m"
    if number == 2:
        return "n" if after.endswith("a") else "f" if after in _CZECH_FEMININE else ""
    return ""
