"""What `stslocal live` refuses before any model is loaded."""

from __future__ import annotations

import argparse

from stslocal.cli.native_noise import native_noise_hidden
from stslocal.cli.references import check_reference
from stslocal.cli.usage import example_with_language
from stslocal.errors import SettingsError
from stslocal.settings import LIKE_THE_SPEAKER, NO_SPEECH, Settings


def check_live(arguments: argparse.Namespace, settings: Settings) -> None:
    """Check the options, the files, the devices, the models and the voice of a session.

    Raises the StslocalError that the session would raise later.
    """
    _check_options(arguments, settings)
    from stslocal.loading.load import check_run
    from stslocal.models.store import ModelStore

    if arguments.keep_voice is not None:
        from stslocal.voices.store import VoiceStore

        VoiceStore().path_for_new(arguments.keep_voice)
    if settings.glossary:
        from stslocal.translation.glossary import Glossary

        Glossary.from_settings(settings)
    if arguments.record is not None:
        from stslocal.files.checks import check_writable

        check_writable(arguments.record / "live.wav")
    if arguments.simulate is not None:
        from stslocal.audio.decode import SoundChoice, check_sound

        check_sound(arguments.simulate, SoundChoice(channel=arguments.channel))
    store = ModelStore.discover()
    check_reference(arguments.reference, store)
    check_run(settings, store)
    if arguments.simulate is None:
        _check_devices(settings, arguments.channel)


def _check_options(arguments: argparse.Namespace, settings: Settings) -> None:
    if not settings.target:
        example = example_with_language("live")
        raise SettingsError(f"name the language to translate into with --to, such as {example}")
    if settings.source == settings.target:
        raise SettingsError(
            f"--from and --to are both {settings.target}: there is nothing to translate"
        )
    if not settings.is_spoken:
        _check_without_speech(arguments)
    elif settings.voice not in LIKE_THE_SPEAKER and (arguments.reference or arguments.keep_voice):
        raise SettingsError(
            "--reference and --keep-voice need `--voice auto`, which is the default"
        )
    if arguments.simulate and (arguments.input_device or arguments.output_device):
        raise SettingsError(
            "--simulate uses no devices: leave out --input-device and --output-device"
        )


def _check_without_speech(arguments: argparse.Namespace) -> None:
    names = ("voice", "reference", "keep-voice", "output-device", "duplex")
    named = [f"--{name}" for name in names if getattr(arguments, name.replace("-", "_"))]
    if named:
        raise SettingsError(
            f"`--tts {NO_SPEECH}` makes no speech: leave out {' and '.join(named)}, or --tts"
        )


def _check_devices(settings: Settings, channel: int | None) -> None:
    """Open each device for a moment: one that is listed may be in use, or lack the channel."""
    from stslocal.audio.devices import find_device
    from stslocal.audio.streams import CardStream

    with native_noise_hidden():
        microphone = find_device(settings.input_device or None, "input")
        CardStream(microphone, "input", buffer_s=1.0, channel=channel).close()
        if settings.is_spoken:
            loudspeaker = find_device(settings.output_device or None, "output")
            CardStream(loudspeaker, "output", buffer_s=1.0).close()
