"""Choose the Firefox Translations models that stslocal offers: writes stslocal/firefox_models.tsv.

    python scripts/firefox_models.py ../shared/data/models/firefox_models.tsv

Its input is a table of every file of the repository at COMMIT: tier, pair, file, bytes and sha256
as published (from the Git LFS pointers), BLEU and COMET on FLORES (from each metadata.json).

One model is taken for each direction: the smallest, or a larger one that is at least BETTER in
COMET. Directions without a figure, and below LEAST, are left out. That bound is low because COMET
is not comparable between languages: 0.79 is good for Hindi.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stslocal.languages import is_code
from stslocal.models.firefox import KINDS_OF_FILES, OFFERED_BY_A_PACKAGE, TABLE

TIERS = ("tiny", "base-memory", "base")
"""The smallest first."""
BETTER = 0.01
LEAST = 0.79

Row = dict[str, str]


def chosen(rows: list[Row]) -> list[Row]:
    """The rows of the models that are taken, by direction."""
    by_pair: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_pair[row["pair"]][row["tier"]].append(row)
    taken = []
    for pair, tiers in sorted(by_pair.items()):
        best: str | None = None
        for tier in TIERS:
            comet = comet_of(tiers.get(tier, []))
            if comet >= LEAST and (best is None or comet >= comet_of(tiers[best]) + BETTER):
                best = tier
        offered = (pair[:2], pair[2:]) in OFFERED_BY_A_PACKAGE
        if best is not None and not offered and is_code(pair[:2]) and is_code(pair[2:]):
            taken += [row for row in tiers[best] if row["file"].split(".")[0] in KINDS_OF_FILES]
    return taken


def comet_of(rows: list[Row]) -> float:
    """The COMET of a model; 0 where there is none."""
    text = rows[0]["flores_comet"] if rows else ""
    return float(text) if text not in ("", "None") else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("table", type=Path)
    with parser.parse_args().table.open(encoding="utf-8", newline="") as stream:
        rows = chosen(list(csv.DictReader(stream, delimiter="\t")))
    with TABLE.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("source\ttarget\ttier\tcomet\tfile\tbytes\tsha256\n")
        for row in rows:
            pair = row["pair"]
            comet = f"{comet_of([row]):.3f}"
            values = (pair[:2], pair[2:], row["tier"], comet, row["file"], row["bytes_gz"])
            stream.write("\t".join((*values, row["sha256_gz"])) + "\n")


if __name__ == "__main__":
    main()
