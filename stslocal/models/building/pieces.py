"""Reads the pieces of a sentencepiece model, and copies the model so that it omits some of them.

A piece is disabled by giving it the type UNUSED. The encoder still merges characters to this
piece and merges it further. If it is part of the result, it is split into the two pieces that it
was merged from, and so on down to single characters. So a text whose pieces are all kept is split
exactly as before. Removing the other pieces would not guarantee that, because merges go through
pieces that are never part of a result.

Source: sentencepiece's bpe_model.cc (`SampleEncode`, the resegmentation of unused pieces) and
sentencepiece_model.proto.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2

from stslocal.errors import ModelIntegrityError

# The module creates this class at import, so type checkers do not know it.
ModelProto: Any = vars(sentencepiece_model_pb2)["ModelProto"]
_NORMAL = ModelProto.SentencePiece.NORMAL
_UNUSED = ModelProto.SentencePiece.UNUSED


class Pieces:
    """The pieces of a byte-pair sentencepiece model, such as NLLB's tokenizer."""

    def __init__(self, path: Path) -> None:
        """Read a model. Raises ModelIntegrityError if the file is not one."""
        data = path.read_bytes()
        try:
            self._model = ModelProto.FromString(data)
            self._processor = SentencePieceProcessor(model_proto=data)
        except (DecodeError, RuntimeError) as error:
            raise ModelIntegrityError(f"{path} is not a sentencepiece model: {error}") from error
        if self._model.trainer_spec.model_type != self._model.trainer_spec.BPE:
            raise ModelIntegrityError(f"{path} is not a byte-pair model, as NLLB's is")
        self.all = tuple(piece.piece for piece in self._model.pieces)
        """All pieces in the order of their ids, special ones included."""
        self.usable = frozenset(
            piece.piece for piece in self._model.pieces if piece.type == _NORMAL
        )
        """The pieces that a text can be split into: neither special nor disabled."""

    def cut(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Split texts into pieces."""
        for text in texts:
            yield self._processor.encode(text, out_type=str)

    def write_with_only(self, kept: Collection[str], path: Path) -> None:
        """Write a copy of the model in which only the pieces of `kept` are usable."""
        model = ModelProto()
        model.CopyFrom(self._model)
        for piece in model.pieces:
            if piece.type == _NORMAL and piece.piece not in kept:
                piece.type = _UNUSED
        path.write_bytes(model.SerializeToString(deterministic=True))
