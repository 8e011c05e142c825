"""Bounded queues between threads: for messages, and for the samples of a sound card.

A `MessageRing` joins two stages of a pipeline. It is ordered and blocks on both sides, so a slow
stage slows its neighbours down and memory does not fill up. A `SampleRing` joins the callback of a
sound card, which must not wait, to a thread, which may wait.
"""

from stslocal.rings.messages import MessageRing, RingAborted, RingClosed
from stslocal.rings.samples import SampleRing

__all__ = ["MessageRing", "RingAborted", "RingClosed", "SampleRing"]
