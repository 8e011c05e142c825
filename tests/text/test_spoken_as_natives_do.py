"""Text in words as a native says it: rulers in their case, persons, halves, initials, minus."""

from __future__ import annotations

import pytest

from stslocal.text.spoken.text import spoken_text

pytestmark = pytest.mark.unit

SAID = {
    "ar": {
        "القرن 19": "القرن التاسع عشر",
        "في 2020": "في ألفين وعشرين",
        # Three to ten have the other gender than their noun.
        "3 سنوات و5 نساء": "ثلاث سنوات و خمس نساء",
        "4 أولاد و5 قرارات": "أربعة أولاد و خمسة قرارات",
        "11 امرأة": "إحدى عشرة امرأة",
    },
    "cs": {
        "v 19. stol. byl": "v devatenáctém století byl",
        "za Karla IV. a s Karlem IV. přišel": "za Karla Čtvrtého a s Karlem Čtvrtým přišel",
        "o Janu Pavlu II. se mluví": "o Janu Pavlu Druhém se mluví",
        "II. světová válka, po 2. světové válce": "druhá světová válka, po druhé světové válce",
        "M. Novák, V. Havel": "M. Novák, V. Havel",
        "3.–5. místo, v ul. Dlouhá": "třetí až páté místo, v ulici Dlouhá",
    },
    "de": {
        "von 9.00 bis 14.00 Uhr": "von neun Uhr bis vierzehn Uhr",
        "Mo.–Fr. 8–18 Uhr": "Montag bis Freitag acht bis achtzehn Uhr",
        "unter Karl V. und dem Papst Johannes Paul II. wurde": "unter Karl dem Fünften und dem "
        "Papst Johannes Paul dem Zweiten wurde",
        "Heinrichs VIII. Frauen": "Heinrichs des Achten Frauen",
        "Ludwig XIV. war, Elisabeth II. war": "Ludwig der Vierzehnte war, Elisabeth die Zweite war",
        "im II. Weltkrieg, M. Müller": "im zweiten Weltkrieg, M. Müller",
        "1/2 Tasse, 2 1/2 Tassen": "eine halbe Tasse, zweieinhalb Tassen",
        "1/2 Glas": "ein halbes Glas",
        "in der Hauptstr. 21": "in der Hauptstraße einundzwanzig",
    },
    "en": {
        "Mon–Fri 9am–5pm": "Monday to Friday nine AM to five PM",
        "50p, 1080p, the 1990s": "fifty p, one thousand and eighty p, the nineteen nineties",
        "in 2h05m, in 2h05m30s": "in two hours five minutes, in two hours five minutes thirty "
        "seconds",
    },
    "es": {
        "1 h 30 min": "una hora treinta minutos",
        "a las 21:45, la 21.ª edición": "a las veintiuna y cuarenta y cinco, la vigésima primera "
        "edición",
        "1/2 taza, 2 1/2 tazas": "media taza, dos tazas y media",
        "los siglos V y VI": "los siglos quinto y sexto",
        "los JJ. OO. de 2024": "los Juegos Olímpicos de dos mil veinticuatro",
    },
    "fr": {
        "J.-C. est né, 4 av. J.-C. et": "Jésus-Christ est né, quatre avant Jésus-Christ et",
        "M. le président, 24h/24": "Monsieur le président, vingt-quatre heures sur vingt-quatre",
        "à 14 h 30 min": "à quatorze heures trente",
        "au XIXe s. la": "au dix-neuvième siècle la",
        "à 21h45": "à vingt et une heures quarante-cinq",
        "1/2 tasse, 2 1/2 tasses, 1/2 verre": "une demi-tasse, deux tasses et demie, un demi-verre",
        "+33 1 23 45 67 89": "plus trente-trois, un, vingt-trois, quarante-cinq, "
        "soixante-sept, quatre-vingt-neuf",
        "De Ce Me, M. Dupont": "De Ce Me, Monsieur Dupont",
    },
    "hi": {
        "1947 में, 15 अगस्त 1947, 2019 में": "उन्नीस सौ सैंतालीस में, पंद्रह अगस्त उन्नीस सौ सैंतालीस, "
        "दो हज़ार उन्नीस में",
        "2रा, 3री, 5वें, 21वीं, 100वां": "दूसरा, तीसरी, पाँचवें, इक्कीसवीं, एक सौवां",
        "1 1/2 कप, 2 1/2 कप, 3 1/2 कप": "डेढ़ कप, ढाई कप, साढ़े तीन कप",
        "1.5 करोड़": "डेढ़ करोड़",
    },
    "hu": {
        "20 órakor, 8.15 órakor": "húsz órakor, nyolc óra tizenötkor",
        "M. Nagy, V. Putyin, V. László": "M. Nagy, V. Putyin, ötödik László",
        "3–5. fejezet": "harmadik — ötödik fejezet",
        "14:30-kor, 7:00-kor, 21.45-ig": "tizennégy óra harminckor, hét órakor, "
        "huszonegy óra negyvenötig",
        "a 06 30 123 4567 számot": "a nulla hat, három nulla, egy kettő három, négy öt hat hét "
        "számot",
    },
    "it": {
        "il dott. Rossi, la sig.ra Bianchi": "il dottor Rossi, la signora Bianchi",
        "1/2 tazza, 2 1/2 tazze": "mezza tazza, due tazze e mezza",
        "il 333 1234567": "il tre tre tre, uno due tre quattro cinque sei sette",
    },
    "ja": {"気温は-5℃です": "気温はマイナス五度です", "3:2で勝った。": "三対二で勝った."},
    "nl": {
        "van 9.00 tot 14.00 uur": "van negen uur tot veertien uur",
        "De man en Le Mans, Me": "De man en Le Mans, Me",
        "de XIXe eeuw, de Ve eeuw": "de negentiende eeuw, de vijfde eeuw",
    },
    "pl": {
        "w XIX i XX wieku": "w dziewiętnastym i dwudziestym wieku",
        "XIX-wieczny, na str. 25": "dziewiętnastowieczny, na stronie dwadzieścia pięć",
        "Lata 90. i": "Lata dziewięćdziesiąte i",
        "w latach 90. było": "w latach dziewięćdziesiątych było",
        "za Ludwika XIV, o Janie Pawle II": "za Ludwika Czternastego, o Janie Pawle Drugim",
        "Elżbieta II i Elżbiety II": "Elżbieta Druga i Elżbiety Drugiej",
        "II wojna światowa, podczas II wojny": "druga wojna światowa, podczas drugiej wojny",
        "w XX w. i od XIX w. do": "w dwudziestym wieku i od dziewiętnastego wieku do",
        # Men and children are counted with numbers of their own.
        "2 mężczyźni, 3 studenci": "dwaj mężczyźni, trzej studenci",
        "3 mężczyzn, 22 panów, 1500 żołnierzy": "trzech mężczyzn, dwudziestu dwóch panów, "
        "tysiąc pięciuset żołnierzy",
        "2 dzieci, 5 dzieci": "dwoje dzieci, pięcioro dzieci",
        "2 noce, 3 dni, 5 domów": "dwie noce, trzy dni, pięć domów",
        "przy ul. Długiej": "przy ulicy Długiej",
    },
    "pt": {
        "D. Maria II, D. João VI": "Dona Maria segunda, Dom João sexto",
        "1.º, 2.ª, n.º 5": "primeiro, segunda, número cinco",
        "1/2 xícara, 2 1/2 xícaras, 1/2 copo": "meia xícara, duas xícaras e meia, meio copo",
        "séculos V e VI": "séculos quinto e sexto",
        "em 2h05min30s, às 14h30min": "em duas horas cinco minutos trinta segundos, às catorze e "
        "trinta",
    },
    "ru": {
        "в XIX и XX веках": "в девятнадцатом и двадцатом веках",
        "II место, III степени": "второе место, третьей степени",
        "в XX в. и XX–XXI вв. были": "в двадцатом веке и двадцатого — двадцать первого веков были",
        "при Николае II, Петра I, Екатерине II": "при Николае Втором, Петра Первого, Екатерине "
        "Второй",
        "II мировая война, во II мировой": "вторая мировая война, во второй мировой",
        "в 1941–1945 гг. было": "в тысяча девятьсот сорок первом — тысяча девятьсот сорок пятом "
        "годах было",
        "на ул. Ленина, д. 21": "на улице Ленина, дом двадцать один",
    },
    "tr": {
        "saat 8.15'te ve 20.00'de": "saat sekiz on beş'te ve yirmi'de",
        "M. Yılmaz, D. Trump, V. Murat": "M. Yılmaz, D. Trump, beşinci Murat",
        "3–5. bölümler": "üç ila beşinci bölümler",
    },
    "zh": {
        "10-20%": "百分之十到二十",
        "1998-2008年": "一九九八到二零零八年",
        "降至-5°C，-0.5%": "降至负五摄氏度, 负百分之零点五",
        "新冠-19，138 0013 8000，3:2。": "新冠-十九, 一三八, 零零一三, 八零零零, 三比二.",
    },
}


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [(language, *pair) for language, pairs in SAID.items() for pair in pairs.items()],
)
def test_text_is_said_as_a_native_says_it(language: str, written: str, spoken: str) -> None:
    assert spoken_text(written, language) == spoken


@pytest.mark.parametrize("language", ["pt", "es"])
def test_a_voice_that_reads_digits_gets_halves_and_hours_too(language: str) -> None:
    said = {"pt": "meia xícara, duas xícaras e meia", "es": "a las veintiuna y 45"}
    written = {"pt": "1/2 xícara, 2 1/2 xícaras", "es": "a las 21:45"}
    assert spoken_text(written[language], language, digits=True) == said[language]
