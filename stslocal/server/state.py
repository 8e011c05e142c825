"""What all routes of a server share: its options, and the engines, which are loaded once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from stslocal import languages
from stslocal.clock import Clock, RealClock
from stslocal.errors import NotSpokenError
from stslocal.loading.engines import Engines, RecognitionEngines
from stslocal.loading.load import load_engines
from stslocal.loading.recognition import load_recognition
from stslocal.loading.selection import Use
from stslocal.loading.turns import RecognizerTurns
from stslocal.models.store import ModelStore
from stslocal.server.metrics import ServerMetrics
from stslocal.server.options import ServerOptions
from stslocal.server.realtime.handover import Handovers, NoHandovers
from stslocal.server.realtime.secrets import ClientSecrets
from stslocal.server.sessions import Sessions
from stslocal.settings import NO_SPEECH, Settings

LoadEngines: TypeAlias = Callable[[Settings, Use], Engines]
"""Gives the engines for the languages of the settings. Called by one thread at a time."""


E = TypeVar("E", Engines, RecognitionEngines)

_RECOGNITION_TARGET = "en"
"""Recognition takes the recognizer of a translation into English, which every one has: so all of
the server's work shares one."""


class ServerState:
    """Everything that a route needs. One object for a server; any thread may use it."""

    def __init__(
        self,
        options: ServerOptions,
        settings: Settings,
        *,
        load: LoadEngines | SharedEngines | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`settings` are those of the person who started the server; requests name the languages.

        `load` is another source of engines, for tests.
        """
        self.options = options
        self.settings = settings
        self.clock = clock or RealClock()
        self.started_at = self.clock.now()
        """The clock's time when the server was made, in seconds."""
        self.ending = threading.Event()
        """Set when the server takes no new clients: responses that follow something end."""
        self.metrics = ServerMetrics()
        self.sessions = Sessions(self.clock, options.limits, self.metrics)
        self.sessions.capacity = options.max_sessions or 1
        self.secrets = ClientSecrets(self.clock)
        self.handovers: Handovers = NoHandovers()
        self._load = load or SharedEngines()
        self._engines: dict[tuple[str, str, Use, str], Engines] = {}
        self._recognition: dict[Use, RecognitionEngines] = {}
        self._turns: dict[int, RecognizerTurns] = {}
        """By the id of the recognizer."""
        self.metrics.gauge(
            "recognitions_waiting", "Recognitions that wait for their turn",
            lambda: sum(each.waiting for each in list(self._turns.values())),
        )  # fmt: skip
        self._loading = threading.Lock()

    def settings_for(self, source: str, target: str) -> Settings:
        """The server's settings with the languages of a request, codes or names.

        `source` may be `auto` and `target` empty. The region of the server's own target stays.
        Raises SettingsError for a language that does not exist.
        """
        source = source if source == "auto" else languages.find(source).code
        target = languages.find(target).code if target else ""
        region = self.settings.target_region if target == self.settings.target else ""
        return replace(
            self.settings, source=source, target=target, source_region="", target_region=region
        )

    def engines_for(self, source: str, target: str, use: Use = "live", *, tts: str = "") -> Engines:
        """The engines for a pair of languages; what is missing is loaded now, which takes seconds.

        `tts` is NO_SPEECH for a translation that is text alone, and empty for the server's own. A
        live session into a language that no engine speaks is text alone too.
        Raises SettingsError for a pair that no installed engine has, ModelNotFoundError or
        ModelIntegrityError for a model. Never call it on the event loop.
        """
        settings = self.settings_for(source, target)
        settings = replace(settings, tts=tts or settings.tts)
        key = (settings.source, settings.target, use, settings.tts)
        found = self._engines.get(key)
        if found is None:
            with self._loading:
                found = self._engines.get(key) or self._in_turn(self._loaded(settings, use), use)
                self._engines[key] = found
        return found

    def _loaded(self, settings: Settings, use: Use) -> Engines:
        try:
            return self._load(settings, use)
        except NotSpokenError:
            if use != "live":
                raise
            return self._load(replace(settings, tts=NO_SPEECH), use)

    def recognition_for(self, use: Use) -> RecognitionEngines:
        """What recognizes speech, where nothing that translates or speaks need be installed.

        Raises ModelNotFoundError or ModelIntegrityError. Never call it on the event loop.
        """
        found = self._recognition.get(use)
        if found is None:
            settings = self.settings_for("auto", _RECOGNITION_TARGET)
            with self._loading:
                found = self._recognition.get(use)
                if found is None:
                    load = self._load
                    loaded = (
                        load.recognition(settings, use)
                        if isinstance(load, SharedEngines)
                        else load(settings, use).recognition
                    )
                    found = self._recognition[use] = self._in_turn(loaded, use)
        return found

    def _in_turn(self, engines: E, use: Use) -> E:
        """The engines with a recognizer whose calls wait for their turns among all of the server's.

        A live session takes turns of its own from it (`stslocal.loading.turns.in_turn`).
        """
        recognizer = engines.recognizer
        turns = self._turns.setdefault(id(recognizer), RecognizerTurns(recognizer))
        return replace(engines, recognizer=turns.session(live=use == "live"))


class SharedEngines:
    """Loads engines from the installed models. Each is loaded once, whatever pairs it serves."""

    def __init__(
        self,
        store: ModelStore | None = None,
        *,
        announce: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`announce` gets a sentence when the speed of an engine is measured, once a machine."""
        self._store = store or ModelStore.discover()
        self._announce = announce
        self._loaded: dict[str, Any] = {}

    def __call__(self, settings: Settings, use: Use) -> Engines:
        """As LoadEngines."""
        engines = load_engines(
            settings, self._store, use=use, announce=self._announce, loaded=self._loaded
        )
        engines.check(settings)
        return engines

    def recognition(self, settings: Settings, use: Use) -> RecognitionEngines:
        """What recognizes, of the same engines."""
        return load_recognition(
            settings, self._store, use=use, announce=self._announce, loaded=self._loaded
        )
