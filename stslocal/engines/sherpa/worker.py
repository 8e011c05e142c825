"""The process that finds the speakers: what it does with a request.

sherpa-onnx holds Python's lock for a whole recording, and ends the process at a model file that it
does not know. `engines.worker` starts and asks this process, one for each recording.

The first request is `{"segmentation": path, "embedding": path, "threads": n}`: the models are
loaded. Each of the following ones has a piece of the recording as its array, until `{"find": true,
"speakers": n or null}`. Its answer has the turns, shape (n, 3): start and end in seconds, and the
number of the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stslocal.engines.worker.messages import Message, RefusedError
from stslocal.engines.worker.serving import run

if TYPE_CHECKING:
    from stslocal.types import Samples

RATE = 16_000
APART = 1.0
"""Two groups of voices are two persons where the cosine distance of the two that are least alike is
more than this, if the number of persons is not given. The default of sherpa-onnx, 0.5, finds many
times too many: with TitaNet-Small 34 persons were reported in a talk of five, and five with 1.1."""
_CHUNK_S = 10.0
"""Seconds that the segmentation looks at together; it moves on by a tenth of that."""
_SILENCE_S = 1.0
"""Seconds of silence behind the recording. A recording of one chunk is not divided by voices, so
there are always two."""
_MOST_CHUNKS = 7200
"""In a recording of more than two hours the chunks are further apart. The voices of all chunks are
compared with each other: 7200 take up to 1 GB."""
_WIDEST = 0.5


class Diarization:
    """The speakers of one recording."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] = {}
        self._pieces: list[Samples] = []

    def answer(self, request: Message) -> Message:
        """The answer to a request. Raises RefusedError for models that cannot be loaded."""
        if "segmentation" in request.fields:
            self._settings = request.fields
            self._load(0.1)  # a wrong file is found before the recording is read
            return Message({})
        self._pieces += request.arrays
        if "find" not in request.fields:
            return Message({})
        return Message({}, (self._find(request.fields["speakers"]),))

    def _find(self, speakers: int | None) -> Any:
        import numpy as np

        silence = np.zeros(round((_CHUNK_S + _SILENCE_S) * RATE), np.float32)
        seconds = sum(map(len, self._pieces)) / RATE
        left = len(silence) if seconds < _CHUNK_S else round(_SILENCE_S * RATE)
        sound = np.concatenate([*self._pieces, silence[:left]])
        self._pieces.clear()
        shift = min(_WIDEST, max(1 / _CHUNK_S, seconds / _MOST_CHUNKS / _CHUNK_S))
        found = self._load(shift, speakers).process(sound).sort_by_start_time()
        rows = [(one.start, min(one.end, seconds), one.speaker) for one in found]
        rows = [row for row in rows if row[0] < row[1]]
        return np.array(rows, np.float32).reshape(-1, 3)

    def _load(self, shift: float, speakers: int | None = None) -> Any:
        """Load the models. The chunks are a share `shift` of their length apart."""
        try:
            import sherpa_onnx
        except ImportError as error:
            raise RefusedError(str(error)) from error
        settings = self._settings
        threads = settings["threads"]
        config = sherpa_onnx.OfflineSpeakerDiarizationConfig(
            segmentation=sherpa_onnx.OfflineSpeakerSegmentationModelConfig(
                pyannote=sherpa_onnx.OfflineSpeakerSegmentationPyannoteModelConfig(
                    settings["segmentation"], shift
                ),
                num_threads=threads,
            ),
            embedding=sherpa_onnx.SpeakerEmbeddingExtractorConfig(
                model=settings["embedding"], num_threads=threads
            ),
            clustering=sherpa_onnx.FastClusteringConfig(
                num_clusters=-1 if speakers is None else speakers, threshold=APART
            ),
        )
        if not config.validate():
            raise RefusedError("a file is missing")
        try:
            # Of another kind of embedding nothing is said before the first use, which ends the
            # process.
            _ = sherpa_onnx.SpeakerEmbeddingExtractor(config.embedding).dim
            return sherpa_onnx.OfflineSpeakerDiarization(config)
        except RuntimeError as error:  # no ONNX, for example
            raise RefusedError(" ".join(str(error).split())) from error


def main() -> None:
    """Serve the process that started this one."""
    run(Diarization().answer)
