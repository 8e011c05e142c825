"""The Python interface of stslocal: load the engines once, translate many times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from stslocal.files.options import FileOptions
from stslocal.files.plan import plan_files
from stslocal.files.speak import PlacedSegment
from stslocal.files.translation import FileTranslation
from stslocal.files.write import TranslatedSpeech, translate_to_files
from stslocal.live.options import LiveOptions
from stslocal.live.stream import translate_stream
from stslocal.loading.engines import Engines
from stslocal.loading.load import load_engines
from stslocal.loading.selection import Use
from stslocal.metrics import Event
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples


class SpeechTranslator:
    """Translates speech into speech, with engines that stay loaded.

        translator = SpeechTranslator.load(source="en", target="pt")
        speech = translator.translate_file("talk.mp3")
        print(speech.audio, speech.translation)

    One object may serve several threads.
    """

    def __init__(self, engines: Engines, settings: Settings) -> None:
        """Take loaded engines. `load` loads them from the settings."""
        self.engines = engines
        self.settings = settings

    @classmethod
    def load(
        cls, *, target: str, source: str = "auto", live: bool = False, **settings: object
    ) -> SpeechTranslator:
        """Load the engines for a pair of languages, from the installed models.

        `source` and `target` are codes or names of languages, such as `pt`, `Portuguese` or
        `por_Latn`; `auto` detects the source. Further settings are those of
        `stslocal.settings.Settings`, such as `voice="pm_alex"`, `device="cuda"` or `threads=4`.
        Settings given here override the environment and the person's settings file. With
        `live=True`, for `stream`, `auto` takes only engines that are fast enough on this machine;
        their speed may be measured first, once.

        Raises SettingsError for settings that cannot be used, ModelNotFoundError with the command
        that fetches a missing model, ModelIntegrityError for a damaged model.
        """
        resolved = Settings.load({**settings, "source": source, "target": target})
        use: Use = "live" if live else "files"
        engines = load_engines(resolved, ModelStore.discover(), use=use)
        engines.check(resolved)
        return cls(engines, resolved)

    def translate_file(
        self,
        path: str | Path,
        output: str | Path | None = None,
        *,
        reference: str | Path | None = None,
        overwrite: bool = False,
    ) -> TranslatedSpeech:
        """Translate a recording and write audio, subtitles and session file.

        `output` is a folder, or a file name whose suffix chooses the format; None puts the results
        beside the recording. `reference` is another recording of the speaker whose voice is to be
        matched. Results of earlier runs are replaced. What stslocal did not write, or somebody
        changed since, is replaced only with `overwrite=True`; else OutputError names it.

        Raises AudioDecodeError, OutputError, SettingsError or StageError, and then leaves no
        incomplete file.
        """
        (task,) = plan_files(
            [str(path)],
            target=self.settings.target,
            output=None if output is None else Path(output),
            output_format=self.settings.output_format,
        )
        return translate_to_files(self.engines, task, self._options(reference), overwrite=overwrite)

    def translate_segments(
        self, source: str | Path | BinaryIO, *, reference: str | Path | None = None
    ) -> Iterator[PlacedSegment]:
        """Yield each segment as soon as it is synthesized, in order, and write no file.

        A segment has its source text with word times, its translation, its samples (shape (n,),
        float32, at `spoken.sample_rate`) and its start in the translated audio.
        """
        recording = Path(source) if isinstance(source, str) else source
        running = FileTranslation(self.engines, recording, self._options(reference))
        return running.segments()

    def stream(
        self,
        chunks: Iterable[Samples],
        sample_rate: int = RECOGNITION_RATE,
        *,
        on_audio: Callable[[Samples], None] = lambda _: None,
    ) -> Iterator[Event]:
        """Translate speech while it is spoken, and yield the events (see `stslocal.metrics`).

        `chunks` are mono float32 samples in [-1, 1] at `sample_rate`, of any length, given at the
        pace of the speech. `on_audio` is called, in another thread, with the speech to play,
        pauses included: mono float32 at `engines.synthesizer.sample_rate`. The iterator ends when
        the whole translation is played; closing it earlier ends the session.

        Raises SettingsError, or StageError when an engine fails.
        """
        options = LiveOptions.from_settings(self.settings, output_name=None)
        return translate_stream(self.engines, options, chunks, sample_rate, on_audio)

    def _options(self, reference: str | Path | None) -> FileOptions:
        return FileOptions.from_settings(
            self.settings, None if reference is None else Path(reference)
        )
