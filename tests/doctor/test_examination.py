"""The doctor's findings, check by check."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stslocal import machine
from stslocal.audio.levels import Level
from stslocal.doctor import Finding, State, examine, exit_code, hardware, sound
from stslocal.doctor.hardware import check_cuda, check_disk, check_memory, check_processor
from stslocal.doctor.models import bytes_to_fetch, check_models, needed_models
from stslocal.doctor.sentence_times import SentenceTimes, time_sentence
from stslocal.doctor.socket_watch import SocketWatch
from stslocal.doctor.sound import judge_level
from stslocal.doctor.stages import judge_choice, judge_times
from stslocal.engines import cuda
from stslocal.errors import EngineError, SettingsError
from stslocal.loading import load as loading
from stslocal.loading.select import select_engines
from stslocal.loading.selection import EngineSelection, PassedOver
from stslocal.machine import Memory, Processor, linux_memory, macos_memory
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from tests.doctor_kit import SPARE, STARTER, Machine, damage, install, make_store
from tests.fakes import Cost, FakeRecognizer, FakeSynthesizer, FakeTranslator
from tests.models.download.kit import file_line, model_text, npm, open_store, write_manifest

pytestmark = pytest.mark.unit

FAST = Processor("Fast One", 4, ("AVX2", "AVX-512", "VNNI"), 1.0)
GB = 1_000_000_000


@pytest.fixture
def healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without a fault, with all needed models."""
    healthy = Machine(tmp_path, monkeypatch)
    install(healthy.store)
    return healthy


def states(findings: Sequence[Finding]) -> dict[str, State]:
    return {finding.check: finding.state for finding in findings if finding.state != "ok"}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], 0),
        (["ok", "note"], 0),
        (["ok", "missing", "note"], 2),
        (["missing", "broken", "ok"], 1),
    ],
)
def test_exit_code(found: list[State], code: int) -> None:
    assert exit_code(Finding("x", state, "") for state in found) == code


class TestHardware:
    @pytest.mark.parametrize(
        ("processor", "state", "text"),
        [
            (FAST, "ok", "4 cores, AVX2, AVX-512, VNNI (Fast One)"),
            (replace(FAST, features=("NEON", "dot product")), "ok", "4 cores, NEON, dot product"),
            (replace(FAST, features=()), "ok", "4 cores (Fast One)"),
            (replace(FAST, features=("SSE",)), "note", "without AVX2 all is slow"),
            (replace(FAST, cores=1), "note", "1 core, AVX2"),
            (replace(FAST, load=6.1), "note", "busy with 6 programs at once: close some, speed"),
        ],
    )
    def test_processor(self, processor: Processor, state: State, text: str) -> None:
        finding = check_processor(processor)
        assert finding.state == state
        assert text in finding.text

    def test_the_processor_of_this_machine(self) -> None:
        processor = machine.processor()
        assert 1 <= processor.cores <= (os.cpu_count() or 1)
        assert processor.name
        assert processor.features
        assert processor.load >= 0

    def test_memory(self) -> None:
        assert check_memory(Memory(16 * GB, 2 * GB)).text == "2.0 GB free of 16.0 GB"
        low = check_memory(Memory(16 * GB, 800_000_000))
        assert low.state == "note"
        assert low.text == (
            "800 MB free of 16.0 GB; a translation takes up to 1.5 GB: close other programs"
        )
        assert check_memory(None).state == "ok"

    def test_the_memory_of_this_machine(self) -> None:
        memory = machine.memory()
        assert memory is not None
        assert 0 < memory.available < memory.total

    def test_memory_as_linux_reports_it(self) -> None:
        meminfo = "MemTotal:  8000 kB\nMemFree:  10 kB\nMemAvailable:   5000 kB\n"
        assert linux_memory(meminfo) == Memory(8000 * 1024, 5000 * 1024)
        assert linux_memory(meminfo, "max\n", "77\n") == Memory(8000 * 1024, 5000 * 1024)
        assert linux_memory(meminfo, "2048000\n", "1024000\n") == Memory(2_048_000, 1_024_000)
        stat = "anon 500000\nfile 524000\ninactive_file 400000\n"
        cached = linux_memory(meminfo, "2048000\n", "1024000\n", stat)
        assert cached == Memory(2_048_000, 1_424_000)
        assert linux_memory("") is None

    def test_memory_as_macos_reports_it(self) -> None:
        vm_stat = (
            "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
            "Pages free:                    100.\nPages active:   900.\n"
            "Pages inactive:                 50.\nPages speculative:  10.\n"
        )
        assert macos_memory("17179869184\n", vm_stat) == Memory(17_179_869_184, 160 * 16384)
        assert macos_memory("", "") is None

    def test_disk(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(hardware, "free_disk", lambda folder: 2 * GB)
        assert check_disk(tmp_path, to_fetch=0).text == f"2.0 GB free for {tmp_path}"
        tight = check_disk(tmp_path, to_fetch=GB)
        assert tight.state == "note"
        assert "2.5 GB are needed: free some, or set STSLOCAL_MODELS" in tight.text

    def test_the_disk_of_this_machine(self, tmp_path: Path) -> None:
        assert machine.free_disk(tmp_path / "not" / "yet") > 0

    def test_a_disk_without_read_permission(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def refuse(folder: Path) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(hardware, "free_disk", refuse)
        finding = check_disk(tmp_path, to_fetch=0)
        assert finding.state == "broken"
        assert "Permission denied; set STSLOCAL_MODELS" in finding.text

    @pytest.mark.parametrize(
        ("gpus", "problem", "device", "state", "text"),
        [
            (0, "", "auto", "ok", "no GPU: the processor does all the work"),
            (0, "", "cuda", "broken", "no GPU, though the settings ask for one"),
            (1, "", "auto", "ok", "1 GPU"),
            (2, "", "cuda", "ok", "2 GPUs"),
            (1, "cuBLAS is missing", "auto", "broken", "1 GPU, but cuBLAS is missing"),
            (1, "cuBLAS is missing", "cpu", "note", "1 GPU, but cuBLAS is missing"),
        ],
    )
    def test_cuda(self, gpus: int, problem: str, device: str, state: State, text: str) -> None:
        finding = check_cuda(gpus, problem, device=device)
        assert (finding.state, finding.figures["devices"]) == (state, gpus)
        assert finding.text.startswith(text)

    def test_cublas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loaded: list[str] = []
        monkeypatch.setattr(ctypes, "CDLL", loaded.append)
        assert cuda.cublas_problem() == ""
        (library,) = loaded

        def fail(name: str) -> None:
            raise OSError("cannot open shared object file")

        monkeypatch.setattr(ctypes, "CDLL", fail)
        problem = cuda.cublas_problem()
        assert problem.startswith(f"{library} is missing: ")
        assert "`--device cpu`" in problem


class TestSound:
    @pytest.mark.parametrize(
        ("peak_dbfs", "state", "text"),
        [
            (-12.0, "ok", "loudest -12 dB, average -27 dB"),
            (-120.0, "note", "nothing arrives: switch the microphone on"),
            (-55.0, "note", "turn the input up"),
            (0.0, "note", "turn the input down"),
        ],
    )
    def test_level(self, peak_dbfs: float, state: State, text: str) -> None:
        finding = judge_level(Level(peak_dbfs, peak_dbfs - 15))
        assert finding.state == state
        assert text in finding.text
        assert ("`stslocal devices --meter`" in finding.text) == (state != "ok")

    @pytest.mark.parametrize(("system", "where"), [("darwin", "System Settings"), ("win32", "Set")])
    def test_silence_on_systems_where_programs_need_permission(
        self, monkeypatch: pytest.MonkeyPatch, system: str, where: str
    ) -> None:
        monkeypatch.setattr(sound, "_SYSTEM", system)
        assert f"allow it in {where}" in judge_level(Level(-120.0, -120.0)).text

    def test_a_loudspeaker_without_a_microphone(self, healthy: Machine) -> None:
        healthy.disconnect("Webcam")
        assert states(list(sound.check_sound(Settings()))) == {"microphone": "note"}

    def test_a_microphone_that_cannot_be_opened(self, healthy: Machine) -> None:
        healthy.cards.plugged[0].refuses = "Device busy"
        finding = sound.check_level(1.0, lambda text: None, Settings())
        assert finding.state == "note"
        assert "cannot be opened (Device busy)" in finding.text

    def test_no_microphone_to_listen_to(self, healthy: Machine) -> None:
        healthy.disconnect("Webcam")
        finding = sound.check_level(1.0, lambda text: pytest.fail("it listens"), Settings())
        assert "no microphone was found" in finding.text


class TestModels:
    def test_the_models_that_the_default_engines_need(self, tmp_path: Path) -> None:
        names = select_engines(Settings(), make_store(tmp_path))
        assert needed_models(names) == STARTER

    def test_no_model_is_installed(self, tmp_path: Path) -> None:
        store = make_store(tmp_path)
        (finding,) = check_models(store, STARTER)
        assert finding.state == "missing"
        assert finding.text.endswith("; run `stslocal models pull starter`")
        assert finding.figures["models"] == list(STARTER)
        assert bytes_to_fetch(store, STARTER) == sum(
            store.manifest.model(name).bytes for name in STARTER
        )

    def test_models_of_no_common_pack_are_named(self, tmp_path: Path) -> None:
        (finding,) = check_models(make_store(tmp_path), ["ge2e", SPARE])
        assert finding.text.endswith("run `stslocal models pull ge2e spare`")

    def test_all_models_are_intact(self, tmp_path: Path) -> None:
        store = make_store(tmp_path)
        install(store)
        (finding,) = check_models(store, STARTER)
        assert finding.state == "ok"
        assert bytes_to_fetch(store, STARTER) == 0

    def test_one_model_is_damaged_and_one_is_cut_short(self, tmp_path: Path) -> None:
        store = make_store(tmp_path)
        install(store)
        damaged = damage(store, "ge2e")
        cut = store.root / "whisper-base" / "config.json"
        cut.write_bytes(b"{")
        whole, first, second = check_models(store, STARTER)
        assert whole.figures["models"] == ["bergamot-en-pt", "kokoro-82m-int8", "kokoro-voices"]
        assert (first.state, second.state) == ("broken", "broken")
        assert first.text.startswith(f"{cut} is damaged, it has 1 bytes instead of 2: ")
        assert second.text.startswith(f"{damaged} is damaged, its sha256 is ")
        assert second.text.endswith("run `stslocal models pull ge2e`")

    def test_one_model_is_incomplete(self, tmp_path: Path) -> None:
        store = make_store(tmp_path)
        install(store)
        (store.root / "ge2e" / "config.json").unlink()
        _, finding = check_models(store, STARTER)
        assert finding.state == "missing"
        assert finding.text == (
            "ge2e is incomplete, config.json is missing: run `stslocal models pull starter`"
        )

    def test_one_that_an_older_version_installed(self, tmp_path: Path) -> None:
        build = f'[models.old.build]\nstep = "x"\ninputs = [{file_line("in.bin", b"input")}]'
        text = model_text("old", {"out.bin": b"made"}, npm("old@1.0"), build=build)
        store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
        (store.root / "old").mkdir(parents=True)
        (store.root / "old" / "in.bin").write_bytes(b"input")
        (finding,) = check_models(store, ["old"])
        assert finding.state == "missing"
        assert finding.text == (
            "old must be built again for this version of stslocal: run `stslocal models pull old`"
        )

    def test_other_installed_models_are_checked_too(self, tmp_path: Path) -> None:
        store = make_store(tmp_path)
        install(store, *STARTER, SPARE)
        (finding,) = check_models(store, STARTER)
        assert SPARE in finding.text
        damage(store, SPARE)
        assert [finding.state for finding in check_models(store, STARTER)] == ["ok", "broken"]

    def test_a_model_without_read_permission(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = make_store(tmp_path)
        install(store, "ge2e")
        path = store.root / "ge2e" / "model.bin"

        def refuse(_: Path) -> str:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        monkeypatch.setattr("stslocal.models.store.sha256_of", refuse)
        (finding,) = check_models(store, ["ge2e"])
        assert finding.state == "broken"
        assert finding.text == f"ge2e cannot be read: Permission denied ({path})"


class TestSentenceTimes:
    def test_each_stage_is_timed_alone_and_after_a_warm_up(self, healthy: Machine) -> None:
        times = time_sentence(healthy.engines, "match", clock=healthy.clock)
        assert times.recognized == "good day to you and welcome to the first sentence."
        assert times.translated.startswith("pt:good pt:day")
        assert times.recognition_s == times.quick_recognition_s == pytest.approx(0.4)
        assert times.translation_s == pytest.approx(0.05)
        assert times.voice_s == pytest.approx(0.25)
        assert times.first_audio_s < times.synthesis_s
        assert times.synthesis_factor == pytest.approx(0.4)
        assert times.recognition_factor == pytest.approx(0.4 / times.speech_s)

    def test_live_latency_is_the_sum_of_its_steps(self, healthy: Machine) -> None:
        times = time_sentence(healthy.engines, "match", clock=healthy.clock)
        steps = times.live_steps_s
        assert times.live_latency_s == pytest.approx(sum(steps.values()))
        assert steps["end noticed"] == pytest.approx(0.5), "0.1 s of silence, then a recognition"
        quick = replace(times, quick_recognition_s=0.05)
        assert quick.live_steps_s["end noticed"] == pytest.approx(0.35), "the silence is longer"

    def test_a_recognizer_that_translates_is_timed_for_the_translation(
        self, healthy: Machine
    ) -> None:
        engines = healthy.engines
        engines.translators = {}
        engines.selection = EngineSelection("fake-recognizer", "whisper", "fake-synthesizer")
        healthy.sample = replace(healthy.sample, language="de", translations={"en": ""})
        times = time_sentence(engines, "match", clock=healthy.clock)
        assert (times.source, times.target) == ("de", "en")
        assert times.translated.startswith("en:good")
        assert times.translation_s == pytest.approx(0.4)

    def test_engines_that_cover_no_recording(self, healthy: Machine) -> None:
        healthy.sample = replace(healthy.sample, translations={"de": ""})
        with pytest.raises(SettingsError, match="does not speak German"):
            time_sentence(healthy.engines, "match", clock=healthy.clock)

    def test_a_recognizer_that_recognizes_nothing(self, healthy: Machine) -> None:
        healthy.engines.recognizer = FakeRecognizer()
        with pytest.raises(EngineError, match="nothing was spoken for ''"):
            time_sentence(healthy.engines, "match", clock=healthy.clock)


class TestChoice:
    STARTER = EngineSelection("whisper-base", "auto", "kokoro-82m-int8", ("bergamot-en-pt",))
    FULL = EngineSelection("whisper-small", "auto", "xtts-v2", ("nllb-200-distilled-600m",))

    def test_one_line_if_files_and_live_use_the_same_engines(self) -> None:
        finding = judge_choice(Settings(), self.STARTER, self.STARTER)
        assert finding.text == "whisper-base, bergamot-en-pt, kokoro-82m-int8"
        assert finding.figures["live"] == self.STARTER.as_settings()

    def test_engines_that_are_too_slow_for_live_are_named(self) -> None:
        passed = (
            PassedOver("synthesizer", "xtts-v2", "4.80 x real time", notable=True),
            PassedOver("recognizer", "whisper-medium", "2.10 x real time", notable=True),
            PassedOver("translator", "bergamot-en-pt", "nllb-200-distilled-600m will do"),
        )
        live = replace(self.FULL, synthesizer="kokoro-82m-int8", passed_over=passed)
        finding = judge_choice(Settings(mt="nllb"), self.FULL, live)
        assert finding.text.splitlines() == [
            "files: whisper-small, nllb-200-distilled-600m (your choice), xtts-v2",
            "live: whisper-small, nllb-200-distilled-600m (your choice), kokoro-82m-int8",
            "xtts-v2 not for live: 4.80 x real time",
            "whisper-medium not used: 2.10 x real time",
        ]
        assert finding.state == "ok"


TIMES = SentenceTimes("en", "pt", "One.", "Um.", 4.0, 0.8, 0.5, 0.1, "matched", 0.2, 0.7, 1.6, 4.0)


@pytest.mark.parametrize(
    ("times", "state", "advice"),
    [
        (TIMES, "ok", ""),
        (replace(TIMES, first_audio_s=2.4), "note", "; to be quicker, close other programs"),
        (
            replace(TIMES, synthesis_s=3.5),
            "note",
            "; too slow for long speech: close other programs",
        ),
    ],
)
def test_the_latency_to_expect_of_live(times: SentenceTimes, state: State, advice: str) -> None:
    live = list(judge_times(times))[-1]
    assert (live.check, live.state) == ("live", state)
    assert advice in live.text
    assert live.figures["latency_s"] == pytest.approx(times.live_latency_s)


class TestExamination:
    def test_a_machine_without_a_fault(self, healthy: Machine) -> None:
        findings = list(examine(healthy.store))
        assert states(findings) == {}
        assert exit_code(findings) == 0

    def test_a_setting_that_does_not_exist(
        self, healthy: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STSLOCAL_ASR", "whisperer")
        findings = list(examine(healthy.store))
        assert states(findings) == {"settings": "broken"}
        assert "there is no recognizer 'whisperer'" in findings[1].text
        assert healthy.loaded_with == [Settings()], "the other checks use the defaults"

    def test_a_gpu_without_its_library_is_not_used(
        self, healthy: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        healthy.gpus = 1
        monkeypatch.setattr("stslocal.doctor.examination.cublas_problem", lambda: "no cuBLAS")
        assert states(list(examine(healthy.store))) == {"CUDA": "broken"}
        assert [settings.device for settings in healthy.loaded_with] == ["cpu"]

    @pytest.mark.parametrize("engine", [FakeRecognizer, FakeTranslator, FakeSynthesizer])
    def test_an_engine_that_fails(self, healthy: Machine, engine: Any) -> None:
        broken = engine(fails_at=0)
        if engine is FakeTranslator:
            healthy.engines.translators = {"words": broken}
        else:
            name = "recognizer" if engine is FakeRecognizer else "synthesizer"
            setattr(healthy.engines, name, broken)
        *_, sentence, network = examine(healthy.store)
        assert (sentence.check, sentence.state) == ("sentence", "broken")
        assert sentence.text == (
            "it could not be translated and spoken: the fake engine failed at call 0"
        )
        assert network.state == "ok"

    def test_a_library_that_does_not_load(
        self, healthy: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(settings: Settings, store: ModelStore, **how: Any) -> None:
            raise ImportError("DLL load failed")

        monkeypatch.setattr(loading, "load_engines", fail)
        *_, sentence, network = examine(healthy.store)
        assert sentence.text == (
            "it could not be translated and spoken: ImportError: DLL load failed"
        )
        assert (sentence.state, network.state) == ("broken", "ok")

    def test_a_slow_machine(self, healthy: Machine) -> None:
        healthy.engines.synthesizer = FakeSynthesizer(
            healthy.clock, Cost(per_audio_s=1.4), lexicon=healthy.lexicon
        )
        assert states(list(examine(healthy.store))) == {"live": "note"}

    def test_an_engine_that_uses_the_network(
        self, healthy: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = FakeTranslator.translate

        def translate(self: FakeTranslator, *arguments: Any, **options: Any) -> list[str]:
            sys.audit("socket.connect", None, ("example.org", 443))
            return real(self, *arguments, **options)

        monkeypatch.setattr(FakeTranslator, "translate", translate)
        findings = list(examine(healthy.store))
        assert states(findings) == {"network": "broken"}
        assert findings[-1].text == (
            "used 2 times while the sentence was translated (socket.connect): please report this"
        )
        assert exit_code(findings) == 1


def test_the_socket_watch_records_socket_events_during_its_block_only() -> None:
    sys.audit("socket.getaddrinfo", "before")
    with SocketWatch() as outer, SocketWatch() as inner:
        sys.audit("socket.getaddrinfo", "example.org")
        sys.audit("socket.gethostname")
        sys.audit("open", "a file")
    sys.audit("socket.connect", None)
    assert inner.events == outer.events == ["socket.getaddrinfo"]
