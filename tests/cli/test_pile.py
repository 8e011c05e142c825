"""Several processes and one folder of recordings: no recording twice, none lost, nothing left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stslocal import cli
from tests.pile_kit import Pile

pytestmark = pytest.mark.contract

posix = pytest.mark.skipif(sys.platform == "win32", reason="it needs signals")
FLAGS = ("--from", "en", "--to", "pt", "--subtitles", "srt")


@dataclass
class LocalPile(Pile):
    """Several programs on this machine."""

    program = "tests.pile_program"
    flags = FLAGS

    def wait_for_work_by(self, count: int) -> None:
        """Wait until so many processes have claimed a recording, or found it claimed."""

        def at_work() -> bool:
            return len({pid for w in ("claimed", "refused") for _, pid in self.noted(w)}) >= count

        self.wait_for(at_work, f"{count} processes are at work")

    def check_running(self) -> None:
        dead = [one for one in self.processes if one.poll() not in (None, 0, -signal.SIGKILL)]
        assert not dead, dead[0].communicate()


@pytest.fixture
def pile(tmp_path: Path) -> Iterator[LocalPile]:
    (tmp_path / "pile").mkdir()
    one = LocalPile(tmp_path / "pile", tmp_path)
    yield one
    one.open_gate()
    for process in one.processes:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> str:
    """What a process printed on stderr; it must have ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out + err


@pytest.mark.parametrize("elsewhere", [False, True])
def test_two_processes_of_which_one_is_killed(pile: LocalPile, elsewhere: bool) -> None:
    """`elsewhere`: as on two machines, where only the time shows that a process is gone."""
    pile.add(40)
    options = {"PILE_S": "0.05", **({"PILE_STALE_S": "8"} if elsewhere else {})}
    one, other = pile.start(**options), pile.start(**options)
    pile.wait_for_work_by(2)
    pile.open_gate()

    def both_work() -> bool:
        by = Counter(pid for _, pid in pile.noted("done"))
        return by[one.pid] >= 3 and by[other.pid] >= 3

    pile.wait_for(both_work, "both processes have translated three recordings")
    one.kill()
    one.wait()
    ended(other)
    times_done = Counter(name for name, _ in pile.noted("done"))
    assert set(times_done.values()) == {1}
    # The killed process may have published its last one without having noted it.
    assert len(times_done) in (39, 40)
    assert len(pile.results()) == 40
    begun_twice = [name for name, times in Counter(n for n, _ in pile.noted("begun")).items()
                   if times > 1]  # fmt: skip
    assert len(begun_twice) <= 1  # that of the killed one
    assert pile.left() == []


def test_three_processes_that_all_live(pile: LocalPile) -> None:
    pile.add(12)
    processes = [pile.start(PILE_S="0.05") for _ in range(3)]
    pile.wait_for_work_by(3)
    pile.open_gate()
    said = [ended(process) for process in processes]
    assert sorted(name for name, _ in pile.noted("done")) == sorted(
        f"talk-{number:02}.wav" for number in range(12)
    )
    assert len(pile.results()) == 12
    assert all("12 of 12 recordings are translated" in text for text in said)
    assert pile.left() == []


def test_a_process_waits_for_the_last_recording_of_another(pile: LocalPile) -> None:
    pile.add(1)
    first = pile.start()
    pile.wait_for(lambda: pile.noted("begun"), "the first process is at work")
    second = pile.start("--json")
    pile.wait_for(lambda: pile.noted("refused"), "the second one has found the claim")
    pile.open_gate()
    out, err = second.communicate(timeout=300)
    assert "waiting for talk-00.wav: another stslocal is at work" in err
    assert "talk-00.wav: another stslocal has translated it" in err
    (row,) = json.loads(out)["recordings"]
    assert row["earlier"] is True
    ended(first)
    assert len(pile.noted("done")) == 1


def test_overwriting_is_done_once_by_processes_that_begin_together(pile: LocalPile) -> None:
    pile.add(4)
    pile.open_gate()
    ended(pile.start())
    (pile.records / "gate").unlink()
    (pile.records / "claimed").unlink()
    processes = [pile.start("--overwrite") for _ in range(2)]
    pile.wait_for_work_by(2)
    pile.open_gate()
    for process in processes:
        ended(process)
    times = Counter(name for name, _ in pile.noted("done"))
    assert set(times.values()) == {2}


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_claim(pile: LocalPile, number: signal.Signals) -> None:
    pile.open_gate()
    pile.add(3)
    process = pile.start(PILE_S="1")
    pile.wait_for((pile.records / "translating").exists, "it is at work")
    assert any(name.endswith(".claim") for name in pile.left())
    process.send_signal(number)
    process.communicate(timeout=300)
    assert process.returncode == 128 + number
    assert pile.left() == []


def test_what_is_done_is_not_claimed(pile: LocalPile) -> None:
    pile.open_gate()
    pile.add(2)
    ended(pile.start())
    assert len(pile.noted("claimed")) == 2
    assert "done earlier" in ended(pile.start())
    assert len(pile.noted("claimed")) == 2


def test_a_recording_that_fails_is_left_unclaimed(pile: LocalPile) -> None:
    pile.open_gate()
    pile.add(2)
    (pile.folder / "broken.wav").write_bytes(b"RIFF no sound")
    process = pile.start()
    _, err = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "2 of 3 recordings are translated" in err
    assert pile.left() == []


def test_the_shares_of_two_processes(pile: LocalPile) -> None:
    pile.open_gate()
    pile.add(8)
    said = [ended(pile.start("--shard", f"{number}/2")) for number in (1, 2)]
    assert sorted(name for name, _ in pile.noted("done")) == sorted(
        f"talk-{number:02}.wav" for number in range(8)
    )
    assert all("waiting" not in text for text in said)


def test_an_empty_share_is_no_error(pile: LocalPile) -> None:
    pile.open_gate()
    pile.add(1)
    said = [ended(pile.start("--shard", f"{number}/2")) for number in (1, 2)]
    assert sum("no recording is in share" in text for text in said) == 1
    assert len(pile.results()) == 1


@posix
def test_watching_a_folder(pile: LocalPile) -> None:
    pile.open_gate()
    process = pile.start("--watch", "--json", PILE_UNCHANGED_S="3")
    pile.record("first.wav")
    pile.wait_for(lambda: len(pile.results()) == 1, "the first recording is translated")
    whole = (pile.folder / "first.wav").read_bytes()
    growing = pile.folder / "second.wav"
    with growing.open("wb", buffering=0) as file:
        for part in range(10):  # 0.1 s each, and it is complete after 3 s without a change
            file.write(whole[part * len(whole) // 10 : (part + 1) * len(whole) // 10])
            time.sleep(0.1)
    (pile.folder / "broken.wav").write_bytes(b"RIFF no sound")
    pile.wait_for(lambda: len(pile.results()) == 2, "the second recording is translated")
    pile.record("third.wav")
    pile.wait_for(lambda: len(pile.results()) == 3, "the third recording is translated")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1, err  # one failed
    assert "watching for recordings; Ctrl-C ends it" in err
    assert err.count("broken.wav") == 1
    assert "3 of 4 recordings are translated" in err
    rows = {Path(row["input"]).name: "error" in row for row in json.loads(out)["recordings"]}
    names = ["first.wav", "second.wav", "third.wav"]
    assert rows == {**dict.fromkeys(names, False), "broken.wav": True}
    assert sorted(name for name, _ in pile.noted("done")) == names
    assert pile.left() == []


@posix
def test_watching_ends_well_in_the_midst_of_a_recording(pile: LocalPile) -> None:
    pile.open_gate()
    pile.add(1)
    process = pile.start("--watch", PILE_S="4")
    pile.wait_for((pile.records / "translating").exists, "it is at work")
    process.terminate()
    said = ended(process)
    assert "0 of 1 recordings are translated" in said
    assert (pile.results(), pile.left()) == ([], [])
    ended(pile.start())
    assert len(pile.results()) == 1


@posix
def test_two_processes_watch_one_folder(pile: LocalPile) -> None:
    pile.open_gate()
    watchers = [pile.start("--watch", PILE_S="0.2") for _ in range(2)]
    pile.add(6)
    pile.wait_for(lambda: len(pile.results()) == 6, "all are translated")
    for watcher in watchers:
        watcher.terminate()
    for watcher in watchers:
        ended(watcher)
    assert len(pile.noted("done")) == 6
    assert pile.left() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["talk.wav", "--watch"], "--watch watches folders, and talk.wav is none: name a folder"),
        (["-", "--watch"], "--watch, --shard and --ray are for folders: leave them out with"),
        (["-", "--original", "-20dB"], "--original needs a file, which can be read twice"),
        (["-", "--shard", "1/2"], "--watch, --shard and --ray are for folders: leave them out"),
        ([".", "--watch", "-o", "said.mp3"], "--watch writes many results: give a folder with -o"),
        ([".", "--shard", "3/2"], "'3/2' is no shard: write the number of this one"),
    ],
)
def test_wrong_usage_is_a_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.wav").touch()
    assert cli.main(["translate", *arguments, "--from", "en", "--to", "pt"]) == 2
    said = capsys.readouterr().err
    assert said.count(sentence) == 1
    assert "Traceback" not in said
