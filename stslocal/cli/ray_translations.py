"""`stslocal translate --ray`: the workers of a Ray cluster translate the recordings."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stslocal.cli.file_translations import FileTranslations
from stslocal.errors import SettingsError
from stslocal.files.plan import FileTask

if TYPE_CHECKING:
    from stslocal.files.ray_pool import ClusterOptions, RayPool
    from stslocal.files.ray_worker import Outcome


class RayTranslations(FileTranslations):
    """Translates the files of one command line on a cluster, several at once."""

    def __init__(self, *given: Any) -> None:
        """As FileTranslations."""
        super().__init__(*given)
        self._arguments: argparse.Namespace = given[2]
        self._pool: RayPool | None = None
        self._ends = ExitStack()

    def run(self) -> int:
        """As FileTranslations; the workers end with it."""
        with self._ends:
            return super().run()

    def _left_over(self, tasks: list[FileTask]) -> list[FileTask]:
        """Give recordings to the workers; returns those that another process has claimed."""
        if not tasks:
            return []
        left = []
        for task, outcome in self._workers().translate((t, self._is_again(t)) for t in tasks):
            with self._border(task):
                if not self._take(task, outcome):
                    left.append(task)
        return left

    def _take(self, task: FileTask, outcome: Outcome) -> bool:
        """Report what became of a recording; False if it is not done. Raises what it failed of."""
        from stslocal.files.ray_worker import EARLIER, HELD

        if outcome == HELD:
            return False
        if outcome == EARLIER:
            self._ends_without_work(task, "another stslocal has translated it")
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            self._report(task, outcome)
        return True

    def _workers(self) -> RayPool:
        if self._pool is None:
            from stslocal.files.ray_pool import RayPool

            self._pool = self._ends.enter_context(
                RayPool(
                    cluster_options(self._arguments),
                    self._settings,
                    self._selection,
                    self._options,
                    overwrite=self._overwrite,
                )
            )
            number = self._pool.size
            self._printer.status(f"translating with {number} worker{'s'[: number != 1]} on Ray")
        return self._pool


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """Add --ray, and what a worker takes, to a command."""
    cluster = parser.add_argument_group("a Ray cluster")
    cluster.add_argument(
        "--ray", metavar="ADDRESS",
        help="let workers on a Ray cluster translate the recordings, in a folder that all its "
        "machines see; `local` starts one on this machine, `auto` takes the one that runs",
    )  # fmt: skip
    cluster.add_argument(
        "--ray-workers", type=_whole_number, metavar="N",
        help="workers at most (default: as many as the cluster has room for)",
    )  # fmt: skip
    cluster.add_argument(
        "--ray-cpus", type=_whole_number, metavar="N", help="processors of a worker (default: 2)"
    )
    cluster.add_argument(
        "--ray-gpus", type=_gpus, metavar="X",
        help="GPUs of a worker; 0.5 lets two workers share one (default: 0)",
    )  # fmt: skip


def check_cluster(arguments: argparse.Namespace) -> None:
    """Raise SettingsError where the options of the cluster cannot be followed."""
    if arguments.ray is None:
        for name in ("workers", "cpus", "gpus"):
            if getattr(arguments, f"ray_{name}") is not None:
                raise SettingsError(
                    f"--ray-{name} is for workers on a Ray cluster: add `--ray local`, or its "
                    "address"
                )
        return
    if arguments.watch:
        raise SettingsError("--watch works in this process alone: leave out --ray")
    if arguments.json_lines:
        raise SettingsError("--json-lines shows the work of one process: use --json with --ray")
    if find_spec("ray") is None:
        raise SettingsError("Ray is not installed: run `pip install 'stslocal[ray]'`")


def cluster_options(arguments: argparse.Namespace) -> ClusterOptions:
    """Where the workers run, from the flags."""
    from stslocal.files.ray_pool import ClusterOptions

    given = {
        name: value
        for name in ("workers", "cpus", "gpus")
        if (value := getattr(arguments, f"ray_{name}")) is not None
    }
    return ClusterOptions(arguments.ray, **given)


def _whole_number(text: str) -> int:
    """Read a number from 1 on."""
    if not text.isdecimal() or len(text) > 4 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 on")
    return int(text)


def _gpus(text: str) -> float:
    try:
        gpus = float(text)
    except ValueError:
        gpus = -1.0
    if not 0 <= gpus <= 64:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of GPUs, such as 0.5 or 1")
    return gpus
