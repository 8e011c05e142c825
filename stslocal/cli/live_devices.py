"""Opens the microphone and the loudspeaker of a live session, or what simulates them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stslocal.clock import RealClock
from stslocal.metrics import DeviceChanged, Emit

if TYPE_CHECKING:
    from stslocal.audio.devices import AudioDevice, Kind
    from stslocal.audio.loudspeaker import Loudspeaker
    from stslocal.audio.output_kind import OutputKind
    from stslocal.live.ports import AudioInput, AudioOutput


class LiveDevices:
    """The opened input and output of a live session. Close them at the end."""

    input: AudioInput
    input_name: str
    output: AudioOutput
    output_name: str | None
    """None when the translation is played without sound."""
    emit: Emit
    """Takes what happens to the devices. A session that is made of them puts its own here."""

    def __init__(
        self,
        *,
        input_device: str | None,
        output_device: str | None,
        simulate: Path | None,
        channel: int | None,
        sample_rate: int,
        is_spoken: bool = True,
        emit: Emit,
    ) -> None:
        """Open the devices, or with `simulate` a recording and an output without sound.

        `channel` of the input is captured, from 1; None mixes all of them.
        `sample_rate` is that of the translated speech, in hertz. `emit` gets an event when
        a device is lost or comes back. Where nothing `is_spoken`, no loudspeaker is opened. Raises
        AudioDeviceError.
        """
        self.emit = emit
        self._loudspeaker: Loudspeaker | None = None
        self._on_output: Callable[[AudioDevice], None] = lambda device: None
        from stslocal.audio.simulated import RecordingInput, SilentOutput

        if simulate is not None:
            self.input = RecordingInput(simulate, RealClock(), channel=channel)
            self.input_name = simulate.name
            self.output, self.output_name = SilentOutput(sample_rate, RealClock()), None
            return
        from stslocal.audio.loudspeaker import Loudspeaker
        from stslocal.audio.microphone import Microphone
        from stslocal.audio.sound_settings import name_for_people

        def report_input(device: AudioDevice, present: bool) -> None:
            self._report(device, "input", present)

        def report_output(device: AudioDevice, present: bool) -> None:
            self._report(device, "output", present)
            if present:
                self._on_output(device)

        microphone = Microphone(input_device, channel=channel, on_change=report_input)
        self.input = microphone
        self.input_name = name_for_people(microphone.device.name, "input")
        if not is_spoken:
            self.output, self.output_name = SilentOutput(sample_rate, RealClock()), None
            return
        try:
            loudspeaker = Loudspeaker(sample_rate, output_device, on_change=report_output)
        except BaseException:
            microphone.close()
            raise
        self._loudspeaker = loudspeaker
        self.output = loudspeaker
        self.output_name = name_for_people(loudspeaker.device.name, "output")

    def output_kind(self) -> OutputKind | None:
        """What the output is, as far as the system knows; None when it plays without sound."""
        if self._loudspeaker is None:
            return None
        from stslocal.audio.output_kind import output_kind

        return output_kind(self._loudspeaker.device)

    @contextmanager
    def output_watched(self, on_kind: Callable[[OutputKind], None]) -> Iterator[None]:
        """Call `on_kind`, from other threads, when the output becomes another one."""
        from stslocal.audio.output_kind import OutputWatch, can_be_asked, output_kind

        loudspeaker = self._loudspeaker
        if loudspeaker is None:
            yield
            return
        self._on_output = lambda device: on_kind(output_kind(device))
        with ExitStack() as cleanup:
            if can_be_asked(loudspeaker.device):
                cleanup.enter_context(OutputWatch(lambda: loudspeaker.device, on_kind))
            yield

    def _report(self, device: AudioDevice, kind: Kind, present: bool) -> None:
        """Report a device under the name that a person knows; the last one if it is gone."""
        from stslocal.audio.sound_settings import name_for_people

        if present and kind == "input":
            self.input_name = name_for_people(device.name, kind)
        elif present:
            self.output_name = name_for_people(device.name, kind)
        name = self.input_name if kind == "input" else self.output_name or device.name
        self.emit(DeviceChanged(self.input.captured_s, kind, name, present))

    def close(self) -> None:
        self.input.close()
        self.output.close()
