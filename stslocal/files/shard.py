"""A share of the recordings, so that several processes divide them without talking."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath

from stslocal.errors import SettingsError

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Shard:
    """Share `number` of `of`. Each recording is in one of them, whatever others there are."""

    number: int
    """From 1."""
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `2/8`. Raises SettingsError."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, flags=re.ASCII)
        number, of = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= of <= _MOST:
            raise SettingsError(
                f"'{text}' is no shard: write the number of this one and how many there are, from "
                "1/8 to 8/8"
            )
        return cls(number, of)

    def holds(self, name: PurePath) -> bool:
        """Whether a recording is in this share, by its path below the folder that was named.

        The same name gives the same share on every machine, wherever the folder is mounted.
        """
        text = unicodedata.normalize("NFC", name.as_posix())  # macOS may write it in NFD
        digest = sha256(text.encode("utf-8", errors="surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
