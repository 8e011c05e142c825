"""The server on a local Ray cluster with two replicas and fake engines, at PORT.

    python -m tests.ray_serve_program PORT

It writes `ready` when it serves, and ends with its input. The file `begun` in the folder
PILE_RECORDS gets a line for each sentence that is translated, with the process of the replica.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence

import ray
from ray import serve

from stslocal.loading.engines import Engines
from stslocal.loading.selection import Use
from stslocal.server.ray import ClusterOptions, deployment
from stslocal.settings import Settings
from tests.fake_engines import fake_engines
from tests.fakes import FakeTranslator
from tests.pile_program import lexicon
from tests.ray_program import note


class NotedTranslator(FakeTranslator):
    """Notes in which process it works."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        note("begun", "sentence")
        return super().translate(texts, source=source, target=target, quick=quick)


def load_fakes(settings: Settings, use: Use) -> Engines:
    """The engines of a replica."""
    translators = {"words": NotedTranslator()}
    return fake_engines(lexicon(), translators=translators, models=defaultdict(list))


def main() -> None:
    """Serve until stdin ends."""
    ray.init(
        address="local", num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1",
        log_to_driver=False, logging_level="ERROR", object_store_memory=80 << 20,
    )  # fmt: skip
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    options = ClusterOptions(sessions=4, min_replicas=2, max_replicas=2, cpus=1)
    serve.run(deployment(options, Settings(source="en", target="pt"), load=load_fakes))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    serve.shutdown()
    ray.shutdown()


if __name__ == "__main__":
    from tests.ray_serve_program import main as run  # so that replicas find it by its module

    run()
