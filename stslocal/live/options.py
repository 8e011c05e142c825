"""The options of a live session."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from stslocal.audio.output_kind import OutputKind
from stslocal.settings import Settings
from stslocal.translation.request import TranslationRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The request for a translation, the duplex and the lag that is allowed."""

    request: TranslationRequest
    duplex: str = "half"
    """`half`, `full` or `aec`: the one that the session begins with."""
    duplex_is_auto: bool = False
    """Whether the session may take another one by itself."""
    max_lag_s: float = 4.0
    patience: str = "balanced"
    """One of PATIENCES: how long to wait for the end of a sentence."""
    is_spoken: bool = True
    """Whether the translation is spoken; else it is text alone, and nothing is played."""

    @classmethod
    def from_settings(
        cls, settings: Settings, *, output: OutputKind | None, reference: Path | None = None
    ) -> LiveOptions:
        """Read the options from the settings.

        `output` is what the loudspeaker is, by which `auto` begins; None plays without sound.
        """
        output = output if settings.is_spoken else None
        duplex = settings.duplex if settings.is_spoken else "full"
        is_auto = duplex == "auto"
        if is_auto:
            duplex = "full" if output in (None, "headphones") else "aec"
            _log.info("duplex %s to begin with: %s", duplex, output or "no loudspeaker")
        return cls(
            request=TranslationRequest.from_settings(settings, reference),
            duplex=duplex,
            duplex_is_auto=is_auto and output is not None,
            max_lag_s=settings.max_lag_s,
            patience=settings.patience,
            is_spoken=settings.is_spoken,
        )
