"""Opens the microphone and the loudspeaker of a live session, or what simulates them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stslocal.clock import RealClock
from stslocal.metrics import Emit, Notice

if TYPE_CHECKING:
    from stslocal.audio.devices import AudioDevice
    from stslocal.live.ports import AudioInput, AudioOutput


class LiveDevices:
    """The opened input and output of a live session. Close them at the end."""

    input: AudioInput
    input_name: str
    output: AudioOutput
    output_name: str | None
    """None when the translation is played without sound."""

    def __init__(
        self,
        *,
        input_device: str | None,
        output_device: str | None,
        simulate: Path | None,
        channel: int | None,
        sample_rate: int,
        emit: Emit,
    ) -> None:
        """Open the devices, or with `simulate` a recording and an output without sound.

        `channel` of the input is captured, from 1; None mixes all of them.
        `sample_rate` is that of the translated speech, in hertz. `emit` gets a Notice when a
        device is lost or comes back. Raises AudioDeviceError.
        """
        if simulate is not None:
            from stslocal.audio.simulated import RecordingInput, SilentOutput

            self.input = RecordingInput(simulate, RealClock(), channel=channel)
            self.input_name = simulate.name
            self.output, self.output_name = SilentOutput(sample_rate, RealClock()), None
            return
        from stslocal.audio.loudspeaker import Loudspeaker
        from stslocal.audio.microphone import Microphone

        def report_change(device: AudioDevice, present: bool) -> None:
            news = "is back" if present else "is gone: the session goes on when it is back"
            emit(Notice(0.0, f"{device.name} {news}"))

        microphone = Microphone(input_device, channel=channel, on_change=report_change)
        self.input, self.input_name = microphone, microphone.device.name
        try:
            loudspeaker = Loudspeaker(sample_rate, output_device, on_change=report_change)
        except BaseException:
            microphone.close()
            raise
        self.output, self.output_name = loudspeaker, loudspeaker.device.name

    def close(self) -> None:
        self.input.close()
        self.output.close()
