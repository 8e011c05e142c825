"""A converted OPUS-MT model gives the same tokens as transformers does with the original."""

from __future__ import annotations

import importlib
import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sentencepiece import SentencePieceProcessor

from stslocal.engines.opus.translator import OpusTranslator
from stslocal.engines.protocols import Capabilities, Continuation
from stslocal.engines.seq2seq import guards
from stslocal.engines.seq2seq.continuation import SPACE
from stslocal.errors import ModelError, ModelIntegrityError, ModelNotFoundError
from stslocal.models.building.ct2_model import ModelBin
from stslocal.models.building.opus import build_opus
from tests.models.building import opus_kit
from tests.models.building.nllb_kit import sentences
from tests.models.building.opus_kit import SOURCE, TARGET, Translator

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkpoint in the layout of published ones."""
    folder = tmp_path_factory.mktemp("opus") / "checkpoint"
    opus_kit.write_checkpoint(folder)
    return folder


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint, which the test may damage."""
    return Path(shutil.copytree(published, tmp_path / "copy"))


def build(source: Path, target: Path, quantization: str = "float32") -> Path:
    target.mkdir()
    build_opus(source, target, quantization)
    return target


def stored(folder: Path) -> dict[str, tuple[tuple[int, ...], int, bytes]]:
    """The arrays of a built model: shape, type and bytes."""
    model = ModelBin.read(folder / "model.bin")
    content = model.path.read_bytes()
    return {a.name: (a.shape, a.type, content[a.start : a.start + a.bytes]) for a in model.arrays}


class Reference:
    """The checkpoint in transformers."""

    def __init__(self, transformers: Any, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model = transformers.MarianMTModel.from_pretrained(folder).eval()
            self.tokenizer = transformers.MarianTokenizer.from_pretrained(folder)

    def translate(self, text: str, *, beam: int, no_repeat: int, prefix: list[str]) -> list[str]:
        """The tokens after those of the prefix, without the end."""
        inputs = self.tokenizer(text, return_tensors="pt")
        begin = self.tokenizer.convert_tokens_to_ids(["<pad>", *prefix])
        (found,) = self.model.generate(
            **inputs,
            decoder_input_ids=inputs["input_ids"].new_tensor([begin]),
            num_beams=beam,
            max_length=opus_kit.LONGEST + 1,
            forced_eos_token_id=None,
            no_repeat_ngram_size=no_repeat,
            **({"length_penalty": 0.0} if beam > 1 else {}),
        )
        tokens = self.tokenizer.convert_ids_to_tokens(found)[len(begin) :]
        return [token for token in tokens if token not in ("</s>", "<pad>")]


@pytest.mark.parametrize(
    ("beam", "no_repeat"),
    [
        (1, 2),  # random weights like to repeat a token
        (4, 0),  # what a beam may repeat is decided differently in CTranslate2 and transformers
    ],
)
@pytest.mark.parametrize("spoken", [0, 3])
def test_translations_are_those_of_transformers(
    transformers: Any, published: Path, tmp_path: Path, beam: int, no_repeat: int, spoken: int
) -> None:
    theirs = Reference(transformers, published)
    ours = Translator(build(published, tmp_path / "built"))
    cut = SentencePieceProcessor(model_file=str(published / "target.spm"))
    texts, others = (sentences(language, 8, seed=7) for language in (SOURCE, TARGET))
    written = set()
    for text, other in zip(texts, others, strict=True):
        prefix = cut.encode(" ".join(other.split()[:spoken]), out_type=str)
        (found,) = ours.translate([text], beam=beam, no_repeat=no_repeat, prefix=prefix)
        assert found == theirs.translate(text, beam=beam, no_repeat=no_repeat, prefix=prefix)
        written.add(tuple(found))
    assert len(written) == len(texts) or not no_repeat, "every text has its own translation"
    assert len(written) > 1


@pytest.mark.parametrize("quantization", ["float32", "int8"])
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
    for name, (shape, kind, content) in own.items():
        assert (shape, kind) == theirs[name][:2]
        if name.endswith("position_encodings/encodings"):
            # The platform computes the sines, so they are nearly but not exactly equal.
            expected = np.frombuffer(theirs[name][2], np.float32)
            np.testing.assert_allclose(np.frombuffer(content, np.float32), expected, atol=1e-6)
        else:
            assert content == theirs[name][2], name


def test_a_model_without_a_bias_of_the_logits(copy: Path, tmp_path: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    weights["final_logits_bias"][:] = 0
    save_file(weights, copy / "model.safetensors")
    assert "decoder/projection/bias" not in stored(build(copy, tmp_path / "zeros"))
    del weights["final_logits_bias"]
    save_file(weights, copy / "model.safetensors")
    assert "decoder/projection/bias" not in stored(build(copy, tmp_path / "none"))


def test_a_checkpoint_in_pytorchs_format_gives_the_same_model(
    transformers: Any, copy: Path, tmp_path: Path
) -> None:
    """With all the names under which older checkpoints hold the one embedding."""
    torch = importlib.import_module("torch")
    first = build(copy, tmp_path / "first")
    weights = load_file(copy / "model.safetensors")
    (copy / "model.safetensors").unlink()
    tensors = {name: torch.from_numpy(values) for name, values in weights.items()}
    for name in ("model.encoder.embed_tokens", "model.decoder.embed_tokens", "lm_head"):
        tensors[f"{name}.weight"] = tensors["model.shared.weight"]
    torch.save(tensors, copy / "pytorch_model.bin")
    built = build(copy, tmp_path / "built")
    assert (built / "model.bin").read_bytes() == (first / "model.bin").read_bytes()


def test_both_tokenizers_come_with_the_model(published: Path, tmp_path: Path) -> None:
    built = build(published, tmp_path / "built", "int8")
    assert sorted(path.name for path in built.iterdir()) == [
        "config.json", "model.bin", "shared_vocabulary.json", "source.spm", "target.spm",
    ]  # fmt: skip
    for name in ("source.spm", "target.spm"):
        assert (built / name).read_bytes() == (published / name).read_bytes()


def test_another_kind_of_model_is_refused(copy: Path, tmp_path: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"model_type": "t5"}))
    with pytest.raises(ModelIntegrityError, match="names the model type 't5' instead of 'marian'"):
        build(copy, tmp_path / "built")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation_function": "tanh"}, "a variant of OPUS-MT"),
        ({"decoder_attention_heads": 8}, "a variant of OPUS-MT"),
        ({"share_encoder_decoder_embeddings": False}, "one vocabulary for both languages"),
        ({"normalize_before": True}, "a variant of OPUS-MT"),
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"<pad>": "last"}, "does not give each token a number"),
        ({"<more>": 0}, "does not fit together"),
        ({"</s>": 1, "<unk>": 0, "<pad>": 2}, "does not fit together"),
    ],
)
def test_a_vocabulary_that_does_not_fit_is_refused(
    copy: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    rows = json.loads((copy / "vocab.json").read_text(encoding="utf-8"))
    (copy / "vocab.json").write_text(json.dumps(rows | change), encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match=message):
        build(copy, tmp_path / "built")


def test_a_vocabulary_without_an_end_is_refused(copy: Path, tmp_path: Path) -> None:
    rows = json.loads((copy / "vocab.json").read_text(encoding="utf-8"))
    rows = {"<end>" if token == "</s>" else token: row for token, row in rows.items()}
    (copy / "vocab.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match="lacks the token </s>"):
        build(copy, tmp_path / "built")


@pytest.mark.parametrize("name", opus_kit.INPUTS)
def test_a_missing_file_is_named(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelNotFoundError, match=name.replace(".", r"\.")):
        build(copy, tmp_path / "built")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.json"])
def test_a_damaged_file_is_named(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / name).write_bytes(b"\x07not what it should be" * 9)
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        build(copy, tmp_path / "built")


def test_a_forced_prefix_is_continued_as_transformers_continues_it(
    transformers: Any, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "doubt", lambda *_, **__: "")  # random weights write nonsense
    monkeypatch.setattr(guards, "length_cap", lambda pieces: opus_kit.LONGEST)
    ours = OpusTranslator.load(
        build(published, tmp_path / "opus-en-pt"),
        capabilities=Capabilities(pairs=frozenset({("en", "pt")}), continues=True),
        compute_type="float32",
        threads=1,
    )
    theirs = Reference(transformers, published)
    cut = SentencePieceProcessor(model_file=str(published / "target.spm"))
    texts, others = (sentences(language, 8, seed=7) for language in (SOURCE, TARGET))
    continued = 0
    for text, other in zip(texts, others, strict=True):
        spoken = " ".join(other.split()[:3])
        written = theirs.translate(
            text, beam=1, no_repeat=3, prefix=cut.encode(spoken, out_type=str)
        )
        new = [piece for piece in written if cut.piece_to_id(piece) > 2]  # of the target
        found = ours.continue_translation(text, spoken, source="en", target="pt", may_hold=False)
        if not new or not written[0].startswith(SPACE):
            continue  # no continuation of whole words
        assert found == Continuation(cut.decode(new).strip())
        continued += 1
    assert continued
