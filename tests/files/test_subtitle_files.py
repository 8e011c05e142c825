"""Which subtitles a translation writes, and under which names."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from stslocal.errors import SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.project import open_project
from stslocal.files.redo.subtitles import subtitle_files, take_subtitles
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.writing import target_cue
from stslocal.settings import SUBTITLE_FORMATS
from stslocal.translation.request import TranslationRequest
from tests.fake_engines import NAMES

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt", "en"), subtitles=SUBTITLE_FORMATS)
PLAYERS_NAME = re.compile(r"talk\.(?P<language>[a-z]{2,3})\.(?P<kind>\w+)")
"""As Plex, Jellyfin and Kodi find subtitles: the video's name, a language code, the kind. VLC takes
any file whose name begins with the video's."""


def test_every_kind_is_written_for_both_languages(engines: Engines, task: FileTask) -> None:
    done = translate_to_files(engines, task, OPTIONS)
    written = [path.name for path in done.files if path not in (task.audio, task.session)]
    found = [PLAYERS_NAME.fullmatch(name) for name in written]
    assert {(one["language"], one["kind"]) for one in found if one} == {
        (language, kind) for language in ("en", "pt") for kind in SUBTITLE_FORMATS
    }
    assert all(found)
    assert set(done.session.output) == {task.audio.name, *written}
    source = json.loads(task.source_subtitles("json", "en").read_text(encoding="utf-8"))
    assert source["language"] == "en"
    words = "".join(word["word"] for word in source["segments"][0]["words"])
    assert words == source["segments"][0]["text"] == "good day to you."
    target = json.loads(task.subtitles("json").read_text(encoding="utf-8"))
    assert target["language"] == "pt"
    assert "words" not in target["segments"][0]


def test_bilingual_subtitles_show_both_texts(engines: Engines, task: FileTask) -> None:
    options = replace(OPTIONS, bilingual=True)
    translate_to_files(engines, task, options)
    srt = task.subtitles("srt").read_text(encoding="utf-8")
    assert "\npt:good pt:day pt:to pt:you.\ngood day to you.\n\n" in srt
    source = task.source_subtitles("srt", "en").read_text(encoding="utf-8")
    assert "pt:" not in source
    assert r"\N{\rOriginal}good day to you." in task.subtitles("ass").read_text(encoding="utf-8")
    assert options.fingerprint(NAMES) != OPTIONS.fingerprint(NAMES)


def test_what_keeps_its_own_sound_is_shown_once() -> None:
    kept = SessionSegment(0, "pt", Span(0, 1), "Sim.", (), "Sim.", Span(0, 1), "original", 1, {})
    assert target_cue(kept, "pt", bilingual=True).lines == "Sim."


def test_bilingual_subtitles_of_a_session_are_made_again(engines: Engines, task: FileTask) -> None:
    translate_to_files(engines, task, replace(OPTIONS, bilingual=True))
    project = open_project(task.session)
    files = {file.path.name: file for file in subtitle_files(project)}
    assert len(files) == 2 * len(SUBTITLE_FORMATS)
    for file in files.values():
        assert file.render(project.session) == file.path.read_bytes()
    with pytest.raises(SettingsError, match=r"`stslocal edit .*talk\.pt\.session\.json`"):
        take_subtitles(project, task.subtitles("srt"), of_source=False)
