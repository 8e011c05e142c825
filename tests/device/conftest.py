"""A sound server with virtual sound cards, to test with the real PortAudio.

PortAudio reaches PulseAudio through ALSA's plug-in, so the Debian packages `pulseaudio`,
`pulseaudio-utils`, `libasound2-plugins` and `libportaudio2` are needed. The machine's own sound is
not touched: the server, its socket and its settings are in a temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.streams import rescan
from stslocal.types import Samples

MICROPHONE = "virtual_mic"
"""Captures the sound that is played into MICROPHONE_FEED."""
LOUDSPEAKER = "virtual_speaker"
"""Its sound can be recorded from `virtual_speaker.monitor`."""
MICROPHONE_FEED = "mic_feed"
"""A loudspeaker whose sound the microphone captures."""
BROKEN = "broken_card"
"""It is listed, and cannot be opened."""
ROOM_MICROPHONE, ROOM_LOUDSPEAKER, ROOM_FEED = "room_mic", "room_speaker", "room_feed"
"""Another microphone, loudspeaker and microphone feed, all on the clock of one card: channel 0 of
`room.monitor` is the loudspeaker's sound, channel 1 the sound that the microphone captures."""
CARDS = (
    MICROPHONE,
    LOUDSPEAKER,
    MICROPHONE_FEED,
    BROKEN,
    ROOM_MICROPHONE,
    ROOM_LOUDSPEAKER,
)
TOOLS = ("pulseaudio", "pactl", "pacat")


_LEFT, _RIGHT = (
    f"channels=1 channel_map=mono master_channel_map={channel} remix=no"
    for channel in ("left", "right")
)
_CARDS = f"""
load-module module-native-protocol-unix auth-anonymous=1 socket={{socket}}
load-module module-null-sink sink_name={MICROPHONE_FEED} rate=48000 channels=1
load-module module-remap-source master={MICROPHONE_FEED}.monitor source_name={MICROPHONE}
load-module module-null-sink sink_name={LOUDSPEAKER} rate=48000 channels=2
load-module module-null-sink sink_name=room rate=48000 channel_map=left,right
load-module module-remap-sink sink_name={ROOM_LOUDSPEAKER} master=room {_LEFT}
load-module module-remap-sink sink_name={ROOM_FEED} master=room {_RIGHT}
load-module module-remap-source source_name={ROOM_MICROPHONE} master=room.monitor {_RIGHT}
set-default-source {MICROPHONE}
set-default-sink {LOUDSPEAKER}
"""

_ALSA_CARD = """
pcm.{name} {{
    type pulse
    device {name}
    hint {{
        show on
        description "{name}"
    }}
}}
"""


class SoundServer:
    """A PulseAudio daemon with a virtual microphone and a virtual loudspeaker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None
        self._clients: list[subprocess.Popen[bytes]] = []
        cards = "".join(_ALSA_CARD.format(name=name) for name in CARDS)
        (folder / "asound.conf").write_text("</usr/share/alsa/alsa.conf>\n" + cards)
        (folder / "cards.pa").write_text(_CARDS.format(socket=folder / "socket"))
        self.environment = {
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
            "PULSE_SERVER": f"unix:{folder / 'socket'}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
        }

    def start(self) -> None:
        log = (self._folder / "log").open("ab")
        self._daemon = subprocess.Popen(
            [
                "pulseaudio",
                "-n",
                f"--file={self._folder / 'cards.pa'}",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                "--high-priority=yes",
                "--realtime=yes",
                "--log-target=stderr",
            ],
            stdout=log,
            stderr=log,
            env={**os.environ, **self.environment},
        )
        log.close()
        deadline = time.perf_counter() + 30
        while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
            if self._daemon.poll() is not None or time.perf_counter() > deadline:
                pytest.fail(f"PulseAudio did not start:\n{(self._folder / 'log').read_text()}")
            time.sleep(0.1)

    @property
    def is_running(self) -> bool:
        """Whether it was started and was not killed."""
        return self._daemon is not None and self._daemon.poll() is None

    def kill(self) -> None:
        """Kill the server, as if all sound cards were pulled out at once."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()

    def suspend(self, kind: str, name: str, suspended: bool) -> None:
        """Let a `source` or `sink` stop delivering sound, or continue."""
        subprocess.run(["pactl", f"suspend-{kind}", name, str(int(suspended))], check=True)

    @contextmanager
    def echoing(self, *, delay_ms: int, gain_db: float) -> Iterator[None]:
        """Let the microphone capture the loudspeaker, as in a room without headphones."""
        loopback = self._pactl(
            "load-module", "module-loopback", f"source={LOUDSPEAKER}.monitor",
            f"sink={MICROPHONE_FEED}", f"latency_msec={delay_ms}", "adjust_time=0",
            "source_dont_move=true", "sink_dont_move=true",
        ).strip()  # fmt: skip
        try:
            self.set_echo(gain_db)
            yield
        finally:
            self._pactl("unload-module", loopback)

    def set_echo(self, gain_db: float) -> None:
        """Change how loud the echo of `echoing` is, such as when somebody turns the volume up."""
        streams = json.loads(self._pactl("--format=json", "list", "sink-inputs"))
        for stream in streams:
            if stream["driver"] == "module-loopback.c":
                self._pactl("set-sink-input-volume", str(stream["index"]), f"{gain_db:g}dB")

    @staticmethod
    def _pactl(*arguments: str) -> str:
        done = subprocess.run(["pactl", *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def play_into(self, samples: Samples, sample_rate: int, *, into: str = MICROPHONE_FEED) -> None:
        """Start to play samples into the microphone, in real time."""
        command = self._pacat("--playback", into, sample_rate)
        player = subprocess.Popen([*command, "--latency-msec=400"], stdin=subprocess.PIPE)
        self._clients.append(player)
        assert player.stdin is not None
        player.stdin.write(samples.astype("<f4").tobytes())
        player.stdin.close()

    def record(
        self, path: Path, sample_rate: int, *, of: str = LOUDSPEAKER, channels: int = 1
    ) -> None:
        """Record a card's sound to a file of raw float32, interleaved, until `end_clients`."""
        command = self._pacat("--record", f"{of}.monitor", sample_rate, channels)
        with path.open("wb") as file:
            self._clients.append(subprocess.Popen(command, stdout=file))

    def end_clients(self) -> None:
        """End the programs that `play_into` and `record` started."""
        while self._clients:
            client = self._clients.pop()
            client.terminate()
            client.wait()

    @staticmethod
    def _pacat(mode: str, device: str, sample_rate: int, channels: int = 1) -> list[str]:
        pcm = ["--raw", "--format=float32le", f"--rate={sample_rate}", f"--channels={channels}"]
        return ["pacat", mode, f"--device={device}", *pcm]


@pytest.fixture(scope="session")
def _sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        reason = (
            f"PulseAudio is not installed ({', '.join(missing)}): "
            "apt install pulseaudio pulseaudio-utils libasound2-plugins"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    server = SoundServer(tmp_path_factory.mktemp("sound"))
    before = {name: os.environ.get(name) for name in server.environment}
    os.environ.update(server.environment)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture
def sound_server(_sound_server: SoundServer) -> Iterator[SoundServer]:
    """A running sound server, whose cards PortAudio has just listed anew."""
    if not _sound_server.is_running:
        _sound_server.start()
    rescan()
    yield _sound_server
    _sound_server.end_clients()


def speechlike(seconds: float, sample_rate: int, seed: int = 0) -> Samples:
    """Band-limited noise in syllables, about as loud as speech; no two parts of it are alike."""
    count = round(seconds * sample_rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / sample_rate)
    spectrum[(frequencies < 200) | (frequencies > 3500)] = 0
    time_s = np.arange(count) / sample_rate
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time_s)
    samples = np.fft.irfft(spectrum, count) * syllables
    loud: Samples = (0.3 * samples / np.abs(samples).max()).astype(np.float32)
    return loud


def find_sound(recorded: Samples, played: Samples) -> tuple[int, float]:
    """The sample of `recorded` at which `played` starts, and their likeness there (1 is equal)."""
    if not len(recorded) or not played.any():
        return 0, 0.0
    size = 1 << (len(recorded) + len(played)).bit_length()
    product = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(played, size))
    match = np.fft.irfft(product, size)[: len(recorded)]
    energy = np.cumsum(np.pad(recorded.astype(np.float64) ** 2, (1, len(played))))
    there = energy[len(played) : len(played) + len(recorded)] - energy[: len(recorded)]
    least = 1e-6 * float(np.dot(played, played)) + 1e-12
    likeness = match / np.sqrt(np.maximum(there, least) * np.dot(played, played))
    start = int(likeness.argmax())
    return start, float(likeness[start])
