"""The flags of Whisper tools: taken where they mean the same here, else with what to write instead.

The tools are openai-whisper, faster-whisper's whisper-ctranslate2, whisperX and whisper.cpp.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from stslocal.errors import SettingsError
from stslocal.settings import OUTPUT_FORMATS, SUBTITLE_FORMATS

COMMANDS = ("translate", "live")
"""The commands that take these flags."""

_SAME = {"--language": "--from", "-l": "--from", "-t": "--threads"}

_RECOGNIZER = "the recognizer is chosen with `--asr`, such as `--asr whisper-base`"
_MODELS = "set STSLOCAL_MODELS to the folder of the models"
_TRANSLATED = "the language to speak is chosen with `--to`, such as `--to en`"
_SUBTITLES = "subtitles are chosen with `--subtitles`, such as `--subtitles srt,vtt`"
_TERMS = "names and terms are given with `--glossary FILE`"
_WORDS = "words have their times in `--subtitles json` and in the session file: leave it out"
_LINES = "lines are laid out as subtitlers do: leave it out"
_SEARCH = "how the recognizer searches is fixed: leave it out"
_ALWAYS = "that is always done: leave it out"
_INPUT = "a recording is named without a flag, as in `stslocal translate talk.mp3 --to pt`"
_QUIET = "`-q` says less"

_INSTEAD = {
    "--model": _RECOGNIZER,
    "-m": _RECOGNIZER,
    "--model-dir": _MODELS,
    "--model-directory": _MODELS,
    "--cache-directory": _MODELS,
    "--task": _TRANSLATED,
    "--translate": _TRANSLATED,
    "-tr": _TRANSLATED,
    "--detect-language": "the language is detected where `--from` is left out",
    "-dl": "the language is detected where `--from` is left out",
    **dict.fromkeys(
        [f"--output-{kind}" for kind in ("txt", "vtt", "srt", "csv", "json", "json-full", "lrc")]
        + ["--output-words", "-osrt", "-ovtt", "-otxt", "-ojson", "-ocsv", "-oj", "-ojf", "-olrc"],
        _SUBTITLES,
    ),
    "--output-file": "the name of the result is given with `-o`, such as `-o said.wav`",
    "-of": "the name of the result is given with `-o`, such as `-o said.wav`",
    "--file": _INPUT,
    "-f": _INPUT,
    "--initial-prompt": _TERMS,
    "--prompt": _TERMS,
    "--hotwords": _TERMS,
    "--word-timestamps": _WORDS,
    "--highlight-words": _WORDS,
    "--max-line-width": _LINES,
    "--max-line-count": _LINES,
    "--max-words-per-line": _LINES,
    "--max-len": _LINES,
    "-ml": _LINES,
    "--split-on-word": _LINES,
    "-sow": _LINES,
    **dict.fromkeys(
        (
            "--beam-size",
            "-bs",
            "--best-of",
            "-bo",
            "--temperature",
            "-tp",
            "--length-penalty",
            "--temperature-increment-on-fallback",
            "--condition-on-previous-text",
            "--suppress-tokens",
            "--suppress-blank",
            "--compression-ratio-threshold",
            "--logprob-threshold",
            "--no-speech-threshold",
            "--hallucination-silence-threshold",
            "--repetition-penalty",
            "--no-repeat-ngram-size",
            "--entropy-thold",
            "--max-context",
            "--no-fallback",
            "-nf",
            "--batched",
            "--batch-size",
            "--processors",
            "--chunk-size",
        ),
        _SEARCH,
    ),
    "--vad-filter": _ALWAYS,
    "--vad": _ALWAYS,
    "--local-files-only": _ALWAYS,
    "--print-progress": _ALWAYS,
    "-pp": _ALWAYS,
    "--fp16": "the format of the numbers is chosen with `--compute-type`, such as float16",
    "--no-prints": _QUIET,
    "-np": _QUIET,
    "--live-transcribe": "`stslocal live` translates while somebody speaks",
}
"""What to write in place of a flag."""


def with_our_names(tokens: Sequence[str], known: Collection[str]) -> list[str]:
    """The command line with our names for flags that mean the same; `known` are our own flags."""
    ours: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if token == "--":
            ours += [token, *rest]
            break
        name, equals, value = token.partition("=")
        is_theirs = name in _SAME and name not in known
        ours.append(_SAME[name] + equals + value if is_theirs else token)
    return ours


def refuse_whisper_flags(tokens: Sequence[str], known: Collection[str]) -> None:
    """Raise SettingsError that says what to write, for a flag that means something else here."""
    for name, value in _flags(tokens):
        if name in _INSTEAD and name not in known:
            raise SettingsError(f"{name} is a flag of Whisper tools; here {_INSTEAD[name]}")
        if name == "--output-format" and value in (*SUBTITLE_FORMATS, "all"):
            raise SettingsError(
                f"--output-format is the format of the sound ({', '.join(OUTPUT_FORMATS)}): for "
                f"subtitles write `--subtitles {value}`"
            )


def _flags(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each flag, and its value where one comes after it."""
    for number, token in enumerate(tokens):
        if token == "--":
            return
        if token.startswith("-"):
            name, equals, value = token.partition("=")
            after = tokens[number + 1] if number + 1 < len(tokens) else ""
            yield name, value if equals else after
