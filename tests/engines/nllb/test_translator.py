"""The real engine on a small model that copies its source (tests/tiny_nllb.py)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sentencepiece import SentencePieceProcessor

from stslocal.engines.nllb.translator import PIECES, NllbTranslator
from stslocal.engines.seq2seq.search import POSITIONS
from stslocal.errors import EngineError, ModelIntegrityError, ModelNotFoundError, SettingsError
from tests.tiny_nllb import make_tiny_nllb

pytestmark = pytest.mark.contract

SENTENCE = "The train leaves at noon, and it is late."
SHORT_OF_WORDS = "abcdefghijklmnopqrstuvwxyz"


def load(folder: Path) -> NllbTranslator:
    """Load the model with settings that need no measurement."""
    return NllbTranslator.load(folder, compute_type="int8", threads=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_nllb(tmp_path_factory.mktemp("models") / "nllb-tiny")


@pytest.fixture(scope="module")
def translator(folder: Path) -> NllbTranslator:
    return load(folder)


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the model's folder that a test may damage."""
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@dataclass(frozen=True, slots=True)
class Written:
    hypotheses: list[list[str]]
    scores: list[float]


@dataclass(slots=True)
class Scripted:
    """Stands for CTranslate2: gives the texts in `says`, by the beam that it is asked to search."""

    folder: Path
    says: dict[int, list[str]]
    fails: bool = False
    asked: list[tuple[list[list[str]], list[list[str]], dict[str, Any]]] = field(
        default_factory=list
    )

    def translate_batch(
        self, source: list[list[str]], target_prefix: list[list[str]], **options: Any
    ) -> list[Written]:
        if self.fails:
            raise RuntimeError("out of memory")
        self.asked.append((source, target_prefix, options))
        pieces = SentencePieceProcessor(model_file=str(self.folder / PIECES))
        texts = self.says[options["beam_size"]]
        hypotheses = [[prefix, *pieces.encode(text, out_type=str)] for text in texts
                      for prefix in target_prefix[0]]  # fmt: skip
        scores = [-0.1 * place - 0.1 / options["beam_size"] for place in range(1, len(texts) + 1)]
        return [Written(hypotheses, scores)] * len(source)

    def engine(self) -> NllbTranslator:
        vocabulary = json.loads((self.folder / "shared_vocabulary.json").read_text("utf-8"))
        pieces = SentencePieceProcessor(model_file=str(self.folder / PIECES))
        return NllbTranslator(self, pieces, vocabulary)


class TestTranslate:
    @pytest.mark.parametrize("quick", [True, False])
    def test_every_piece_is_translated(self, translator: NllbTranslator, quick: bool) -> None:
        texts = [SENTENCE, "Good morning!", "", "It is 12:30 in room 7, my friends."]
        assert translator.translate(texts, source="en", target="pt", quick=quick) == texts

    def test_the_model_takes_one_sentence_at_a_time_after_its_code(self, folder: Path) -> None:
        model = Scripted(folder, {1: ["Bom dia."]})
        texts = ["Good day. It is late!", "1964. Good day."]
        made = model.engine().translate(texts, source="en", target="pt", quick=True)
        assert made == ["Bom dia. Bom dia.", "1964. Bom dia."]
        ((sources, prefixes, options),) = model.asked
        pieces = SentencePieceProcessor(model_file=str(folder / PIECES))
        assert sources == [
            ["eng_Latn", *pieces.encode(sentence, out_type=str), "</s>"]
            for sentence in ("Good day.", "It is late!", "Good day.")
        ]
        assert prefixes == [["por_Latn"]] * 3
        assert options["no_repeat_ngram_size"] == 3

    def test_a_model_that_adds_the_end_itself_is_not_given_one(self, copied: Path) -> None:
        config = json.loads((copied / "config.json").read_text("utf-8"))
        (copied / "config.json").write_text(json.dumps({**config, "add_source_eos": True}))
        loaded = load(copied)
        assert loaded.translate([SENTENCE], source="en", target="pt") == [SENTENCE]

    def test_other_ways_to_say_a_text_contain_the_translation(
        self, translator: NllbTranslator
    ) -> None:
        text = "Good day. It is late!"
        assert translator.capabilities.has_alternatives
        assert text in translator.alternatives(text, source="en", target="pt")

    def test_chinese_sentences_are_not_spaced(self, translator: NllbTranslator) -> None:
        (made,) = translator.translate(["Good morning. It is late."], source="en", target="zh")
        assert made == "Good morning.It is late."
        (made,) = translator.translate(["早上好。我的朋友们。"], source="zh", target="en")
        assert made == "早上好。 我的朋友们。"

    def test_a_translation_does_not_depend_on_other_texts(self, translator: NllbTranslator) -> None:
        texts = ["It is late.", SENTENCE, f"{SENTENCE[:-1]}, {SENTENCE.lower()}"]
        wanted = {text: translator.translate([text], source="en", target="fr")[0] for text in texts}
        for order in permutations(texts):
            made = translator.translate(order, source="en", target="fr")
            assert made == [wanted[text] for text in order]

    def test_an_unknown_letter_is_the_unknown_piece(self, translator: NllbTranslator) -> None:
        (made,) = translator.translate(["It is ҂ late."], source="en", target="pt")
        assert made.startswith("It is ")
        assert made.endswith(" late.")
        assert "҂" not in made
        assert "unk" not in made


class TestLongSentences:
    def words(self, count: int, comma_every: int = 0) -> str:
        """Words without a repeated sequence of three pieces: the model may not write one twice."""
        letters = SHORT_OF_WORDS
        made = [f"{letters[i % 26]}{letters[i * 7 % 25]}{letters[i // 26]}" for i in range(count)]
        if comma_every:
            made = [f"{w}," if i % comma_every == 4 else w for i, w in enumerate(made)]
        return " ".join(made)

    def given(self, folder: Path, text: str) -> list[str]:
        """The sentences that the model is given."""
        model = Scripted(folder, {1: ["É tarde."], 4: ["É tarde."]})
        model.engine().translate([text], source="en", target="pt", quick=True)
        pieces = SentencePieceProcessor(model_file=str(folder / PIECES))
        # The first call for each length; the calls after it are second searches.
        calls = [call for call in model.asked if call[2]["beam_size"] == 1]
        given = [source for sources, _, _ in calls for source in sources]
        assert all(len(source) <= 165 for source in given)
        return sorted((pieces.decode(source[1:-1]) for source in given), key=text.index)

    def test_are_cut_after_a_clause(self, folder: Path) -> None:
        text = self.words(150, comma_every=10)
        given = self.given(folder, text)
        assert len(given) > 1
        assert " ".join(given) == text
        assert all(part.endswith(",") for part in given[:-1])

    def test_are_cut_at_a_word_where_there_is_no_clause(self, folder: Path) -> None:
        text = self.words(150)
        given = self.given(folder, text)
        assert len(given) > 1
        assert " ".join(given) == text

    def test_are_cut_anywhere_where_there_is_no_word(self, folder: Path) -> None:
        text = self.words(150).replace(" ", "")
        given = self.given(folder, text)
        assert len(given) > 1
        assert "".join(given) == text

    def test_are_translated_completely(self, translator: NllbTranslator) -> None:
        text = self.words(150)
        assert translator.translate([text], source="en", target="pt") == [text]


class TestGuards:
    def test_a_translation_that_does_not_end_is_given_up(self, tmp_path: Path) -> None:
        endless = load(make_tiny_nllb(tmp_path, ends=False))
        (made,) = endless.translate([SENTENCE], source="en", target="pt", quick=True)
        assert 0 < len(made) < 12 * POSITIONS

    def test_a_doubted_translation_is_searched_again_and_the_better_one_kept(
        self, folder: Path
    ) -> None:
        model = Scripted(folder, {1: [""], 4: ["é tarde " * 9, "É tarde.", "É."]})
        assert model.engine().translate(["It is late."], source="en", target="pt", quick=True) == [
            "É tarde."
        ]
        beams = [(options["beam_size"], options["num_hypotheses"]) for _, _, options in model.asked]
        assert beams == [(1, 1), (4, 4)]

    def test_a_translation_without_doubt_is_searched_once(self, folder: Path) -> None:
        model = Scripted(folder, {4: ["É tarde."]})
        assert model.engine().translate(["It is late."], source="en", target="pt") == ["É tarde."]
        assert [options["beam_size"] for _, _, options in model.asked] == [4]

    def test_a_doubted_translation_is_kept_before_an_empty_one(self, folder: Path) -> None:
        model = Scripted(folder, {1: [""], 4: ["", "é tarde " * 9]})
        (made,) = model.engine().translate(["It is late."], source="en", target="pt", quick=True)
        assert made == ("é tarde " * 9).strip()

    def test_one_doubted_sentence_does_not_change_the_others(self, folder: Path) -> None:
        model = Scripted(folder, {1: ["É tarde."], 4: ["É muito tarde."]})
        long = f"{SENTENCE[:-1]}, and the friends in the morning are late, too late for the train."
        made = model.engine().translate(["It is late.", long], source="en", target="pt", quick=True)
        assert made == ["É tarde.", "É muito tarde."]

    def test_a_much_less_likely_translation_is_not_better(self, folder: Path) -> None:
        wild = ["é tarde " * 9] * 11 + ["É."]
        model = Scripted(folder, {1: wild, 4: wild})
        (made,) = model.engine().translate(["It is late."], source="en", target="pt", quick=True)
        assert made == wild[0].strip()


class TestLanguages:
    def test_are_those_of_the_vocabulary(self, translator: NllbTranslator) -> None:
        codes = ("en", "fr", "pt", "ru", "zh")
        assert translator.capabilities.pairs == frozenset(permutations(codes, 2))

    def test_another_language_is_refused_with_a_list_of_languages(
        self, translator: NllbTranslator
    ) -> None:
        with pytest.raises(SettingsError, match=r"does not have German \(de\); it has Chinese"):
            translator.translate(["Hallo."], source="de", target="en")
        with pytest.raises(SettingsError, match=r"not English \(en\) into itself"):
            translator.translate(["Hello."], source="en", target="en")

    def test_a_large_model_names_the_nearest(self, folder: Path) -> None:
        every = Scripted(folder, {}).engine()
        from stslocal.languages import languages

        codes = [row.flores for row in languages() if row.flores not in (None, "zho_Hant")]
        many = NllbTranslator(None, every._pieces, [code for code in codes if code])
        assert len(many.capabilities.pairs) == 201 * 200
        with pytest.raises(SettingsError, match=r"Chinese \(Traditional\).*nearest are .*\(zh\)"):
            many.translate(["Hello."], source="en", target="zh-Hant")


class TestErrors:
    @pytest.mark.parametrize(
        "name", ["config.json", "model.bin", "shared_vocabulary.json", "sentencepiece.bpe.model"]
    )
    def test_a_missing_file_is_named_with_what_to_run(self, copied: Path, name: str) -> None:
        (copied / name).unlink()
        with pytest.raises(
            ModelNotFoundError, match=rf"lacks {name}: run `stslocal models pull {copied.name}`"
        ):
            NllbTranslator.load(copied)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("config.json", b"{"),
            ("config.json", b"[1]"),
            ("config.json", b"3"),
            ("config.json", b"null"),
            ("shared_vocabulary.json", b"{}"),
            ("shared_vocabulary.json", b"3"),
            ("shared_vocabulary.json", b"[[]]"),
            ("shared_vocabulary.json", b"\xff\xfe"),
            ("sentencepiece.bpe.model", b"not a model"),
        ],
    )
    def test_a_damaged_file_is_named_with_what_to_run(
        self, copied: Path, name: str, content: bytes
    ) -> None:
        (copied / name).write_bytes(content)
        with pytest.raises(ModelIntegrityError, match=rf"{name} is damaged .*models pull"):
            NllbTranslator.load(copied)

    def test_half_a_model_cannot_be_loaded(self, copied: Path) -> None:
        whole = (copied / "model.bin").read_bytes()
        (copied / "model.bin").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(EngineError, match=r"cannot be loaded .*models pull"):
            NllbTranslator.load(copied)

    def test_a_vocabulary_without_languages_is_another_model(self, folder: Path) -> None:
        pieces = SentencePieceProcessor(model_file=str(folder / PIECES))
        with pytest.raises(ModelIntegrityError, match="names no language"):
            NllbTranslator(None, pieces, ["<s>", "</s>"])

    def test_a_vocabulary_may_be_text(self, copied: Path, translator: NllbTranslator) -> None:
        path = copied / "shared_vocabulary.json"
        vocabulary: Sequence[str] = json.loads(path.read_text("utf-8"))
        path.unlink()
        path.with_suffix(".txt").write_text("\n".join(vocabulary), encoding="utf-8")
        loaded = load(copied)
        assert loaded.capabilities == translator.capabilities

    def test_a_compute_type_that_does_not_run_here_is_an_engine_error(self, folder: Path) -> None:
        with pytest.raises(EngineError, match="cannot be loaded"):
            NllbTranslator.load(folder, device="cpu", compute_type="int4")

    def test_an_exception_of_the_library_is_an_engine_error(self, folder: Path) -> None:
        broken = Scripted(folder, {}, fails=True).engine()
        with pytest.raises(EngineError, match=r"translate 'Hello\.': out of memory"):
            broken.translate(["Hello."], source="en", target="pt")
