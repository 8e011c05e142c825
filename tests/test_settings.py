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
    assert Settings().updated(defaults, origin="here") == Settings()


def test_flags_override_the_environment_and_that_overrides_the_file(file: Path) -> None:
    file.write_text('source = "en"\ntarget = "de"\nthreads = 1\nvoice = "pf_dora"\n')
    settings = load(
        file, {"target": "pt", "voice": None}, STSLOCAL_TARGET="fr", STSLOCAL_THREADS="2"
    )
    assert settings == Settings(source="en", target="pt", threads=2, voice="pf_dora")


def test_languages_may_be_written_as_people_write_them(file: Path) -> None:
    assert load(file, {"source": "English", "target": "pt-BR"}).target == "pt"


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
    file.write_text('targt = "pt"\n')
    with pytest.raises(SettingsError, match=r"config.toml has an unknown.*did you mean 'target'"):
        load(file)


def test_an_unknown_variable_names_the_nearest(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"environment.*'divice'.*did you mean 'device'"):
        load(file, STSLOCAL_DIVICE="cpu")


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
        ('subtitles = "srt"', "not a list of srt, vtt"),
        ('subtitles = ["ass"]', "'ass' is not one of srt, vtt"),
        ('target = "auto"', "not a language"),
        ("target = 1", "not a name"),
        ('voice = ""', "not a name"),
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
    with pytest.raises(SettingsError, match="threads in the environment: 'many' is not a whole"):
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
