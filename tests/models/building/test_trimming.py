"""A model trimmed to two languages gives the same translations in them as the whole model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.errors import ModelIntegrityError, ModelNotFoundError, SettingsError
from stslocal.languages import find, languages
from stslocal.models.building.build import Recipe, build_nllb
from stslocal.models.building.ct2_model import ModelBin
from stslocal.models.building.nllb import is_language_code
from stslocal.models.building.pieces import Pieces
from stslocal.models.building.scripts import name_prefixes, name_prefixes_in
from stslocal.models.building.trimming import trim
from tests.models.building import nllb_kit
from tests.models.building.nllb_kit import SYLLABLES, Translator, sentences

pytestmark = pytest.mark.unit

KEPT = (find("en"), find("pt"))
TEXTS = {code: sentences(code, 25, seed=7) for code in SYLLABLES}


@pytest.fixture(scope="module")
def by_corpus(
    checkpoint: Path, corpus_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model that was converted and trimmed to the tokens of a corpus in one build."""
    folder = tmp_path_factory.mktemp("by-corpus")
    build_nllb(checkpoint, folder, Recipe("float32", KEPT, (corpus_file,)))
    return folder


@pytest.fixture(scope="module")
def by_script(whole_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A converted model that was trimmed to the tokens of a script."""
    folder = tmp_path_factory.mktemp("by-script")
    build_nllb(whole_model, folder, Recipe(languages=KEPT))
    return folder


def tokens(folder: Path) -> list[str]:
    return list(json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("beam", [1, 4])
@pytest.mark.parametrize(("source", "target"), [nllb_kit.COMMON, nllb_kit.COMMON[::-1]])
def test_translations_are_those_of_the_whole_model(
    whole_model: Path, by_corpus: Path, by_script: Path, source: str, target: str, beam: int
) -> None:
    texts = TEXTS[source]
    expected, scores = Translator(whole_model).translate(texts, source, target, beam=beam)
    assert len({tuple(tokens) for tokens in expected}) == len(texts)
    for folder in (by_corpus, by_script):
        found, own_scores = Translator(folder).translate(texts, source, target, beam=beam)
        assert found == expected
        np.testing.assert_allclose(own_scores, scores, atol=1e-4)


def test_without_needed_tokens_translations_differ(whole_model: Path, tmp_path: Path) -> None:
    """The comparison above can fail: here the corpus lacks words of the target language."""
    trim(whole_model, tmp_path, KEPT, nllb_kit.corpus("eng_Latn"))
    texts = TEXTS["por_Latn"]
    expected, _ = Translator(whole_model).translate(texts, *nllb_kit.COMMON[::-1], beam=1)
    found, _ = Translator(tmp_path).translate(texts, *nllb_kit.COMMON[::-1], beam=1)
    assert found != expected


def test_texts_are_split_as_before_unless_they_contain_a_removed_piece(
    whole_model: Path, by_corpus: Path
) -> None:
    before, after = Translator(whole_model), Translator(by_corpus)
    kept = set(tokens(by_corpus))
    for texts in TEXTS.values():
        for text in texts:
            pieces = before.cut(text)
            if set(pieces) <= kept:
                assert after.cut(text) == pieces
            else:
                assert after.cut(text) != pieces
            # Removed pieces are split into kept ones, so no piece is unknown.
            assert set(after.cut(text)) <= kept
            assert "".join(after.cut(text)) == "".join(pieces)


@given(text=st.text(alphabet="thengarocaçãéostаκ .,1", max_size=40))
def test_any_text_is_split_into_kept_pieces_that_spell_it(
    text: str, whole_model: Path, by_corpus: Path
) -> None:
    kept = set(tokens(by_corpus))
    before = Pieces(whole_model / "sentencepiece.bpe.model")
    after = Pieces(by_corpus / "sentencepiece.bpe.model")
    (whole,), (cut,) = before.cut([text]), after.cut([text])
    assert "".join(cut) == "".join(whole)
    assert set(cut) - set(before.usable) == set(whole) - set(before.usable)
    assert set(cut) & set(before.usable) <= kept
    if set(whole) <= kept:
        assert cut == whole


def test_the_kept_tokens(whole_model: Path, by_corpus: Path, by_script: Path) -> None:
    whole = tokens(whole_model)
    for folder in (by_corpus, by_script):
        kept = tokens(folder)
        assert kept == [token for token in whole if token in set(kept)]
        assert [token for token in kept if is_language_code(token)] == ["eng_Latn", "por_Latn"]
        assert {"<s>", "<pad>", "</s>", "<unk>", "<mask>"} <= set(kept)
        assert {"т", "λ", "a", "ç", "▁"} <= set(kept)
        assert not any(token.startswith("madeupword") for token in kept)
    assert "▁на" in whole
    assert "▁на" not in tokens(by_script)
    assert len(tokens(by_corpus)) < len(tokens(by_script)) < len(whole)


def test_kept_weights_are_unchanged_bit_for_bit(whole_model: Path, by_corpus: Path) -> None:
    before, after = (ModelBin.read(f / "model.bin") for f in (whole_model, by_corpus))
    whole, kept = tokens(whole_model), tokens(by_corpus)
    rows = [whole.index(token) for token in kept]
    old, new = before.path.read_bytes(), after.path.read_bytes()
    assert after.head == before.head
    assert after.tail == before.tail
    cut = []
    for was, now in zip(before.arrays, after.arrays, strict=True):
        expected, found = (
            np.frombuffer(data, np.uint8, array.bytes, array.start).reshape(array.shape[0], -1)
            if array.shape
            else data[array.start : array.start + array.bytes]
            for data, array in ((old, was), (new, now))
        )
        if was.shape != now.shape:
            cut.append(was.name)
            expected = expected[rows]  # type: ignore[call-overload]
        np.testing.assert_array_equal(found, expected)
    assert cut == ["decoder/embeddings/weight"]  # the other arrays are aliases of it


@pytest.mark.parametrize("quantization", ["int8", "int16", "float16", "int8_float16"])
def test_trimming_and_quantizing_give_the_same_model_in_either_order(
    checkpoint: Path, corpus_file: Path, tmp_path: Path, quantization: str
) -> None:
    """The model can also be loaded and run."""
    whole, later, at_once = (tmp_path / name for name in ("whole", "later", "at-once"))
    for folder in (whole, later, at_once):
        folder.mkdir()
    build_nllb(checkpoint, whole, Recipe(quantization))
    build_nllb(whole, later, Recipe(languages=KEPT, corpus=(corpus_file,)))
    build_nllb(checkpoint, at_once, Recipe(quantization, KEPT, (corpus_file,)))
    for path in at_once.iterdir():
        assert path.read_bytes() == (later / path.name).read_bytes()
    texts = TEXTS["eng_Latn"][:5]
    expected, _ = Translator(whole).translate(texts, *nllb_kit.COMMON, beam=1)
    found, _ = Translator(at_once).translate(texts, *nllb_kit.COMMON, beam=1)
    assert found == expected


def test_a_trimmed_model_can_be_trimmed_again(by_script: Path, tmp_path: Path) -> None:
    trim(by_script, tmp_path, KEPT, nllb_kit.corpus("eng_Latn"))
    assert set(tokens(tmp_path)) < set(tokens(by_script))
    with pytest.raises(SettingsError, match=r"does not translate French \(fr\)"):
        trim(by_script, tmp_path, (find("en"), find("fr")))


def test_a_vocabulary_in_a_text_file_stays_in_a_text_file(
    whole_model: Path, tmp_path: Path
) -> None:
    old = Path(shutil.copytree(whole_model, tmp_path / "old"))
    all_tokens = tokens(old)
    (old / "shared_vocabulary.json").unlink()
    (old / "shared_vocabulary.txt").write_text("\n".join(all_tokens) + "\n", encoding="utf-8")
    (tmp_path / "new").mkdir()
    trimmed = trim(old, tmp_path / "new", KEPT)
    lines = (tmp_path / "new" / "shared_vocabulary.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == trimmed.kept < trimmed.total == len(all_tokens)
    assert Translator(tmp_path / "new").translate(TEXTS["eng_Latn"], *nllb_kit.COMMON, beam=1)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("model.bin", b"\x05\0\0\0", ModelIntegrityError),
        ("model.bin", b"\x06\0\0\0\x02\0x", ModelIntegrityError),
        ("shared_vocabulary.json", b"[", ModelIntegrityError),
        ("shared_vocabulary.json", b"{}", ModelIntegrityError),
        ("shared_vocabulary.json", b"3", ModelIntegrityError),
        ("sentencepiece.bpe.model", b"no such model", ModelIntegrityError),
        ("sentencepiece.bpe.model", None, ModelNotFoundError),
        ("shared_vocabulary.json", None, ModelNotFoundError),
    ],
)
def test_a_damaged_or_missing_file_is_named(
    whole_model: Path, tmp_path: Path, name: str, content: bytes | None, error: type[Exception]
) -> None:
    damaged = Path(shutil.copytree(whole_model, tmp_path / "damaged"))
    (damaged / name).unlink()
    if content is not None:
        (damaged / name).write_bytes(content)
    with pytest.raises(error, match=name.replace(".", r"\.")):
        trim(damaged, tmp_path, KEPT)


def test_every_script_of_the_languages_is_known() -> None:
    for language in languages():
        if language.flores:
            assert name_prefixes(language.flores.partition("_")[2])


def test_digits_punctuation_and_shared_accents_belong_to_no_script() -> None:
    assert name_prefixes_in("▁12,5 %!\u0301«») (") == frozenset()
    assert name_prefixes_in("ação") == {"LATIN"}
    assert name_prefixes_in("нa") == {"CYRILLIC", "LATIN"}
    assert name_prefixes_in("हिन्दी") == {"DEVANAGARI"}
    assert name_prefixes_in("日本のカー") == {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
