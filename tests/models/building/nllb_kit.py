"""A small NLLB with its own vocabulary and random weights, in the layout of a published checkpoint.

It is made with numpy only, so that tests with it need no PyTorch. The texts are invented words in
three scripts. A real model gives words of a language that was not requested nearly no probability;
here one dimension of the embedding has that effect for tokens that are not in `common`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
from safetensors.numpy import save_file
from sentencepiece import SentencePieceProcessor

from stslocal.models.building.nllb import language_codes
from tests.models.building import seq2seq_kit
from tests.models.building.seq2seq_kit import WIDTH, RandomWeights

POSITIONS = 64
SPARE_ROWS = 2
ENDING = 2.5
"""Factor by which the row of `</s>` is longer than others, so that some sentences end."""
LONGEST = 24
"""Highest number of tokens of a translation."""

SYLLABLES = {
    "eng_Latn": "the ing ta ro no st en qu al er im so ar ly",
    "por_Latn": "ão ça que ra os do lh em ta é ir mo nh ar",
    "rus_Cyrl": "на ст ро го ть за ка ми по ев ли шу",
    "ell_Grek": "το κα λη ων σα μο πε ρι θυ να",
}


COMMON = ("eng_Latn", "por_Latn")


def sentences(language: str, count: int, *, seed: int = 0) -> list[str]:
    """Sentences of invented words. Words are repeated, as in a real language."""
    chance = random.Random(f"{language} {seed}")
    words = Words(language)
    return [
        " ".join(words.draw(chance) for _ in range(chance.randint(3, 9))).capitalize() + "."
        for _ in range(count)
    ]


class Words:
    """The words of a language. The first words are much more frequent than the last ones."""

    def __init__(self, language: str) -> None:
        chance = random.Random(language)
        syllables = SYLLABLES[language].split()
        self._words = [
            "".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(200)
        ]

    def draw(self, chance: random.Random) -> str:
        return self._words[int(len(self._words) * chance.random() ** 2)]


def train_pieces(path: Path) -> SentencePieceProcessor:
    """Train a byte-pair model like NLLB's."""
    texts = [text for code in SYLLABLES for text in sentences(code, 400)]
    return seq2seq_kit.train_pieces(path, texts, "bpe", 700)


def vocabulary(pieces: SentencePieceProcessor) -> list[str]:
    """The token of every row."""
    normal = [pieces.id_to_piece(number) for number in range(3, pieces.get_piece_size())]
    spare = [f"madeupword{number}" for number in range(SPARE_ROWS)]
    return ["<s>", "<pad>", "</s>", "<unk>", *normal, *language_codes(), "<mask>", *spare]


def random_weights(
    tokens: Sequence[str], common: Collection[str], *, seed: int = 1
) -> RandomWeights:
    """Weights with which every token of the output depends on the whole input.

    With one matrix for input and output, a random model repeats its last token. The random signs
    of the last norm prevent that, and the longer row of `</s>` makes sentences end.
    """
    weights = RandomWeights(seed)
    embedding = weights.normal(len(tokens), WIDTH, scale=0.12)
    embedding[tokens.index("</s>")] *= ENDING
    embedding[:, 0] = [0.3 if token in common else -0.3 for token in tokens]
    weights["model.shared.weight"] = embedding
    weights.add_layers(out_gain=lambda attention: 6.0, last_gain=4.0, norm_behind=True)
    final = "model.decoder.layer_norm"
    weights[f"{final}.weight"] *= weights.signs(3)
    weights[f"{final}.bias"][0] = 40.0
    return weights


def config(size: int) -> dict[str, Any]:
    """The model's `config.json`."""
    return {
        "architectures": ["M2M100ForConditionalGeneration"],
        "model_type": "m2m_100",
        "activation_function": "relu",
        **seq2seq_kit.sizes(),
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
        "max_position_embeddings": POSITIONS,
        "scale_embedding": True,
        "vocab_size": size,
        "tokenizer_class": "NllbTokenizer",
        "tie_word_embeddings": True,
    }


def write_checkpoint(folder: Path) -> None:
    """Write the folder of a checkpoint. English and Portuguese are its common languages."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = train_pieces(folder / "sentencepiece.bpe.model")
    tokens = vocabulary(pieces)
    spoken = [text for code in COMMON for text in corpus(code)]
    common = {piece for text in spoken for piece in pieces.encode(text, out_type=str)}
    weights = random_weights(tokens, {*common, "</s>", *COMMON})
    save_file(weights, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config(len(tokens))))


class Translator:
    """Runs a built model as the engine does."""

    def __init__(self, folder: Path) -> None:
        self._model = ctranslate2.Translator(
            str(folder), device="cpu", compute_type="float32", inter_threads=1, intra_threads=1
        )
        self._pieces = SentencePieceProcessor(model_file=str(folder / "sentencepiece.bpe.model"))

    def cut(self, text: str) -> list[str]:
        return list(self._pieces.encode(text, out_type=str))

    def translate(
        self, texts: Sequence[str], source: str, target: str, *, beam: int
    ) -> tuple[list[list[str]], list[float]]:
        """Tokens of each text's best hypothesis, and its log probability."""
        found = self._model.translate_batch(
            [[source, *self.cut(text), "</s>"] for text in texts],
            target_prefix=[[target]] * len(texts),
            beam_size=beam,
            length_penalty=0,
            max_decoding_length=LONGEST,
            return_scores=True,
        )
        return [each.hypotheses[0] for each in found], [each.scores[0] for each in found]


def corpus(language: str) -> list[str]:
    """Texts that contain every word of the language, to choose tokens by."""
    return sentences(language, 500, seed=1)
