"""Shares of the recordings: each is in one, on every machine the same."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.errors import SettingsError
from stslocal.files.plan import plan_files
from stslocal.files.shard import Shard

pytestmark = pytest.mark.unit


@given(st.text(min_size=1), st.integers(1, 50))
def test_each_name_is_in_one_share(name: str, of: int) -> None:
    path = PurePosixPath(name)
    assert sum(Shard(number, of).holds(path) for number in range(1, of + 1)) == 1


def test_the_shares_stay_the_same_in_every_release() -> None:
    names = ["a.mp3", "b.mp3", "one/talk.wav", "ação.wav"]
    shares = [[n for n in range(1, 8) if Shard(n, 7).holds(PurePosixPath(one))] for one in names]
    assert shares == [[2], [2], [3], [5]]  # sha256, first 8 bytes, modulo 7


def test_a_name_is_the_same_on_every_system() -> None:
    for of in (2, 3, 50):
        for number in range(1, of + 1):
            one = Shard(number, of)
            assert one.holds(PurePosixPath("a/b.wav")) == one.holds(PureWindowsPath("a\\b.wav"))
            composed, decomposed = "a\u00e7\u00e3o.wav", "ac\u0327a\u0303o.wav"
            assert one.holds(PurePosixPath(composed)) == one.holds(PurePosixPath(decomposed))


def test_shares_are_about_equal() -> None:
    names = [PurePosixPath(f"lecture-{number}.mp3") for number in range(4000)]
    sizes = [sum(map(Shard(number, 8).holds, names)) for number in range(1, 9)]
    assert sum(sizes) == 4000
    assert min(sizes) > 400


@pytest.mark.parametrize(
    "text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.5/3", "1/9999999", "١/٢"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is no shard: write the number of this one"):
        Shard.parse(text)


def test_a_share_is_read_and_written() -> None:
    assert Shard.parse("2/8") == Shard(2, 8)
    assert str(Shard(2, 8)) == "2/8"


def test_the_shares_of_a_folder_are_all_of_it_wherever_it_is(tmp_path: Path) -> None:
    shares = []
    for place in ("here", "there/deeper"):
        folder = tmp_path / place
        (folder / "sub").mkdir(parents=True)
        for number in range(12):
            (folder / "sub" / f"{number}.wav").touch()
            (folder / f"{number}.mp3").touch()
        found = [
            plan_files(
                [str(folder)],
                target="pt",
                output=None,
                output_format="wav",
                shard=Shard(number, 3),
            )
            for number in (1, 2, 3)
        ]
        shares.append([[str(t.source.relative_to(folder)) for t in tasks] for tasks in found])
    assert shares[0] == shares[1]
    assert sorted(name for share in shares[0] for name in share) == sorted(
        [f"{number}.mp3" for number in range(12)] + [f"sub/{number}.wav" for number in range(12)]
    )


def test_the_name_of_a_result_does_not_depend_on_the_share(tmp_path: Path) -> None:
    for name in ("talk.mp3", "talk.wav"):
        (tmp_path / name).touch()
    tasks = [
        task
        for number in (1, 2)
        for task in plan_files(
            [str(tmp_path)],
            target="pt",
            output=None,
            output_format="wav",
            shard=Shard(number, 2),
        )
    ]
    assert sorted(task.audio.name for task in tasks) == ["talk.mp3.pt.wav", "talk.wav.pt.wav"]
