"""The options of a live session."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from stslocal.settings import Settings
from stslocal.translation.request import TranslationRequest

_log = logging.getLogger(__name__)

_HEADPHONES = ("headphone", "headset", "earphone", "earbud", "airpods", "buds", "hands-free")


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The request for a translation, the duplex and the lag that is allowed."""

    request: TranslationRequest
    duplex: str = "half"
    """`half`, `full` or `aec`."""
    max_lag_s: float = 4.0
    patience: str = "quick"
    """One of PATIENCES: how long to wait for the end of a sentence."""

    @classmethod
    def from_settings(
        cls, settings: Settings, *, output_name: str | None, reference: Path | None = None
    ) -> LiveOptions:
        """Read the options from the settings.

        `output_name` is the loudspeaker's name, by which `auto` chooses the duplex; None is a
        loudspeaker that the microphone cannot capture.
        """
        duplex = settings.duplex
        if duplex == "auto":
            duplex = "full" if output_name is None or is_headphones(output_name) else "half"
            _log.info("duplex %s, for %s", duplex, output_name or "no loudspeaker")
        return cls(
            request=TranslationRequest.from_settings(settings, reference),
            duplex=duplex,
            max_lag_s=settings.max_lag_s,
            patience=settings.patience,
        )


def is_headphones(name: str) -> bool:
    """Whether a device's name is that of headphones, which the microphone does not capture."""
    return any(word in name.lower() for word in _HEADPHONES)
