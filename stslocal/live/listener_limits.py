"""How often and how long the StreamingListener recognizes an utterance."""

from __future__ import annotations

from dataclasses import dataclass, field

from stslocal.live.endpointing import EndpointLimits
from stslocal.live.hypotheses import TrimLimits


@dataclass(frozen=True, slots=True)
class ListenerLimits:
    """Seconds of speech, of silence and of new sound after which something is done.

    The defaults of `context_s` and `certain_s` come from the table "Recognition while somebody
    speaks" in docs/benchmarks.md: among the settings tried, those with the fewest wrong words whose
    commit latency is below 2 s. A context helps short phrases and costs processor time; certain
    words, which wait for no segment, win back more time than it costs.
    """

    hop_s: float = 0.45
    """New sound that a recognition needs when a segment is wanted soon."""
    busy_hop_s: float = 0.6
    """The same where a recognition takes so long that the recognizer had little time to spare."""
    longest_hop_s: float = 1.2
    """New sound that a recognition needs while there is enough speech left to play."""
    first_s: float = 0.6
    """Speech that the first recognition of an utterance needs."""
    language_s: float = 1.2
    """Speech that it needs when the language has to be detected too."""
    pause_s: float = 0.1
    """Silence after which the utterance may be over, and is recognized at once."""
    closing_s: float = 0.2
    """Silence after which all words may be committed, if they were recognized to their end."""
    certain_s: float = 1.0
    """Words that two recognitions agree on are committed when they end this long before the end of
    the sound, also where no segment is wanted yet."""
    margin_s: float = 0.3
    """Sound kept from before an utterance: voice activity detectors react late."""
    shortest_s: float = 0.12
    """An utterance with less speech is a click or a breath, and is not recognized at all."""
    context_s: float = 4.0
    """Sound of the words before an utterance that is recognized again with it. 0 keeps none."""
    context_pause_s: float = 2.5
    """After a longer pause, what was said before it says little about what follows."""
    longest_s: float = 24.0
    """An utterance of which nothing could be committed for this long is committed as it is."""
    most_s: float = 28.0
    """So much sound is recognized at once, of 30 s that a recognizer takes. There is more where the
    machine stood still: then it is recognized part by part."""
    endpoint: EndpointLimits = field(default_factory=EndpointLimits)
    trim: TrimLimits = field(default_factory=TrimLimits)
