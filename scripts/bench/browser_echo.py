"""How many of a speaker's words a browser's microphone keeps while its loudspeaker speaks.

    setsid nice -n -15 python scripts/bench/browser_echo.py record [--seconds 40] [--echo-db 0 6]
                                                           [--out DIR]
    python scripts/bench/browser_echo.py recognize [--out DIR]

`record`: Chromium shows the page of the server, on virtual sound cards. Somebody reads English into
its microphone; the page plays another person's Portuguese reading all the time, and its sound comes
back into the microphone through a simulated room (0.25 s of reverberation), `--echo-db` louder than
the reader. What the page would send is kept, with the browser's own echo canceller and without,
and without also without the browser's control of the level, for which the page asks. The page opens
the microphone itself: what was played is recorded beside what was captured, as it is sent.

`recognize`: whisper-base recognizes the recordings as they are, and those without the browser's
canceller also after the one of `--duplex aec`. A word is kept if it is recognized in the reading
itself and here; an invented word is one that is not.

Recording is real time and needs PulseAudio and Chromium; recognizing is not. Writes
browser_echo.json and browser_echo.md.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from corpus import CHECKOUT, OWN, Corpus, add_data_option
from echo import PREAMBLE_S, cancel, compared, words
from rooms import decibels, reading, response
from streaming import recognize_utterances

from stslocal.audio.resample import from_pcm16, resample, to_pcm16
from stslocal.engines.process import prepare_process
from stslocal.engines.silero.detector import SileroVad
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.storage import models_folder
from stslocal.types import RECOGNITION_RATE, Samples

sys.path.insert(0, str(CHECKOUT))

from playwright.sync_api import Page, sync_playwright

from tests.device.conftest import LOUDSPEAKER, MICROPHONE_FEED, SoundServer
from tests.server.page.browser import chromium_path
from tests.server.page.scripted_server import scripted_server

REVERBERATION_S = 0.25
BLOCK = RECOGNITION_RATE // 100
LATENCY = "--latency-msec=40"
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
OPEN = """async ([cancels, levels, talk]) => {
  const { Microphone, Player } = await import('/page/sound.js');
  const { fromBase64 } = await import('/page/pcm.js');
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = ({ audio }) => ask({
    audio: { ...audio, echoCancellation: cancels, autoGainControl: levels },
  });
  const player = new Player();
  await player.open();
  const kept = { captured: [], played: [] };
  const microphone = await Microphone.open({
    player,
    onEnd() {},
    onPiece(samples, peak, played) {
      kept.captured.push(samples);
      kept.played.push(played ?? new Int16Array(samples.length));
    },
  });
  const samples = player.resampler.process(fromBase64(talk)).slice(); // takes seconds
  kept.captured.length = kept.played.length = 0;
  globalThis.bench = { kept, player, microphone, samples };
  return microphone.stream.getAudioTracks()[0].getSettings();
}"""
PLAY = """() => {
  const { player, samples } = globalThis.bench;
  player.node.port.postMessage({ samples });
}"""
KEPT = """async (name) => {
  const { toBase64 } = await import('/page/pcm.js');
  const pieces = globalThis.bench.kept[name];
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => { whole.set(piece, at); return at + piece.length; }, 0);
  return toBase64(whole);
}"""


def room(seconds: float, echo_db: float, played: Samples) -> None:
    """Convolve what comes from the standard input, float32 at 16 kHz, and write it. A process.

    `played` is what the loudspeaker will play: its echo is `echo_db` louder.
    """
    shape = response(REVERBERATION_S, seed=0).astype(np.float32)
    size = 1 << (len(shape) + BLOCK).bit_length()
    spectrum = np.fft.rfft(shape, size)
    echo = np.fft.irfft(np.fft.rfft(played, 2 * len(played)) *
                        np.fft.rfft(shape, 2 * len(played)))[: len(played)]  # fmt: skip
    gain = 10 ** ((decibels(played) - decibels(echo) + echo_db) / 20)
    tail = np.zeros(size - BLOCK, np.float32)
    while len(data := sys.stdin.buffer.read(4 * BLOCK)) == 4 * BLOCK:
        block = np.frombuffer(data, np.float32)
        whole = np.fft.irfft(np.fft.rfft(block, size) * spectrum, size).astype(np.float32)
        whole[: len(tail)] += tail
        tail = whole[BLOCK:]
        sys.stdout.buffer.write((gain * whole[:BLOCK]).astype("<f4").tobytes())
        sys.stdout.buffer.flush()


@contextmanager
def echoing(echo_db: float | None, played: Path) -> Iterator[None]:
    """Let the loudspeaker come back into the microphone, through the room."""
    if echo_db is None:
        yield
        return
    raw = ["--raw", "--format=float32le", f"--rate={RECOGNITION_RATE}", "--channels=1", LATENCY]
    recorder = subprocess.Popen(
        ["pacat", "--record", f"--device={LOUDSPEAKER}.monitor", *raw], stdout=subprocess.PIPE
    )
    convolver = subprocess.Popen(
        [sys.executable, __file__, "room", "--echo-db", str(echo_db), "--played", str(played)],
        stdin=recorder.stdout, stdout=subprocess.PIPE,
    )  # fmt: skip
    player = subprocess.Popen(
        ["pacat", "--playback", f"--device={MICROPHONE_FEED}", *raw], stdin=convolver.stdout
    )
    try:
        time.sleep(2.0)
        yield
    finally:
        for process in (recorder, convolver, player):
            process.terminate()
            process.wait()


def record(arguments: argparse.Namespace) -> None:
    data: Corpus = arguments.data
    skip_s = 0.0 if data.folder == OWN else PREAMBLE_S
    speaker = reading(data, "en", arguments.seconds)
    played = reading(data, "pt", arguments.seconds, skip_s)
    arguments.out.mkdir(parents=True, exist_ok=True)
    soundfile.write(arguments.out / "speaker.wav", speaker, RECOGNITION_RATE, subtype="FLOAT")
    path = arguments.out / "played.wav"
    soundfile.write(path, played, RECOGNITION_RATE, subtype="FLOAT")
    talk = base64.b64encode(to_pcm16(resample(played, RECOGNITION_RATE, WIRE_RATE))).decode()
    with tempfile.TemporaryDirectory() as folder:
        sound = SoundServer(Path(folder))
        os.environ.update(sound.environment)
        sound.start()
        try:
            for echo_db in arguments.echo_db:
                for cancels, levels in ((True, True), (False, True), (False, False)):
                    name = run_name(echo_db, cancels, levels)
                    with echoing(echo_db, path):
                        one(sound, name, (cancels, levels, talk), speaker, arguments.out)
        finally:
            sound.end_clients()
            sound.kill()


def one(sound: SoundServer, name: str, how: tuple[bool, bool, str], speaker: Samples, out: Path
        ) -> None:  # fmt: skip
    speaker_48k = resample(speaker, RECOGNITION_RATE, 48_000)
    with scripted_server() as server, page_of(server.address) as page:
        settings = page.evaluate(OPEN, list(how))
        page.wait_for_timeout(1000)
        page.evaluate(PLAY)
        sound.play_into(speaker_48k, 48_000)  # takes as long as the reading
        page.wait_for_timeout(2000)
        for kind in ("captured", "played"):
            samples = from_pcm16(base64.b64decode(page.evaluate(KEPT, kind)))
            soundfile.write(out / f"{name}.{kind}.wav", samples, WIRE_RATE, subtype="PCM_16")
            print(name, kind, f"{len(samples) / WIRE_RATE:.1f} s", f"{decibels(samples):.1f} dB",
                  settings.get("echoCancellation"), settings.get("autoGainControl"),
                  flush=True)  # fmt: skip
    sound.end_clients()


@contextmanager
def page_of(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=list(ARGUMENTS), headless=True,
            chromium_sandbox=False, ignore_default_args=["--mute-audio"],
        )  # fmt: skip
        try:
            page = browser.new_context(permissions=["microphone"]).new_page()
            before_others()
            page.goto(address)
            page.locator("html[data-ready]").wait_for()
            yield page
        finally:
            browser.close()


def before_others() -> None:
    """Let the browser's processes, a session of their own, work before those of other sessions."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"chromium" in (folder / "cmdline").read_bytes().partition(b"\0")[0]:
                (folder / "autogroup").write_text("-20")


def run_name(echo_db: float | None, cancels: bool, levels: bool) -> str:
    echo = "none" if echo_db is None else f"{echo_db:+g}"
    return f"{echo}-{'browser' if cancels else 'off'}-{'levels' if levels else 'plain'}"


def recognize(arguments: argparse.Namespace) -> None:
    prepare_process()
    vad = SileroVad.load()
    recognizer = FasterWhisperRecognizer.load(arguments.models / "whisper-base", threads=1)

    def recognized(samples: Samples) -> str:
        return str(recognize_utterances(samples, "en", vad, recognizer)["text"])

    def recorded(name: str) -> Samples:
        samples, rate = soundfile.read(arguments.out / name, dtype="float32")
        return resample(samples, rate, RECOGNITION_RATE)

    reference = recognized(recorded("speaker.wav"))
    rows: list[dict[str, Any]] = []
    for path in sorted(arguments.out.glob("*.captured.wav")):
        echo, browser, levels = path.name.partition(".")[0].rsplit("-", 2)
        captured = recorded(path.name)
        played = recorded(path.name.replace("captured", "played"))
        sounds = {"nothing" if browser == "off" else "the browser": captured}
        if browser == "off":
            sounds["stslocal"] = cancel(captured, played).samples
        for cancels, samples in sounds.items():
            text = recognized(samples)
            kept, invented = compared(text, reference)
            rows.append({"echo": echo, "cancels": cancels, "levels": levels == "levels",
                         "kept": kept, "of": len(words(reference)), "invented": invented,
                         "text": text})  # fmt: skip
            print(line(rows[-1]), flush=True)
    (arguments.out / "browser_echo.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    head = "| echo | echo canceller | browser's level control | words kept | invented |"
    table = [head, "|---|---|---|---|---|", *map(line, rows)]
    (arguments.out / "browser_echo.md").write_text("\n".join(table) + "\n", encoding="utf-8")


def line(row: dict[str, Any]) -> str:
    echo = row["echo"] if row["echo"] == "none" else f"{row['echo']} dB"
    return (
        f"| {echo} | {row['cancels']} | {'on' if row['levels'] else 'off'} |"
        f" {row['kept']} of {row['of']} | {row['invented']} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("record", "recognize", "room"))
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--echo-db", nargs="+", type=gain, default=[None, 0.0, 6.0])
    parser.add_argument("--played", type=Path)
    parser.add_argument("--models", type=Path, default=models_folder())
    parser.add_argument("--out", type=Path, default=Path("bench-results/browser-echo"))
    add_data_option(parser)
    arguments = parser.parse_args()
    if arguments.what == "record":
        record(arguments)
    elif arguments.what == "recognize":
        recognize(arguments)
    else:
        room(arguments.seconds, arguments.echo_db[0], soundfile.read(arguments.played)[0])


def gain(text: str) -> float | None:
    return None if text == "none" else float(text)


if __name__ == "__main__":
    main()
