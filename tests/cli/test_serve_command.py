"""What `stslocal serve` refuses, and how it ends."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from stslocal.cli import main, serve
from stslocal.cli.app import build_parser
from stslocal.server.options import HOST, PORT, ServerOptions

pytestmark = pytest.mark.unit

SECRET = "0123456789abcdef"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 can be reached from other machines: add `--token SECRET`"),
        (["--host", "192.168.1.7"], "can be reached from other machines"),
        (["--host", "::"], "can be reached from other machines"),
        (["--token", "short"], "the token is too easy to guess"),
        (["--token", SECRET + " x"], "has other characters than letters"),
        (["--token", SECRET, "--token-file", "x"], "give one of them"),
        (["--token-file", "missing.txt"], "missing.txt cannot be read"),
        (["--certificate", "a.pem"], "--certificate and --key belong together"),
        (["--certificate", "a", "--key", "b"], "is no file: give a certificate in PEM format"),
        (["--certificate", "a", "--key", "b", "--self-signed"], "leave out --certificate"),
        (["--port", "70000"], "there is no port 70000"),
        (["--max-sessions", "-1"], "is not a number from 1"),
        (["--to", "klingon"], "klingon"),
    ],
)
def test_a_wrong_option_is_refused(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *options]) == 2
    message = capsys.readouterr().err
    assert sentence in message
    assert "Traceback" not in message


def test_without_the_extra_one_sentence_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "uvicorn" else found(name))
    assert main(["serve"]) == 2
    assert "run `pip install 'stslocal[server]'`" in capsys.readouterr().err


def test_the_token_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(f"{SECRET}\n")
    arguments = build_parser().parse_args(["serve", "--token-file", str(file)])
    assert serve._options(arguments).token == SECRET


def test_a_token_is_not_shown() -> None:
    assert SECRET not in repr(ServerOptions(token=SECRET))


def test_the_command_and_the_options_agree() -> None:
    arguments = build_parser().parse_args(["serve"])
    assert (arguments.host, arguments.port) == (HOST, PORT)
