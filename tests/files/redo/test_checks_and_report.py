"""What is spoken anew is checked as any speech, and a report shows the corrected translation."""

from __future__ import annotations

import pytest

from stslocal.errors import OutputError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.project import Project, open_project
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.corrections import Correction
from stslocal.results.session_segment import SpeechCheck
from stslocal.translation.request import TranslationRequest
from stslocal.translation.speech_faults import OTHER_WORDS
from tests.fakes import Lexicon
from tests.files.test_speech_check import SaysWrongly
from tests.redoing import correct, run, spoken_words

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("kept_levels")]

OPTIONS = FileOptions(TranslationRequest("pt", "en"), report=True)
IDEA = "acho que isto seja uma boa ideia para todos."
HALVES = ["acho que isto seja uma", "boa ideia para todos."]


@pytest.fixture
def project(engines: Engines, task: FileTask) -> Project:
    translate_to_files(engines, task, OPTIONS)
    return open_project(task.session)


def saying(engines: Engines, lexicon: Lexicon, instead: dict[str, str]) -> SaysWrongly:
    """Give the engines a voice that says something else for some texts."""
    voice = SaysWrongly(lexicon=lexicon, instead=instead)
    engines.synthesizer = voice
    return voice


def test_good_speech_is_checked_once(project: Project, engines: Engines, task: FileTask) -> None:
    result = run(
        correct(project, {2: Correction(translation=IDEA)}),
        engines,
        thorough=True,
        recording=task.source,
    )
    assert result.session.segments[1].check == SpeechCheck("", IDEA, 0)
    assert result.warnings == []
    again = run(correct(open_project(project.path), {2: Correction(translation="chove.")}), engines)
    assert again.session.segments[1].check is None, "nothing is known of speech without a check"


def test_what_is_said_wrongly_is_said_another_way(
    project: Project, engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    voice = saying(engines, lexicon, {IDEA: "acho que"})
    result = run(
        correct(project, {2: Correction(translation=IDEA)}),
        engines,
        thorough=False,
        recording=task.source,
    )
    check = result.session.segments[1].check
    assert check is not None
    assert (check.fault, check.said_again) == ("", 1)
    assert [text for text in voice.asked if text != IDEA] == HALVES
    assert spoken_words(project.audio, lexicon)[4:] == IDEA.split()
    assert result.warnings == []
    assert "Said again once" in project.task.report.read_text("utf-8")


def test_what_stays_wrong_is_listed(
    project: Project, engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    saying(engines, lexicon, dict.fromkeys((IDEA, *HALVES), "acho que"))
    result = run(
        correct(project, {2: Correction(translation=IDEA)}),
        engines,
        thorough=True,
        recording=task.source,
    )
    assert any(
        one.startswith("line 2 is doubtful in the translated speech") for one in result.warnings
    )
    (warning,) = result.session.warnings
    assert warning.startswith("1 sentence is doubtful in the translated speech: at 0:04")
    check = open_project(project.path).session.segments[1].check
    assert check is not None
    assert (check.fault, check.said_again) == (OTHER_WORDS, 2)
    assert warning in project.task.report.read_text("utf-8")


def test_a_translation_of_a_person_may_be_what_was_said(project: Project, engines: Engines) -> None:
    same = project.session.segments[1].text
    result = run(correct(project, {2: Correction(translation=same)}), engines, thorough=True)
    assert result.session.segments[1].check == SpeechCheck("", same, 0)


def test_the_report_is_made_again(project: Project, engines: Engines, task: FileTask) -> None:
    before = task.report.read_text("utf-8")
    wanted = correct(project, {2: Correction(translation="chove muito.")})
    result = run(wanted, engines, recording=task.source)
    page = task.report.read_text("utf-8")
    assert "chove muito." in page
    assert "chove muito." not in before
    assert task.report in result.files
    after = open_project(project.path)
    assert after.state(task.report.name) == "whole"
    pictures = [text[text.index("<svg") : text.index("</svg>")] for text in (before, page)]
    assert pictures[0] != pictures[1], "the translated sound is drawn anew"
    source = [text[text.index('class="source"') :].partition("/>")[0] for text in pictures]
    assert source[0] == source[1]


def test_without_the_recording_the_report_stays_and_that_is_said(
    project: Project, engines: Engines, task: FileTask
) -> None:
    before = task.report.read_bytes()
    result = run(correct(project, {2: Correction(skip=True)}), engines)
    assert result.warnings == [
        "talk.pt.report.html shows the translation as it was before this correction, because the "
        "recording is not beside it: name it with --recording"
    ]
    assert task.report.read_bytes() == before


def test_a_report_that_a_person_changed_is_replaced_only_when_that_is_asked_for(
    project: Project, engines: Engines, task: FileTask
) -> None:
    task.report.write_text("mine", "utf-8")
    wanted = correct(project, {2: Correction(skip=True)})
    with pytest.raises(OutputError, match=r"report\.html was changed.*rename it.*--overwrite"):
        run(wanted, engines, recording=task.source)
    assert task.report.read_text("utf-8") == "mine"
    run(wanted, engines, recording=task.source, overwrite=True)
    assert "<html" in task.report.read_text("utf-8")
