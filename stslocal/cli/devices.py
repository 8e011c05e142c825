"""`stslocal devices`: lists microphones and loudspeakers, and shows the level of a microphone."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from stslocal.cli.output import Printer, printable
from stslocal.cli.streams import write_stdout
from stslocal.errors import AudioDeviceError, SettingsError
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.audio.devices import AudioDevice, Kind
    from stslocal.audio.levels import Level

_EPILOG = """\
A device may be named by its number or by a part of its name; * marks the one that is used where
none is named, here and in your settings. The meter shows decibels: 0 is the loudest that the card
can take. Speech should reach -20 to -6. TOO LOUD is distorted.

examples:
  stslocal devices
  stslocal devices --meter
  stslocal devices --meter --input-device headset --seconds 5
"""

_EVERY_S = 0.1
_LINE_EVERY_S = 1.0
"""Seconds between the meter's lines where stdout is no terminal."""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "devices",
        help="list microphones and loudspeakers; show the level of a microphone",
        description="List microphones and loudspeakers, or show the level of a microphone.",
        epilog=_EPILOG,
    )
    parser.add_argument("--meter", action="store_true", help="show the level until Ctrl-C")
    parser.add_argument(
        "--input-device",
        metavar="DEVICE",
        help="microphone of the meter (default: your settings', else the system's)",
    )
    parser.add_argument(
        "--seconds", type=float, metavar="N", help="end the meter after so many seconds"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON; the meter prints one object a line"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """List, or show the meter."""
    if arguments.meter:
        return _run_meter(arguments, printer)
    for option, value in (
        ("--seconds", arguments.seconds),
        ("--input-device", arguments.input_device),
    ):
        if value is not None:
            raise SettingsError(f"{option} is for the meter: add --meter")
    return _run_list(printer)


def _run_list(printer: Printer) -> int:
    from stslocal.audio.devices import find_device, list_devices, stderr_silenced

    with stderr_silenced():
        devices = list_devices()
    if not devices:
        find_device(None, "input")  # raises an error that names the remedy
    printer.result_json("devices", [asdict(device) for device in devices])
    for heading, kind in (("microphones", "input"), ("loudspeakers", "output")):
        _list(heading, devices, kind, printer)  # type: ignore[arg-type]
    return 0


def _list(heading: str, devices: Sequence[AudioDevice], kind: Kind, printer: Printer) -> None:
    from stslocal.audio.devices import find_device

    printer.result(heading)
    shown = [device for device in devices if device.channels(kind)]
    default = None
    try:
        default = find_device(_from_settings(kind), kind)
    except AudioDeviceError as error:
        printer.warning(str(error))
    if not shown:
        printer.result("  none")
        return
    host = max(len(device.host_api) for device in shown)
    for device in shown:
        mark = "*" if device == default else " "
        channels = f"{device.channels(kind)} ch"
        printer.result(
            f"{mark} {device.index:>3}  {channels:>6}  {device.sample_rate:>6} Hz  "
            f"{device.host_api:{host}}  {device.name}"
        )


def _from_settings(kind: Kind) -> str | None:
    """The device that the settings name, if they name one."""
    settings = Settings.load()
    return (settings.input_device if kind == "input" else settings.output_device) or None


def _run_meter(arguments: argparse.Namespace, printer: Printer) -> int:
    from stslocal.audio.devices import find_device, stderr_silenced
    from stslocal.audio.listening import measure_levels

    seconds = arguments.seconds
    if seconds is not None and not seconds > 0:
        raise SettingsError(f"--seconds must be more than 0, not {seconds:g}")
    with stderr_silenced():
        device = find_device(arguments.input_device or _from_settings("input"), "input")
    wait = "" if seconds else "; Ctrl-C ends it"
    printer.status(f"listening to {device.name}{wait}")
    count = None if seconds is None else max(1, round(seconds / _EVERY_S))
    moving = sys.stdout.isatty() and not printer.json
    with closing(measure_levels(device, every_s=_EVERY_S)) as levels:
        try:
            show = _show_bar if moving else _show_lines
            show(islice(levels, count), printer)
        except KeyboardInterrupt:
            pass  # Ctrl-C is how a person ends the meter
        finally:
            if moving:
                write_stdout("\n")
    return 0


def _show_bar(levels: Iterator[Level], printer: Printer) -> None:
    """Draw the level again and again in the terminal's last line."""
    from stslocal.cli.level_meter import ASCII_SYMBOLS, SYMBOLS, PeakHold, level_bar, level_text

    symbols = SYMBOLS if printable("".join(SYMBOLS), "") else ASCII_SYMBOLS
    peak_hold = PeakHold()
    for number, level in enumerate(levels):
        shown = peak_hold.update(level, number * _EVERY_S)
        text = level_text(shown)
        columns = shutil.get_terminal_size().columns - 1
        width = max(10, min(40, columns - 46))
        line = f"\r{level_bar(shown, width, symbols)}  {text:44}"[: columns + 1]
        write_stdout(line, flush=True)


def _show_lines(levels: Iterator[Level], printer: Printer) -> None:
    """Print a line every second."""
    from stslocal.audio.levels import overall_level
    from stslocal.cli.level_meter import level_text

    at_s = 0.0
    while piece := list(islice(levels, round(_LINE_EVERY_S / _EVERY_S))):
        level = overall_level(piece)
        at_s += len(piece) * _EVERY_S
        if printer.json:
            row = {"at_s": round(at_s, 3), **asdict(level), "clipped": level.is_clipped}
            printer.result_json("level", row)
        else:
            printer.live_result(f"{at_s:6.1f} s  {level_text(level)}")
