"""A server with fake engines, whose synthesizer a test may hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from stslocal.loading.engines import Engines
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.jobs_kit import HeldSynthesizer, server_at
from tests.server.kit import Served


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def synthesizer(lexicon: Lexicon) -> HeldSynthesizer:
    return HeldSynthesizer(lexicon=lexicon)


@pytest.fixture
def engines(lexicon: Lexicon, synthesizer: HeldSynthesizer) -> Engines:
    return fake_engines(lexicon, synthesizer=synthesizer, models=defaultdict(list))


@pytest.fixture
def server(engines: Engines, synthesizer: HeldSynthesizer, tmp_path: Path) -> Iterator[Served]:
    with server_at(tmp_path / "server", engines) as one:
        yield one
        synthesizer.may_go_on.set()
