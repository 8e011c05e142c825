"""Server-sent events, as a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

EVENT_STREAM = "text/event-stream"
NOT_STORED = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Headers with which proxies pass each event on as it comes."""


def event(name: str, data: Mapping[str, Any]) -> str:
    """One event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
