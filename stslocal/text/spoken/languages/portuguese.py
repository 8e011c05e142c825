"""The words of Portuguese, as it is said in Brazil."""

from __future__ import annotations

from stslocal.text.spoken.languages import halves, romance_genders
from stslocal.text.spoken.languages.romance import (
    PRONOUNCED,
    fractions,
    in_centuries,
    letters_only,
    rulers,
)
from stslocal.text.spoken.words import RomanNumeral, Words

_HOURS = {1: "uma", 2: "duas", 21: "vinte e uma", 22: "vinte e duas"}
_LAST_ORDINAL = 10
"""Kings and centuries after it have cardinal numbers."""


def _ordinal(number: int, feminine: bool) -> str:
    return f"{number}{'ª' if feminine else 'º'}"


def _date(day: int, month: str, year: str, before: str) -> str:
    name = _ordinal(1, False) if day == 1 else str(day)
    return f"{name} de {month}" + (f" de {year}" if year else "")


_CENTURIES = frozenset("século séculos séc sécs".split())


def _clock(hours: int, minutes: int, before: str) -> str:
    name = _HOURS.get(hours, str(hours))
    if minutes:
        return f"{name} e {minutes}"
    return f"{name} hora" if hours == 1 else f"{name} horas"


def _roman(numeral: RomanNumeral) -> str | None:
    if numeral.after.lower() in ("guerra", "república"):
        return _ordinal(numeral.value, True)
    ruler = rulers(numeral)
    if ruler or in_centuries(numeral, _CENTURIES):
        feminine = ruler == "queen"
        ordinal = numeral.value <= _LAST_ORDINAL
        return _ordinal(numeral.value, feminine) if ordinal else str(numeral.value)
    numbered = (
        "capítulo volume parte ato cena artigo tomo livro tipo fase classe título anexo grupo"
    )
    return letters_only(numeral, frozenset(numbered.split()))


PORTUGUESE = Words(
    point=",",
    group=".",
    spaced_groups=True,
    digits=tuple("zero um dois três quatro cinco seis sete oito nove".split()),
    small={"1": ("um", "uma"), "2": ("dois", "duas")},
    feminine=frozenset("milha libra onça tonelada hora polegada jarda rupia colher coroa".split()),
    gender_before=romance_genders.portuguese,
    point_word="vírgula",
    dot="ponto",
    to="a",
    by="por",
    times="vezes",
    of=lambda noun: f"de {noun}",
    units={
        "mm²": "milímetro quadrado/milímetros quadrados",
        "°N": "grau norte/graus norte", "°S": "grau sul/graus sul",
        "°L": "grau leste/graus leste", "°E": "grau leste/graus leste",
        "°O": "grau oeste/graus oeste", "°W": "grau oeste/graus oeste",
        "° N": "grau norte/graus norte", "° S": "grau sul/graus sul",
        "° L": "grau leste/graus leste", "° E": "grau leste/graus leste",
        "° O": "grau oeste/graus oeste", "° W": "grau oeste/graus oeste",
        "km/h": "quilômetro por hora/quilômetros por hora",
        "mph": "milha por hora/milhas por hora", "m/s": "metro por segundo/metros por segundo",
        "m/s²": "metro por segundo ao quadrado/metros por segundo ao quadrado",
        "km²": "quilômetro quadrado/quilômetros quadrados",
        "m²": "metro quadrado/metros quadrados",
        "cm²": "centímetro quadrado/centímetros quadrados",
        "m³": "metro cúbico/metros cúbicos",
        "kg/m³": "quilo por metro cúbico/quilos por metro cúbico",
        "km": "quilômetro/quilômetros", "m": "metro/metros", "cm": "centímetro/centímetros",
        "mm": "milímetro/milímetros", "ft": "pé/pés", "in": "polegada/polegadas",
        "milha": "milha/milhas", "yd": "jarda/jardas", "kg": "quilo/quilos", "g": "grama/gramas",
        "mg": "miligrama/miligramas", "t": "tonelada/toneladas", "lb": "libra/libras",
        "lbs": "libra/libras", "oz": "onça/onças", "l": "litro/litros", "L": "litro/litros",
        "ml": "mililitro/mililitros", "mL": "mililitro/mililitros", "ha": "hectare/hectares",
        "h": "hora/horas", "hr": "hora/horas", "hrs": "hora/horas", "min": "minuto/minutos",
        "min.": "minuto/minutos", "s": "segundo/segundos", "seg": "segundo/segundos",
        "sec": "segundo/segundos", "ms": "milissegundo/milissegundos",
        "kWh": "quilowatt-hora/quilowatts-hora", "kW": "quilowatt/quilowatts",
        "MW": "megawatt/megawatts", "W": "watt/watts", "V": "volt/volts", "A": "ampere/amperes",
        "Hz": "hertz/hertz", "kHz": "quilohertz/quilohertz", "MHz": "megahertz/megahertz",
        "GHz": "gigahertz/gigahertz", "dB": "decibel/decibéis",
        "kB": "quilobyte/quilobytes", "KB": "quilobyte/quilobytes", "MB": "megabyte/megabytes",
        "GB": "gigabyte/gigabytes", "TB": "terabyte/terabytes",
        "°C": "grau Celsius/graus Celsius", "°F": "grau Fahrenheit/graus Fahrenheit",
        "º C": "grau Celsius/graus Celsius",
        "° C": "grau Celsius/graus Celsius", "ºC": "grau Celsius/graus Celsius",
        "°": "grau/graus", "cv": "cavalo/cavalos",
    },
    money={
        "R$": "real/reais|centavo/centavos", "BRL": "real/reais|centavo/centavos",
        "US$": "dólar/dólares|centavo/centavos",
        "US $": "dólar/dólares|centavo/centavos", "USD": "dólar/dólares|centavo/centavos",
        "$": "dólar/dólares|centavo/centavos", "€": "euro/euros|centavo/centavos",
        "EUR": "euro/euros|centavo/centavos", "£": "libra/libras|penny/pence",
        "GBP": "libra/libras|penny/pence", "¥": "iene/ienes", "JPY": "iene/ienes",
        "₹": "rupia/rupias", "CHF": "franco suíço/francos suíços", "₽": "rublo/rublos",
    },
    cents="e",
    height_joint="e",
    scales={
        "mil": "mil/mil", "mil milhões": "mil milhões/mil milhões",
        "milhão": "milhão/milhões", "milhões": "milhão/milhões", "bilhão": "bilhão/bilhões",
        "bilhões": "bilhão/bilhões", "trilhão": "trilhão/trilhões",
        "trilhões": "trilhão/trilhões", "k": "mil/mil", "K": "mil/mil",
        "mi": "milhão/milhões", "M": "milhão/milhões", "m": "milhão/milhões",
        "MM": "milhão/milhões", "bi": "bilhão/bilhões", "bn": "bilhão/bilhões",
        "B": "bilhão/bilhões", "tri": "trilhão/trilhões",
    },
    bare_scales=frozenset({"k", "M", "mi", "bi", "bn", "tri"}),
    counted_scales=frozenset({"mil milhões", "milhão", "milhões", "bilhão", "bilhões", "trilhão",
                              "trilhões"}),
    singular_below_two=True,
    percent="por cento",
    per="por",
    and_="e",
    half="meio",
    mixed_half="e meio",
    fraction=fractions(
        "terço quarto quinto sexto sétimo oitavo nono décimo", "um dois três quatro cinco seis "
        "sete oito nove", 16, "avos", "s"
    ),
    part_of=lambda unit: f"de {unit}",
    half_of=lambda unit: f"{'meia' if unit in ('hora', 'libra', 'polegada') else 'meio'} {unit}",
    halved=halves.portuguese,
    months=tuple(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
        "dezembro".split()
    ),
    day_first=True,
    date_contexts=frozenset("dia até desde".split()),
    date=_date,
    clock=_clock,
    bare_hours=True,
    half_days=("da manhã", "da tarde"),
    half_day_drops=r" horas?$",
    ordinal=_ordinal,
    ordinal_signs=("o|os", "a|as"),
    roman=_roman,
    own=((r"D\.(?= (?:[A-ZÁÉÍÓÚÂÊÔ]\w*a|Beatriz|Inês|Isabel|Leonor|Carlota)(?!\w))",
          lambda match: "Dona"),),
    pronounced=PRONOUNCED,
    call_words=frozenset(
        "ligue liga ligar telefone tel disque celular whatsapp fone discar ramal".split()
    ),
    code_words=frozenset("código senha pin cep cpf conta".split()),
    symbols={
        "&": "e", "+": "mais", "=": "igual a", "@": "arroba", "#": "número", "%": "por cento",
        "±": "mais ou menos", "~": "cerca de", "≈": "cerca de", "<": "menor que",
        ">": "maior que", "≤": "no máximo", "≥": "no mínimo", "×": "vezes", "÷": "dividido por",
        "§": "parágrafo", "^": "elevado a", "minus": "menos", "plus": "mais",
        "$": "dólares", "€": "euros",
        "°": "graus",
    },
    dash="hífen",
    underscore="sublinhado",
    slash="barra",
    abbreviations={
        "Dr.": "Doutor", "Dra.": "Doutora", "Sr.": "Senhor", "Sra.": "Senhora",
        "Srs.": "Senhores", "Srta.": "Senhorita", "Prof.": "Professor", "Profa.": "Professora",
        "Av.": "Avenida", "R.": "Rua", "S.": "São", "D.": "Dom", "nº": "número", "n.º": "número",
        "n°": "número", "pág.": "página", "págs.": "páginas", "p.": "página", "pp.": "páginas",
        "p. ex.": "por exemplo", "p.ex.": "por exemplo", "vs.": "versus", "vs": "versus",
        "Cia.": "Companhia", "séc.": "século", "sécs.": "séculos", "a.C.": "antes de Cristo",
        "d.C.": "depois de Cristo", "EUA": "Estados Unidos", "tel.": "telefone",
        "Tel.": "telefone", "aprox.": "aproximadamente", "etc.": "etcétera", "Jr.": "Júnior",
        "Gen.": "General", "Cel.": "Coronel", "Eng.": "Engenheiro", "art.": "artigo",
        "Art.": "artigo", "cap.": "capítulo", "Cap.": "Capitão", "St.": "Saint", "Sto.": "Santo",
        "Sta.": "Santa", "Ltda.": "Limitada", "dept.": "departamento", "No.": "número",
    },
    numbered=frozenset({"p.", "pp.", "art.", "Art.", "cap.", "No."}),
    closing=frozenset({"etc.", "a.C.", "d.C.", "Ltda.", "Cia."}),
)  # fmt: skip
