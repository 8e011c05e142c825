"""What a client wants of a job, as the fields of its form say it, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stslocal.engines import registry
from stslocal.files.choices import CHANNELS, chosen
from stslocal.languages import name_of
from stslocal.loading.engines import Engines
from stslocal.server.jobs.job import JobRequest
from stslocal.server.openapi import FILE, TEXT, Schema, choice_of
from stslocal.server.state import ServerState
from stslocal.server.uploads import Form, invalid
from stslocal.settings import (
    AUTO_FORMAT,
    BACKGROUNDS,
    CHECKS,
    NO_SPEECH,
    ORIGINALS,
    OUTPUT_FORMATS,
    SUBTITLE_FORMATS,
    SUBTITLE_TIMES,
    Settings,
)

_SWITCH = choice_of(("true", "false"))
FIELDS: Mapping[str, tuple[Schema, str]] = {
    "file": (FILE, "A recording or video; may be given again for more of them."),
    "to": (TEXT, "Language to translate into; default: the one that the server translates into."),
    "from": (
        TEXT,
        "Language of the speech, or several with commas between them; left out, it is detected.",
    ),
    "voice": (TEXT, "As of `stslocal translate`; default: like the speaker's."),
    "tts": (
        choice_of(("auto", NO_SPEECH)),
        "none: no speech, but subtitles, session and report alone, into any language; auto "
        "(default): the server's voices.",
    ),
    "output_format": (
        choice_of((AUTO_FORMAT, *OUTPUT_FORMATS)),
        "auto (default): a video for a video, else wav.",
    ),
    "replace_audio": (_SWITCH, "true: a video without the track that was translated."),
    "original": (
        TEXT,
        f"The original sound beneath the translation: {', '.join(ORIGINALS)}, or a level such as "
        "-20dB; default: duck for videos, else off.",
    ),
    "background": (
        choice_of(BACKGROUNDS),
        "keep: music and noise of the original stay at their level; needs a model.",
    ),
    "speakers": (TEXT, "A voice for each speaker: auto finds them, a number says how many."),
    "channels": (choice_of(CHANNELS), "speakers: each channel has a speaker of its own."),
    "audio_track": (TEXT, "The audio track, from 1."),
    "channel": (TEXT, "The channel, from 1."),
    "subtitles": (
        TEXT,
        f"Kinds with commas between them, of {', '.join(SUBTITLE_FORMATS)}; or all, or none; "
        "default: srt,vtt.",
    ),
    "subtitle_times": (choice_of(SUBTITLE_TIMES), "As of `stslocal translate`."),
    "bilingual": (_SWITCH, "true: subtitles with what was said beneath each sentence."),
    "check": (choice_of(CHECKS), "Which sentences of the speech are recognized again."),
    "report": (_SWITCH, "true: also a page that shows what became of each sentence."),
}
_SWITCHES = ("replace_audio", "bilingual", "report")
_NUMBERS = ("audio_track", "channel")
_TEXTS = ("original", "background", "channels", "subtitle_times", "check")


def read_request(form: Form, state: ServerState) -> JobRequest:
    """Check a form. Raises Refusal, and SettingsError for a value that cannot be used."""
    own = state.settings
    target = form.text("to") or own.target
    if not target:
        raise invalid("to", "name the language to translate into in the field `to`", "missing")
    source = form.text("from")
    choices = _choices(form)
    if "," in source:
        choices["languages"] = [name.strip() for name in source.split(",")]
        source = ""
    settings = state.settings_for(source or "auto", target)
    if settings.source == settings.target:
        raise invalid("to", f"`from` and `to` are both {settings.target}: nothing to translate")
    tts = form.text("tts") or "auto"
    if tts not in ("auto", NO_SPEECH):
        raise invalid("tts", f"tts is {tts[:40]!r}: send auto or {NO_SPEECH}")
    tts = "" if tts == "auto" else tts
    if not tts:
        _check_spoken(settings)
    output_format = form.text("output_format") or own.output_format
    if output_format not in (AUTO_FORMAT, *OUTPUT_FORMATS):
        known = ", ".join((AUTO_FORMAT, *OUTPUT_FORMATS))
        raise invalid(
            "output_format",
            f"there is no output_format {output_format[:40]!r}: take one of {known}",
        )
    wanted = JobRequest(
        target=settings.target,
        source=settings.source,
        voice=form.text("voice") or own.voice,
        output_format=output_format,
        subtitles=_subtitles(form.text("subtitles", ",".join(own.subtitles))),
        tts=tts,
        choices=choices,
    )
    _, options = chosen(settings_of(wanted, state), choices)
    if options.languages:
        choices["languages"] = list(options.languages)
    return wanted


def settings_of(wanted: JobRequest, state: ServerState) -> Settings:
    """The server's settings with what a request wants, but for its choices."""
    settings = state.settings_for(wanted.source, wanted.target)
    return replace(
        settings,
        tts=wanted.tts or settings.tts,
        voice=wanted.voice,
        output_format=wanted.output_format,
        subtitles=wanted.subtitles,
    )


def engines_of(wanted: JobRequest, state: ServerState) -> Engines:
    """The engines that a request needs. Raises as `engines_for`."""
    return state.engines_for(wanted.source, wanted.target, "files", tts=wanted.tts)


def _check_spoken(settings: Settings) -> None:
    """Raise Refusal for a language that no engine speaks, with what makes text of it."""
    voices = registry.choices(registry.SYNTHESIZER)
    if any(settings.target in each.capabilities.languages for each in voices):
        return
    raise invalid(
        "to",
        f"{name_of(settings.target)} is not spoken by any engine: send `tts` as {NO_SPEECH} for "
        "subtitles alone",
        "not_spoken",
    )


def _choices(form: Form) -> dict[str, Any]:
    """The choices of `stslocal.files.choices` that a form has."""
    choices: dict[str, Any] = {name: form.text(name) for name in _TEXTS if form.text(name)}
    for name in _SWITCHES:
        if text := form.text(name):
            if text not in ("true", "false"):
                raise invalid(name, f"{name} is {text[:40]!r}: send true or false")
            choices[name] = text == "true"
    for name in _NUMBERS:
        if text := form.text(name):
            if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text)):
                raise invalid(name, f"{name} is {text[:40]!r}: send a number from 1 on")
            choices[name] = int(text)
    if speakers := form.text("speakers"):
        # a path would be one of the server's own files
        if speakers != "auto" and not (speakers.isascii() and speakers.isdecimal()):
            raise invalid("speakers", f"speakers is {speakers[:40]!r}: send auto or a number")
        choices["speakers"] = speakers
    return choices


def _subtitles(given: str) -> tuple[str, ...]:
    if given in ("", "none"):
        return ()
    kinds = SUBTITLE_FORMATS if given == "all" else [kind.strip() for kind in given.split(",")]
    for kind in kinds:
        if kind not in SUBTITLE_FORMATS:
            known = ", ".join(SUBTITLE_FORMATS)
            raise invalid("subtitles", f"there is no subtitles {kind[:40]!r}: take one of {known}")
    return tuple(dict.fromkeys(kinds))
