"""The command line, run in the process of the test."""

from pathlib import Path

from typer.testing import CliRunner, Result

from api.cli.main import app

SPOKESWOMAN = "Who is the NATO spokeswoman?"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def one_line(result: Result, code: int = 1) -> str:
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("pullquote: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    return result.stderr
