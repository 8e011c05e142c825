"""Holds the lines of `stslocal live --json` to their schema."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from stslocal.metrics.event_schema import event_schema
from tests.extras import need

Check = Callable[[dict[str, Any]], object]


@cache
def check_of_known_lines() -> Check:
    """Raises JsonSchemaException for a line that is neither an event of ours nor an error."""
    schema = event_schema()
    schema["oneOf"] = [one for one in schema["oneOf"] if "later_event" not in one["$ref"]]
    compiled: Check = need("fastjsonschema").compile(schema)
    return compiled
