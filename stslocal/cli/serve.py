"""`stslocal serve`: one process translates for many, over HTTP and WebSocket."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_engine_options, add_language_options
from stslocal.cli.output import Printer
from stslocal.cli.signals import session_stopped_by_signals
from stslocal.errors import SettingsError
from stslocal.foreign_files import UnreadableFileError, open_file
from stslocal.settings import PATIENCES, Settings

if TYPE_CHECKING:
    from stslocal.server.options import ServerOptions

PACKAGES = ("starlette", "uvicorn", "websockets", "multipart", "prometheus_client")
_LONGEST_TOKEN = 4096

_EPILOG = """\
The server listens on this machine alone, unless --host names another address; then clients must
send the token. Browsers give the microphone to https only: use --self-signed, or a certificate.
docs/server.md says what it serves, with examples.

The first Ctrl-C or SIGTERM ends it in order: open sessions are translated to their end.

examples:
  stslocal serve
  stslocal serve --from en --to pt --max-sessions 4
  stslocal serve --host 0.0.0.0 --token-file token.txt --self-signed
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "serve",
        help="translate for other programs, over HTTP and WebSocket",
        description="Translate for other programs and for browsers, over HTTP and WebSocket.",
        epilog=_EPILOG,
    )
    network = parser.add_argument_group("network")
    network.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1",
        help="address to listen at; 0.0.0.0 is all of this machine's (default: 127.0.0.1)",
    )  # fmt: skip
    network.add_argument(
        "--port",
        type=int,
        metavar="N",
        default=8790,
        help="port (default: 8790); 0 takes a free one",
    )
    network.add_argument("--token", metavar="SECRET", help="what clients must send")
    network.add_argument(
        "--token-file", type=Path, metavar="FILE",
        help="read the token from a file, so that no list of processes shows it",
    )  # fmt: skip
    network.add_argument("--certificate", type=Path, metavar="FILE", help="certificate, PEM")
    network.add_argument("--key", type=Path, metavar="FILE", help="the certificate's key, PEM")
    network.add_argument(
        "--self-signed", action="store_true", help="make a certificate; browsers ask to trust it"
    )
    network.add_argument(
        "--origin", action="append", metavar="URL", default=[],
        help="let pages of another site use the server; may be given again",
    )  # fmt: skip
    network.add_argument(
        "--max-sessions", type=int, metavar="N",
        help="live sessions at once (default: as many as this machine keeps up with, measured)",
    )  # fmt: skip
    network.add_argument("--open", action="store_true", help="open the page in a browser")
    add_language_options(parser)
    live = parser.add_argument_group("live sessions")
    live.add_argument("--voice", metavar="NAME", help="as of `stslocal live` (default: auto)")
    live.add_argument("--patience", choices=PATIENCES, help="as of `stslocal live`")
    live.add_argument("--max-lag", type=float, metavar="SECONDS", help="as of `stslocal live`")
    add_engine_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Serve until Ctrl-C or SIGTERM; 0 when it ended in order."""
    settings = _settings(arguments)
    if not settings.is_spoken:
        raise SettingsError(
            f"a server speaks: set --tts to auto, and send `tts` as {settings.tts} with the jobs "
            "that are to be text alone"
        )
    check_packages()
    options = _options(arguments)
    from stslocal.loading.session_load import sessions_for
    from stslocal.machine import share_memory_arenas
    from stslocal.server.capacity import measured_capacity
    from stslocal.server.run import RunningServer
    from stslocal.server.sessions import ASSUMED_MEMORY
    from stslocal.server.state import ServerState, SharedEngines

    share_memory_arenas()  # before the threads begin
    state = ServerState(options, settings, load=SharedEngines(announce=printer.status))
    server = RunningServer(state)
    if not options.max_sessions:
        load = measured_capacity(state, printer.status)
        state.sessions.capacity = sessions_for(load.real_time_factor)
        state.sessions.session_memory = 1e6 * load.memory_mb or ASSUMED_MEMORY
    if settings.target:  # the first client need not wait for what it is going to need
        engines = state.engines_for(settings.source, settings.target)
        source = None if settings.source == "auto" else settings.source
        engines.warm_up(source, settings.target)

    def ready(address: str) -> None:
        number = state.sessions.capacity
        printer.status(
            f"serving at {address} until Ctrl-C, {number} live session{'s'[: number != 1]} at once"
        )
        if arguments.open:
            _open(address, options.token)

    with session_stopped_by_signals(server.stop, printer.status):
        server.serve(ready)
    return 0


def check_packages() -> None:
    """Raise SettingsError, with what to type, where the packages of the server are missing."""
    if not all(find_spec(package) for package in PACKAGES):
        raise SettingsError(
            "the server's packages are not installed: run `pip install 'stslocal[server]'`"
        )


def _open(address: str, token: str) -> None:
    """Show the page in the person's browser, which gets the token in a part that is not sent."""
    import webbrowser

    webbrowser.open(f"{address}/#token={token}" if token else f"{address}/")


def _options(arguments: argparse.Namespace) -> ServerOptions:
    from stslocal.server.options import ServerOptions

    return ServerOptions(
        host=arguments.host,
        port=arguments.port,
        token=_token(arguments),
        certificate=arguments.certificate,
        key=arguments.key,
        self_signed=arguments.self_signed,
        max_sessions=arguments.max_sessions or 0,
        origins=tuple(arguments.origin),
    )


def _token(arguments: argparse.Namespace) -> str:
    if arguments.token_file is None:
        return arguments.token or ""
    if arguments.token is not None:
        raise SettingsError("--token and --token-file name two tokens: give one of them")
    try:
        with open_file(arguments.token_file) as file:
            return file.read(_LONGEST_TOKEN).decode().strip()
    except (OSError, UnicodeDecodeError, UnreadableFileError) as error:
        raise SettingsError(
            f"{arguments.token_file} cannot be read: give a file of text"
        ) from error


def _settings(arguments: argparse.Namespace) -> Settings:
    names = ("source", "voice", "asr", "mt", "tts", "device", "compute_type", "threads", "patience",
             "glossary")  # fmt: skip
    flags = {name: getattr(arguments, name) for name in names}
    return Settings.load({**flags, "target": arguments.to, "max_lag_s": arguments.max_lag})
