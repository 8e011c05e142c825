"""`stslocal voices`, on engines of arithmetic."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import soundfile

from stslocal.cli import main
from stslocal.engines import registry
from stslocal.engines.registry import BuiltInVoice, EngineEntry, Weights
from stslocal.loading.selection import EngineSelection
from stslocal.types import Samples, VoiceProfile
from stslocal.voices.choose import VoiceEngines
from stslocal.voices.store import VoiceStore
from tests.fakes import SPEAKS, FakeCloner, FakeSynthesizer, FakeVad, Lexicon
from tests.voices.test_speakers import ByPitch

pytestmark = pytest.mark.unit

TAKEN = EngineSelection("fake-asr", "auto", "fake-1")
CONSENT = ("--consent", "Maria, for this test")
Run = Callable[..., tuple[int, str, str]]
ENGINE_MODULE = "stslocal_test_voices"
VOICES = (
    BuiltInVoice("en_alto", "en", "female, American", 200.0, is_default=True),
    BuiltInVoice("pt_alto", "pt", "female", 180.4, is_default=True),
    BuiltInVoice("pt_bass", "pt", "male", 90.0),
    BuiltInVoice("zh_alto", "zh", "female"),
)


class FakeStore:
    """A store that has every model."""

    packs: ClassVar[dict[str, object]] = {}

    @classmethod
    def discover(cls) -> FakeStore:
        return cls()

    def installed(self, model: str) -> bool:
        return True

    def folder(self, model: str) -> Path:
        return Path(model)


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lexicon: Lexicon) -> list[Any]:
    """The settings that engines were loaded with. The folder holds a recording, `clip.wav`."""
    settings_seen: list[Any] = []

    def load(settings: Any, store: Any) -> VoiceEngines:
        settings_seen.append(settings)
        return VoiceEngines(FakeSynthesizer(lexicon=lexicon), FakeCloner(), "fake-1")

    entry = EngineEntry(
        "fake",
        registry.SYNTHESIZER,
        f"{ENGINE_MODULE}:Synthesizer",
        weights=(Weights(("fake-1",), lambda: SPEAKS),),
        built_in_voices=f"{ENGINE_MODULE}:voices",
    )
    module = SimpleNamespace(voices=lambda *folders: VOICES)
    monkeypatch.setitem(sys.modules, ENGINE_MODULE, module)
    monkeypatch.setattr(registry, "ENGINES", (entry,))
    monkeypatch.setattr("stslocal.models.store.ModelStore", FakeStore)
    monkeypatch.setattr("stslocal.loading.load.load_voice_engines", load)
    monkeypatch.setattr("stslocal.loading.load.check_speaking", lambda settings, store: TAKEN)
    monkeypatch.setattr(
        "stslocal.loading.load.load_speaker_judges", lambda store: (FakeVad(), ByPitch())
    )
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    monkeypatch.chdir(tmp_path)
    at = np.arange(8 * 16_000) / 16_000
    buzz = np.sum([np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 48)], axis=0)
    syllables = 0.15 * buzz * ((at % 0.4) < 0.3)
    soundfile.write("clip.wav", syllables, 16_000)
    soundfile.write("short.wav", syllables[: 4 * 16_000], 16_000)
    soundfile.write("silence.wav", np.zeros(16_000), 16_000)
    return settings_seen


@pytest.fixture
def run(loaded: list[Any], capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["voices", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_voice_is_made_listed_shown_and_removed(run: Run, tmp_path: Path) -> None:
    code, out, err = run("enroll", "maria", "clip.wav", *CONSENT)
    assert (code, err) == (0, "")
    file = tmp_path / "voices" / "maria.safetensors"
    assert out.splitlines() == [
        "maria: good: 6 s of speech, 60 dB above the noise",
        "it is a clone of the speaker's voice, by fake-1",
        f"saved in {file}: use it with `--voice maria`",
    ]
    code, out, _ = run("list")
    assert out.startswith("maria  fake ")
    assert out.endswith("from clip.wav\n")
    code, out, _ = run("show", "maria")
    rows = dict(line.split("  ", 1) for line in out.splitlines())
    assert rows["consent"].strip() == "Maria, for this test"
    assert rows["model"].strip() == "fake-1"
    assert rows["made from"].strip() == "clip.wav"
    assert run("remove", "maria") == (0, "maria: removed\n", "")
    code, out, err = run("list")
    assert (code, out) == (0, "")
    assert "`stslocal voices enroll` makes one" in err


def test_as_json(run: Run) -> None:
    _, out, _ = run("enroll", "maria", "clip.wav", *CONSENT, "--json", "--to", "pt")
    made = json.loads(out)["voice"]
    assert made["engine"] == "fake"
    assert made["quality"]["faults"] == []
    assert made["quality"]["pitch_hz"] == pytest.approx(150, abs=2)
    assert made["provenance"]["language"] == "pt"
    _, out, _ = run("list", "--json")
    assert [voice["name"] for voice in json.loads(out)["voices"]] == ["maria"]
    _, out, _ = run("show", "maria", "--json")
    assert json.loads(out)["voice"]["provenance"] == made["provenance"]
    _, out, _ = run("test", "maria", "good day", "--json")
    assert json.loads(out)["speech"]["audio"] == "maria.test.wav"


def test_without_consent_nothing_is_read(run: Run, loaded: list[Any]) -> None:
    for consent in ((), ("--consent", " ")):
        code, out, err = run("enroll", "maria", "no-such-file.wav", *consent)
        assert (code, out) == (2, "")
        assert err.startswith("stslocal: say whose voice it is and that they agree to its use")
        assert "`--consent " in err
        assert len(err.splitlines()) == 1
    assert not loaded


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("enroll", "match", "clip.wav", *CONSENT), 2, "'match' cannot be the name of a voice"),
        (("enroll", "maria", "nothing.wav", *CONSENT), 1, "nothing.wav does not exist"),
        (("enroll", "maria", "silence.wav", *CONSENT), 2, "no voice can be made from silence.wav"),
        (("show", "maria"), 2, "there is no saved voice 'maria'"),
        (("export", "maria", "x"), 2, "there is no saved voice 'maria'"),
        (("import", "clip.wav"), 2, "clip.wav is not a voice"),
        (("remove", "maria"), 2, "there is no saved voice 'maria'"),
    ],
)
def test_mistakes_are_refused_before_anything_is_loaded(
    run: Run, loaded: list[Any], arguments: tuple[str, ...], code: int, message: str
) -> None:
    done, out, err = run(*arguments)
    assert (done, out) == (code, "")
    assert message in err
    assert not loaded


def test_a_name_that_is_taken(run: Run) -> None:
    code, _, err = run("enroll", "pt_alto", "clip.wav", *CONSENT)
    assert code == 2
    assert "pt_alto is a built-in voice" in err
    assert run("enroll", "maria", "clip.wav", *CONSENT)[0] == 0
    code, _, err = run("enroll", "maria", "clip.wav", *CONSENT)
    assert code == 2
    assert "already a voice 'maria'" in err
    assert run("enroll", "maria", "clip.wav", *CONSENT, "--overwrite")[0] == 0


def test_each_of_several_recordings_is_judged(run: Run) -> None:
    code, out, err = run("enroll", "maria", "clip.wav", "short.wav", *CONSENT)
    assert code == 0
    assert err.splitlines() == [
        "clip.wav: good: 6 s of speech, 60 dB above the noise",
        "short.wav: only 3.2 s of speech: 6 s or more is better",
    ]
    assert out.startswith("maria: good: 10 s of speech")


def test_a_text_is_spoken_in_it(run: Run, lexicon: Lexicon, loaded: list[Any]) -> None:
    run("enroll", "maria", "clip.wav", *CONSENT, "--to", "pt")
    code, out, err = run("test", "maria", "good day to you")
    assert (code, out) == (0, "maria.test.wav\n")
    assert err.endswith("s of Portuguese (pt) by fake-1\n")
    samples, rate = soundfile.read("maria.test.wav", dtype="float32")
    spoken = " ".join(word.text for word in lexicon.recognize(samples, rate))
    assert spoken == "good day to you"
    assert loaded[-1].tts == "fake", "the engine that the voice was made for"
    assert run("test", "pt_bass", "good day", "--to", "pt", "-o", "bass.wav")[0] == 0
    assert Path("bass.wav").is_file()
    code, _, err = run("test", "maria", "", "-o", "nothing.wav")
    assert code == 2
    assert "'' has no words to speak" in err
    assert not Path("nothing.wav").exists()


def test_a_voice_goes_to_another_machine(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("enroll", "maria", "clip.wav", *CONSENT)
    assert run("export", "maria", "m.voice")[:2] == (0, "m.voice\n")
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "elsewhere"))
    code, out, _ = run("import", "m.voice", "--name", "guest")
    assert (code, out) == (0, "guest: a voice for fake; consent: Maria, for this test\n")
    assert run("import", "m.voice", "--name", "guest")[0] == 2
    assert run("import", "m.voice", "--name", "guest", "--overwrite")[0] == 0


def test_show_reports_a_missing_consent(run: Run) -> None:
    VoiceStore().save(VoiceProfile("kept", "fake", {"style": np.ones(2, np.float32)}))
    assert "consent  none was recorded" in run("show", "kept")[1]


def test_the_built_in_voices(run: Run, loaded: list[Any]) -> None:
    code, out, err = run("list", "--built-in")
    assert code == 0
    assert out.splitlines() == [
        "fake, English (en)",
        "  en_alto  female, American   200 Hz  the default",
        "fake, Portuguese (pt)",
        "  pt_alto  female             180 Hz  the default",
        "  pt_bass  male                90 Hz",
        "fake, Chinese (zh)",
        "  zh_alto  female",
    ]
    assert err.startswith("each voice of fake speaks English (en), ")
    assert err.endswith("with an accent where it is not its own language\n")
    code, out, err = run("list", "--built-in", "--to", "portuguese")
    assert out.splitlines()[0] == "fake, Portuguese (pt)"
    assert len(out.splitlines()) == 3
    assert err.startswith("2 more voices of fake speak Portuguese (pt) with an accent: ")
    assert not loaded


def test_the_built_in_voices_as_json(run: Run) -> None:
    code, out, _ = run("list", "--built-in", "--to", "pt", "--json")
    assert code == 0
    voices = json.loads(out)["voices"]
    assert [voice["name"] for voice in voices] == ["pt_alto", "pt_bass"]
    assert voices[0] == {
        "name": "pt_alto",
        "engine": "fake",
        "language": "pt",
        "description": "female",
        "pitch_hz": 180.4,
        "default": True,
        "speaks": sorted(SPEAKS.languages),
    }
    assert len(json.loads(run("list", "--built-in", "--json")[1])["voices"]) == 4


def test_built_in_voices_of_a_language_that_none_speaks(run: Run) -> None:
    code, out, err = run("list", "--built-in", "--to", "ja")
    assert (code, out) == (2, "")
    assert "no synthesizer that is installed speaks Japanese (ja): choose one of " in err
    assert err.endswith("or run `stslocal models pull ja`\n")
    assert "add --built-in" in run("list", "--to", "pt")[2]


def test_a_voice_that_cannot_use_the_gpu_is_said_to_run_on_the_processor(run: Run) -> None:
    sentence = "fake-1 runs on the processor, also with `--device cuda`: it cannot use a GPU\n"
    code, _, err = run("enroll", "maria", "clip.wav", *CONSENT, "--device", "cuda")
    assert (code, err) == (0, sentence)
    assert sentence in run("test", "maria", "good day", "--device", "cuda")[2]
    assert "processor" not in run("test", "maria", "good day", "--device", "auto")[2]


def test_a_likeness_is_called_one_with_the_way_to_a_clone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Matcher(FakeCloner):
        def clone(
            self, reference: Samples, sample_rate: int, *, name: str, language: str
        ) -> VoiceProfile:
            about = {"styles": "pt_bass", "similarity": "0.712", "language": language}
            made = VoiceProfile(name, "fake", {"style": np.ones(2, np.float32)}, about)
            return replace(made, pitch_semitones=-1.5)

    matching = FakeSynthesizer(capabilities=replace(SPEAKS, clones=False))
    monkeypatch.setattr(
        "stslocal.loading.load.load_voice_engines",
        lambda settings, store: VoiceEngines(matching, Matcher(), "fake-1"),
    )
    monkeypatch.setattr("stslocal.loading.needs.how_to_install", lambda *_: "run `pull it` (1 GB)")
    code, out, err = run("enroll", "maria", "clip.wav", *CONSENT, "--to", "pt")
    assert code == 0
    assert out.splitlines()[1] == (
        "it is a likeness, not a clone: in Portuguese (pt) the built-in voice nearest to the "
        "speaker, pt_bass, 0.712 alike, 1.5 semitones lower"
    )
    assert err == "fake makes a clone: run `pull it` (1 GB), then add `--tts fake`\n"
    made = json.loads(run("enroll", "ana", "clip.wav", *CONSENT, "--to", "pt", "--json")[1])[
        "voice"
    ]
    assert made["kind"] == "likeness"


def test_music_and_two_speakers_are_refused_unless_a_person_insists(
    run: Run, loaded: list[Any]
) -> None:
    at = np.arange(5 * 16_000) / 16_000
    turns = [
        0.1 * sum(np.sin(2 * np.pi * hertz * k * at) / k for k in range(1, 15)) * ((at % 0.4) < 0.3)
        for hertz in (120, 240)
    ]
    soundfile.write("both.wav", np.concatenate(turns), 16_000)
    code, out, err = run("enroll", "maria", "both.wav", *CONSENT)
    assert (code, out) == (2, "")
    assert err.startswith(
        "stslocal: no voice is made from both.wav: two persons seem to speak in it: "
    )
    assert err.endswith("; take a recording of one speaker, or add --anyway\n")
    soundfile.write("long.wav", np.tile(turns[0], 14), 16_000)
    soundfile.write("other.wav", np.tile(turns[1], 2), 16_000)
    code, _, err = run("enroll", "maria", "long.wav", "other.wav", *CONSENT)
    assert code == 2
    assert "no voice is made from long.wav, other.wav: two persons seem to speak in it" in err
    assert not loaded
    assert run("enroll", "maria", "both.wav", *CONSENT, "--anyway")[0] == 0
