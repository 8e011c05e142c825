"""Imports torchaudio, also where its compiled part does not load.

On Linux the registry's torchaudio is linked with CUDA. Beside a PyTorch for the processor alone
`import torchaudio` raises OSError (a CUDA library is missing), and so does every package that
imports it (transformers, coqui-tts). Only codecs, forced alignment and the CTC decoder are
compiled. Resampling and mel spectrograms, which are needed here, are written in Python.
"""

from __future__ import annotations

import importlib
import logging
import sys
from types import ModuleType
from typing import Any

_log = logging.getLogger(__name__)

_COMPILED = "torchaudio._extension"


def import_torchaudio() -> Any:
    """Import torchaudio, without its compiled part where that cannot be loaded.

    Call this before anything that imports torchaudio itself. Raises ModuleNotFoundError when
    it is not installed, OSError or ImportError when it fails for another reason.
    """
    try:
        return importlib.import_module("torchaudio")
    except OSError as error:
        _log.info("torchaudio is used without its compiled part, which does not load: %s", error)
        sys.modules[_COMPILED] = _without_compiled_part()
        try:
            return importlib.import_module("torchaudio")
        except BaseException:
            del sys.modules[_COMPILED]
            raise


def _without_compiled_part() -> ModuleType:
    """Make the module that `torchaudio._extension` is where no compiled part was found."""
    module = ModuleType(_COMPILED, "A replacement: nothing compiled is available.")
    names: dict[str, Any] = {
        "_IS_TORCHAUDIO_EXT_AVAILABLE": False,
        "_IS_ALIGN_AVAILABLE": False,
        "fail_if_no_align": lambda function: function,
    }
    vars(module).update(names)
    return module
