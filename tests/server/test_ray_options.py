"""The arguments of `serve run stslocal.server.ray:app`. No cluster is started."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from stslocal.errors import SettingsError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Ray's own, about pydantic
    ray_app = pytest.importorskip("stslocal.server.ray", exc_type=ImportError)

pytestmark = pytest.mark.unit


def test_numbers_are_read_and_there_are_never_fewer_replicas_at_most_than_at_least() -> None:
    options = ray_app.ClusterOptions.parse(
        {"to": "pt", "sessions": "3", "min_replicas": 2, "gpus": "0.5"}
    )
    assert (options.to, options.sessions, options.gpus) == ("pt", 3, 0.5)
    assert (options.min_replicas, options.max_replicas) == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"too": "pt"}, "there is no too=: give to, source"),
        ({"sessions": "many"}, "sessions=many is no number"),
        ({"sessions": 0}, "numbers from 1 on"),
        ({"token_file": "/nowhere/token"}, "cannot be read"),
    ],
)
def test_arguments_that_cannot_be_followed(arguments: dict[str, Any], answer: str) -> None:
    with pytest.raises(SettingsError, match=answer):
        ray_app.app(arguments)


def test_an_empty_token_file_does_not_open_the_server(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        ray_app.app({"token_file": str(token)})
