"""What finds the speakers of a recording: sherpa-onnx where it is installed, else the encoder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from stslocal.cli.speaker_options import with_finder
from stslocal.doctor.speakers import check_speakers
from stslocal.engines import registry
from stslocal.engines.registry import Choice
from stslocal.engines.sherpa.diarizer import SherpaDiarizer
from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.loading.diarizers import check_diarizer, installed_diarizer, load_diarizer
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.types import Turn
from stslocal.voices.diarization import CountingDiarizer, EncoderDiarizer
from tests.fakes import FakeEncoder, FakeVad
from tests.models.download.kit import model_text, npm, write_manifest

pytestmark = pytest.mark.unit

SHERPA = ("pyannote-segmentation-3", "titanet-small")
FILES = {"model.onnx": b"a model"}


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    models = (model_text(name, FILES, npm(f"{name}@1.0")) for name in (*SHERPA, "ge2e"))
    return ModelStore(tmp_path / "models", load_manifest(write_manifest(tmp_path / "m", *models)))


def install(store: ModelStore, *names: str) -> None:
    for name in names:
        (store.root / name).mkdir(parents=True)
        (store.root / name / "model.onnx").write_bytes(FILES["model.onnx"])


@pytest.fixture
def with_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if sherpa-onnx were installed. Its process needs it only when a recording comes."""
    monkeypatch.setattr(Choice, "importable", True)


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Choice, "importable", False)


@pytest.mark.usefixtures("with_package")
def test_sherpa_is_taken_where_both_of_its_models_are_here(store: ModelStore) -> None:
    install(store, "ge2e", SHERPA[0])
    assert installed_diarizer(store) is None
    assert isinstance(load_diarizer(store, FakeVad(), FakeEncoder()), EncoderDiarizer)
    install(store, SHERPA[1])
    assert check_diarizer(store) == "sherpa"
    assert isinstance(load_diarizer(store, FakeVad(), FakeEncoder()), CountingDiarizer)


@pytest.mark.usefixtures("with_package")
def test_without_the_encoder_sherpa_counts_by_itself(store: ModelStore) -> None:
    install(store, *SHERPA)
    assert isinstance(load_diarizer(store, FakeVad()), SherpaDiarizer)


@pytest.mark.usefixtures("without_package")
def test_without_the_package_the_encoder_finds_them(store: ModelStore) -> None:
    install(store, "ge2e", *SHERPA)
    assert check_diarizer(store) == ""
    assert isinstance(load_diarizer(store, FakeVad(), FakeEncoder()), EncoderDiarizer)


@pytest.mark.usefixtures("with_package")
def test_a_damaged_model_is_an_error_and_nothing_else_is_taken(store: ModelStore) -> None:
    install(store, "ge2e", *SHERPA)
    (store.root / SHERPA[1] / "model.onnx").write_bytes(b"another")
    with pytest.raises(ModelIntegrityError, match="titanet-small"):
        load_diarizer(store, FakeVad(), FakeEncoder())


@pytest.mark.usefixtures("with_package")
def test_where_nothing_is_installed_the_command_is_named(store: ModelStore) -> None:
    with pytest.raises(ModelNotFoundError, match=r"run `stslocal models pull ge2e`, or give"):
        with_finder(SpeakerChoice(), store)
    assert with_finder(SpeakerChoice(by_channel=True), store) == SpeakerChoice(by_channel=True)
    assert with_finder(None, store) is None


@pytest.mark.usefixtures("with_package")
def test_a_rerun_knows_what_found_the_speakers(store: ModelStore) -> None:
    install(store, "ge2e")
    before = with_finder(SpeakerChoice(count=2), store)
    install(store, *SHERPA)
    after = with_finder(SpeakerChoice(count=2), store)
    assert before is not None
    assert after is not None
    assert (before.setting, after.setting) == ("2", "2 by sherpa")
    by_file = SpeakerChoice(turns=(Turn(0, 1, "A"),), digest="abc")
    assert with_finder(by_file, store) == by_file


class TestDoctor:
    @pytest.mark.usefixtures("with_package")
    def test_nothing_is_said_where_nothing_is_installed(self, store: ModelStore) -> None:
        assert list(check_speakers(store)) == []

    @pytest.mark.usefixtures("without_package")
    def test_the_encoder_and_what_would_be_better(self, store: ModelStore) -> None:
        install(store, "ge2e")
        (finding,) = check_speakers(store)
        assert (finding.check, finding.state) == ("speakers", "ok")
        assert finding.text == (
            "found by ge2e, the speaker encoder; where two persons speak at once is not found: "
            "`pip install 'stslocal[speakers]' && stslocal models pull speakers`"
        )

    @pytest.mark.usefixtures("without_package")
    def test_models_without_the_package(self, store: ModelStore) -> None:
        install(store, "ge2e", *SHERPA)
        (finding,) = check_speakers(store)
        assert finding.state == "note"
        assert "not its package sherpa_onnx: `pip install 'stslocal[speakers]'`" in finding.text

    @pytest.mark.usefixtures("with_package")
    def test_sherpa(self, store: ModelStore) -> None:
        install(store, *SHERPA)
        (finding,) = check_speakers(store)
        assert finding.text == (
            "found by sherpa (pyannote-segmentation-3, titanet-small), overlapping speech too"
        )
        assert finding.figures == {"engine": "sherpa"}


def test_the_pack_has_what_the_engine_needs() -> None:
    manifest = load_manifest()
    choice = registry.choice(registry.SPEAKER_DIARIZER)
    assert manifest.packs["speakers"].models == choice.weights.models == SHERPA
    assert choice.importable == (find_spec("sherpa_onnx") is not None)
    for model in map(manifest.model, SHERPA):
        assert [file.name for file in model.files] == ["model.onnx"]
        assert model.commercial
        assert model.unpinned == ()
