"""What chosen engines can do together: known before they are loaded, and checked again after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stslocal.engines.protocols import Capabilities
from stslocal.errors import SettingsError
from stslocal.languages import name_of

_LISTED = 8
"""More pairs than this are counted in a message, not named."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A recognizer, translators and a synthesizer, by name and by what they can do."""

    recognizer: str
    hears: Capabilities
    translators: Mapping[str, Capabilities]
    """The preferred first."""
    synthesizer: str
    speaks: Capabilities
    own_translation: bool = True
    """Whether the recognizer's own translation may be used."""

    def translator_for(self, source: str, target: str) -> str | None:
        """The name of the translator of a pair; None when the recognizer translates by itself.

        Raises SettingsError, with what is supported, when there is neither.
        """
        for name, can in self.translators.items():
            if (source, target) in can.pairs:
                return name
        if self.own_translation and reaches(self.hears, source, target):
            return None
        raise SettingsError(
            f"{name_of(source)} to {name_of(target)} cannot be translated; "
            f"supported: {self._supported()}"
        )

    def check_pair(self, source: str, target: str, *, heard: bool = False) -> None:
        """Raise SettingsError when this pair cannot go all the way from speech to speech.

        `heard` says that the source was recognized rather than given.
        """
        hint = "; if that was misheard, name the language with --from" if heard else ""
        if source == target:
            raise SettingsError(
                f"the speech is already in {name_of(target)}: choose another language with --to"
                + hint
            )
        self.check_source(source)
        self._check_spoken(target)
        try:
            self.translator_for(source, target)
        except SettingsError as error:
            raise SettingsError(f"{error}{hint}") from None

    def check_source(self, source: str) -> None:
        """Raise SettingsError when the recognizer does not hear this language."""
        if source not in self.hears.languages:
            heard = self.hears.languages
            which = _named(heard) if len(heard) <= _LISTED else f"{len(heard)} other languages"
            raise SettingsError(
                f"{self.recognizer} does not recognize {name_of(source)}; it recognizes {which}"
            )

    def check_target(self, target: str) -> None:
        """Raise SettingsError when nothing here leads to speech in this language."""
        self._check_spoken(target)
        own = self.own_translation and target in self.hears.translates_to
        if not own and not any(
            pair[1] == target for can in self.translators.values() for pair in can.pairs
        ):
            raise SettingsError(
                f"nothing can be translated into {name_of(target)}; supported: {self._supported()}"
            )

    def _check_spoken(self, target: str) -> None:
        if target not in self.speaks.languages:
            raise SettingsError(
                f"{self.synthesizer} does not speak {name_of(target)}; it speaks "
                + _named(self.speaks.languages)
            )

    def _supported(self) -> str:
        ways = []
        for name, can in self.translators.items():
            if len(can.pairs) <= _LISTED:
                ways += [f"{source} to {target}" for source, target in sorted(can.pairs)]
            else:
                count = len({code for pair in can.pairs for code in pair})
                ways.append(f"{name} between {count} languages")
        if self.own_translation:
            ways += [
                f"any of {len(self.hears.languages)} languages to {target}"
                for target in sorted(self.hears.translates_to)
            ]
        return ", ".join(ways) or "nothing"


def reaches(hears: Capabilities, source: str, target: str) -> bool:
    """Whether a recognizer translates a language by itself."""
    return target in hears.translates_to and source in hears.languages


def _named(codes: Iterable[str]) -> str:
    return ", ".join(sorted(name_of(code) for code in codes))
