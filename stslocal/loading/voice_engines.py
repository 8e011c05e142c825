"""Pairs a loaded synthesizer with what makes its voices."""

from __future__ import annotations

from typing import Any

from stslocal.engines import registry
from stslocal.loading.selection import EngineSelection
from stslocal.models.store import ModelStore
from stslocal.voices.choose import VoiceEngines
from stslocal.voices.conversion import ConvertedVoices, ConvertingSynthesizer


def pair_voices(
    selection: EngineSelection, store: ModelStore, synthesizer: Any, encoder: Any, converter: Any
) -> VoiceEngines:
    """Pair a synthesizer with what makes its voices: a converter, itself, or a matcher."""
    name = selection.synthesizer
    if converter is not None:
        known = registry.built_in_voices(name, store)
        engine = registry.choice(registry.VOICE_CONVERTER, selection.converter).entry.name
        made = ConvertedVoices(
            synthesizer,
            converter,
            engine,
            lambda code: [(each.name, each.pitch_hz) for each in known if each.language == code],
        )
        converting = ConvertingSynthesizer(synthesizer, converter, engine)
        return VoiceEngines(
            converting,
            made,
            name,
            made.adapted,
            made.steady,
            converter=engine,
            prepare=made.prepare,
            apart=made.apart,
        )
    if encoder is None:
        return VoiceEngines(synthesizer, synthesizer, name)
    matcher = registry.voice_matcher(name, encoder, synthesizer)
    return VoiceEngines(
        synthesizer, matcher, name, matcher.adapted, matcher.steady, apart=matcher.apart
    )
