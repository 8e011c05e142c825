"""The pairs of languages that engines reach together, checked before and after they are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stslocal.engines.pairs import route
from stslocal.engines.protocols import Capabilities
from stslocal.errors import SettingsError
from stslocal.languages import name_of

_MOST_LISTED = 8
"""More languages or pairs than this are counted in a message, not listed."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The names and the capabilities of a recognizer, translators and a synthesizer."""

    recognizer: str
    recognizes: Capabilities
    translators: Mapping[str, Capabilities]
    """The preferred first."""
    synthesizer: str
    """Empty where nothing is spoken."""
    speaks: Capabilities
    recognizer_translates: bool = True
    """Whether the recognizer may translate by itself, where it can."""

    def way(self, source: str, target: str) -> tuple[str, ...]:
        """The names of the translators of a pair: one, or two that translate through English.

        Empty when the recognizer translates by itself. Raises SettingsError, with what is
        supported, when there is no way.
        """
        if found := self._by_translators(source, target):
            return found
        if self.recognizer_translates and translates_by_ear(self.recognizes, source, target):
            return ()
        raise SettingsError(
            f"{name_of(source)} to {name_of(target)} cannot be translated; "
            f"supported: {self._supported()}"
        )

    def is_by_ear(self, source: str, target: str) -> bool:
        """Whether the recognizer translates this pair by itself, because no translator has it."""
        try:
            return source != target and not self.way(source, target)
        except SettingsError:
            return False

    def has_pair(self, source: str, target: str) -> bool:
        """Whether speech in `source` can be recognized and translated into `target`."""
        if source == target or source not in self.recognizes.languages:
            return False
        return self.has_translator(source, target) or self.is_by_ear(source, target)

    def has_translator(self, source: str, target: str) -> bool:
        """Whether a translator has this pair, or two have it through English."""
        return bool(self._by_translators(source, target))

    def check_pair(self, source: str, target: str, *, detected: bool = False) -> None:
        """Raise SettingsError unless this pair can be recognized, translated and spoken.

        `detected` says that the source was detected in the sound, not given.
        """
        hint = "; if it is another language, name it with --from" if detected else ""
        if source == target:
            raise SettingsError(
                f"the speech is already in {name_of(target)}: choose another language with --to"
                + hint
            )
        self.check_source(source)
        self._check_spoken(target)
        try:
            self.way(source, target)
        except SettingsError as error:
            raise SettingsError(f"{error}{hint}") from None

    def check_source(self, source: str) -> None:
        """Raise SettingsError when the recognizer does not know this language."""
        known = self.recognizes.languages
        if source not in known:
            which = _named(known) if len(known) <= _MOST_LISTED else f"{len(known)} other languages"
            raise SettingsError(
                f"{self.recognizer} does not recognize {name_of(source)}; it recognizes {which}"
            )

    def check_target(self, target: str) -> None:
        """Raise SettingsError when this language cannot be translated into or not be spoken."""
        self._check_spoken(target)
        by_ear = self.recognizer_translates and target in self.recognizes.translates_to
        if not by_ear and not any(
            pair[1] == target for each in self.translators.values() for pair in each.pairs
        ):
            raise SettingsError(
                f"nothing can be translated into {name_of(target)}; supported: {self._supported()}"
            )

    def _by_translators(self, source: str, target: str) -> tuple[str, ...]:
        pairs = {name: each.pairs for name, each in self.translators.items()}
        return tuple(
            next(name for name, known in pairs.items() if direction in known)
            for direction in route(source, target, *pairs.values())
        )

    def _check_spoken(self, target: str) -> None:
        if self.synthesizer and target not in self.speaks.languages:
            raise SettingsError(
                f"{self.synthesizer} does not speak {name_of(target)}; it speaks "
                + _named(self.speaks.languages)
            )

    def _supported(self) -> str:
        ways = []
        for name, capabilities in self.translators.items():
            pairs = capabilities.pairs
            if len(pairs) <= _MOST_LISTED:
                ways += [f"{source} to {target}" for source, target in sorted(pairs)]
            else:
                count = len({code for pair in pairs for code in pair})
                ways.append(f"{name} between {count} languages")
        if self.recognizer_translates:
            ways += [
                f"any of {len(self.recognizes.languages)} languages to {target}"
                for target in sorted(self.recognizes.translates_to)
            ]
        return ", ".join(ways) or "nothing"


def translates_by_ear(recognizer: Capabilities, source: str, target: str) -> bool:
    """Whether a recognizer can translate this pair by itself."""
    return target in recognizer.translates_to and source in recognizer.languages


def _named(codes: Iterable[str]) -> str:
    return ", ".join(sorted(name_of(code) for code in codes))
