"""Measure what holding a translation to its source changes.

    python scripts/bench/translation.py [--data FOLDER] [--sentences 500] [--show]

Bergamot alone and through FaithfulTranslator, in both directions: chrF, sentences whose numbers
are right by value, milliseconds and translations a sentence. First on sentences of FLORES-200 dev,
which come with the larger recordings (../shared/data), else on the sentences of our recordings;
then on sentences with numbers, and on sentences with addresses, handles and codes, which are below.
`--show` prints every sentence that changed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from corpus import add_data_option, chrf
from glossary import CountingTranslator

from stslocal.engines.bergamot.translator import BergamotTranslator
from stslocal.engines.protocols import TextTranslator
from stslocal.text.numbers import read_numbers
from stslocal.text.verbatim import verbatim_parts
from stslocal.translation.faithful import FaithfulTranslator
from stslocal.translation.numbers_held import Texts, hold
from stslocal.translation.numbers_repaired import is_by_rule

NUMBERS = {
    "en": """It costs $1,234.56.
It costs $15.99 a month.
He earns $75,000 a year.
We raised $3.2 million.
It is 10,000 feet high.
It is 5,280 feet.
The plane flew at 35,000 feet.
There were 12,500 people.
Only 0.5% agreed.
It grew by 2.75%.
In 1969, man landed on the moon.
He is 6 feet 2 inches tall.
She weighs 130 pounds.
It's 26.2 miles.
Flight 815 leaves at 7:45 a.m.
The train leaves at 11:05 p.m.
It ends at 5:30 p.m.
Chapter 12, verse 3.
The score was 3-1.
The PIN is 4821.
It is 283.82 euros.
That's 2,200,112 tons.
The population is 244,890.
I have 3 cats, 2 dogs and 11 birds.
Version 3.14 is out.
From 1939 to 1945.
It lasted 2 hours and 35 minutes.
The ratio is 3:2.
It's 1/2 cup of sugar.
At 120 mph.
There are 1,500,000 people.
He was born on 12/05/1984.
It is 1,000.5 meters.
The Dow fell 1,234 points.
Twenty-one thousand.
nineteen eighty-four
twenty twenty-four
one point five
The mountain is ten thousand feet high.
World War Two ended in nineteen forty five.
The meeting is at five p.m. on May fifth.
It was -5 degrees in the morning.
They sold 7,001 copies in 2 days.
The lake is 1,642 meters deep and 25 miles wide.
She paid £2,350.75 for 3 tickets.
In 2008, 4.8 billion people had a phone.""",
    "pt": """Custa R$ 1.234,56.
Custa 15,99 por mês.
Ganha 75.000 por ano.
Arrecadamos 3,2 milhões.
Fica a 10.000 pés.
Eram 12.500 pessoas.
Só 0,5% concordou.
Em 1969 o homem foi à Lua.
A reunião é às 14h.
A reunião é às 9h30.
O trem sai às 23h05.
Às 15h30 de segunda.
Ele tem 1,80 m.
Pesa 72,5 kg.
Disque 190.
Capítulo 12, versículo 3.
O placar foi 3 a 1.
Foram 2.200.112 toneladas.
São 244.890 pessoas.
A taxa é de 13,75%.
São 283,82 euros.
Custa 20 reais.
No dia 5 de maio de 2024.
Nos anos 90.
O artigo 5º da Constituição.
Duas e meia.
São 1.500.000 pessoas.
Nasceu em 12/05/1984.
Ele correu 42,2 km.
O índice caiu 1.234 pontos.
1,5%
século XXI
dois mil e vinte e quatro
mil novecentos e oitenta e quatro
um vírgula cinco
Vieram dez mil pessoas.
Fez -5 graus de manhã.
Vendeu 7.001 livros em 2 dias.
O lago tem 1.642 metros de profundidade.
Em 2008, 4,8 bilhões de pessoas tinham telefone.""",
}
KEPT = {
    "en": """Email maria.silva@example.com please.
Write to info@acme.org.
My address is john_doe+news@mail.example.co.uk, and hers is not.
Go to example.com/help.
Visit https://www.acme.org/docs today.
Follow @acme on Twitter.
Ask @maria.costa and @joe about it.
Use the hashtag #python.
We trended with #SaveTheBees and #Climate last night.
I like C#.
He writes C++ and Java.
Call 555-0199.
Call me at 1-800-555-1234.
The IP is 192.168.1.1.
Gate B-12, seat 14C.
The B747-400 landed at 5 p.m.
The ISO 9001 audit is on Monday.
Order number 100234.
The tracking code is LX123456789US.
😀 hello
Great job 👏 everyone!
♪ We are the champions ♪""",
    "pt": """Escreva para joao.silva@exemplo.com.br, por favor.
Meu e-mail é joao.silva@exemplo.com.br
Mande tudo para contato@acme.org até amanhã.
Veja www.exemplo.com.br/ajuda.
Siga @acme no Twitter.
Fale com @maria.costa sobre isso.
Use a hashtag #foradaqui hoje.
Eu gosto de C#.
O telefone é (11) 98765-4321.
O CEP é 01310-100.
O telefone é 3333-4444.
O voo TAM3054 atrasou.
A placa é ABC1D23.
O pedido 100234 chegou.
O servidor é 10.0.0.254.
😀 oi
Parabéns 🎉 a todos!""",
}


def translated(
    translators: Sequence[TextTranslator], texts: Sequence[str], source: str, target: str
) -> tuple[list[list[str]], list[float]]:
    """The translations by each translator, in turns, and milliseconds a sentence."""
    found: list[list[str]] = [[] for _ in translators]
    spent_s = [0.0] * len(translators)
    for text in texts:
        for index, translator in enumerate(translators):
            began_s = time.perf_counter()
            found[index] += translator.translate([text], source=source, target=target)
            spent_s[index] += time.perf_counter() - began_s
    return found, [1000 * each / len(texts) for each in spent_s]


def numbers_right(source: str, translation: str, languages: tuple[str, str]) -> bool:
    """Whether every number has its value, and the marks of its language."""
    texts = Texts(source, translation, *languages)
    held = hold(texts)
    return not held.missing and not held.extra and is_by_rule(texts)


def kept(source: str, translation: str) -> bool:
    """Whether every address, handle, code and picture of the source is in the translation."""
    pictures = [sign for sign in source if ord(sign) > 0x2600]
    wanted = [part.text for part in verbatim_parts(source)] + pictures
    return all(text in translation for text in wanted)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=500)
    parser.add_argument("--show", action="store_true")
    add_data_option(parser)
    arguments = parser.parse_args()
    engine = BergamotTranslator.load()
    counted = CountingTranslator(engine)
    faithful = FaithfulTranslator(counted)
    print(arguments.data.title)
    for pair in (("en", "pt"), ("pt", "en")):
        texts, references = (each[: arguments.sentences] for each in arguments.data.parallel(*pair))
        engine.translate(texts[:1], source=pair[0], target=pair[1])
        counted.texts = 0
        (before, after), (plain_ms, held_ms) = translated([engine, faithful], texts, *pair)
        with_numbers = [
            index
            for index, text in enumerate(texts)
            if any(number.strong for number in read_numbers(text, pair[0]))
        ]
        right = [
            sum(numbers_right(texts[i], found[i], pair) for i in with_numbers)
            for found in (before, after)
        ]
        print(
            f"{pair[0]} -> {pair[1]}, {len(texts)} sentences: "
            f"chrF {chrf(before, references):.2f} -> {chrf(after, references):.2f}; "
            f"numbers right {right[0]} -> {right[1]} of {len(with_numbers)}; "
            f"{plain_ms:.0f} -> {held_ms:.0f} ms and {counted.texts / len(texts):.2f} translations "
            f"a sentence; {sum(a != b for a, b in zip(before, after, strict=True))} changed"
        )
        show(arguments.show, texts, before, after)
        for name, sentences in (("numbers", NUMBERS), ("addresses", KEPT)):
            own = sentences[pair[0]].splitlines()
            (plain, held), _ = translated([engine, faithful], own, *pair)
            good = [
                sum(
                    numbers_right(a, b, pair) and kept(a, b)
                    for a, b in zip(own, found, strict=True)
                )
                for found in (plain, held)
            ]
            print(f"  {name}: right {good[0]} -> {good[1]} of {len(own)}")
            show(arguments.show, own, plain, held)


def show(wanted: bool, texts: Sequence[str], before: Sequence[str], after: Sequence[str]) -> None:
    for text, plain, held in zip(texts, before, after, strict=True):
        if wanted and plain != held:
            print(f"    {text}\n      {plain}\n      {held}")


if __name__ == "__main__":
    main()
