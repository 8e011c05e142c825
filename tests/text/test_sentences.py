from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.text.sentences import (
    break_before,
    ends_clause,
    ends_sentence,
    split_quoted,
    split_sentences,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
        (
            "en",
            "Mr. Jones met Dr. Smith. They talked.",
            ["Mr. Jones met Dr. Smith.", "They talked."],
        ),
        ("en", "It costs 3.50 dollars. Cheap.", ["It costs 3.50 dollars.", "Cheap."]),
        ("en", "John F. Kennedy spoke. He left.", ["John F. Kennedy spoke.", "He left."]),
        ("en", "Well... maybe so. Yes.", ["Well... maybe so.", "Yes."]),
        ("en", 'He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("en", "See no. 5 first. No. Never.", ["See no. 5 first.", "No.", "Never."]),
        ("en", "At 5 p.m. we left.", ["At 5 p.m. we left."]),
        ("en", "no punctuation at all", ["no punctuation at all"]),
        ("pt", "O Sr. Silva chegou. Ele sentou.", ["O Sr. Silva chegou.", "Ele sentou."]),
        ("de", "Am 3. Mai kam er. Dann ging er.", ["Am 3. Mai kam er.", "Dann ging er."]),
        ("zh", "你好。你好吗？很好。", ["你好。", "你好吗？", "很好。"]),
        ("hi", "यह है। वह है।", ["यह है।", "वह है।"]),
        ("en", "   ", []),
    ],
)
def test_sentences(language: str, text: str, sentences: list[str]) -> None:
    assert split_sentences(text, language) == sentences


CASES = [
    ("en", "The U.S. Army came. | It left."),
    ("en", "We met at 5 p.m. | He left."),
    ("en", "Wait! | What? | Yes."),
    ("en", "He works at Acme Inc. in Boston. | She too."),
    ("en", "Visit example.com. | It is good."),
    ("pt", "A Dra. Ana e o Prof. Luís vieram. | Sim."),
    ("pt", "Custa R$ 3.500,50. | É caro."),
    ("pt", "Veja a pág. 5. | Depois saia."),
    ("pt", "Fica na Av. Paulista. | É longe."),
    ("es", "¿Cómo estás? | ¡Bien! | El Sr. López llegó."),
    ("es", "EE. UU. es grande. | Sí."),
    ("es", "La Sra. Ruiz vive en la Av. Sol. | Está bien."),
    ("fr", "M. Dupont est là. | Mme Durand aussi."),
    ("fr", "Il a dit : « Oui. » | Puis il partit."),
    ("fr", "Cela coûte 3,50 €. | C'est cher."),
    ("pt", "O jogo em St. Louis foi bom. | Sim."),
    ("pt", "Nasceu em 300 a.C. em Roma. | Sim."),
    ("fr", "J.-C. est né en 4 av. J.-C. | Oui."),
    ("it", "L'on. Verdi parla. | Bene."),
    ("nl", "Dr. Jansen en mevr. De Vries zijn er. | Ja."),
    ("pl", "To jest ok. 5 km stąd. | Dr. Nowak wie."),
    ("hu", "XIV. Lajos meghalt. | Kb. 5 km."),
    ("tr", "XIV. Louis öldü. | Sonra gitti."),
    ("sv", "Dr. Svensson kom kl. 5. | Ja."),
    ("ar", "وصل د. أحمد. | نعم."),
    ("de", "Das ist z. B. gut. | Ja."),
    ("de", "Er kam z.B. gestern. | Gut."),
    ("de", "Im 20. Jahrhundert war Krieg. | Dann nicht."),
    ("it", "Il sig. Rossi e il dott. Bianchi. | Bene."),
    ("nl", "Dhr. Jansen kwam bijv. gisteren. | Goed."),
    ("nl", "Dr. de Vries is er. | Hij zit."),
    ("pl", "Prof. Kowalski przyszedł o godz. 5. | Potem wyszedł."),
    ("pl", "To jest np. dobre. | Tak."),
    ("ru", "Это г. Москва. | Она большая."),
    ("ru", "А. С. Пушкин родился в 1799 г. в Москве. | Он поэт."),
    ("ru", "Как дела? | Хорошо!"),
    ("uk", "Це вул. Шевченка. | Добре."),
    ("cs", "Pan Ing. Novák přišel. | Pak odešel."),
    ("cs", "Dne 3. května přišel. | Pak odešel."),
    ("el", "Τι κάνεις; | Καλά είμαι."),
    ("el", "Ο κ. Παπαδόπουλος ήρθε. | Κάθισε."),
    ("hi", "डॉ. शर्मा आए। | वे बैठे।"),
    ("bn", "সে আসে। | সে যায়।"),
    ("mr", "तो आला. | ती गेली."),
    ("zh", "他说：“好。” | 然后走了。"),
    ("zh", "价格是3.5元。 | 很便宜！"),
    ("ja", "こんにちは。 | 元気ですか？ | はい。"),
    ("ja", "「はい。」 | と言った。 | そして行った。"),
    ("ko", "안녕하세요. | 잘 지내요? | 네."),
    ("ar", "كيف حالك؟ | أنا بخير. | شكرا."),
    ("fa", "حال شما چطور است؟ | خوبم."),
    ("ur", "آپ کیسے ہیں؟ | میں ٹھیک ہوں۔ | شکریہ۔"),
    ("he", "מה שלומך? | טוב. | תודה."),
    ("hy", "Բարեւ ձեզ։ | Ինչպե՞ս եք։"),
    ("am", "ሰላም። | እንዴት ነህ?"),
    ("my", "မင်္ဂလာပါ။ | နေကောင်းလား။"),
    ("th", "สวัสดี ครับ คุณ สบายดี ไหม"),
    ("km", "សួស្តី។ | សុខសប្បាយទេ?"),
    ("tr", "Dr. Yılmaz geldi. | Sonra gitti."),
    ("tr", "Saat 3.50'de geldi. | Gitti."),
    ("sv", "Det är t.ex. bra. | Ja."),
    ("sv", "Det är bl. a. bra. | Ja."),
    ("da", "Det er f.eks. godt. | Ja."),
    ("fi", "Se on esim. hyvä. | Kyllä."),
    ("hu", "Dr. Kovács jött. | Aztán elment."),
    ("ro", "Dl. Popescu a venit. | Apoi a plecat."),
    ("ro", "Str. Lungă nr. 5. | Bine."),
    ("bg", "Той е г-н Иванов. | Добре."),
    ("ca", "El Sr. Puig va venir. | Bé."),
    ("id", "Dr. Budi datang. | Dia duduk."),
    ("vi", "TS. Nguyễn đến. | Ông ngồi."),
    ("en", "I think... I don't know. | OK."),
    ("en", "J. R. R. Tolkien wrote it. | Yes."),
    ("en", "Is it 5 a.m.? | Yes."),
    ("en", "Hello (how are you?) he said. | Bye."),
    ("xx", "Hello there. | Bye."),
]
"""Sentences in many languages, with a bar where one ends."""


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_sentences_of_many_languages(language: str, marked: str) -> None:
    text = marked.replace(" | ", "" if language in UNSPACED else " ")
    assert split_sentences(text, language) == marked.split(" | ")


UNSPACED = {"zh", "ja"}
WITHIN = {"« Oui. »", "I think...", "(how are you?)"}
"""Two words do not show that a quotation or a bracket goes on."""


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        case
        for case in CASES
        if case[0] not in UNSPACED and not any(each in case[1] for each in WITHIN)
    ],
)
def test_a_stream_ends_where_a_text_does(language: str, marked: str) -> None:
    words = marked.split()
    for word, following in pairwise(words):
        if "|" not in (word, following):
            assert not ends_sentence(word, following, language)
    for sentence, after in pairwise(marked.split(" | ")):
        assert ends_sentence(sentence.split()[-1], after.split()[0], language)


@pytest.mark.parametrize(
    ("word", "language", "ends"),
    [
        ("there.", "en", True),
        ("Dr.", "en", False),
        ("etc.", "en", True),
        ("Dhr.", "nl", False),
        ("wyszedł.", "pl", True),
        ("है।", "hi", True),
        ("ہیں۔", "ur", True),
        ("؟", "ar", True),
        ("κάνεις;", "el", True),
        ("clause;", "en", False),
        ("吗？", "zh", True),
        ("no", "en", False),
        ("", "en", False),
    ],
)
def test_the_last_word_of_a_stream(word: str, language: str, ends: bool) -> None:
    assert ends_sentence(word, None, language) == ends


@given(st.text(max_size=60), st.sampled_from(["en", "zh-Hant", "yue", "nb", "th", "", "xx"]))
def test_no_text_is_lost(text: str, language: str) -> None:
    sentences = split_sentences(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split())


def test_clauses_end_at_their_punctuation() -> None:
    assert ends_clause("however,")
    assert ends_clause('said;"')
    assert not ends_clause("word")
    assert not ends_clause("3,5")


@pytest.mark.parametrize(
    ("text", "limit", "head"),
    [
        ("one two, three four five", 16, "one two,"),
        ("one, two three four five", 16, "one, two three"),
        ("one two, three four 1,000 five", 26, "one two, three four 1,000"),
        ("one two, three", 8, "one two,"),
        ("早上好，我的朋友们今天很晚了", 6, "早上好，"),
        ("abcdefghij", 4, "abcd"),
        ("a b", 1, "a"),
    ],
)
def test_a_long_text_is_cut_after_a_clause_or_a_word(text: str, limit: int, head: str) -> None:
    assert text[: break_before(text, limit)] == head


def test_letters_that_are_no_unicode_do_not_stop_it() -> None:
    assert split_sentences("One \ud800 two. And three.", "en") == ["One ? two.", "And three."]


def test_sentences_inside_quotation_marks_are_cut_too() -> None:
    text = 'He said, "Do not fight. That is all." Then Dr. Roe left.'
    assert split_quoted(text, "en") == [
        'He said, "Do not fight.',
        'That is all."',
        "Then Dr. Roe left.",
    ]
    assert split_quoted("It is so.", "en") == ["It is so."]
