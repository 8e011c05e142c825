"""espeak-ng's library, called where it lies.

phonemizer and others load a copy from a new temporary folder, so that each of their objects has
its own global variables. That fails where programs may not run from temporary folders (`noexec`),
and a killed process leaves the copy behind. Here one object serves the whole process.

Source: `speak_lib.h` of espeak-ng 1.52.
"""

from __future__ import annotations

import ctypes
import functools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import espeakng_loader

LIBRARY_VARIABLE = "PHONEMIZER_ESPEAK_LIBRARY"
"""The environment variable for an espeak-ng library in place of the one in espeakng-loader, and
_DATA_VARIABLE for its data. phonemizer has made these names known."""
_DATA_VARIABLE = "PHONEMIZER_ESPEAK_DATA_PATH"

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
"""Without it espeak-ng ends the process when it finds no data."""
_UTF8 = 1
_IPA_WITH_UNDERSCORES = 0x02 | ord("_") << 8


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class Espeak:
    """espeak-ng, for any number of threads; a lock lets one at a time use its global variables."""

    def __init__(self, library: str, data: str | None) -> None:
        """Load the library; without `data` it uses the folder that it was built for.

        Raises OSError, AttributeError or RuntimeError when it cannot be used.
        """
        self._lock = threading.Lock()
        self._voice = ""
        self._library = ctypes.CDLL(library)
        self._declare()
        if data is not None and not Path(data).is_dir():
            raise RuntimeError(f"its data folder {data} does not exist")
        path = None if data is None else os.fsencode(data)
        if self._library.espeak_Initialize(_SYNCHRONOUS, 0, path, _DO_NOT_EXIT) <= 0:
            raise RuntimeError(f"its data in {data or 'its own folder'} cannot be read")
        self._identifiers = self._voices_by_language()

    def phonemes(self, text: str, voice: str) -> str:
        """Return IPA with `_` between phonemes and spaces between words, for a voice like `pt-br`.

        Raises RuntimeError for a voice that does not exist.
        """
        with self._lock:
            self._use(voice)
            # espeak-ng moves the pointer on, part by part, and sets it to null at the end.
            rest = ctypes.c_char_p(text.encode("utf-8"))
            parts = []
            while rest.value is not None:
                part = self._library.espeak_TextToPhonemes(
                    ctypes.byref(rest), _UTF8, _IPA_WITH_UNDERSCORES
                )
                if part:
                    parts.append(part.decode("utf-8"))
        return " ".join(parts)

    def _declare(self) -> None:
        library: Any = self._library
        library.espeak_Initialize.argtypes = (
            ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int,
        )  # fmt: skip
        library.espeak_ListVoices.argtypes = (ctypes.POINTER(_Voice),)
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
        library.espeak_TextToPhonemes.argtypes = (
            ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int,
        )  # fmt: skip
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def _voices_by_language(self) -> dict[str, bytes]:
        """The identifier of the best voice for each language, without those of MBROLA.

        The list is sorted, best first. A language begins with a byte that is its priority.
        """
        found: dict[str, bytes] = {}
        for voice in _until_null(self._library.espeak_ListVoices(None)):
            language = voice.languages[1:].decode("utf-8", "replace")
            if not voice.identifier.replace(b"\\", b"/").startswith(b"mb/"):
                found.setdefault(language, voice.identifier)
        return found

    def _use(self, voice: str) -> None:
        if voice == self._voice:
            return
        identifier = self._identifiers.get(voice)
        if identifier is None or self._library.espeak_SetVoiceByName(identifier) != 0:
            raise RuntimeError(f"it has no voice {voice}")
        self._voice = voice


def _until_null(pointers: Any) -> Iterator[_Voice]:
    """Yield what an array of pointers that ends with a null pointer points to."""
    index = 0
    while pointers[index]:
        yield pointers[index].contents
        index += 1


_loading = threading.Lock()


def shared_espeak() -> Espeak:
    """Return the espeak-ng of this process. Raises as `Espeak` does."""
    own = os.environ.get(LIBRARY_VARIABLE)
    library = own or espeakng_loader.get_library_path()
    data = os.environ.get(_DATA_VARIABLE) if own else espeakng_loader.get_data_path()
    with _loading:
        return _loaded(library, data)


@functools.cache
def _loaded(library: str, data: str | None) -> Espeak:
    return Espeak(library, data)
