"""Speak texts with numbers and signs, recognize the sound again, and say what came back.

    python scripts/bench/spoken.py [--languages en pt] [--voice NAME]

A text is right when one of the forms that a recognizer may write is found in what it wrote,
without spaces and marks and with words for single digits as digits. A recognizer makes mistakes of
its own, so a few texts that are spoken well may be missed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stslocal.audio.resample import resample
from stslocal.engines.protocols import SpeechRecognizer, SpeechSynthesizer
from stslocal.loading.load import load_engines
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, VoiceProfile

_DIGITS = {
    "en": "zero one two three four five six seven eight nine",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "hi": "शून्य एक दो तीन चार पांच छह सात आठ नौ",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text, and what must be found when its sound is recognized."""

    language: str
    text: str
    right: str
    """A pattern for the text in small letters without spaces and marks."""
    tested: bool = False
    """Whether a test speaks it too: whisper-base writes it right in several voices."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was recognized in the speech of a sentence."""

    sentence: Sentence
    recognized: str

    @property
    def right(self) -> bool:
        found = compact(self.recognized, self.sentence.language)
        return re.search(self.sentence.right, found) is not None


SENTENCES = (
    Sentence("en", "Please call 555-0199 today.", "5550199", tested=True),
    Sentence("en", "My number is (800) 555-1234.", "8005551234"),
    Sentence("en", "He flies a Boeing 747-400.", "747400", tested=True),
    Sentence("en", "The B-52 is a very old plane.", "b52"),
    Sentence("en", "World War II ended in 1945.", "worldwar(ii|2|two)endedin1945", tested=True),
    Sentence("en", "King Louis XIV lived in France.",
             "(loui[se]?|lewis)(the(14th|fourteenth)|xiv)lived", tested=True),
    Sentence("en", "King Henry VIII had six wives.", "henry(the(8th|eighth)|viii)had"),
    Sentence("en", "It cost them $5M and $3k.", "5million(dollars)?and(3000|3thousand)",
             tested=True),
    Sentence("en", "The plan needs €2bn this year.", "2billion"),
    Sentence("en", "It is $1,234.56 in all.", "123456|1234dollarsand?56", tested=True),
    Sentence("en", "Add 3/4 of a cup of sugar.", "(34|3quarters?)ofacup", tested=True),
    Sentence("en", "They met on 12/05/2024.", "december5(th)?2024", tested=True),
    Sentence("en", "They live on Main St. in Boston.", "mainst(reet)?inboston", tested=True),
    Sentence("en", "We drove to St. Louis last week.", "(st|saint)loui"),
    Sentence("en", "We waited for 3 hrs and 5 min.", "3h(ou)?rsand5min", tested=True),
    Sentence("en", "The room is 32ft long.", "32f(ee)?t"),
    Sentence("en", "He is 6'2\" tall.", "6(feet|foot)?(2|and2)", tested=True),
    Sentence("en", "Read pages 10-15 tonight.", "pages?10(to)?15"),
    Sentence("en", "Write to maria@example.com today.", "mariaatexample(dot)?com|mariaexamplecom"),
    Sentence("en", "The train leaves at 9:08 AM.", "908am"),
    Sentence("en", "It was 1,000,000 people in 1984.", "(1000000|1million)peoplein1984"),
    Sentence("en", "The word 日本語 means Japanese.", "thewordmeansjapanese", tested=True),
    Sentence("en", "The score was 3-1 at half time.", "score(was)?(3to1|31)"),
    Sentence("en", "He wears number 10 on 5 May 2024.", "may5(th)?2024"),
    Sentence("en", "There is a 40cm gap between them.", "40(cm|centimeter|centimetre)gap"),
    Sentence("en", "The U.S. economy grew by 3.5% last year.", "us.*grew.*35"),
    Sentence("en", "Martin Luther King Jr. had a dream.", "king(jr|junior)had"),
    Sentence("en", "The water is at -5 °C now.", "(minus|negative)?5(degrees)?c"),
    Sentence("pt", "Ligue para (11) 98765-4321 hoje.", "11?987654321", tested=True),
    Sentence("pt", "Ele pilota um Boeing 747-400.", "747400", tested=True),
    Sentence("pt", "O preço é $1,234.56 hoje.", "123456|1234dólarese56", tested=True),
    Sentence("pt", "O plano custa R$ 5 mi por ano.", "5milhõesdereais|5000000|r5milhões",
             tested=True),
    Sentence("pt", "Use 3/4 de xícara de açúcar.", "(3|34)(quartos)?dex[íi]cara"),
    Sentence("pt", "A reunião é no dia 12/05/2024.", "12demaiode2024", tested=True),
    Sentence("pt", "O trem sai às 14h30 de hoje.", "(14e30|14h30|1430)"),
    Sentence("pt", "O papa João Paulo II era polonês.", "joãopaulo(segundo|ii|2)"),
    Sentence("pt", "Leia as páginas 20-25 hoje.", "páginas?(20|vinte)[aà]?(25|vinteecinco)",
             tested=True),
    Sentence("pt", "A sala mede 32ft de lado.", "32pés"),
    Sentence("pt", "Vivemos no século XXI agora.", "século(21|xxi|vinteeum)", tested=True),
    Sentence("pt", "O placar foi de 3-1 no jogo.", "3a1"),
    Sentence("pt", "Faz -5 °C lá fora agora.", "menos5(graus|c|°c)"),
    Sentence("es", "Llame al 912 345 678 hoy.", "912345678"),
    Sentence("es", "La reunión es el 12/05/2024.", "12demayode2024", tested=True),
    Sentence("es", "El plan cuesta 5 M€ al año.", "5millonesdeeuros|5000000", tested=True),
    Sentence("es", "El rey Luis XIV vivía en Francia.", "luis(14|xiv|catorce)viv", tested=True),
    Sentence("es", "Usa 3/4 de taza de azúcar.", "(34|3cuartos)detaza"),
    Sentence("es", "Viven en el siglo XXI ahora.", "siglo(21|xxi|veintiuno)"),
    Sentence("fr", "La réunion est le 12/05/2024.", "laréunion.*12mai2024", tested=True),
    Sentence("fr", "Le projet coûte 5 M€ par an.", "^leprojet.*(5millionsdeuros|5000000)",
             tested=True),
    Sentence("fr", "Le train part à 17h30.", "^letrain.*17(h|heures?)?30", tested=True),
    Sentence("fr", "Le roi Louis XIV vivait à Versailles.", "^leroilouis(14|xiv|quatorze)viv"),
    Sentence("fr", "Tout cela se passe au XIXe siècle.", "(19e?|19ème|xixe|dixneuvième)siècle"),
    Sentence("fr", "Ajoutez 3/4 de tasse de sucre.", "3(quarts?)?(de)?tasse|34detasse"),
    Sentence("it", "La riunione è il 12/05/2024.", "12maggio2024", tested=True),
    Sentence("it", "Il progetto costa $5M.", "5milioni|5000000", tested=True),
    Sentence("it", "Il re Luigi XIV viveva in Francia.", "luigi(14|xiv|quattordicesimo)viv",
             tested=True),
    Sentence("it", "Leggi le pagine 20-25.", "(20|venti)a?(25|venticinque)"),
    Sentence("it", "Aggiungi 3/4 di tazza di zucchero.", "(34|3quarti)ditazza"),
    Sentence("it", "Il treno parte alle 17.30 di oggi.", "17(e|h)?30"),
    Sentence("hi", "यह बैठक 12/05/2024 को है।", "12(मई|मे)|بارہ.*چ"),
    Sentence("hi", "इसकी कीमत ₹500 है।", "500|5(सौ|सो)"),
)  # fmt: skip


def compact(text: str, language: str) -> str:
    """A text in small letters without spaces and marks, its words for digits as digits."""
    digits = {word: str(n) for n, word in enumerate(_DIGITS[language].split())}
    words = re.findall(r"[^\W_]+[\u0900-\u097f]*", text.lower())
    return "".join(digits.get(word, word) for word in words)


def outcomes(
    sentences: tuple[Sentence, ...],
    synthesizer: SpeechSynthesizer,
    recognizer: SpeechRecognizer,
    voice: VoiceProfile | None = None,
) -> Iterator[Outcome]:
    """Each sentence spoken and recognized again."""
    for sentence in sentences:
        speech = np.concatenate(
            list(synthesizer.synthesize(sentence.text, language=sentence.language, voice=voice))
        )
        sound = resample(speech, synthesizer.sample_rate, RECOGNITION_RATE)
        recognition = recognizer.transcribe(sound, language=sentence.language)
        yield Outcome(sentence, recognition.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--languages", nargs="+", default=sorted(_DIGITS))
    parser.add_argument("--voice", help="a voice of Kokoro, for all languages")
    args = parser.parse_args()
    engines = load_engines(Settings(target="pt"), ModelStore.discover())
    voice = engines.synthesizer.voice(args.voice) if args.voice else None
    chosen = tuple(one for one in SENTENCES if one.language in args.languages)
    count = 0
    for outcome in outcomes(chosen, engines.synthesizer, engines.recognizer, voice):
        count += outcome.right
        mark = "right" if outcome.right else "wrong"
        print(f"{mark} | {outcome.sentence.text} | {outcome.recognized.strip()}", flush=True)
    print(f"{count} of {len(chosen)} right")


if __name__ == "__main__":
    main()
