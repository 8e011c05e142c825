"""Every wrong input is refused before any model is loaded: here, loading one is an error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from stslocal.cli import main
from stslocal.doctor import examination
from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import BuiltInVoice, EngineEntry, Weights
from stslocal.models import store as model_store
from stslocal.models.manifest import Manifest, Model, ModelFile, Pack
from stslocal.types import VoiceProfile
from stslocal.voices.store import VoiceStore
from tests.fake_sounddevice import FakeCard, FakeSoundDevice

pytestmark = pytest.mark.unit

MODULE = "stslocal_test_before_loading"
REACHED = "a model is loaded"
ROLES = {"asr-1": "recognition", "en-pt": "translation", "all": "translation"}
INSTALLED = ("asr-1", "en-pt", "tts-1", "encoder-1")


def entry(role: registry.Role[Any], *weights: Weights, **more: Any) -> EngineEntry:
    name = weights[0].models[0] if weights else "vad"
    return EngineEntry(
        f"{name}-engine", role, f"{MODULE}:X", weights=weights or (Weights(),), **more
    )


def pairs(*codes: str) -> Callable[[], Capabilities]:
    return lambda: Capabilities(pairs=frozenset((a, b) for a in codes for b in codes if a != b))


def speech(*codes: str) -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(codes))


ROWS = (
    entry(registry.VAD),
    entry(registry.RECOGNIZER, Weights(("asr-1",), speech("en", "pt", "fr"))),
    entry(registry.TRANSLATOR, Weights(("all",), pairs("en", "pt", "fr"))),
    entry(registry.TRANSLATOR, Weights(("en-pt",), pairs("en", "pt"))),
    entry(
        registry.SYNTHESIZER,
        Weights(("tts-1",), speech("en", "pt", "fr")),
        built_in_voices=f"{MODULE}:voices",
    ),
    entry(registry.SPEAKER_ENCODER, Weights(("encoder-1",))),
    entry(registry.SEPARATOR, Weights(("stems",))),
)


@pytest.fixture(autouse=True)
def _a_place_where_loading_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four models, two devices, recordings, a saved voice of another engine; no engine loads."""

    def create(role: registry.Role[Any], name: str, *_: object, **__: object) -> None:
        raise AssertionError(REACHED)

    monkeypatch.setattr(registry, "ENGINES", ROWS)
    monkeypatch.setattr(registry, "create", create)
    voices = (BuiltInVoice("anna", "pt"), BuiltInVoice("bruno", "pt"))
    module = SimpleNamespace(voices=lambda folder: voices)
    monkeypatch.setitem(sys.modules, MODULE, module)
    models = {
        name: Model(
            name, name, ROLES.get(name, "synthesis"), f"{name}-engine", "MIT", "https://x.example",
            True, (ModelFile("m.bin", 4, None),), (), None, None,
        )
        for name in (*INSTALLED, "all", "stems")
    }  # fmt: skip
    manifest = Manifest(models, {"starter": Pack("starter", "all", INSTALLED)})
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    for name in INSTALLED:
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "m.bin").write_bytes(b"1234")
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    cards = FakeSoundDevice(
        [
            FakeCard("mic", inputs=1),
            FakeCard("speaker", outputs=2),
            FakeCard("busy mic", inputs=2, refuses="Device or resource busy"),
            FakeCard("busy speaker", outputs=2, refuses="Device or resource busy"),
        ],
        default_input="mic",
        default_output="speaker",
    )
    monkeypatch.setitem(sys.modules, "sounddevice", cards)
    monkeypatch.chdir(tmp_path)
    VoiceStore().save(VoiceProfile("clone", "other", {"style": np.ones(2, np.float32)}))
    at = np.arange(8 * 16_000) / 16_000
    buzz = np.sum([np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 20)], axis=0)
    soundfile.write("talk.wav", 0.15 * buzz * ((at % 0.4) < 0.3), 16_000)
    soundfile.write("silence.wav", np.zeros(16_000), 16_000)
    Path("text.wav").write_text("this is no recording")
    Path("file").write_text("")
    Path("folder.wav").mkdir()
    Path("broken.txt").write_text("a\tb\tc\td\n" * 3)


TRANSLATE = ("translate", "talk.wav", "--from", "en", "--to", "pt")
LIVE = ("live", "--from", "en", "--to", "pt")
TEST = ("voices", "test", "anna", "bom dia", "--to", "pt")
ENROLL = ("voices", "enroll", "maria", "talk.wav", "--consent", "Maria", "--to", "pt")

WRONG: list[tuple[tuple[str, ...], str]] = [
    (("translate", "missing.wav", "--to", "pt"), "missing.wav does not exist"),
    (("translate", "text.wav", "--to", "pt"), "text.wav"),
    (("translate", "folder.wav", "--to", "pt"), "there is no recording in the folder"),
    ((*TRANSLATE, "--channel", "3"), "talk.wav has no channel 3"),
    ((*TRANSLATE, "--audio-track", "2"), "track"),
    ((*TRANSLATE, "--speakers", "two"), "--speakers: two does not exist"),
    ((*TRANSLATE, "--speakers", "text.wav"), "is neither RTTM nor JSON"),
    (("translate", "talk.wav", "--from", "en,xx", "--to", "pt"), "'xx' is not a language"),
    ((*TRANSLATE, "--speakers", "0"), "--speakers is from 1 to 50"),
    ((*TRANSLATE, "--channels", "speakers"), "talk.wav has one channel"),
    ((*TRANSLATE, "--channels", "speakers", "--channel", "1"), "leave out --speakers and"),
    ((*TRANSLATE, "--channels", "speakers", "--speakers", "2"), "leave out --speakers and"),
    (("translate", "-", "--from", "en", "--to", "pt", "--speakers", "auto"), "read once only"),
    ((*TRANSLATE, "--background", "keep"), "run `stslocal models pull stems`, or leave out"),
    ((*TRANSLATE, "--background", "drop"), "there is no 'drop'; there are auto, keep"),
    (("translate", "-", "--from", "en", "--to", "pt", "--background", "keep"), "be read twice"),
    ((*TRANSLATE, "-o", "file/below"), "its folder is a file"),
    ((*TRANSLATE, "-o", f"{'n' * 300}"), "the name is too long"),
    (("translate", "talk.wav", "--to", "fr"), "needs all, which is not installed: run `stslocal"),
    (("translate", "talk.wav", "--to", "de"), "German (de) is not spoken by any engine"),
    ((*TRANSLATE, "--mt", "all"), "needs all, which is not installed"),
    ((*TRANSLATE, "--mt", "al"), "there is no translator 'al'"),
    ((*TRANSLATE, "--voice", "ana"), "did you mean anna?"),
    ((*TRANSLATE, "--voice", "clone"), "the voice clone was made for other"),
    ((*TRANSLATE, "--reference", "missing.wav"), "missing.wav does not exist"),
    ((*TRANSLATE, "--reference", "silence.wav"), "no voice can be made from silence.wav"),
    ((*TRANSLATE, "--reference", "text.wav"), "text.wav"),
    ((*TRANSLATE, "--glossary", "missing.txt"), "the glossary missing.txt does not exist"),
    ((*TRANSLATE, "--glossary", "broken.txt"), "broken.txt"),
    ((*TRANSLATE, "--source-srt", "missing.srt"), "missing.srt does not exist"),
    ((*TRANSLATE, "--target-srt", "broken.txt"), "broken.txt, there is no subtitle in it"),
    (
        ("translate", "talk.wav", "text.wav", "--to", "pt", "--source-srt", "a.srt"),
        "of one recording: name one file",
    ),
    (("translate", "-", "--to", "pt", "--source-srt", "a.srt"), "of one recording"),
    (("translate", "talk.wav", "--to", "pt", "--source-srt", "a.srt"), "is spoken with --from"),
    (("translate", "talk.wav", "--to", "pt", "--target-srt", "a.srt"), "is spoken with --from"),
    (("translate", "talk.wav", "--to", "pt", "--source-srt", "a.pt.srt"), "the language of --to"),
    (("redo", "missing.session.json"), "missing.session.json does not exist"),
    (("redo", "text.wav"), "text.wav is not a session that can be read"),
    (("redo", "talk.wav"), "talk.wav is not a session that can be read"),
    (("edit", "file"), "file is not a session"),
    ((*LIVE, "--input-device", "headset"), "no microphone matches 'headset'"),
    ((*LIVE, "--output-device", "99"), "no loudspeaker matches '99'"),
    ((*LIVE, "--input-device", "speaker"), "no microphone matches 'speaker'"),
    ((*LIVE, "--output-device", "mic"), "no loudspeaker matches 'mic'"),
    ((*LIVE, "--input-device", "busy"), "the microphone 'busy mic' cannot be opened (Device or"),
    ((*LIVE, "--output-device", "busy"), "the loudspeaker 'busy speaker' cannot be opened"),
    ((*LIVE, "--channel", "2"), "the microphone 'mic' has no channel 2"),
    ((*LIVE, "--simulate", "talk.wav", "--channel", "3"), "talk.wav has no channel 3"),
    ((*LIVE, "--glossary", "broken.txt"), "broken.txt"),
    ((*LIVE, "--max-lag", "0"), "--max-lag"),
    (("live", "--from", "xx", "--to", "pt"), "xx"),
    (("live", "--from", "pt", "--to", "pt"), "there is nothing to translate"),
    ((*LIVE, "--voice", "clone"), "the voice clone was made for other"),
    ((*LIVE, "--asr", "nothing"), "there is no recognizer 'nothing'"),
    ((*LIVE, "--record", "file/below"), "its folder is a file"),
    ((*LIVE, "--simulate", "missing.wav"), "missing.wav does not exist"),
    ((*LIVE, "--simulate", "text.wav"), "text.wav"),
    ((*LIVE, "--reference", "silence.wav"), "no voice can be made from silence.wav"),
    ((*LIVE, "--voice", "brunno"), "did you mean bruno?"),
    ((*LIVE, "--glossary", "missing.txt"), "the glossary missing.txt does not exist"),
    ((*LIVE, "--keep-voice", "match"), "'match' cannot be the name of a voice"),
    (("live", "--from", "en", "--to", "fr"), "needs all, which is not installed"),
    (("live", "--to", "de"), "German (de) is not spoken by any engine"),
    (("voices", "test", "ana", "bom dia"), "did you mean anna?"),
    (("voices", "test", "clone", "bom dia"), "there is no synthesizer 'other'"),
    (("voices", "test", "anna", "..."), "has no words to speak"),
    (("voices", "test", "anna", "guten Tag", "--to", "de"), "German (de) is not spoken by any"),
    ((*TEST, "-o", "nowhere/said.wav"), "its folder does not exist"),
    ((*TEST, "-o", "folder.wav"), "a folder has this name"),
    ((*ENROLL[:2], "anna", *ENROLL[3:]), "anna is a built-in voice"),
    ((*ENROLL[:3], "missing.wav", *ENROLL[4:]), "missing.wav does not exist"),
    ((*ENROLL[:3], "silence.wav", *ENROLL[4:]), "no voice can be made from silence.wav"),
    ((*ENROLL[:-1], "de"), "German (de) is not spoken by any engine"),
    ((*ENROLL, "--tts", "nothing"), "there is no synthesizer 'nothing'"),
    (("doctor", "--listen", "90"), "--listen takes 0 to 60 seconds"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: " ".join(value)[:60])
def test_a_wrong_input(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*arguments])
    out, err = capsys.readouterr()
    assert message in err
    assert REACHED not in err
    assert code in (1, 2)
    assert out == ""
    assert "loading" not in err, "it says so only when it does"


@pytest.mark.parametrize("arguments", [TRANSLATE, LIVE, TEST, (*ENROLL, "--anyway")])
def test_right_input_reaches_the_loading(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """So what the other tests refuse is refused before."""
    assert main([*arguments]) == 1
    assert REACHED in capsys.readouterr().err


def test_the_background_is_kept_where_a_separator_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models" / "stems").mkdir()
    (tmp_path / "models" / "stems" / "m.bin").write_bytes(b"1234")
    assert main([*TRANSLATE, "--background", "keep"]) == 1
    assert REACHED in capsys.readouterr().err


def test_of_two_recordings_the_right_one_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "missing.wav", "talk.wav", "--to", "pt"]) == 1
    err = capsys.readouterr().err
    assert "missing.wav does not exist" in err
    assert REACHED in err


@pytest.mark.parametrize(
    ("setting", "state", "message"),
    [
        ("STSLOCAL_VOICE=ana", "broken", "did you mean anna?"),
        ("STSLOCAL_ASR=nothing", "broken", "there is no recognizer 'nothing'"),
        ("STSLOCAL_TO=de", "broken", "German (de) is not spoken by any engine"),
        ("STSLOCAL_TO=fr", "missing", "into French (fr) needs all, which is not installed: run"),
    ],
)
def test_the_doctor_reports_wrong_settings_first(
    setting: str, state: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*setting.split("="))
    coming = examination.examine(model_store.ModelStore.discover())
    assert next(coming).check == "program"
    finding = next(coming)
    assert (finding.check, finding.state) == ("settings", state)
    assert message in finding.text
    if state == "missing":
        assert [later.text for later in coming if later.check == "speed"] == [
            "not measured: first install or repair the models above"
        ]
