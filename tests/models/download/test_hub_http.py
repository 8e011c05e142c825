"""A single answer of the hub: redirects and headers that are not what they should be."""

from __future__ import annotations

from email.message import Message

import pytest

from stslocal.models.download.arrival import SourceFailedError
from stslocal.models.download.hub_http import (
    TemporaryError,
    _file_info,
    _Redirects,
    _Request,
    error_of_status,
    whole_number,
)

pytestmark = pytest.mark.unit


def followed(*urls: str) -> _Request:
    """Follow redirects from the first address to the next ones."""
    request = _Request(urls[0], "GET", {}, {})
    for url in urls[1:]:
        new = _Redirects().redirect_request(request, None, 302, "Found", Message(), url)
        assert isinstance(new, _Request)
        request = new
    return request


@pytest.mark.parametrize(
    "urls",
    [
        ("https://hub.example/a", "https://cdn.example/a", "https://third.example/a"),
        ("http://127.0.0.1/a", "http://127.0.0.1:81/a"),
        ("http://127.0.0.1/a", "https://cdn.example/a", "http://127.0.0.1/b"),
    ],
)
def test_a_redirect_to_an_address_as_safe_is_followed(urls: tuple[str, ...]) -> None:
    assert followed(*urls).full_url == urls[-1]


@pytest.mark.parametrize(
    "urls",
    [
        ("https://hub.example/a", "http://hub.example/a"),
        ("https://hub.example/a", "https://cdn.example/a", "http://third.example/a"),
        ("https://hub.example/a", "ftp://hub.example/a"),
        ("http://127.0.0.1/a", "ftp://127.0.0.1/a"),
        ("https://hub.example/a", "HTTP://hub.example/a"),
    ],
)
def test_a_redirect_never_leaves_https(urls: tuple[str, ...]) -> None:
    with pytest.raises(SourceFailedError, match=f"^it redirects from {urls[0][:4]}"):
        followed(*urls)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("1234", 1234), ("²", None), ("١٢", None), ("abc", None), ("-5", None),
        ("", None), (None, None), ("9" * 5000, None), ("1e3", None), (" 1", None), ("+1", None),
    ],
)  # fmt: skip
def test_a_number_in_a_header(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("size", ["²", "9" * 5000, "abc", "-1"])
def test_a_size_that_is_none_is_unknown(size: str) -> None:
    assert _file_info({"X-Linked-Size": size}).bytes is None
    assert _file_info({"Content-Length": size}).bytes is None


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("²", 0), ("-5", 0), ("9" * 400, 0), ("soon", 0), ("7", 7),
        ("Mon, 99 Foo 99999 99:99:99", 0), ("Mon, 01 Jan 0001 00:00:00 -2359", 0),
    ],
)  # fmt: skip
def test_a_wait_that_is_none_is_no_wait(header: str, wait_s: float) -> None:
    from urllib.error import HTTPError

    headers = Message()
    headers["Retry-After"] = header
    error = error_of_status(HTTPError("http://127.0.0.1/", 429, "", headers, None))
    assert isinstance(error, TemporaryError)
    assert error.wait_s == wait_s
