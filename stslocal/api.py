"""The Python interface of stslocal: load the engines once, translate many times."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from numpy.typing import NDArray

from stslocal.audio.arrays import Recording, opened_recording
from stslocal.errors import AudioDecodeError, SettingsError
from stslocal.files.choices import SOUND_CHOICES, FileChoices, SoundChoices, chosen, planned
from stslocal.files.correcting import Corrections, corrected_project, redo_with
from stslocal.files.in_memory import TranslatedSamples, translate_in_memory
from stslocal.files.redo.redo import RedoResult
from stslocal.files.speak import PlacedSegment
from stslocal.files.speech import Speech, speak
from stslocal.files.transcription import Transcription, transcribe
from stslocal.files.translation import FileTranslation
from stslocal.files.write import FileProgress, TranslatedSpeech, translate_to_files
from stslocal.languages import find
from stslocal.live.async_stream import AsyncStream, TakeSpeech
from stslocal.live.given_stream import checked_stream
from stslocal.live.options import LiveOptions
from stslocal.live.stream import translate_stream
from stslocal.loading.engines import Engines
from stslocal.loading.load import load_engines
from stslocal.loading.selection import Use
from stslocal.metrics import Event
from stslocal.models.store import ModelStore
from stslocal.pipeline.open_work import OpenWork
from stslocal.settings import Settings
from stslocal.translation.glossary import Glossary
from stslocal.translation.texts import translate_text
from stslocal.types import RECOGNITION_RATE, Samples

if TYPE_CHECKING:
    from typing_extensions import Unpack


class SpeechTranslator:
    """Translates speech into speech, with engines that stay loaded.

        with SpeechTranslator.load(source="en", target="pt") as translator:
            speech = translator.translate_file("talk.mp3")
            print(speech.audio, speech.translation)

    One object may serve several threads. A recording is a path, an open binary file, or
    `(samples, sample_rate)` as `soundfile.read` returns it: float32, float64 or int16, shape (n,)
    or (n, channels).

    What is not finished when the program's main thread ends is aborted, whoever holds it.
    """

    def __init__(self, engines: Engines, settings: Settings) -> None:
        """Take loaded engines. `load` loads them from the settings."""
        self.engines = engines
        self.settings = settings
        self._work = OpenWork()

    def __enter__(self) -> SpeechTranslator:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End what `translate_segments`, `stream` and `astream` have begun, with its threads.

        Nothing can be begun afterwards. An iterator from which another thread is taking its next
        item goes on in that thread. May be called again.
        """
        self._work.close()

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
        path: str | os.PathLike[str],
        output: str | os.PathLike[str] | None = None,
        *,
        reference: Recording | None = None,
        overwrite: bool = False,
        on_progress: Callable[[FileProgress], None] = lambda progress: None,
        on_segment: Callable[[PlacedSegment], None] = lambda segment: None,
        **choices: Unpack[FileChoices],
    ) -> TranslatedSpeech:
        """Translate a recording or a video, and write the result, subtitles and session file.

        `output` is a folder, or a file name whose suffix chooses the format; None puts the results
        beside the recording. `reference` is another recording of the speaker whose voice is to be
        matched. Results of earlier runs are replaced. What stslocal did not write, or somebody
        changed since, is replaced only with `overwrite=True`; else OutputError names it. The
        functions are called while the work goes on, the second one with each sentence.

        `choices` are those of FileChoices, such as `original="duck"` or `speakers="auto"`.

        Raises AudioDecodeError, OutputError, SettingsError or StageError, and then leaves no
        incomplete file.
        """
        self._work.check()
        source = opened_recording(path, "the recording")
        if not isinstance(source, Path):
            raise AudioDecodeError("translate_file takes a path: `translate` takes samples")
        settings, options = chosen(self.settings, choices, _reference(reference))
        task = planned(source, output, settings, options)
        return translate_to_files(
            self.engines, task, options, overwrite=overwrite, on_progress=on_progress,
            on_segment=on_segment,
        )  # fmt: skip

    def redo(
        self,
        session: str | os.PathLike[str],
        corrections: Corrections | None = None,
        *,
        lines: Iterable[int] = (),
        recording: str | os.PathLike[str] | None = None,
        reference: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        on_spoken: Callable[[int, int], None] = lambda done, of: None,
    ) -> RedoResult | None:
        """Correct sentences of a translation, and do again what was corrected and nothing else.

            translator.redo("talk.pt.session.json", {12: {"translation": "Bom dia."}})

        `corrections` are by the number of the line, as `read_lines` gives them; what was corrected
        before is done too, and `lines` are spoken again. `recording` is that of the session, where
        it is not beside it; `reference` the one that was given for the voice. `on_spoken` gets how
        many lines are spoken. Returns None where nothing is to be done.

        Raises SettingsError for a wrong correction and where other engines spoke, OutputError where
        files were changed since (`overwrite=True` replaces subtitles), or EngineError.
        """
        self._work.check()
        project = corrected_project(self.engines, session, corrections or {})
        return redo_with(
            self.engines, self.settings, project, lines, recording=recording, reference=reference,
            overwrite=overwrite, on_spoken=on_spoken,
        )  # fmt: skip

    def translate(
        self,
        source: Recording,
        *,
        reference: Recording | None = None,
        **choices: Unpack[SoundChoices],
    ) -> TranslatedSamples:
        """Translate a recording in memory: samples in, samples out, and no file.

        The speech is as loud as that of the recording. `choices` are those of SoundChoices, such as
        `speakers=2`. Raises AudioDecodeError for what is no sound, SettingsError or StageError.
        """
        return translate_in_memory(self._translation(source, reference, choices))

    def translate_segments(
        self,
        source: Recording,
        *,
        reference: Recording | None = None,
        **choices: Unpack[SoundChoices],
    ) -> Generator[PlacedSegment, None, None]:
        """Yield each segment as soon as it is synthesized, in order, and write no file.

        A segment has its source text with word times, its translation, its samples (shape (n,),
        float32, at `spoken.sample_rate`) and its start in the translated audio. Closing the
        iterator ends the work.

        Raises as `translate` does, for a file when the first segment is taken.
        """
        return self._work.add(self._translation(source, reference, choices).segments())

    def stream(
        self,
        chunks: Iterable[NDArray[Any]],
        sample_rate: int = RECOGNITION_RATE,
        *,
        on_audio: Callable[[Samples], None] = lambda _: None,
    ) -> Generator[Event, None, None]:
        """Translate speech while it is spoken, and yield the events (see `stslocal.metrics`).

        `chunks` are float32 samples in [-1, 1] or int16, of shape (n,) or (n, channels), of any
        length, at `sample_rate`, given at the pace of the speech. A thread of its own takes them.
        `on_audio` is called, in another thread, with the speech to play, pauses included: mono
        float32 at `engines.synthesizer.sample_rate`; the session waits until it returns. The
        iterator ends when the whole translation is played; closing it earlier ends the session.

        Raises AudioDecodeError for a wrong rate, SettingsError, or StageError.
        """
        self._work.check()
        rate = checked_stream(chunks, Iterable, sample_rate, on_audio)
        options = LiveOptions.from_settings(self.settings, output=None)
        return self._work.add(translate_stream(self.engines, options, chunks, rate, on_audio))

    def astream(
        self,
        chunks: AsyncIterable[NDArray[Any]] | Iterable[NDArray[Any]],
        sample_rate: int = RECOGNITION_RATE,
        *,
        on_audio: TakeSpeech = lambda _: None,
    ) -> AsyncGenerator[Event, None]:
        """Do what `stream` does in an event loop: `async for event in translator.astream(chunks)`.

        `chunks` is an async iterable, or a plain one, which a thread takes. `on_audio` may be an
        async function; it is called in the event loop, and the session waits until it is done. The
        loop never waits for the session. Cancelling the task, `aclose` and `close` end the session
        with all its threads.
        """
        self._work.check()
        rate = checked_stream(chunks, (AsyncIterable, Iterable), sample_rate, on_audio)
        options = LiveOptions.from_settings(self.settings, output=None)
        return self._work.add(AsyncStream(self.engines, options, chunks, rate, on_audio)).events()

    def transcribe(self, source: Recording, *, language: str | None = None) -> Transcription:
        """Recognize a recording, and translate nothing: segments with the times of each word.

        `language` is a code or a name; without one it is that of the translator, and `auto` detects
        it in each utterance. Raises AudioDecodeError for what is no sound, SettingsError for a
        language that is not recognized, StageError when the engine fails.
        """
        self._work.check()
        code = self.settings.source if language is None else find(language).code
        given = None if code == "auto" else code
        if given is not None:
            self.engines.coverage.check_source(code)
        recording = opened_recording(source, "the recording")
        return transcribe(self.engines.vad, self.engines.recognizer, recording, given)

    def translate_text(self, text: str, *, source: str | None = None) -> str:
        """Translate a text of any length into the target language. Its lines stay lines.

        `source` is a code or a name; without one it is that of the translator. Raises SettingsError
        where neither is given and for a pair that no translator has, or EngineError.
        """
        self._work.check()
        code = self.settings.source if source is None else find(source).code
        if code == "auto":
            raise SettingsError("the language of a text is not detected: name it, such as "
                                '`translate_text(text, source="en")`')  # fmt: skip
        translators = self.engines.translators_with(Glossary.from_settings(self.settings))
        return translate_text(translators, text, source=code, target=self.settings.target)

    def speak(
        self,
        text: str,
        *,
        voice: str | None = None,
        language: str | None = None,
        reference: Recording | None = None,
    ) -> Speech:
        """Speak a text: its samples, mono float32, and their rate.

        `voice` is the name of a built-in or saved voice; without one it is that of the translator,
        or like the speaker's of the recording `reference`, else the language's default voice.
        `language` is the target language by default. Raises SettingsError for what cannot be spoken
        and for a voice that there is not, AudioDecodeError for the reference, or EngineError.
        """
        self._work.check()
        return speak(
            self.engines,
            text,
            language=self.settings.target if language is None else find(language).code,
            voice=self.settings.voice if voice is None else voice,
            reference=_reference(reference),
            glossary=Glossary.from_settings(self.settings),
        )

    def _translation(
        self, source: Recording, reference: Recording | None, choices: SoundChoices
    ) -> FileTranslation:
        self._work.check()
        recording, given = opened_recording(source, "the recording"), _reference(reference)
        _, options = chosen(self.settings, choices, given, allowed=SOUND_CHOICES)
        return FileTranslation(self.engines, recording, options)


def _reference(reference: Recording | None) -> Path | BinaryIO | None:
    return None if reference is None else opened_recording(reference, "the reference")
