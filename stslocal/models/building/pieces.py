"""The pieces of a sentencepiece model, and a copy of the model that no longer yields some of them.

A piece is set aside by giving it the type UNUSED. The encoder still merges through such a
piece, and only a text that would have ended in it is cut into the two pieces that it was merged
from, and so on down to single characters. So every text whose pieces are all kept is cut
exactly as before, which removing the others could not promise: byte-pair merges go through
pieces that never come out.

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

# Made while it is imported, so that types are not known before.
ModelProto: Any = vars(sentencepiece_model_pb2)["ModelProto"]
_NORMAL = ModelProto.SentencePiece.NORMAL
_UNUSED = ModelProto.SentencePiece.UNUSED


class Pieces:
    """A byte-pair sentencepiece model, as the tokenizer of NLLB is one."""

    def __init__(self, path: Path) -> None:
        """Read a model. Raises ModelIntegrityError for another file."""
        data = path.read_bytes()
        try:
            self._model = ModelProto.FromString(data)
            self._processor = SentencePieceProcessor(model_proto=data)
        except (DecodeError, RuntimeError) as error:
            raise ModelIntegrityError(f"{path} is not a sentencepiece model: {error}") from error
        if self._model.trainer_spec.model_type != self._model.trainer_spec.BPE:
            raise ModelIntegrityError(f"{path} does not cut by byte pairs, as NLLB's model does")
        self.all = tuple(piece.piece for piece in self._model.pieces)
        """Every piece in the order of its id, special ones included."""
        self.usable = frozenset(
            piece.piece for piece in self._model.pieces if piece.type == _NORMAL
        )
        """What a text can be cut into: neither special nor set aside."""

    def cut(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Cut texts into pieces."""
        for text in texts:
            yield self._processor.encode(text, out_type=str)

    def write_with_only(self, kept: Collection[str], path: Path) -> None:
        """Write a copy that yields no other usable pieces than those of `kept`."""
        model = ModelProto()
        model.CopyFrom(self._model)
        for piece in model.pieces:
            if piece.type == _NORMAL and piece.piece not in kept:
                piece.type = _UNUSED
        path.write_bytes(model.SerializeToString(deterministic=True))
