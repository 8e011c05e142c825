"""Settings of the process in which the engines run. No import changes anything.

The command line calls `prepare_process` before it imports a large library. A program that uses
stslocal as a library may call it too, at its start:

    from stslocal.engines.process import prepare_process

    prepare_process()   # before anything imports ctranslate2, torch or onnxruntime

Without the call everything works and nothing goes online, but slower: where many threads share
a processor, waking them up may take a third of a translation's time.

The table lists the environment variables and other state, and who changes them. Child processes
inherit the variables.

ORT_DISABLE_TELEMETRY   Prevents onnxruntime from sending data to its maker. Set by
                        `prepare_process`, and by the registry before it imports an engine.
RAY_USAGE_STATS_ENABLED The same for Ray, and set with it, also before a cluster is started here.
OMP_WAIT_POLICY,        How the threads of OpenMP wait for work, on Linux. Set by
GOMP_SPINCOUNT,         `prepare_process`. OpenMP reads them once, when importing ctranslate2 or
KMP_BLOCKTIME           torch loads it, and they apply to all libraries that use it.
HF_HUB_OFFLINE          Prevents every library from asking the hub of Hugging Face. Set by
                        `prepare_process`, unless `hub_offline` is False. Engines do not need it:
                        they check that all files exist before they load them.
threads of PyTorch      The number of threads. Set by loading XTTS with `threads` other than 0.
                        PyTorch has one number for the process, not one for each model.
sys.modules             Holds a replacement for torchaudio's compiled part after loading XTTS if
                        that part does not fit the installed PyTorch (see `xtts.torch_audio`).
"""

from __future__ import annotations

import os
import sys

_OPENMP_WAITING = {"OMP_WAIT_POLICY": "ACTIVE", "GOMP_SPINCOUNT": "300000", "KMP_BLOCKTIME": "200"}
"""Every thread that computes with CTranslate2 or PyTorch has helper threads, which wait for the
next matrix in a loop before they sleep. If there are more of them than cores, libgomp (the OpenMP
of Linux) lets them loop 100 times; waking them up then took a third of a translation. ACTIVE raises
that to 1000. The count keeps the usual 300 000 loops (some milliseconds) for fewer threads. The
last variable is for other OpenMPs, whose threads would never sleep with ACTIVE."""


def prepare_process(*, hub_offline: bool = True) -> None:
    """Set the variables of the table above: engines then send nothing and compute fast.

    Call it once, before a large library is imported. Variables that the person has set for
    OpenMP or for the hub stay. `hub_offline` False leaves the hub of Hugging Face open, to
    download models.
    """
    disable_telemetry()
    if hub_offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if sys.platform == "linux" and not os.environ.keys() & _OPENMP_WAITING.keys():
        os.environ.update(_OPENMP_WAITING)


def disable_telemetry() -> None:
    """Prevent onnxruntime and Ray from sending data to their makers. Call it before the import.

    onnxruntime sends data from version 1.29 on, and earlier through the tracing of Windows. The
    base install needs an earlier version; this call is for any other that is installed. Ray sends
    data about each cluster that it starts.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


def set_torch_threads(count: int) -> None:
    """Make PyTorch compute with `count` threads in the whole process."""
    import torch

    torch.set_num_threads(count)
