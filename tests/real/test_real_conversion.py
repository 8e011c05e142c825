"""Files and live with `--voice convert`: the starter pack's engines and a tiny converter.

PyTorch cannot be imported while these tests run: the converter needs none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.cli import main
from stslocal.engines.openvoice.converter import FILES
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.results.session import read_session
from stslocal.storage import sha256_of
from stslocal.voices.store import VoiceStore
from tests.tiny_openvoice import TINY, build

pytestmark = pytest.mark.real

SAMPLES = Path(__file__).parents[2] / "stslocal" / "samples"
ENGLISH = SAMPLES / "protecting-the-president.en.ogg"
SPEAKER = Path(__file__).parents[1] / "data" / "recordings" / "casmurro-1.flac"


@pytest.fixture(autouse=True)
def _models(starter_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with the starter pack and the tiny converter, a folder of voices, and no PyTorch."""
    models = tmp_path / "models"
    models.mkdir()
    for folder in starter_models.iterdir():
        (models / folder.name).symlink_to(folder)
    (models / "openvoice-v2").unlink(missing_ok=True)
    build(tmp_path / "built").rename(models / "openvoice-v2")
    store = ModelStore(models, load_manifest())
    model = store.manifest.model("openvoice-v2")
    hashes = {name: sha256_of(models / "openvoice-v2" / name) for name in FILES}
    store.record(model, hashes, built=True)
    monkeypatch.setenv("STSLOCAL_MODELS", str(models))
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Eight seconds of the bundled clip."""
    import soundfile

    path = tmp_path / "talk.wav"
    soundfile.write(path, read_audio(ENGLISH)[: 8 * 16_000], 16_000)
    return path


def test_a_recording(clip: Path) -> None:
    assert main(["translate", str(clip), "--from", "en", "--to", "pt", "--voice", "convert"]) == 0
    session = read_session(clip.parent / "talk.pt.session.json")
    assert session.voice.name == "convert"
    assert session.voice.provenance["conversion"].endswith(
        "changed into the speaker's by openvoice"
    )
    assert session.settings["converter"] == "openvoice-v2"
    assert ("voice converter", "openvoice-v2") in {
        (model.role, model.model) for model in session.models
    }
    spoken = read_audio(clip.parent / "talk.pt.wav")
    assert np.isfinite(spoken).all()
    assert spoken.std() > 0.001
    # `auto` converts too, and the result is the same, so nothing is done again.
    written = (clip.parent / "talk.pt.wav").stat().st_mtime_ns
    assert main(["translate", str(clip), "--from", "en", "--to", "pt"]) == 0
    assert (clip.parent / "talk.pt.wav").stat().st_mtime_ns == written


@pytest.mark.parametrize("reference", [[], ["--reference", str(SPEAKER)]], ids=["learnt", "given"])
def test_live(
    clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], reference: list[str]
) -> None:
    kept = tmp_path / "kept"
    arguments = ["--simulate", str(clip), "--record", str(kept), "--record-as-spoken", *reference]
    assert main(["live", "--from", "en", "--to", "pt", "--voice", "convert", *arguments]) == 0
    printed = capfd.readouterr().err
    assert "changed into the speaker's by openvoice; not a clone" in printed
    coming = "the voice: a built-in one, converted into the speaker's by openvoice"
    assert (coming in printed) == (not reference)
    (path,) = kept.glob("*.session.json")
    session = read_session(path)
    assert session.voice.provenance["built_in"].startswith("p")
    assert session.segments
    (sound,) = kept.glob("*.pt.wav")
    assert read_audio(sound).std() > 0.0001


def test_a_saved_voice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "enroll", "ana", str(SPEAKER), "--consent", "a test", "--to", "pt"]) == 0
    assert "it is converted: spoken by" in capfd.readouterr().out
    profile = VoiceStore().load("ana")
    assert profile.engine == "openvoice"
    assert profile.arrays["embedding"].shape == (TINY.speaker,)
    assert main(["voices", "show", "ana"]) == 0
    assert "converted: a built-in voice" in capfd.readouterr().out
    said = tmp_path / "said.wav"
    assert main(["voices", "test", "ana", "Good morning.", "--to", "en", "-o", str(said)]) == 0
    assert read_audio(said).std() > 0.001
