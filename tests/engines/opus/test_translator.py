"""The real engine on small models that copy their source (tests/tiny_opus.py)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sentencepiece import SentencePieceProcessor

from stslocal.direction_tables import OPUS_TABLE, Direction, directions
from stslocal.engines import registry
from stslocal.engines.opus.entry import weights_of
from stslocal.engines.opus.translator import OpusTranslator, direction_of, prepared
from stslocal.engines.protocols import Capabilities, Continuation
from stslocal.engines.seq2seq.search import SentenceTranslator
from stslocal.errors import EngineError, ModelIntegrityError, ModelNotFoundError, SettingsError
from stslocal.translation.continuing import CutSentences
from stslocal.types import Segment
from tests.fakes import only_translator
from tests.tiny_opus import make_tiny_opus

pytestmark = pytest.mark.contract

SENTENCE = "The train leaves at noon, and it is late."
LISTED = {
    f"opus-{source}-{target}": (source, target)
    for source, target in (("de", "fr"), ("de", "en"), ("af", "en"), ("en", "fr"))
}


def capable(*pairs: Direction, is_direct: bool = True) -> Capabilities:
    return Capabilities(
        pairs=frozenset(pairs),
        continues=is_direct,
        takes_sentences=True,
        has_alternatives=is_direct,
    )


def load(*folders: Path, pair: Direction) -> OpusTranslator:
    """Load models with settings that need no measurement."""
    return OpusTranslator.load(
        *folders, capabilities=capable(pair), compute_type="float32", threads=1
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_opus(tmp_path_factory.mktemp("models") / "opus-de-fr")


@pytest.fixture(scope="module")
def translator(folder: Path) -> OpusTranslator:
    return load(folder, pair=("de", "fr"))


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the model's folder that a test may damage."""
    return Path(shutil.copytree(folder, tmp_path / folder.name))


@dataclass(frozen=True, slots=True)
class Written:
    hypotheses: list[list[str]]
    scores: list[float]


@dataclass(slots=True)
class Scripted:
    """Stands for CTranslate2: the translation of each sentence is `says` around it."""

    pieces: SentencePieceProcessor
    says: str
    asked: list[tuple[list[str], list[str], int]] = field(default_factory=list)

    def translate_batch(
        self, source: list[list[str]], target_prefix: list[list[str]], **options: Any
    ) -> list[Written]:
        found = []
        for tokens, prefix in zip(source, target_prefix, strict=True):
            self.asked.append((tokens, prefix, options["beam_size"]))
            text = self.says.format(self.pieces.decode(tokens[:-1]))
            hypotheses = [self.pieces.encode(text, out_type=str)]
            found.append(
                Written(
                    hypotheses * options["num_hypotheses"],
                    [-0.1] * len(hypotheses) * options["num_hypotheses"],
                )
            )
        return found


def scripted(folder: Path, **says: str) -> tuple[OpusTranslator, dict[str, Scripted]]:
    """A translator whose models, by direction such as `de_en`, say what is given."""
    pieces = SentencePieceProcessor(model_file=str(folder / "source.spm"))
    models = {name: Scripted(pieces, text) for name, text in says.items()}
    translators = {
        (name[:2], name[3:]): SentenceTranslator(model, pieces, pieces, name[:2], ("Latn", "Latn"))
        for name, model in models.items()
    }
    pair = (next(iter(says))[:2], list(says)[-1][3:])
    return OpusTranslator(translators, capable(pair)), models


class TestTranslate:
    @pytest.mark.parametrize("quick", [True, False])
    def test_every_piece_is_translated(self, translator: OpusTranslator, quick: bool) -> None:
        texts = [SENTENCE, "Good morning!", "", "It is 12:30 in room 7, my friends.", "1964."]
        assert translator.translate(texts, source="de", target="fr", quick=quick) == texts

    def test_the_model_takes_one_sentence_at_a_time_with_an_end(self, folder: Path) -> None:
        engine, models = scripted(folder, de_fr="{0}")
        texts = ["Good day. It is late!", "Good day."]
        assert engine.translate(texts, source="de", target="fr", quick=True) == texts
        pieces = models["de_fr"].pieces
        assert models["de_fr"].asked == [
            ([*pieces.encode(sentence, out_type=str), "</s>"], [], 1)
            for sentence in ("Good day.", "It is late!", "Good day.")
        ]

    def test_sentences_are_split_before_the_first_translation_only(self, folder: Path) -> None:
        engine, models = scripted(folder, de_en="a. B {0}", en_fr="{0} end")
        made = engine.translate(["the train. It is late.", ""], source="de", target="fr")
        assert made == ["a. B the train. end a. B It is late. end", ""]
        second = [models["en_fr"].pieces.decode(tokens[:-1]) for tokens, _, _ in
                  models["en_fr"].asked]  # fmt: skip
        assert second == ["a. B the train.", "a. B It is late."]

    def test_a_text_may_be_one_sentence_whatever_its_punctuation(self, folder: Path) -> None:
        engine, models = scripted(folder, de_fr="{0}")
        texts = ["Good day. It is late!", ""]
        assert engine.translate_sentences(texts, source="de", target="fr", quick=True) == texts
        asked = [models["de_fr"].pieces.decode(tokens[:-1]) for tokens, _, _ in
                 models["de_fr"].asked]  # fmt: skip
        assert asked == texts[:1]

    def test_a_pair_without_a_model_goes_through_english(self, tmp_path: Path) -> None:
        folders = [make_tiny_opus(tmp_path / name) for name in ("opus-de-en", "opus-en-fr")]
        engine = load(*folders, pair=("de", "fr"))
        text = f"{SENTENCE} Good morning! 1964."
        assert engine.translate([text], source="de", target="fr") == [text]

    def test_pairs_through_english_share_a_model(self, tmp_path: Path) -> None:
        names = ("opus-de-en", "opus-it-en", "opus-en-fr")
        german, italian, out_of = (make_tiny_opus(tmp_path / name) for name in names)
        first = load(german, out_of, pair=("de", "fr"))
        second = load(italian, out_of, pair=("it", "fr"))
        assert first._models["en", "fr"] is second._models["en", "fr"]
        assert first._models["de", "en"] is not second._models["it", "en"]

    def test_a_very_long_sentence_is_translated_completely(
        self, translator: OpusTranslator
    ) -> None:
        letters = "abcdefghijklmnopqrstuvwxyz"
        text = " ".join(
            f"{letters[at % 26]}{letters[at * 7 % 25]}{letters[at // 26]}" for at in range(150)
        )
        assert translator.translate([text], source="de", target="fr") == [text]

    def test_a_translation_that_does_not_end_is_given_up(self, tmp_path: Path) -> None:
        endless = load(make_tiny_opus(tmp_path / "opus-de-fr", ends=False), pair=("de", "fr"))
        (made,) = endless.translate([SENTENCE], source="de", target="fr", quick=True)
        assert 0 < len(made) < 12 * 512

    def test_punctuation_is_that_of_the_training(self, translator: OpusTranslator) -> None:
        assert prepared("„Ja“ – l’été… 5\u00a0km — e\u0301") == '"Ja" - l\'été... 5 km  -  é'
        (made,) = translator.translate(["It\u00a0is late – my friends"], source="de", target="fr")
        assert made.startswith("It is late ")


class TestAlternatives:
    def several(self, folder: Path, *ways: tuple[str, float]) -> OpusTranslator:
        """A translator with these ways to say a sentence, and their scores."""
        pieces = SentencePieceProcessor(model_file=str(folder / "source.spm"))

        class Several(Scripted):
            def translate_batch(
                self, source: list[list[str]], target_prefix: list[list[str]], **options: Any
            ) -> list[Written]:
                assert (options["beam_size"], options["num_hypotheses"]) == (4, 4)
                hypotheses = [self.pieces.encode(text, out_type=str) for text, _ in ways]
                return [Written(hypotheses, [score for _, score in ways]) for _ in source]

        model = Several(pieces, "")
        step = SentenceTranslator(model, pieces, pieces, "de", ("Latn", "Latn"))
        return OpusTranslator({("de", "fr"): step}, capable(("de", "fr")))

    def test_the_good_ones_come_by_length(self, folder: Path) -> None:
        engine = self.several(
            folder,
            ("The train leaves at twelve.", -0.1),
            ("It leaves at noon.", -0.3),
            ("The train leaves at noon.", -0.15),
            ("A train leaves.", -0.9),
        )
        assert engine.alternatives("The train leaves.", source="de", target="fr") == [
            "The train leaves at twelve.", "The train leaves at noon.", "It leaves at noon.",
        ]  # fmt: skip

    def test_several_sentences_become_shorter_together(self, folder: Path) -> None:
        engine = self.several(folder, ("It is late, my friends.", -0.1), ("It is late.", -0.2))
        assert engine.alternatives("It is late. It is.", source="de", target="fr") == [
            "It is late, my friends. It is late, my friends.", "It is late. It is late.",
        ]  # fmt: skip
        assert engine.alternatives("1964.", source="de", target="fr") == ["1964."]

    def test_one_that_a_guard_doubts_is_none(self, folder: Path) -> None:
        engine = self.several(folder, ("at at at at at at at at at at at at at at at", -0.1))
        assert engine.alternatives("It is late.", source="de", target="fr") == []
        assert engine.alternatives("", source="de", target="fr") == []

    def test_a_real_search_finds_the_translation(self, translator: OpusTranslator) -> None:
        assert SENTENCE in translator.alternatives(SENTENCE, source="de", target="fr")

    def test_a_pair_through_english_has_none(self, folder: Path) -> None:
        engine, _ = scripted(folder, de_en="{0}", en_fr="{0}")
        assert engine.alternatives(SENTENCE, source="de", target="fr") == []


class TestContinuing:
    @pytest.mark.parametrize("count", range(9))
    def test_the_translation_goes_on_behind_the_spoken_words(
        self, translator: OpusTranslator, count: int
    ) -> None:
        words = SENTENCE.split()
        spoken, rest = " ".join(words[:count]), " ".join(words[count:])
        found = translator.continue_translation(
            SENTENCE, spoken, source="de", target="fr", may_hold=False
        )
        assert found == Continuation(rest)

    @pytest.mark.parametrize(
        ("text", "spoken", "now", "held"),
        [
            ("The train", "", "The", "train"),
            ("The train leaves at noon", "The train leaves", "at", "noon"),
        ],
    )
    def test_the_words_of_the_last_source_word_are_held(
        self, translator: OpusTranslator, text: str, spoken: str, now: str, held: str
    ) -> None:
        found = translator.continue_translation(
            text, spoken, source="de", target="fr", may_hold=True
        )
        assert found == Continuation(now, held)

    def test_a_pair_through_english_is_not_continued(self, tmp_path: Path) -> None:
        folders = [make_tiny_opus(tmp_path / name) for name in ("opus-de-en", "opus-en-fr")]
        engine = load(*folders, pair=("de", "fr"))
        found = engine.continue_translation(
            SENTENCE, "The", source="de", target="fr", may_hold=False
        )
        assert found is None

    @pytest.mark.parametrize("size", [1, 2, 3, 5])
    def test_every_word_is_spoken_once_however_a_sentence_is_cut(
        self, translator: OpusTranslator, size: int
    ) -> None:
        words = SENTENCE.split()
        sentences = CutSentences(only_translator(translator), target="fr")
        said = [
            sentences.translate(
                Segment(
                    at, at + 0.0, at + 0.5, " ".join(words[at : at + size]), "de",
                    complete=at + size >= len(words), followed=True,
                )
            ).text
            for at in range(0, len(words), size)
        ]  # fmt: skip
        assert " ".join(filter(None, said)) == SENTENCE


class TestErrors:
    def test_another_pair_is_refused(self, translator: OpusTranslator) -> None:
        with pytest.raises(SettingsError, match=r"French.*it translates de to fr"):
            translator.translate(["ab"], source="fr", target="de")
        with pytest.raises(SettingsError, match=r"French.*it translates de to fr"):
            translator.continue_translation("a", "", source="fr", target="de", may_hold=False)

    def test_another_folder_is_refused(self, tmp_path: Path) -> None:
        assert direction_of(tmp_path / "opus-zh-Hant-en") == ("zh", "Hant-en")
        for name in ("nllb-de-fr", "opus-de", "opus"):
            with pytest.raises(ModelIntegrityError, match="its name must be as opus-de-fr"):
                direction_of(tmp_path / name)

    @pytest.mark.parametrize(
        "name", ["config.json", "model.bin", "shared_vocabulary.json", "source.spm", "target.spm"]
    )
    def test_a_missing_file_is_named_with_what_to_run(self, copied: Path, name: str) -> None:
        (copied / name).unlink()
        with pytest.raises(
            ModelNotFoundError, match=rf"lacks {name}: run `stslocal models pull opus-de-fr`"
        ):
            load(copied, pair=("de", "fr"))

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("shared_vocabulary.json", b"{}"),
            ("source.spm", b"not a model"),
            ("target.spm", b""),
        ],
    )
    def test_a_damaged_file_is_named_with_what_to_run(
        self, copied: Path, name: str, content: bytes
    ) -> None:
        (copied / name).write_bytes(content)
        with pytest.raises(ModelIntegrityError, match=rf"{name} is damaged .*models pull opus"):
            load(copied, pair=("de", "fr"))

    def test_half_a_model_cannot_be_loaded(self, copied: Path) -> None:
        whole = (copied / "model.bin").read_bytes()
        (copied / "model.bin").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(EngineError, match=r"cannot be loaded .*models pull opus-de-fr"):
            load(copied, pair=("de", "fr"))

    def test_an_exception_of_the_library_is_an_engine_error(self, folder: Path) -> None:
        class Broken(Scripted):
            def translate_batch(self, *_: object, **__: object) -> list[Written]:
                raise RuntimeError("out of memory")

        engine, models = scripted(folder, de_fr="{0}")
        broken = Broken(models["de_fr"].pieces, "")
        made = SentenceTranslator(broken, broken.pieces, broken.pieces, "de", ("Latn", "Latn"))
        engine = OpusTranslator({("de", "fr"): made}, engine.capabilities)
        with pytest.raises(EngineError, match=r"opus could not translate 'Hallo\.': out of memory"):
            engine.translate(["Hallo."], source="de", target="fr")
        with pytest.raises(EngineError, match="out of memory"):
            engine.continue_translation("Hallo", "", source="de", target="fr", may_hold=False)


class TestEntry:
    def test_a_pair_has_its_own_model_or_two_through_english(self) -> None:
        weights = {each.name: each for each in weights_of(LISTED)}
        assert {name: each.models for name, each in weights.items()} == {
            "opus-de-fr": ("opus-de-fr",),
            "opus-de-en": ("opus-de-en",),
            "opus-af-en": ("opus-af-en",),
            "opus-en-fr": ("opus-en-fr",),
            "opus-af-fr": ("opus-af-en", "opus-en-fr"),
        }
        assert weights["opus-af-fr"].capabilities().pairs == {("af", "fr")}

    def test_the_registry_loads_the_models_of_a_pair(self, tmp_path: Path) -> None:
        class Folders:
            def folder(self, model_id: str) -> Path:
                return make_tiny_opus(tmp_path / model_id)

        engine = registry.create(
            registry.TRANSLATOR, "opus-af-fr", Folders(), compute_type="int8", threads=1
        )
        assert engine.capabilities == capable(("af", "fr"), is_direct=False)
        assert engine.translate([SENTENCE], source="af", target="fr") == [SENTENCE]

    def test_only_a_model_of_its_own_continues(self) -> None:
        continues = {each.name: each.capabilities().continues for each in weights_of(LISTED)}
        assert [name for name, able in continues.items() if not able] == ["opus-af-fr"]

    def test_every_published_pair_can_be_named(self) -> None:
        listed = directions(OPUS_TABLE)
        assert len(listed) > 30
        for name, (source, target) in listed.items():
            (choice,) = registry.choices(registry.TRANSLATOR, f"opus-{source}-{target}")
            assert choice.weights.models == (name,)
