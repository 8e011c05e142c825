"""Choose the Firefox Translations models that stslocal offers: writes stslocal/firefox_models.tsv.

    python scripts/firefox_models.py ../shared/data/models/firefox_models.tsv CLONE LIST

Its input is a table of every file of the repository at COMMIT: tier, pair, file, bytes and sha256
as published (from the Git LFS pointers), BLEU and COMET on FLORES (from each metadata.json). CLONE
is a clone of that repository, whose metadata.json files say what the weights are when unpacked.
LIST is Mozilla's list of the models in its public bucket (db/models.json there): where the sha256
of the unpacked weights is the same, the files of a model may come from the bucket too.

For each direction the smallest model is taken, or a larger one that is at least BETTER in COMET.
Then the smallest is offered as well, for live translation on slow machines. Directions without a
figure, and below LEAST, are left out. That bound is low because COMET is not comparable between
languages: 0.79 is good for Hindi.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stslocal.direction_tables import FIREFOX_TABLE, SMALLER
from stslocal.languages import is_code
from stslocal.models.firefox import COMMIT, FIREFOX, KINDS_OF_FILES

TIERS = ("tiny", "base-memory", "base")
"""The smallest first."""
BETTER = 0.01
LEAST = 0.79
COLUMNS = (
    *("model", "source", "target", "tier", "comet"),
    *("file", "bytes", "sha256", "unpacked_bytes", "unpacked_sha256", "in_bucket"),
)
UNKNOWN = ("-", "-")
OTHER_IN_BUCKET = frozenset({"lex.50.50.enzh.s2t.bin.gz"})
"""Files that have another size there, beside the same weights."""

Row = dict[str, str]


def chosen(rows: list[Row]) -> dict[str, list[Row]]:
    """The rows of the models that are taken, by the id of the model."""
    by_pair: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["file"].split(".")[0] in KINDS_OF_FILES:
            by_pair[row["pair"]][row["tier"]].append(row)
    taken = {}
    for pair, tiers in sorted(by_pair.items()):
        if not (is_code(pair[:2]) and is_code(pair[2:])):
            continue
        name = f"{FIREFOX}-{pair[:2]}-{pair[2:]}"
        good = [tier for tier in TIERS if comet_of(tiers.get(tier, [])) >= LEAST]
        best = ""
        for tier in good:
            if not best or comet_of(tiers[tier]) >= comet_of(tiers[best]) + BETTER:
                best = tier
        if best:
            taken[name] = tiers[best]
        if best and best != good[0]:
            taken[name + SMALLER] = tiers[good[0]]
    return taken


def comet_of(rows: list[Row]) -> float:
    """The COMET of a model; 0 where there is none."""
    text = rows[0]["flores_comet"] if rows else ""
    return float(text) if text not in ("", "None") else 0.0


def unpacked_weights(clone: Path, row: Row) -> tuple[str, str]:
    """The bytes and the sha256 of the unpacked weights of a model."""
    place = f"{COMMIT}:models/{row['tier']}/{row['pair']}/metadata.json"
    shown = subprocess.run(["git", "-C", clone, "show", place], capture_output=True, check=True)
    about = json.loads(shown.stdout)
    return str(about["byteSize"]), about["hash"]


def places_in_bucket(listed: Path) -> dict[str, str]:
    """The folder of each model in the bucket, by the sha256 of its unpacked weights."""
    pairs = json.loads(listed.read_text(encoding="utf-8"))["models"].values()
    weights = (model["files"]["model"] for models in pairs for model in models)
    return {
        file["uncompressedHash"]: file["path"].rpartition("/")[0]
        for file in weights
        if file.get("uncompressedHash")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("clone", type=Path)
    parser.add_argument("list", type=Path)
    arguments = parser.parse_args()
    in_bucket = places_in_bucket(arguments.list)
    with arguments.table.open(encoding="utf-8", newline="") as stream:
        models = chosen(list(csv.DictReader(stream, delimiter="\t")))
    with FIREFOX_TABLE.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("\t".join(COLUMNS) + "\n")
        for name, rows in models.items():
            weights = unpacked_weights(arguments.clone, rows[0])
            for row in rows:
                unpacked = weights if row["file"].startswith("model.") else UNKNOWN
                place = "-" if row["file"] in OTHER_IN_BUCKET else in_bucket.get(weights[1], "-")
                pair, comet = row["pair"], f"{comet_of([row]):.3f}"
                published = (row["file"], row["bytes_gz"], row["sha256_gz"])
                values = (
                    name,
                    pair[:2],
                    pair[2:],
                    row["tier"],
                    comet,
                    *published,
                    *unpacked,
                    place,
                )
                stream.write("\t".join(values) + "\n")


if __name__ == "__main__":
    main()
