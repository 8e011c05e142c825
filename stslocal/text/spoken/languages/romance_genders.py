"""The gender of a number before a noun in Romance languages, by the noun's ending.

Several nouns show it ("duas casas"). One noun is shown by what stands before the number too: it
counts at the start of a clause and after small words ("por 1 hora"), but not after a noun ("grupo 1
ganha"). What neither says stays as it is said alone.
"""

from __future__ import annotations

_PORTUGUESE_COUNTS = frozenset(
    "de em por a com para sem e ou só apenas há tem tenho temos têm durante após até desde mais "
    "quase faz custa leva falta faltam uns cada entre cerca são é foi era ter dura".split()
)
_SPANISH_COUNTS = frozenset(
    "de en por a con para sin y o u solo sólo hay tiene tengo tenemos tienen durante tras hasta "
    "desde más casi hace cuesta lleva falta faltan cada entre es fue era tener dura".split()
)
_FRENCH_COUNTS = frozenset(
    "de en pour à avec sans et ou a ai avons ont avait seulement depuis pendant après que dans "
    "est était coûte dure reste encore environ".split()
)
_ITALIAN_COUNTS = frozenset(
    "di in per a con da senza e o solo ha ho abbiamo hanno ogni dopo fra tra fino circa quasi ogni "
    "è era costa dura manca c'è".split()
)
_SMALL = frozenset(
    "de del da do das dos di du des en em no na nos nas in a o e y u ou et à al ao aos às com con "
    "avec per por para pour su sur sobre contra contro que che es é è são son est ou se si lo la "
    "el le les los las um uno una uma un une não no non ne já ya mais más plus fino hasta até "
    "jusqu jusque contre entre tra fra ma mas mais pero sin sem senza sans cada como come comme "
    "vezes por percento cento cent".split()
)
"""Words that are no nouns."""
_MASCULINE_IN_A = (
    "ema", "oma", "rama", "ista", "pta", "eta", "atleta", "mapa", "mapas", "clima", "emas", "omas",
    "ramas", "istas", "etas", "atletas", "climas", "trauma", "colega", "colegas", "cinema",
)  # fmt: skip
_EXACT_MASCULINE = frozenset(
    "dia dias día días sofá sofás papa papá guarda poeta grama gramas".split()
)
_PORTUGUESE_FEMININE = (
    "a", "ção", "são", "dade", "tude", "gem", "vez", "mulher", "mão", "noite", "tarde", "parte",
    "cor", "flor", "luz", "voz", "mãe", "ã", "fase", "frase", "base", "classe", "chave", "ponte",
    "fonte", "rede", "sede", "morte", "série", "lei",
)  # fmt: skip
_PORTUGUESE_SEVERAL = (
    "as", "ções", "sões", "dades", "tudes", "gens", "vezes", "mulheres", "mãos", "noites", "tardes",
    "partes", "cores", "flores", "luzes", "vozes", "mães", "ãs", "fases", "frases", "bases",
    "classes", "chaves", "pontes", "fontes", "redes", "sedes", "mortes", "séries", "leis",
)  # fmt: skip
_SPANISH_FEMININE = (
    "a", "ción", "sión", "dad", "tad", "tud", "vez", "mujer", "noche", "parte", "mano", "flor",
    "luz", "voz", "clase", "base", "calle", "llave", "fuente", "red", "ley", "tarde", "imagen",
    "serie", "frase", "fase", "muerte", "gente", "nube", "torre", "nave", "madre",
)  # fmt: skip
_SPANISH_SEVERAL = (
    "as", "ciones", "siones", "dades", "tades", "tudes", "veces", "mujeres", "noches", "partes",
    "manos", "flores", "luces", "voces", "clases", "calles", "llaves", "fuentes", "redes", "leyes",
    "tardes", "imágenes", "series", "frases", "fases", "muertes", "nubes", "torres", "naves",
    "madres",
)  # fmt: skip
_SPANISH_STRESSED = frozenset("agua águila alma área arma aula hacha ala ancla hada".split())
"""Feminine nouns after `un`."""
_ITALIAN_FEMININE = (
    "a", "zione", "sione", "gione", "tà", "tù", "mano", "notte", "parte", "madre", "gente", "voce",
    "luce", "croce", "chiave", "classe", "frase", "fase", "base", "serie", "legge", "rete", "fonte",
    "morte", "torre", "moglie", "nave", "immagine",
)  # fmt: skip
_FRENCH_FEMININE = (
    "tion", "sion", "ette", "ance", "ence", "esse", "euse", "trice", "ienne", "elle", "ité", "erie",
    "ille", "ouche", "ière", "ière", "ise", "ade",
)  # fmt: skip
_FRENCH_NOUNS = frozenset(
    "page fois maison personne heure minute seconde semaine année femme voiture table main vie "
    "nuit place partie pièce carte chose question langue goutte porte route journée tonne ligne "
    "lettre phrase classe chambre équipe école église forêt feuille fleur étoile île ville tasse "
    "cuillère cuillerée bouteille boîte tranche part réponse raison idée note mère sœur fleur "
    "guerre étape histoire image moitié centaine dizaine douzaine étude usine vache fraise pomme "
    "banque roue photo moto radio couleur erreur peur mer dent".split()
)
_FRENCH_MASCULINE = ("silence", "village", "stade", "grade", "modèle", "musée")


def _one(before: str, after: str, counts: frozenset[str]) -> bool:
    """Whether a noun seems to follow a number that counts it."""
    counting = not before or before.lower() in counts
    return counting and len(after) > 1 and after.isalpha() and after.lower() not in _SMALL


def _is_masculine(noun: str) -> bool:
    return noun in _EXACT_MASCULINE or noun.endswith(_MASCULINE_IN_A)


def portuguese(number: int, before: str, after: str) -> str:
    """Duas casas, dois dias; por uma hora."""
    if number == 1:
        if not _one(before, after, _PORTUGUESE_COUNTS):
            return ""
        return "f" if after.endswith(_PORTUGUESE_FEMININE) and not _is_masculine(after) else "m"
    return "f" if after.endswith(_PORTUGUESE_SEVERAL) and not _is_masculine(after) else ""


def spanish(number: int, before: str, after: str) -> str:
    """Veintiún años, veintiuna casas; una casa, un año."""
    if number == 1:
        if not _one(before, after, _SPANISH_COUNTS):
            return ""
        masculine = _is_masculine(after) or after in _SPANISH_STRESSED
        return "f" if after.endswith(_SPANISH_FEMININE) and not masculine else "m"
    if after.endswith(_SPANISH_SEVERAL) and not _is_masculine(after):
        return "f"
    return "m" if after.endswith("s") and len(after) > 3 else ""


def italian(number: int, before: str, after: str) -> str:
    """Un anno, uno zaino, una casa."""
    if number != 1 or not _one(before, after, _ITALIAN_COUNTS):
        return ""
    if after.endswith(_ITALIAN_FEMININE) and not _is_masculine(after):
        return "f"
    hard = after.startswith(("z", "gn", "ps", "pn", "x", "y"))
    return "" if hard or (after[0] == "s" and after[1] not in "aeiouàèéìòù") else "m"


def french(number: int, before: str, after: str) -> str:
    """Une page, vingt et une pages."""
    if number % 10 != 1 or number % 100 == 11 or number % 100 in (71, 91):
        return ""
    if number == 1 and not _one(before, after, _FRENCH_COUNTS):
        return ""
    noun = after.lower().removesuffix("s") if after != "fois" else after
    feminine = noun in _FRENCH_NOUNS or noun.endswith(_FRENCH_FEMININE)
    return "f" if feminine and not noun.endswith(_FRENCH_MASCULINE) else ""
