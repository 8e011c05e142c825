"""The times of copied packets in a new file."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.packet import Packet

_LONGEST_S = 10_000_000
"""A third of a year: a later packet is damage."""


class PacketTimes:
    """Moves packets so that the recording begins at 0, and repairs what a muxer would refuse."""

    def __init__(self, zero_s: Fraction) -> None:
        """`zero_s` is where the recording begins, in seconds."""
        self._zero_s = zero_s
        self._last: dict[int, int] = {}
        """The last decoding time of each stream."""

    def place(self, packet: Packet[Any]) -> bool:
        """Give a packet its times in the new file; False for one that has none.

        A muxer takes only packets whose decoding times grow, and no picture that is shown before it
        is decoded. A packet without times follows the one before it.
        """
        index, base = packet.stream.index, packet.time_base
        if not base:
            return False
        last, shift = self._last.get(index), round(self._zero_s / base)
        pts = packet.pts if packet.pts is not None else packet.dts
        dts = packet.dts if packet.dts is not None else packet.pts
        if pts is None or dts is None:
            pts = dts = shift + (0 if last is None else last + max(1, packet.duration or 0))
        pts, dts = pts - shift, dts - shift
        if last is not None:
            dts = max(dts, last + 1)
        pts = max(pts, dts)
        if max(abs(dts), abs(pts)) * base > _LONGEST_S:
            return False
        packet.pts, packet.dts = pts, dts
        self._last[index] = dts
        return True


def seconds(packet: Packet[Any]) -> float:
    """When a packet is decoded; one without a time comes first."""
    when = packet.dts if packet.dts is not None else packet.pts
    return -1.0 if when is None or not packet.time_base else float(when * packet.time_base)
