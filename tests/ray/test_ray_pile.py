"""`stslocal translate --ray local`: real workers of a local Ray cluster, with fake engines."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stslocal import cli
from tests.extras import need
from tests.live_program import wait_until
from tests.pile_kit import Pile

need("ray")

pytestmark = pytest.mark.real

FLAGS = ("--from", "en", "--to", "pt", "--subtitles", "srt",
         "--ray", "local", "--ray-workers", "2", "--ray-cpus", "1")  # fmt: skip


@dataclass
class RayPile(Pile):
    """One command, whose workers are on a Ray cluster."""

    program = "tests.ray_program"
    flags = FLAGS

    def check_running(self) -> None:
        assert self.processes[-1].poll() is None, self.processes[-1].communicate()


@pytest.fixture
def pile(tmp_path: Path) -> Iterator[RayPile]:
    (tmp_path / "pile").mkdir()
    one = RayPile(tmp_path / "pile", tmp_path)
    yield one
    one.open_gate()
    for process in one.processes:
        if process.poll() is None:  # in order, so that it ends its cluster
            process.terminate()
        process.communicate(timeout=300)


def test_two_workers_of_which_one_is_killed(pile: RayPile) -> None:
    pile.add(12)
    process = pile.start("--json")
    pile.wait_for(lambda: len({pid for _, pid in pile.noted("begun")}) == 2, "two are at work")
    (name, killed), *_ = pile.noted("begun")
    os.kill(killed, signal.SIGKILL)
    pile.open_gate()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert out.startswith("{"), (out, err)
    rows = json.loads(out)["recordings"]  # Ray wrote nothing between
    names = [f"talk-{number:02}.wav" for number in range(12)]
    assert [Path(row["input"]).name for row in rows] == names
    assert not any(row["earlier"] for row in rows)
    assert sorted(one for one, _ in pile.noted("done")) == names
    assert len(pile.results()) == 12
    begun = Counter(one for one, _ in pile.noted("begun"))
    assert begun.pop(name) == 2  # that of the killed one
    assert set(begun.values()) == {1}
    assert killed not in {pid for _, pid in pile.noted("done")}
    loaded = pile.noted("loaded")  # once a worker: the two, and the one in place of the killed one
    assert len({pid for _, pid in loaded}) == len(loaded) == 3
    assert {threads for threads, _ in loaded} == {"1"}
    assert pile.left() == []


def test_what_fails_and_what_ends_its_workers_is_reported_and_the_rest_is_done(
    pile: RayPile,
) -> None:
    pile.add(3)
    (pile.folder / "broken.wav").write_bytes(b"RIFF no sound")
    pile.open_gate()
    process = pile.start(PILE_DEADLY="talk-01.wav")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1
    assert sorted(map(os.path.basename, out.split())) == ["talk-00.pt.wav", "talk-02.pt.wav"]
    assert "talk-01.wav: the recording has ended 3 workers" in err
    assert err.count("broken.wav") == 1
    assert "2 of 4 recordings are translated" in err
    assert "Traceback" not in err
    assert [name for name, _ in pile.noted("begun")].count("talk-01.wav") == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_workers_in_order(pile: RayPile, number: signal.Signals) -> None:
    pile.add(3)
    process = pile.start(PILE_S="3")
    pile.wait_for(lambda: len(pile.noted("begun")) == 2, "two are at work")
    process.send_signal(number)
    pile.open_gate()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 128 + number, err
    assert (out, pile.results()) == ("", [])
    assert all(name.endswith(".journal") for name in pile.left()), "what is spoken is kept"
    wait_until(lambda: not any(map(_runs, pile.noted("loaded"))), "no worker is left")


def _runs(worker: tuple[str, int]) -> bool:
    try:
        os.kill(worker[1], 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            ["--ray-workers", "2"],
            "--ray-workers is for workers on a Ray cluster: add",
        ),
        (["--ray", "local", "--watch"], "--watch works in this process alone: leave out --ray"),
        (["--ray", "local", "--json-lines"], "use --json with --ray"),
        (["--ray", "local", "--ray-gpus", "many"], "'many' is no number of GPUs, such as 0.5 or 1"),
        (["--ray", "local", "--ray-cpus", "0"], "'0' is not a number from 1 on"),
    ],
)
def test_wrong_usage_is_a_sentence(
    flags: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["translate", str(tmp_path), "--from", "en", "--to", "pt", *flags]) == 2
    assert capsys.readouterr().err.count(sentence) == 1


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--ray", "127.0.0.1:1"], "cannot join a Ray cluster at 127.0.0.1:1"),
        (["--ray-gpus", "0.5"], "0 GPUs, which is less than a worker takes: give other"),
    ],
)
def test_a_cluster_that_cannot_be_used(pile: RayPile, flags: list[str], sentence: str) -> None:
    pile.add(1)
    process = pile.start(*flags)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (2, ""), err
    assert sentence in err
    assert "Traceback" not in err
