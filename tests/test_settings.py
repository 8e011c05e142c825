from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from pathlib import Path

import pytest

from stslocal import settings as settings_module
from stslocal.errors import SettingsError
from stslocal.settings import Settings
from stslocal.storage import PLACE_VARIABLES

pytestmark = pytest.mark.unit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(file: Path, flags: dict[str, object] | None = None, **environ: str) -> Settings:
    return Settings.load(flags, environ={"STSLOCAL_CONFIG": str(file), **environ})


def test_defaults_need_no_file(file: Path) -> None:
    assert load(file) == Settings()


def test_every_default_is_a_valid_value(file: Path) -> None:
    defaults = {field.name: field.default for field in fields(Settings) if field.default != ""}
    assert load(file, defaults) == Settings()


def test_flags_override_the_environment_and_that_overrides_the_file(file: Path) -> None:
    file.write_text('source = "en"\ntarget = "de"\nthreads = 1\nvoice = "pf_dora"\n')
    settings = load(
        file, {"target": "pt", "voice": None}, STSLOCAL_TARGET="fr", STSLOCAL_THREADS="2"
    )
    assert settings == Settings(source="en", target="pt", threads=2, voice="pf_dora")


def test_languages_may_be_written_as_people_write_them(file: Path) -> None:
    settings = load(file, {"source": "English", "target": "pt-BR"})
    assert (settings.target, settings.target_region, settings.source_region) == ("pt", "BR", "")
    assert load(file, {"target": "pt"}, STSLOCAL_TARGET="pt-PT").target_region == ""


def test_keys_take_dashes_and_underscores(file: Path) -> None:
    file.write_text('compute-type = "int8"\nmax_lag_s = 3\n')
    settings = load(file)
    assert settings.compute_type == "int8"
    assert settings.max_lag_s == 3.0


def test_the_environment_may_have_lists_and_numbers(file: Path) -> None:
    settings = load(file, STSLOCAL_SUBTITLES="srt, vtt,srt", STSLOCAL_SPEED_CAP="1.25")
    assert settings.subtitles == ("srt", "vtt")
    assert settings.speed_cap == 1.25


def test_other_variables_are_ignored(file: Path) -> None:
    places = dict.fromkeys(PLACE_VARIABLES, "/somewhere") | {"STSLOCAL_CONFIG": str(file)}
    assert Settings.load(environ={**places, "HOME": "/home/x"}) == Settings()


def test_an_unknown_key_names_the_nearest_and_the_file(file: Path) -> None:
    file.write_text('targ = "pt"\n')
    with pytest.raises(SettingsError, match=r"^targ in .*config.toml is not.*did you mean 'to'"):
        load(file)


def test_an_unknown_variable_names_the_nearest(file: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"^STSLOCAL_DIVICE is not.*did you mean 'STSLOCAL_DEVICE'"
    ):
        load(file, STSLOCAL_DIVICE="cpu")


@pytest.mark.parametrize(
    ("written", "read"),
    [("duck", "duck"), ("-20dB", "-20dB"), ("-6 db", "-6dB"), ("-6", "-6dB"), ("-06DB", "-6dB")],
)
def test_the_level_of_the_original_is_a_word_or_decibels(
    file: Path, written: str, read: str
) -> None:
    file.write_text(f'original = "{written}"\n')
    assert load(file).original == read


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('device = "gpu"', "'gpu' is not one of auto, cpu, cuda"),
        ("device = 3", "3 is not one of"),
        ("threads = -1", "whole number from 0 to 256"),
        ("threads = true", "whole number"),
        ('threads = "2"', "whole number"),
        ("speed_cap = 0.5", "number from 1 to 2"),
        ("max_lag_s = nan", "number from 0.5 to 60"),
        ('max_lag_s = "4"', "number from 0.5 to 60"),
        ('subtitles = "sub"', "'sub' is not one of srt, vtt"),
        ("subtitles = 3", "not a list of srt, vtt"),
        ('subtitles = ["sub"]', "'sub' is not one of srt, vtt"),
        ('target = "auto"', "not a language"),
        ("target = 1", "not a name"),
        ('voice = ""', "not a name"),
        ('original = "quiet"', "'quiet' is not one of auto, off, duck, full, or a level such as"),
        ('original = "-90dB"', "not a level from -1dB to -60dB"),
        ('original = "-0dB"', "not a level from -1dB to -60dB"),
        ("original = 20", "or a level such as -20dB"),
        ('source = "portugese"', "did you mean Portuguese"),
    ],
)
def test_a_refused_value_is_reported_with_the_allowed_ones(
    file: Path, line: str, complaint: str
) -> None:
    file.write_text(line + "\n")
    with pytest.raises(SettingsError) as refusal:
        load(file)
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith(f"{line.split()[0]} in {file}: ")


def test_a_refused_flag_is_named_as_it_was_typed(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"^--max-lag: "):
        Settings.load({"max_lag_s": 100.0}, environ={})
    with pytest.raises(SettingsError, match=r"^--to: 'xx' is not a language"):
        Settings.load({"target": "xx"}, environ={})


def test_a_number_in_the_environment_is_checked(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"^STSLOCAL_THREADS: 'many' is not a whole"):
        load(file, STSLOCAL_THREADS="many")


@pytest.mark.parametrize("content", [b"source =", b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"config\.toml is not (TOML|UTF-8)"):
        load(file)


def test_settings_have_the_names_of_the_flags(file: Path) -> None:
    file.write_text('from = "English"\nto = "pt"\nmax-lag = 6\noutput-format = "mp3"\n')
    settings = load(file)
    assert (settings.source, settings.target) == ("en", "pt")
    assert (settings.max_lag_s, settings.output_format) == (6.0, "mp3")
    over = {"STSLOCAL_CONFIG": str(file), "STSLOCAL_TO": "de", "STSLOCAL_MAX_LAG": "5"}
    settings = Settings.load({}, environ=over)
    assert (settings.source, settings.target, settings.max_lag_s) == ("en", "de", 5.0)


def test_what_the_flags_take_may_stand_in_the_file(file: Path) -> None:
    file.write_text('subtitles = "vtt, srt"\n')
    assert load(file).subtitles == ("vtt", "srt")
    file.write_text('subtitles = "none"\n')
    assert load(file).subtitles == ()
    assert load(file, STSLOCAL_SUBTITLES="none").subtitles == ()


def test_devices_are_settings(file: Path) -> None:
    file.write_text('input-device = "headset"\noutput_device = 3\n')
    settings = load(file)
    assert (settings.input_device, settings.output_device) == ("headset", "3")
    assert load(file, STSLOCAL_INPUT_DEVICE="2").input_device == "2"
    for wrong in ("true", "-1", "1.5", '""', '["a"]'):
        file.write_text(f"output-device = {wrong}\n")
        with pytest.raises(SettingsError, match=r"^output-device in .*is not a name"):
            load(file)


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ('to = "pt"\ntarget = "de"\n', "to"),
        ("max-lag = 3\nmax_lag = 4\n", "max-lag"),
        ("max_lag_s = 3\nmax-lag = 4\n", "max-lag"),
    ],
)
def test_a_setting_stands_once(file: Path, text: str, keep: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match=f"are the same: keep '{keep}'$"):
        load(file)


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("STSLOCAL_TO", "xx", "^STSLOCAL_TO: 'xx' is not a language"),
        ("STSLOCAL_TARGET", "xx", "^STSLOCAL_TARGET: 'xx' is not a language"),
        ("STSLOCAL_MAX_LAG", "99", "^STSLOCAL_MAX_LAG: 99 is not a number from 0.5 to 60"),
        ("STSLOCAL_MAXLAG", "4", "^STSLOCAL_MAXLAG is not.*did you mean 'STSLOCAL_MAX_LAG'"),
        ("STSLOCAL_QUERTZ", "4", "^STSLOCAL_QUERTZ is not a setting; there are from, to, voice"),
    ],
)
def test_a_message_names_the_variable_that_was_set(
    file: Path, variable: str, value: str, complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        Settings.load(environ={"STSLOCAL_CONFIG": str(file), variable: value})


def test_a_variable_that_is_empty_is_not_set(file: Path) -> None:
    assert load(file, STSLOCAL_TO="", STSLOCAL_THREADS="") == Settings()


def test_each_value_has_its_origin(file: Path) -> None:
    file.write_text('to = "de"\nmax_lag_s = 3\n')
    environ = {"STSLOCAL_CONFIG": str(file), "STSLOCAL_TO": "pt"}
    settings, origins = Settings.load_with_origins({"voice": "pm_alex"}, environ=environ)
    assert (settings.target, settings.max_lag_s, settings.voice) == ("pt", 3.0, "pm_alex")
    assert {name: (one.origin, one.key) for name, one in origins.items()} == {
        "target": ("environment", "STSLOCAL_TO"),
        "max_lag_s": ("file", "max_lag_s"),
        "voice": ("flag", "voice"),
    }


def test_every_setting_is_explained() -> None:
    """docs/settings.md is made from what stands under the fields."""
    (cls,) = (
        node
        for node in ast.parse(inspect.getsource(settings_module)).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    body = cls.body
    fields = [n for n, node in enumerate(body) if isinstance(node, ast.AnnAssign)]
    for number in fields:
        below = body[number + 1]
        assert isinstance(below, ast.Expr), ast.unparse(body[number])
