"""How the files of the page are served, and that they are in the wheel."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from stslocal.server.page import FOLDER, HEADERS, routes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[3]
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".js", ".css", ".html", ".svg"))


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes(None)))


@pytest.mark.enable_socket
@pytest.mark.parametrize("path", ["/", *(f"/page/{file.name}" for file in FILES)])
def test_a_file_is_served_with_the_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    if path.endswith(".js"):
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_the_policy_allows_no_script_in_a_page_and_no_other_server() -> None:
    policy = dict(
        directive.split(" ", 1) for directive in HEADERS["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "path",
    ["/page/__init__.py", "/page/../state.py", "/page/%2e%2e/state.py", "/page/nothing.js"],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.inline += [name for name in values if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in values):
            self.inline.append(tag)
        self.sources += [values[name] or "" for name in ("src", "href") if values.get(name)]


def test_no_script_or_style_stands_in_the_page() -> None:
    outline = _Outline()
    outline.feed((FOLDER / "index.html").read_text(encoding="utf-8"))
    assert outline.inline == []
    assert "/page/app.js" in outline.sources
    assert all(source[0] in "/#" for source in outline.sources)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_no_file_names_another_server(file: Path) -> None:
    addresses = re.findall(r"(?:https?|wss?)://[^\s'\"`)]+", file.read_text(encoding="utf-8"))
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # the name of a format


def test_every_module_that_is_imported_exists() -> None:
    names = {file.name for file in FILES}
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert set(re.findall(r"from '\./([^']+)'", text)) <= names, file.name
        assert set(re.findall(r"near\('([^']+)'\)", text)) <= names, file.name


def test_the_wheel_takes_the_whole_package() -> None:
    document = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = document["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["stslocal"]
    assert not {"exclude", "include", "only-include"} & wheel.keys()


def test_no_file_is_long() -> None:
    long = {file.name for file in FILES if file.read_text(encoding="utf-8").count("\n") > 300}
    assert long == set(), "split the file by idea"
