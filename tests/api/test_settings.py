"""Settings: where they come from, what is told of a bad one, and that they are documented."""

import json
from pathlib import Path

import pytest

from api.settings import FILE, ConfigurationError, Settings, load_settings, markdown, passed_settings, rows
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_given_values_win_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(FILE).write_text('port = 1001\nhost = "::1"\nsources = ["a", "b"]\nqueue_size = 7\n', encoding="utf-8")
    monkeypatch.setenv("PULLQUOTE_PORT", "1002")
    monkeypatch.setenv("PULLQUOTE_QUEUE_SIZE", "8")
    settings = load_settings(port=1003, host=None)
    assert (settings.port, settings.queue_size, settings.host, settings.sources) == (1003, 8, "::1", ["a", "b"])


@pytest.mark.parametrize("text", ["seeds,news/**/*.txt", '["seeds", "news/**/*.txt"]', " seeds , news/**/*.txt,"])
def test_lists_are_written_with_commas_or_as_json(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PULLQUOTE_SOURCES", text)
    assert load_settings().sources == ["seeds", "news/**/*.txt"]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "eighty", "valid integer"),
        ("PORT", "70000", "65535"),
        ("THREADS", "0", "greater than or equal to 1"),
        ("EMBEDDER_PRECISION", "int4", "'int8' or 'float32'"),
        ("PUBLIC_URL", "answers.example", "https://answers.example.org"),
        ("CORS_ORIGINS", "https://a.example/path", "without a path"),
        ("SOURCES", "[seeds", "is no list"),
        ("COLUMNS", "body=story", "write one of text, title"),
        ("COLUMNS", "text", "= and its name"),
        ("REFRESH", "hourly", "write 15m, 2h or 1d"),
        ("REFRESH", "ftp://a.example 1h", "http"),
        ("VERIFY_ON_OPEN", "perhaps", "boolean"),
        ("QUEUE_SIZE", "", "integer"),
        ("DATA_DIR", " ", "names no folder"),
    ],
)
def test_a_bad_value_is_told_in_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"PULLQUOTE_{name}", value)
    with pytest.raises(ConfigurationError, match=f"PULLQUOTE_{name}") as caught:
        load_settings()
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "closest"), [("PULLQUOTE_DATADIR", "PULLQUOTE_DATA_DIR"), ("PULLQUOTE_PROT", "PULLQUOTE_PORT")]
)
def test_a_variable_that_is_no_setting_is_told_with_the_closest(
    monkeypatch: pytest.MonkeyPatch, name: str, closest: str
) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(ConfigurationError, match=f"^{name} is no setting: .*{closest}\\?.*$"):
        load_settings()


def test_variables_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_TRAINING_DATA", "x")
    monkeypatch.setenv("PULLQUOTE_CHROMIUM", "x")
    monkeypatch.setenv("PULLQUOTE_READER", " ")
    assert load_settings().reader is None


@pytest.mark.parametrize(
    ("content", "told"),
    [("port = ", "not valid TOML"), ("prot = 1", "no setting 'prot'"), ("port = [1]", "PULLQUOTE_PORT")],
)
def test_a_bad_file_is_told(content: str, told: str) -> None:
    Path(FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_settings()


def test_every_setting_has_a_description_and_is_documented() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == markdown()
    assert len(rows()) == len(Settings.model_fields)
    assert all(description for _, _, description in rows())


def test_what_a_process_passes_on_is_all_that_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pullquote.toml").write_text("port = 9000\nno_such_setting = 1\n")
    monkeypatch.setenv("PULLQUOTE_PORT", "9001")
    passed = passed_on(port=9002, sources=["a", "b"], data_dir="elsewhere")
    assert (passed.port, passed.sources, passed.data_dir) == (9002, ["a", "b"], Path("elsewhere"))
    assert passed_on().port == 8000


def passed_on(**values: object) -> Settings:
    return passed_settings(json.loads(json.dumps(values)))
