"""What engines change in the process that they run in. No import changes anything.

The command line calls `prepare_process` before anything heavy is imported. A program that uses
stslocal as a library may call it too, at its start:

    from stslocal.engines.process import prepare_process

    prepare_process()   # before anything imports ctranslate2, torch or onnxruntime

Without the call everything works and nothing goes online. What is lost is speed: where many
threads share a processor, a third of a translation's time may go into waking them up.

What is changed, and by whom. The variables are the environment's; child processes inherit them.

ORT_DISABLE_TELEMETRY   Keeps onnxruntime from sending anything to its maker. Set by
                        `prepare_process`, and by the registry before it imports an engine.
OMP_WAIT_POLICY,        How the threads of OpenMP wait for work, on Linux. Set by
GOMP_SPINCOUNT,         `prepare_process`. OpenMP reads them once, when importing ctranslate2 or
KMP_BLOCKTIME           torch loads it, and they count for everything that computes with it.
HF_HUB_OFFLINE          Keeps every library from asking the hub of Hugging Face. Set by
                        `prepare_process`, unless `hub_offline` is False. Engines do not need it:
                        they check that all files are there before they load them.
threads of PyTorch      How many threads compute. Set by loading XTTS with `threads` other than 0.
                        PyTorch has no such number for one model, only for the process.
sys.modules             Holds a stand-in for torchaudio's compiled part after loading XTTS where
                        that part does not fit the installed PyTorch (see `xtts.torch_audio`).
"""

from __future__ import annotations

import os
import sys

_WAITING = {"OMP_WAIT_POLICY": "ACTIVE", "GOMP_SPINCOUNT": "300000", "KMP_BLOCKTIME": "200"}
"""Every thread that computes with CTranslate2 or PyTorch has helpers of its own, which wait for
the next matrix in a loop before they go to sleep. Where all of them together outnumber the cores,
libgomp, the OpenMP of Linux, has them loop 100 times; waking them up then took a third of a
translation. ACTIVE makes that 1000, the count keeps what is usual with fewer threads (300 000, some
milliseconds), and the last is for other OpenMPs, which would never sleep otherwise."""


def prepare_process(*, hub_offline: bool = True) -> None:
    """Set the variables in the table above, so that engines send nothing and compute fast.

    Call it once, before anything heavy is imported. What the person has set for OpenMP or for
    the hub stays. `hub_offline` False leaves the hub of Hugging Face open, to download models.
    """
    disable_telemetry()
    if hub_offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if sys.platform == "linux" and not os.environ.keys() & _WAITING.keys():
        os.environ.update(_WAITING)


def disable_telemetry() -> None:
    """Keep onnxruntime from sending anything to its maker. Call it before that is imported.

    It sends from version 1.29 on, and through Windows' own tracing before. The base install is
    bounded below that version; should another one be installed, this silences it.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def set_torch_threads(count: int) -> None:
    """Let PyTorch compute with `count` threads, in the whole process."""
    import torch

    torch.set_num_threads(count)
