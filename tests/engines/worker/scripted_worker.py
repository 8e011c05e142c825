"""A process that does what a request's words say.

`slow N` waits N seconds, `hold` computes for hours without giving up Python's lock, `die` ends the
process, `die once FILE` too unless the file is there, `refuse why` refuses, `print words` prints
them, `remember` counts how often it was said to this process. Other words are turned round. Arrays
come back twice as large.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from stslocal.engines.worker.messages import Message, RefusedError
from stslocal.engines.worker.serving import run

remembered: list[str] = []


def answer(request: Message) -> Message:
    words = str(request.fields["words"])
    match words.split():
        case ["slow", seconds, *_]:
            time.sleep(float(seconds))
        case ["hold"]:
            sum(range(10**13))
        case ["die"]:
            os._exit(7)
        case ["die", "once", marker] if not Path(marker).exists():
            Path(marker).touch()
            os._exit(7)
        case ["refuse", *why]:
            raise RefusedError(" ".join(why))
        case ["print", *what]:
            print(*what, flush=True)  # noqa: T201
        case ["remember"]:
            remembered.append(words)
            return Message({"words": str(len(remembered))})
        case _:
            pass
    return Message({"words": words[::-1]}, tuple(2 * array for array in request.arrays))


def main() -> None:
    run(answer)
