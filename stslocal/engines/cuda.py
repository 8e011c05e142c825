"""Finds out whether the engines can use an NVIDIA GPU."""

from __future__ import annotations

import ctypes
import logging
import sys

from stslocal.errors import EngineError

_log = logging.getLogger(__name__)

_CUBLAS = "cublas64_12.dll" if sys.platform == "win32" else "libcublas.so.12"
"""The library that CTranslate2 opens when it first computes on a GPU. Its wheel lacks it."""


def cuda_devices() -> int:
    """The number of GPUs that CTranslate2 finds; 0 without a driver."""
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def cublas_problem() -> str:
    """Why CTranslate2 cannot compute on a GPU, and the remedy; empty when it can."""
    try:
        ctypes.CDLL(_CUBLAS)
    except OSError:
        where = "PATH" if sys.platform == "win32" else "LD_LIBRARY_PATH"
        return (
            f"{_CUBLAS} is missing: install CUDA 12, or run `pip install nvidia-cublas-cu12` and"
            f" add its folder to {where}, or work on the processor with `--device cpu`"
        )
    return ""


def device_for(wanted: str) -> str:
    """`cpu` or `cuda`: where CTranslate2 is to compute. `auto` is a GPU that it can use.

    Raises EngineError when `cuda` is wanted and its library is missing: CTranslate2 itself says so
    only when it first computes, in the middle of the work.
    """
    if wanted == "cpu" or not cuda_devices():
        return "cuda" if wanted == "cuda" else "cpu"  # CTranslate2 says at once what is missing
    problem = cublas_problem()
    if not problem:
        return "cuda"
    if wanted == "cuda":
        raise EngineError(f"the GPU cannot be used: {problem}")
    _log.warning("the GPU is not used: %s", problem)
    return "cpu"
