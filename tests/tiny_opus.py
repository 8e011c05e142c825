"""A small OPUS-MT model that copies, as tests/tiny_nllb.py does: both languages are the same."""

from __future__ import annotations

from pathlib import Path

from sentencepiece import SentencePieceProcessor

from stslocal.engines.opus.translator import TOKENIZERS
from tests.tiny_nllb import train_pieces, write_model


def make_tiny_opus(folder: Path, *, ends: bool = True) -> Path:
    """Write the model into `folder`, whose name says the direction, and return it.

    Without `ends` the model never stops: it never writes the `</s>`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = train_pieces()
    for name in TOKENIZERS:
        (folder / name).write_bytes(pieces)
    cutter = SentencePieceProcessor(model_proto=pieces)
    first = cutter.unk_id() + 3  # after <unk>, <s> and </s>
    normal = [cutter.id_to_piece(index) for index in range(first, len(cutter))]
    write_model(folder, ["</s>", "<unk>", *normal], ends=ends)
    return folder
