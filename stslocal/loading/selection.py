"""Which engines a run uses: what the settings name and, for `auto`, the best that is here.

The registry lists a role's engines and models from the best to what every machine can run.
`auto` takes the first that is installed and reaches the languages wanted; for live it must also
be fast enough on this machine, by a measured figure. An engine's name leaves the choice among
its models open in the same way, and a model's name leaves nothing open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import RECOGNIZER, SYNTHESIZER, TRANSLATOR, Choice, Role
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.translation.coverage import Offer, reaches
from stslocal.translation.glossary import NEEDS_A_TRANSLATOR

WHISPER_TRANSLATES = "whisper"
"""As the name of a translator: the recognizer's own translate task."""

Use: TypeAlias = Literal["files", "live"]
"""Files may take longer than they last; live may not."""

LIVE_SHARES = {RECOGNIZER.name: 0.35, TRANSLATOR.name: 0.1, SYNTHESIZER.name: 0.45}
"""The largest real-time factor, measured alone, with which `auto` takes an engine for live: they
share the machine, and a tenth of it is left for everything else."""

Measure: TypeAlias = Callable[[Role[Any], Choice], float | None]
"""Gives an engine's real-time factor on this machine; None when it is not known."""

Pairs: TypeAlias = frozenset[tuple[str, str]]


def unknown(role: Role[Any], choice: Choice) -> float | None:
    """A `Measure` that knows nothing, so that every engine is taken for fast enough."""
    return None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An installed engine, better than the one taken, that `auto` did not take."""

    role: str
    name: str
    why: str
    notable: bool = False
    """Whether a person would wonder: it is too slow here, or its package is not installed."""


@dataclass(frozen=True, slots=True)
class EngineNames:
    """Which engines a run uses, before any of them is loaded, as the registry names them."""

    recognizer: str
    translator: str
    """What was asked for: `auto`, `whisper`, or a name."""
    synthesizer: str
    translators: tuple[str, ...] = ()
    """Those to load, the preferred first; none where the recognizer translates by itself."""
    passed_over: tuple[PassedOver, ...] = field(default=(), compare=False)
    installed: Mapping[str, Capabilities] = field(default_factory=dict, compare=False)
    """What engines can do with files that may have been cut to less, by name."""

    @classmethod
    def choose(
        cls,
        settings: Settings,
        store: ModelStore,
        *,
        use: Use = "files",
        measure: Measure = unknown,
    ) -> EngineNames:
        """Resolve the names in the settings. Raises SettingsError for one that is unknown."""
        return _Chooser(settings, store, use, measure).choose()

    @property
    def own_translation(self) -> bool:
        """Whether the recognizer may translate by itself."""
        return self.translator in ("auto", WHISPER_TRANSLATES)

    def choices(self) -> tuple[tuple[Role[Any], Choice], ...]:
        """The engines to load, with their roles."""
        named: tuple[tuple[Role[Any], str], ...] = (
            (RECOGNIZER, self.recognizer),
            *((TRANSLATOR, name) for name in self.translators),
            (SYNTHESIZER, self.synthesizer),
        )
        return tuple((role, registry.choice(role, name)) for role, name in named)

    def offer(self) -> Offer:
        """What they can do together, as far as it is known before they are loaded."""
        can = {
            (role, choice.name): self.installed.get(choice.name, choice.capabilities)
            for role, choice in self.choices()
        }
        return Offer(
            recognizer=self.recognizer,
            hears=can[RECOGNIZER, self.recognizer],
            translators={name: can[TRANSLATOR, name] for name in self.translators},
            synthesizer=self.synthesizer,
            speaks=can[SYNTHESIZER, self.synthesizer],
            own_translation=self.own_translation,
        )

    def check(self, settings: Settings) -> None:
        """Raise SettingsError for a language or pair that these engines lack.

        The message says what they support and which other engine would do.
        """
        if settings.glossary and settings.mt == WHISPER_TRANSLATES:
            raise SettingsError(NEEDS_A_TRANSLATOR)
        offer, source, target = self.offer(), settings.source, settings.target
        try:
            if target and source != "auto":
                offer.check_pair(source, target)
            elif target:
                offer.check_target(target)
        except SettingsError as error:
            raise SettingsError(f"{error}{self._remedy(source, target)}") from None

    def as_settings(self) -> dict[str, str]:
        """For a session file."""
        mt = " ".join(self.translators) or self.translator
        return {"asr": self.recognizer, "mt": mt, "tts": self.synthesizer}

    def _remedy(self, source: str, target: str) -> str:
        """The first option whose engine lacks these languages, with values that have them."""
        offer = self.offer()
        role: Role[Any]
        if source == target:
            return ""
        if source not in ("auto", *offer.hears.languages):
            option, role = "--asr", RECOGNIZER
        elif target not in offer.speaks.languages:
            option, role = "--tts", SYNTHESIZER
        else:
            option, role = "--mt", TRANSLATOR

        def helps(can: Capabilities) -> bool:
            if role is TRANSLATOR:
                return bool(_matching(can.pairs, source, target))
            return (source if role is RECOGNIZER else target) in can.languages

        able, trimmed = [], []
        here = {c.entry.name for c in registry.choices(role) if c.name in self.installed}
        for choice in registry.choices(role):
            if choice.name not in self.installed:
                # By its engine's name, it would be taken only if none of that engine were here.
                if helps(choice.capabilities) and choice.entry.name not in here:
                    able.append(f"`{option} {choice.entry.name}`")
            elif helps(self.installed[choice.name]):
                able.append(f"`{option} {choice.entry.name}`")
            elif helps(choice.capabilities):
                trimmed.append(choice.name)
        if able:
            return f"; {' or '.join(dict.fromkeys(able))} can"
        if trimmed:
            return (
                f"; {trimmed[0]} could before it was trimmed: `stslocal models remove "
                f"{trimmed[0]}` and `stslocal models pull {trimmed[0]}` bring it back whole"
            )
        return ""


class _Chooser:
    """Looks at each role's engines, from the best on, and says why it passes one over."""

    def __init__(self, settings: Settings, store: ModelStore, use: Use, measure: Measure) -> None:
        self._settings = settings
        self._store = store
        self._live = use == "live"
        self._measure = measure
        self._passed: list[PassedOver] = []
        self._cut: dict[str, Capabilities] = {}

    def choose(self) -> EngineNames:
        wanted, mt = self._settings, self._settings.mt
        options = () if mt == WHISPER_TRANSLATES else registry.choices(TRANSLATOR, mt)
        translators = (
            options if len(options) < 2 and mt != "auto" else self._here(TRANSLATOR, options)
        )
        hears = self._recognizer(translators or options[-1:])
        names = self._translators(translators, hears.capabilities)
        if not names and not self._recognizer_will_do(hears.capabilities):
            names = tuple(choice.name for choice in options[-1:])
        speaks = self._first(
            SYNTHESIZER,
            self._able(
                SYNTHESIZER,
                registry.choices(SYNTHESIZER, wanted.tts),
                lambda can: not wanted.target or wanted.target in can.languages,
                f"it does not speak {name_of(wanted.target)}",
            ),
        )
        return EngineNames(hears.name, mt, speaks.name, names, tuple(self._passed), dict(self._cut))

    def _recognizer(self, translators: Sequence[Choice]) -> Choice:
        """The best that leads from (nearly) as many languages to the target as any."""
        source, target = self._settings.source, self._settings.target
        pairs = frozenset[tuple[str, str]]().union(*(self._can(c).pairs for c in translators))
        own = self._settings.mt in ("auto", WHISPER_TRANSLATES)

        def reached(can: Capabilities) -> int:
            return sum(
                (code, target) in pairs or (own and reaches(can, code, target)) or not target
                for code in can.languages
                if source in ("auto", code)
            )

        options = registry.choices(RECOGNIZER, self._settings.asr)
        most = max(reached(choice.capabilities) for choice in options)
        why = f"it leads from fewer languages to {name_of(target)}"
        if source != "auto":
            why = f"it does not lead from {name_of(source)} to {name_of(target)}"
        able = self._able(RECOGNIZER, options, lambda can: 2 * reached(can) >= most, why)
        return self._first(RECOGNIZER, able)

    def _translators(self, options: Sequence[Choice], hears: Capabilities) -> tuple[str, ...]:
        """Those that add pairs to what is covered, quick ones first."""
        source, target = self._settings.source, self._settings.target
        own: set[tuple[str, str]] = set()
        if self._settings.mt == "auto" and target in hears.translates_to:
            own = {(code, target) for code in hears.languages}
        adds = {c.name: set(_matching(self._can(c).pairs, source, target)) for c in options}
        covered: set[tuple[str, str]] = set()
        taken: list[str] = []
        slow: list[str] = []
        for number, choice in enumerate(options):
            new = adds[choice.name] - covered
            others = own.union(*(adds[later.name] for later in options[number + 1 :]))
            if not adds[choice.name]:
                trimmed = bool(_matching(choice.capabilities.pairs, source, target))
                why = f"it does not translate {_way(source, target)}"
                why += ", since it was trimmed to other languages" if trimmed else ""
                self._pass_over(TRANSLATOR, choice, why, notable=trimmed)
            elif not new:
                self._pass_over(TRANSLATOR, choice, f"{' and '.join(taken)} will do")
            elif new & others and (why := self._too_slow(TRANSLATOR, choice)):
                self._pass_over(TRANSLATOR, choice, why, notable=True)
                slow.append(choice.name)
            else:
                taken.append(choice.name)
                covered |= new
        for name in reversed(slow):
            if adds[name] - covered - own:
                taken.append(name)
                covered |= adds[name]
        self._passed = [passed for passed in self._passed if passed.name not in taken]
        return tuple(taken)

    def _recognizer_will_do(self, hears: Capabilities) -> bool:
        source, target = self._settings.source, self._settings.target
        if self._settings.mt not in ("auto", WHISPER_TRANSLATES):
            return False
        return target in hears.translates_to and (source == "auto" or source in hears.languages)

    def _able(
        self,
        role: Role[Any],
        options: Sequence[Choice],
        able: Callable[[Capabilities], bool],
        why_not: str,
    ) -> Sequence[Choice]:
        """The options that are here and able; the last of all where there is none."""
        if len(options) == 1:
            return options
        found = []
        for choice in self._here(role, options):
            if able(choice.capabilities):
                found.append(choice)
            else:
                self._pass_over(role, choice, why_not)
        return found or options[-1:]

    def _here(self, role: Role[Any], options: Iterable[Choice]) -> tuple[Choice, ...]:
        """The options that are installed, weights and packages."""
        found = []
        for choice in options:
            if not all(self._installed(model) for model in choice.weights.models):
                continue
            if choice.importable:
                found.append(choice)
            else:
                why = f"a package is missing: {registry.how_to_install(choice.entry)}"
                self._pass_over(role, choice, why, notable=True)
        return tuple(found)

    def _can(self, choice: Choice) -> Capabilities:
        """What an engine can do, with its installed files where these tell."""
        look, models = choice.weights.capabilities_of, choice.weights.models
        if look is None or not self._installed(models[0]):
            return choice.capabilities
        if choice.name not in self._cut:
            folder = self._store.location(self._store.manifest.models[models[0]])
            self._cut[choice.name] = look(folder)
        return self._cut[choice.name]

    def _installed(self, model: str) -> bool:
        return model in self._store.manifest.models and self._store.installed(model)

    def _first(self, role: Role[Any], options: Sequence[Choice]) -> Choice:
        """The first that is fast enough; the last needs not be, there is nothing faster."""
        for choice in options[:-1]:
            why = self._too_slow(role, choice)
            if not why:
                return choice
            self._pass_over(role, choice, why, notable=True)
        return options[-1]

    def _too_slow(self, role: Role[Any], choice: Choice) -> str:
        factor = self._measure(role, choice) if self._live else None
        share = LIVE_SHARES[role.name]
        if factor is None or factor <= share:
            return ""
        return f"{factor:.2f} x real time on this machine, live has {share:g} for it"

    def _pass_over(
        self, role: Role[Any], choice: Choice, why: str, *, notable: bool = False
    ) -> None:
        self._passed.append(PassedOver(role.name, choice.name, why, notable))


def _way(source: str, target: str) -> str:
    """Such as `from English (en) to Portuguese (pt)`, with what is given of the two."""
    parts = [f"from {name_of(source)}" if source != "auto" else ""]
    parts.append(f"to {name_of(target)}" if target else "")
    return " ".join(filter(None, parts)) or "anything"


def _matching(pairs: Pairs, source: str, target: str) -> list[tuple[str, str]]:
    """The pairs that a run from `source` (maybe `auto`) to `target` (maybe empty) may need."""
    return [pair for pair in pairs if source in ("auto", pair[0]) and target in ("", pair[1])]
