"""What passes between threads: typed messages and, at the sound card, samples.

`MessageRing` joins two stages of a pipeline: bounded, ordered, blocking both ways, so a slow
stage slows its neighbours down instead of filling the memory. `SampleRing` joins a sound card's
callback, which may not wait, to a thread, which may.
"""

from stslocal.rings.messages import MessageRing, RingAborted, RingClosed
from stslocal.rings.samples import SampleRing

__all__ = ["MessageRing", "RingAborted", "RingClosed", "SampleRing"]
