"""``pullquote check`` prints what the articles say to each sentence, and ends with 1 when they contradict one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app

TEXT = "The ferry can carry 240 passengers. Oslo has an opera.\n"


def test_a_file_is_checked(articles_data: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(draft), "--data-dir", str(articles_data)])
    assert result.exit_code == 1, result.output
    assert "contradicted: The ferry can carry 240 passengers." in result.stdout
    assert "420 passengers" in result.stdout
    assert result.stdout.endswith("0 supported, 1 contradicted, 1 not found\n")


def test_standard_input_is_checked_for_programs(articles_data: Path) -> None:
    result = CliRunner().invoke(app, ["check", "-", "--json", "--data-dir", str(articles_data)], input="Oslo sings.")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["counts"] == {"supported": 0, "contradicted": 0, "not_found": 1}


@pytest.mark.parametrize(("content", "told"), [(b"\xff\xfe", "no text in UTF-8"), (b" \n", "it has no sentence")])
def test_what_can_not_be_checked_is_told(articles_data: Path, tmp_path: Path, content: bytes, told: str) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_bytes(content)
    result = CliRunner().invoke(app, ["check", str(draft), "--data-dir", str(articles_data)])
    assert result.exit_code == 2
    assert told in result.stderr
