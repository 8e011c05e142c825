"""A converted checkpoint gives the same tokens as transformers does with the original."""

from __future__ import annotations

import importlib
import json
import shutil
import struct
import warnings
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sentencepiece import SentencePieceProcessor

from stslocal.engines.nllb.translator import NllbTranslator
from stslocal.engines.protocols import Continuation
from stslocal.engines.seq2seq import guards
from stslocal.engines.seq2seq.continuation import SPACE
from stslocal.errors import ModelError, ModelIntegrityError, ModelNotFoundError
from stslocal.languages import languages
from stslocal.models.building.build import Recipe, build_nllb
from stslocal.models.building.checkpoint import read_weights, weight_files
from stslocal.models.building.ct2_model import ModelBin, StoredArray
from stslocal.models.building.nllb import language_codes
from tests.models.building import nllb_kit
from tests.models.building.nllb_kit import Translator, sentences

pytestmark = pytest.mark.unit

PAIRS = [("eng_Latn", "por_Latn"), ("por_Latn", "eng_Latn"), ("rus_Cyrl", "por_Latn")]


@pytest.fixture(scope="session")
def published(
    transformers: Any, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The checkpoint as transformers writes it, with a tokenizer.json.

    Without tokenizer.json, the tokenizer of transformers puts the mask before the languages. Then
    the same rows have other tokens, which is another model.
    """
    folder = tmp_path_factory.mktemp("published")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = transformers.M2M100ForConditionalGeneration.from_pretrained(checkpoint)
        tokenizer = transformers.NllbTokenizer.from_pretrained(
            checkpoint, extra_special_tokens=language_codes()
        )
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    shutil.copy(checkpoint / "sentencepiece.bpe.model", folder)
    return folder


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint, which the test may damage."""
    return Path(shutil.copytree(checkpoint, tmp_path / "copy"))


def build(source: Path, target: Path, quantization: str = "float32") -> Path:
    target.mkdir()
    build_nllb(source, target, Recipe(quantization))
    return target


def stored(folder: Path) -> dict[str, tuple[StoredArray, bytes]]:
    """The arrays of a built model and their bytes."""
    model = ModelBin.read(folder / "model.bin")
    content = model.path.read_bytes()
    return {a.name: (a, content[a.start : a.start + a.bytes]) for a in model.arrays}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_translations_are_those_of_transformers(
    transformers: Any, published: Path, tmp_path: Path, source: str, target: str
) -> None:
    texts = sentences(source, 8, seed=7)
    ours = Translator(build(published, tmp_path / "built"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = transformers.M2M100ForConditionalGeneration.from_pretrained(published).eval()
        tokenizer = transformers.NllbTokenizer.from_pretrained(published, src_lang=source)
    for beam in (1, 4):
        found, _ = ours.translate(texts, source, target, beam=beam)
        for text, tokens in zip(texts, found, strict=True):
            inputs = tokenizer(text, return_tensors="pt")
            (expected,) = model.generate(
                **inputs,
                forced_bos_token_id=tokenizer.convert_tokens_to_ids(target),
                num_beams=beam,
                max_new_tokens=nllb_kit.LONGEST,
                **({"length_penalty": 0.0} if beam > 1 else {}),
            )
            words = tokenizer.convert_ids_to_tokens(expected)
            assert tokens == [word for word in words if word not in ("</s>", "<pad>")]
        assert len({tuple(tokens) for tokens in found}) == len(texts)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_forced_prefix_is_continued_as_transformers_continues_it(
    transformers: Any, published: Path, tmp_path: Path, source: str, target: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(guards, "doubt", lambda *_, **__: "")  # random weights write nonsense
    monkeypatch.setattr(guards, "length_cap", lambda pieces: nllb_kit.LONGEST)
    ours = NllbTranslator.load(
        build(published, tmp_path / "built"), compute_type="float32", threads=1
    )
    cut = SentencePieceProcessor(model_file=str(published / "sentencepiece.bpe.model"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = transformers.M2M100ForConditionalGeneration.from_pretrained(published).eval()
        tokenizer = transformers.NllbTokenizer.from_pretrained(published, src_lang=source)
    codes = {row.flores: row.code for row in languages()}
    continued = 0
    for text, other in zip(sentences(source, 8, seed=7), sentences(target, 8, seed=8), strict=True):
        spoken = " ".join(other.split()[:3])
        prefix = cut.encode(spoken, out_type=str)
        inputs = tokenizer(text, return_tensors="pt")
        begin = tokenizer.convert_tokens_to_ids(["</s>", target, *prefix])
        (expected,) = model.generate(
            **inputs,
            decoder_input_ids=inputs["input_ids"].new_tensor([begin]),
            num_beams=1,
            max_length=nllb_kit.LONGEST + 1,
            no_repeat_ngram_size=3,
            bad_words_ids=[[tokenizer.unk_token_id]],
        )
        written = tokenizer.convert_ids_to_tokens(expected)[len(begin) :]
        new = [piece for piece in written if cut.piece_to_id(piece) > 2]  # no code and no sign
        found = ours.continue_translation(
            text, spoken, source=codes[source], target=codes[target], may_hold=False
        )
        if not new or not new[0].startswith(SPACE):
            continue  # no continuation of whole words
        assert found == Continuation(cut.decode(new).strip())
        continued += 1
    assert continued


@pytest.mark.parametrize("quantization", ["float32", "float16", "int8", "int8_float16", "int16"])
def test_files_are_those_of_ctranslate2s_own_converter(
    transformers: Any, published: Path, tmp_path: Path, quantization: str
) -> None:
    from ctranslate2.converters import TransformersConverter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        TransformersConverter(str(published)).convert(
            str(tmp_path / "theirs"), quantization=quantization
        )
    ours = build(published, tmp_path / "ours", quantization)
    for name in ("config.json", "shared_vocabulary.json"):
        assert (ours / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()
    theirs, own = stored(tmp_path / "theirs"), stored(ours)
    assert set(theirs) == set(own)
    for name, (array, content) in own.items():
        expected, expected_content = theirs[name]
        assert (array.shape, array.type) == (expected.shape, expected.type)
        if name.endswith("position_encodings/encodings"):
            # The platform computes the sines, so they are nearly but not exactly equal.
            kind = np.float16 if array.type == 4 else np.float32
            np.testing.assert_allclose(
                np.frombuffer(content, kind), np.frombuffer(expected_content, kind), atol=1e-3
            )
        else:
            assert content == expected_content, name


def test_the_order_of_the_languages_is_that_of_transformers(transformers: Any) -> None:
    tokenization = importlib.import_module("transformers.models.nllb.tokenization_nllb")
    assert language_codes() == tokenization.FAIRSEQ_LANGUAGE_CODES


def test_a_checkpoint_in_pytorchs_format_gives_the_same_model(
    transformers: Any, copy: Path, whole_model: Path, tmp_path: Path
) -> None:
    torch = importlib.import_module("torch")
    weights = load_file(copy / "model.safetensors")
    (copy / "model.safetensors").unlink()
    tensors = {name: torch.from_numpy(values) for name, values in weights.items()}
    torch.save(tensors, copy / "pytorch_model.bin")
    built = build(copy, tmp_path / "built")
    assert (built / "model.bin").read_bytes() == (whole_model / "model.bin").read_bytes()


def test_a_checkpoint_in_several_files_gives_the_same_model(
    copy: Path, whole_model: Path, tmp_path: Path
) -> None:
    weights = load_file(copy / "model.safetensors")
    (copy / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for part, inside in parts.items():
        save_file({name: weights[name] for name in inside}, copy / part)
    places = {name: part for part, inside in parts.items() for name in inside}
    index = copy / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    built = build(copy, tmp_path / "built")
    assert (built / "model.bin").read_bytes() == (whole_model / "model.bin").read_bytes()
    (copy / "model-2.safetensors").unlink()
    with pytest.raises(ModelNotFoundError, match=r"lacks model-2\.safetensors"):
        weight_files(copy)


def test_bfloat16_weights_are_read(tmp_path: Path) -> None:
    values = np.array([[1.5, -2.0]], np.float32)
    content = (values.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    entry = {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, len(content)]}
    header = json.dumps({"x": entry}).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + content)
    np.testing.assert_array_equal(read_weights(tmp_path)["x"], values)


def test_half_precision_weights_are_converted(copy: Path, tmp_path: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    halves = {name: values.astype(np.float16) for name, values in weights.items()}
    save_file(halves, copy / "model.safetensors")
    built = build(copy, tmp_path / "built", "int8")
    assert ctranslate2.contains_model(str(built))
    array, content = stored(built)["encoder/layer_norm/gamma"]
    expected = halves["model.encoder.layer_norm.weight"].astype(np.float32)
    assert content == expected.tobytes()
    assert array.type == 0


def test_another_kind_of_model_is_refused(copy: Path, tmp_path: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"model_type": "t5"}))
    with pytest.raises(ModelIntegrityError, match="names the model type 't5' instead"):
        build(copy, tmp_path / "built")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation_function": "gelu"}, "a variant of NLLB"),
        ({"decoder_attention_heads": 8}, "a variant of NLLB"),
        ({"vocab_size": 10}, "does not fit together"),
        ({"d_model": 32}, "the embedding has the shape"),
        ({"encoder_layers": 3}, "model.encoder.layers.2"),
        ({"encoder_layers": "many"}, "is damaged"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    copy: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ModelIntegrityError, match=message):
        build(copy, tmp_path / "built")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "sentencepiece.bpe.model"])
def test_a_missing_file_is_named(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelNotFoundError, match=name.replace(".", r"\.")):
        build(copy, tmp_path / "built")


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "sentencepiece.bpe.model", "tokenizer.json"]
)
def test_a_damaged_file_is_named(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / name).write_bytes(b"\x07not what it should be" * 9)
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        build(copy, tmp_path / "built")
