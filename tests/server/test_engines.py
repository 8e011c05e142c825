"""The engines of a server: loaded once, whatever asks for them and however many do."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import soundfile

from stslocal.clock import RealClock
from stslocal.doctor.sessions import check_sessions
from stslocal.errors import ModelNotFoundError, NotSpokenError, SettingsError
from stslocal.loading.engines import Engines
from stslocal.loading.selection import Use
from stslocal.loading.session_load import MOST, load_key, measured_sessions, sessions_for
from stslocal.loading.speeds import MeasuredSpeed, Speeds
from stslocal.metrics import StageBusy
from stslocal.samples import bundled_clips
from stslocal.server.capacity import measure_load, measured_capacity, needed_s
from stslocal.server.options import ServerOptions
from stslocal.server.state import ServerState
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import NAMES, fake_engines, text_alone
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit


class Loader:
    """Counts what is loaded."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked: list[tuple[str, str, Use]] = []
        self._fails = fails

    def __call__(self, settings: Settings, use: Use) -> Engines:
        self.asked.append((settings.source, settings.target, use))
        if self._fails:
            raise ModelNotFoundError("nothing is installed: run `stslocal models pull starter`")
        return fake_engines(Lexicon())


def server(loader: Loader, **settings: str) -> ServerState:
    return ServerState(ServerOptions(), replace(Settings(), **settings), load=loader)  # type: ignore[arg-type]


def test_a_pair_is_loaded_once_by_many_threads() -> None:
    loader = Loader()
    state = server(loader)
    found: list[Engines] = []
    threads = [
        threading.Thread(target=lambda: found.append(state.engines_for("en", "Portuguese")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loader.asked == [("en", "pt", "live")]
    assert all(each is found[0] for each in found)
    state.engines_for("en", "pt", "files")
    assert loader.asked[1:] == [("en", "pt", "files")]


def test_what_could_not_be_loaded_is_tried_again() -> None:
    loader = Loader(fails=True)
    state = server(loader)
    for _ in range(2):
        with pytest.raises(ModelNotFoundError, match="models pull"):
            state.engines_for("en", "pt")
    assert len(loader.asked) == 2


def test_a_live_session_into_a_language_without_a_voice_is_text_alone() -> None:
    asked: list[tuple[str, str]] = []

    def load(settings: Settings, use: Use) -> Engines:
        asked.append((use, settings.tts))
        if settings.is_spoken:
            raise NotSpokenError("Ukrainian (uk) is not spoken by any engine")
        return text_alone(Lexicon())

    state = ServerState(ServerOptions(), Settings(), load=load)
    assert not state.engines_for("en", "uk").selection.is_spoken
    with pytest.raises(NotSpokenError):
        state.engines_for("en", "uk", "files")
    assert not state.engines_for("en", "uk", "files", tts="none").selection.is_spoken
    assert asked == [("live", "auto"), ("live", "none"), ("files", "auto"), ("files", "none")]


def test_a_region_stays_where_the_server_was_started_with_it() -> None:
    state = server(Loader(), target="en", target_region="GB")
    assert state.settings_for("pt", "en").target_region == "GB"
    assert state.settings_for("en", "pt").target_region == ""
    with pytest.raises(SettingsError):
        state.settings_for("en", "klingon")


@pytest.mark.parametrize(
    ("load", "sessions"), [(0.0, MOST), (0.0001, MOST), (0.1, 8), (0.3, 2), (0.8, 1), (3.0, 1)]
)
def test_the_load_of_one_session_gives_the_number(load: float, sessions: int) -> None:
    assert sessions_for(load) == sessions


def test_the_capacity_is_measured_once_a_machine() -> None:
    said: list[str] = []
    speeds = Speeds(None, "this machine")
    speeds.keep(load_key(NAMES, Settings()), 0.25, 120.4)
    speeds.keep("another engine", 0.1)
    engines = "fake-recognizer+auto+fake-synthesizer, auto auto, all threads"
    (load,) = measured_sessions(speeds).values()
    assert load == MeasuredSpeed(0.25, date.today().isoformat(), 120.4)
    (finding,) = check_sessions(speeds)
    assert finding.text.startswith(f"3 live sessions at once with {engines} (measured ")
    assert finding.text.endswith(", 120 MB each at most)")
    assert list(check_sessions(Speeds(None, "another machine"))) == []
    state = server(Loader(), source="en", target="pt")
    assert measured_capacity(state, said.append, speeds=speeds) == load
    assert said == []


def test_nothing_installed_is_said_before_anything_is_served() -> None:
    with pytest.raises(ModelNotFoundError, match="models pull starter"):
        measured_capacity(server(Loader(fails=True)), lambda text: None)


def test_a_session_is_measured(tmp_path: Path) -> None:
    lexicon = Lexicon()
    said = tmp_path / "said.wav"
    soundfile.write(said, lexicon.script((0.2, "Good day.")), RECOGNITION_RATE)
    clip = replace(bundled_clips()[0], path=said)
    settings = Settings(source="en", target="pt")
    taken = measure_load(fake_engines(lexicon), settings, clip, RealClock())
    assert 0 < taken.share < 1
    assert 0 <= taken.memory_mb < 200


def test_a_recognizer_is_counted_as_often_as_it_must_be_asked() -> None:
    def busy(stage: str) -> StageBusy:
        return StageBusy(
            stage=stage, items=9, elapsed_s=10.0, busy_s=8.0, starved_s=2.0, blocked_s=0.0,
            queued_s=0.0,
        )  # fmt: skip

    stages = ("capture", "recognize", "translate", "synthesize", "play")
    assert [needed_s(busy(stage)) for stage in stages] == [0.0, 4.0, 8.0, 8.0, 0.0]
