"""Every example of docs/python.md runs, on fakes; the sounds and the other side are made here."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

CHECKOUT = Path(__file__).parent.parent
PAGE = (CHECKOUT / "docs" / "python.md").read_text(encoding="utf-8")
LONG_S = 300
"""Far longer than any example takes: one that reaches it would never end."""

FAKES = """
import asyncio, os, sys, threading, time, types
import numpy as np, soundfile
from stslocal.api import SpeechTranslator
from stslocal.settings import Settings
from collections import defaultdict
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from stslocal.types import Turn

class Diarizer:
    def diarize(self, blocks, *, speakers=None):
        assert sum(map(len, blocks))
        return (Turn(0.0, 1.6, "S1"), Turn(1.7, 4.0, "S2"))

lexicon = Lexicon()
said = lexicon.script((0.2, "Good morning."), (1.8, "Good night."))
for name in ("talk.mp3", "talk16k.wav"):
    soundfile.write(name, said, 16_000, format="WAV")
for text in ("Bom dia a todos.", "pt:Good pt:morning. pt:night."):
    lexicon.say(text)
engines = fake_engines(lexicon, models=defaultdict(list), load_diarizer=Diarizer)
fakes = SpeechTranslator(engines, Settings(source="en", target="pt"))
SpeechTranslator.load = lambda **settings: fakes

def at_its_pace(step=1600):
    for start in range(0, len(said), step):
        time.sleep(step / 16_000)
        yield said[start : start + step]

def words(speech, rate=24_000):
    return [word.text for word in lexicon.recognize(np.concatenate(speech), rate)]
"""


def example(heading: str) -> str:
    """The Python block of a section; the first section has no heading of its own."""
    section = PAGE.partition(f"# {heading}\n")[2].partition("\n#")[0]
    (block,) = re.findall(r"^```python\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    assert isinstance(block, str)
    return block


def run(folder: Path, program: str, **environment: str) -> list[str]:
    """The lines that a program prints after `FAKES`; it must end by itself."""
    done = subprocess.run(
        [sys.executable, "-c", FAKES + program],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), *sys.path]),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return done.stdout.splitlines()


def needs(package: str) -> pytest.MarkDecorator:
    """Skip the test where the package is not installed."""
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"{package} is not installed")


def test_no_example_is_left_out() -> None:
    sections = re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    sections = [each for each in sections if "# Takes" not in each]
    tested = set(re.findall(r'example\("(.*?)"\)', Path(__file__).read_text(encoding="utf-8")))
    assert PAGE.count("```python\n") == len(tested & set(sections)) == 10


def test_files_with_choices(tmp_path: Path) -> None:
    *progress, names = run(tmp_path, example("Files and videos"))
    assert progress
    assert all(line.endswith(" s") for line in progress)
    assert {path.name for path in (tmp_path / "translated").iterdir()} == set(
        ast.literal_eval(names)
    )
    assert {"talk.pt.ass", "talk.pt.report.html", "talk.pt.session.json"} <= set(
        ast.literal_eval(names)
    )


def test_corrections(tmp_path: Path) -> None:
    *lines, done = run(tmp_path, example("Correcting sentences"))
    assert [line.split(" -> ")[1] for line in lines] == ["pt:Good pt:morning.", "pt:Good pt:night."]
    assert done.startswith("[1, 2] ['talk.pt.wav',")
    srt = (tmp_path / "talk.pt.srt").read_text(encoding="utf-8")
    assert "Bom dia a todos." in srt


def test_the_first_example(tmp_path: Path) -> None:
    lines = run(tmp_path, example("From Python"))
    assert lines[0] == "pt:Good pt:morning."
    assert lines[1].startswith("pt:Good pt:night. (")
    assert lines[1].endswith(",) 24000")


def test_one_step_alone(tmp_path: Path) -> None:
    lines = run(tmp_path, example("One step alone"))
    assert [line.split(" ", 2)[2] for line in lines[:2]] == ["en Good morning.", "en Good night."]
    assert lines[2:4] == ["pt:Good pt:morning.", "pt:The pt:train pt:leaves pt:at pt:10:15."]
    assert lines[4].endswith(",) 24000")


def test_while_somebody_speaks(tmp_path: Path) -> None:
    lines = run(tmp_path, example("While somebody speaks"))
    assert lines == ["pt:Good pt:morning.", "pt:Good pt:night."]


def test_a_microphone_and_a_loudspeaker(tmp_path: Path) -> None:
    sounddevice = """
played = []

class InputStream:
    def __init__(self, *, callback, **options):
        assert (options["samplerate"], options["channels"]) == (16_000, 1)
        self.callback = callback
    def __enter__(self):
        threading.Thread(target=self.capture).start()
    def __exit__(self, *error): ...
    def capture(self):
        for chunk in at_its_pace():
            self.callback(chunk[:, None], len(chunk), None, None)
        captured.put(None)

class OutputStream:
    def __init__(self, **options):
        assert options == {"samplerate": 24_000, "channels": 1, "dtype": "float32"}
    def __enter__(self): ...
    def __exit__(self, *error): ...
    def write(self, samples):
        played.append(samples)

sys.modules["sounddevice"] = types.SimpleNamespace(**globals())
"""
    program = sounddevice + example("A microphone and a loudspeaker") + "print(*words(played))"
    lines = run(tmp_path, program)
    assert lines == ["pt:Good pt:morning.", "pt:Good pt:night.", "pt:morning. pt:night."]


@needs("websockets")
def test_a_websocket(tmp_path: Path) -> None:
    client = """
import socket as sockets
with sockets.socket() as one:
    one.bind(("127.0.0.1", 0))
    PORT = one.getsockname()[1]

def speak_to_it():
    from stslocal import SegmentTranslated, from_json
    from websockets.sync.client import connect

    while True:
        try:
            socket = connect(f"ws://127.0.0.1:{PORT}")
            break
        except OSError:
            time.sleep(0.1)
    threading.Thread(target=send, args=(socket,)).start()
    speech = []
    for message in socket:
        if isinstance(message, bytes):
            speech.append(np.frombuffer(message, "<i2") / np.float32(32767))
        elif isinstance(event := from_json(message), SegmentTranslated):
            print(event.text)
    print(*words(speech), flush=True)
    os._exit(0)

def send(socket):
    for chunk in at_its_pace():
        socket.send((chunk * 32767).astype("<i2").tobytes())
    socket.send("end")

threading.Thread(target=speak_to_it).start()
"""
    program = client + example("A WebSocket").replace("8765", "PORT")
    lines = run(tmp_path, program)
    assert lines == ["pt:Good pt:morning.", "pt:Good pt:night.", "pt:morning. pt:night."]


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for ffmpeg is a script")
def test_a_pipe_from_ffmpeg(tmp_path: Path) -> None:
    stand_in = tmp_path / "ffmpeg"
    stand_in.write_text(
        f"#!{sys.executable}\n"
        "import sys, time, soundfile\n"
        "assert sys.argv[1:] == '-v error -re -i talk.mp3 -f s16le -ac 1 -ar 16000 -'.split()\n"
        "for block in soundfile.blocks('talk.mp3', blocksize=1600, dtype='int16'):\n"
        "    time.sleep(0.1)\n"
        "    sys.stdout.buffer.write(block.tobytes())\n"
        "    sys.stdout.buffer.flush()\n"
    )
    stand_in.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    lines = run(tmp_path, example("A pipe from ffmpeg or GStreamer"), PATH=path)
    assert lines == ["pt:Good pt:morning.", "pt:Good pt:night."]


@needs("livekit")
def test_a_room_of_livekit(tmp_path: Path) -> None:
    program = """
texts, played = [], []

class Captured:
    def __init__(self, track, *, sample_rate, num_channels):
        assert (sample_rate, num_channels) == (16_000, 1)
    async def __aiter__(self):
        for start in range(0, len(said), 1600):
            await asyncio.sleep(0.1)
            data = (said[start : start + 1600] * 32767).astype(np.int16)
            frame = rtc.AudioFrame(data.tobytes(), 16_000, 1, len(data))
            yield types.SimpleNamespace(frame=frame)
    async def aclose(self): ...

class Source(rtc.AudioSource):
    async def capture_frame(self, frame):
        played.append(np.frombuffer(frame.data, np.int16) / np.float32(32767))

async def publish_track(track, options): ...
async def send_text(text, *, topic):
    texts.append(text)

rtc.AudioStream, rtc.AudioSource = Captured, Source
participant = types.SimpleNamespace(publish_track=publish_track, send_text=send_text)
room = types.SimpleNamespace(local_participant=participant)
asyncio.run(translate_track(fakes, room, "a track"))
print(*texts, sep="\\n")
print(*words(played), flush=True)
"""
    lines = run(tmp_path, example("A room of LiveKit") + program)
    assert lines == ["pt:Good pt:morning.", "pt:Good pt:night.", "pt:morning. pt:night."]


@needs("pipecat")
def test_a_step_of_a_pipecat_pipeline(tmp_path: Path) -> None:
    program = """
from pipecat.tests.utils import SleepFrame, run_test

frames = []
for start in range(0, len(said), 1600):
    data = (said[start : start + 1600] * 32767).astype(np.int16)
    frames += [InputAudioRawFrame(data.tobytes(), 16_000, 1), SleepFrame(0.1)]
pushed, _ = asyncio.run(run_test(TranslateSpeech(fakes), frames_to_send=frames))
played = [np.frombuffer(frame.audio, np.int16) / np.float32(32767)
          for frame in pushed if isinstance(frame, OutputAudioRawFrame)]
print(*words(played), flush=True)
"""
    lines = run(tmp_path, example("A step of a Pipecat pipeline") + program)
    assert lines[-1] == "pt:morning. pt:night."
