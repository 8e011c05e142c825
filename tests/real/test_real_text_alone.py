"""Subtitles without speech: the texts of a translation with speech, and no synthesizer anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.samples import BundledClip
from stslocal.settings import Settings
from tests.real.conftest import Command

pytestmark = pytest.mark.real

PROGRAM = """
import json, sys
from stslocal import SpeechTranslator
with SpeechTranslator.load(source="en", target="pt", tts="none") as translator:
    done = translator.translate_file(sys.argv[1])
    text = translator.translate_text("Good morning.")
assert done.audio is None
print(json.dumps({"files": [path.name for path in done.files], "text": text,
                  "modules": list(sys.modules)}))
"""


def test_the_texts_are_those_of_a_translation_with_speech(
    engines: Engines, starter_models: Path, bundled_clip: BundledClip, tmp_path: Path
) -> None:
    recording = tmp_path / "talk.ogg"
    shutil.copy(bundled_clip.path, recording)
    models = tmp_path / "models"
    models.mkdir()
    (models / "whisper-base").symlink_to(starter_models / "whisper-base")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(recording)],
        check=False, capture_output=True, text=True,
        env={**os.environ, "STSLOCAL_MODELS": str(models)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["files"] == [
        "talk.en.srt", "talk.pt.srt", "talk.en.vtt", "talk.pt.vtt", "talk.pt.session.json",
    ]  # fmt: skip
    assert "dia" in found["text"].lower()
    engines_there = [name for name in found["modules"] if name.startswith("stslocal.engines.")]
    assert not [name for name in engines_there if name.endswith(".synthesizer")]
    assert "stslocal.engines.speaker.ge2e" not in found["modules"]

    settings = Settings(source="en", target="pt", subtitle_times="source")
    task = FileTask(recording, tmp_path / "spoken" / "talk.pt.wav", "talk.pt", "pt")
    translate_to_files(engines, task, FileOptions.from_settings(settings))
    for name in ("talk.en.srt", "talk.pt.srt", "talk.pt.vtt"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "spoken" / name).read_bytes()


def test_a_language_without_a_voice_is_refused_with_the_command_for_subtitles(
    stslocal: Command, bundled_clip: BundledClip, tmp_path: Path
) -> None:
    recording = tmp_path / "my talk.ogg"
    shutil.copy(bundled_clip.path, recording)
    ran = stslocal("translate", recording, "--to", "uk", "-o", tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert "Ukrainian (uk) is not spoken by any engine" in ran.err
    assert (
        f"`stslocal translate '{recording}' --to uk --output-dir {tmp_path / 'out'} --tts none` "
        "writes subtitles alone"
    ) in ran.err
    assert not (tmp_path / "out").exists()
