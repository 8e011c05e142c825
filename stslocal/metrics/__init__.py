"""The definitions of all figures, the events that carry them, and their summary.

A stage calls `emit(event)`. The program chooses where events go: a list's `append` keeps them in
memory, JsonLines writes them to a file, `fan_out` gives them to several sinks, `ignore` drops
them. `summarize` computes the figures of a run from its events.

All figures are *computation-aware*: they include the time that the machine took to work.
"""

from stslocal.metrics.definitions import (
    Percentiles,
    end_offset,
    erased_words,
    lag_slope,
    latency_units,
    length_adaptive_average_lagging,
    normalized_erasure,
    real_time_factor,
    speed_in_words,
    start_offset,
)
from stslocal.metrics.device_events import (
    DeviceChanged,
    DeviceXrun,
    MicrophoneFault,
    MicrophoneTrouble,
)
from stslocal.metrics.event_lines import from_json, to_json
from stslocal.metrics.events import (
    DropReason,
    DuplexChanged,
    Event,
    FirstAudio,
    InputLevel,
    InputMuted,
    LagMeasured,
    Notice,
    PartialText,
    PlaybackEnded,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SegmentPaced,
    SegmentTranslated,
    SpeechDropped,
    SpeechEnded,
    SpeechStarted,
    StageBusy,
    TextCommitted,
    VoiceLearnt,
)
from stslocal.metrics.sinks import Emit, JsonLines, fan_out, ignore, read_json_lines
from stslocal.metrics.summary import Summary, summarize

__all__ = [
    "DeviceChanged",
    "DeviceXrun",
    "DropReason",
    "DuplexChanged",
    "Emit",
    "Event",
    "FirstAudio",
    "InputLevel",
    "InputMuted",
    "JsonLines",
    "LagMeasured",
    "MicrophoneFault",
    "MicrophoneTrouble",
    "Notice",
    "PartialText",
    "Percentiles",
    "PlaybackEnded",
    "PlaybackStarted",
    "ReliefChanged",
    "SegmentCommitted",
    "SegmentDropped",
    "SegmentPaced",
    "SegmentTranslated",
    "SpeechDropped",
    "SpeechEnded",
    "SpeechStarted",
    "StageBusy",
    "Summary",
    "TextCommitted",
    "VoiceLearnt",
    "end_offset",
    "erased_words",
    "fan_out",
    "from_json",
    "ignore",
    "lag_slope",
    "latency_units",
    "length_adaptive_average_lagging",
    "normalized_erasure",
    "read_json_lines",
    "real_time_factor",
    "speed_in_words",
    "start_offset",
    "summarize",
    "to_json",
]
