"""Events as lines of JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any, get_args

from stslocal.metrics.events import Event
from stslocal.types import Word


def event_name(kind: type[Event]) -> str:
    """The name of a kind of event in JSON, such as `speech_started`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


_KINDS: dict[str, type[Any]] = {event_name(kind): kind for kind in get_args(Event)}


def to_json(event: Event) -> str:
    """One line: the event's name (`speech_started`) as `event`, then its fields."""
    return json.dumps({"event": event_name(type(event)), **asdict(event)}, ensure_ascii=False)


def from_json(line: str) -> Event:
    """Read an event that `to_json` wrote. Raises ValueError for any other line."""
    try:
        fields = json.loads(line)
        kind = _KINDS[fields.pop("event")]
        if "words" in fields:
            fields["words"] = tuple(Word(**word) for word in fields["words"])
        event: Event = kind(**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not an event of stslocal: {line.strip()[:100]!r}") from error
    return event
