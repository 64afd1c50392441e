"""``pullquote build`` in parts."""

from pathlib import Path

from tests.support.command_line import one_line, run
from tests.support.stories import STORIES, plain


def test_parts_are_made_and_joined(tmp_path: Path) -> None:
    news, parts = tmp_path / "news", tmp_path / "parts"
    news.mkdir()
    for number, story in enumerate(STORIES):
        (news / f"{number}.txt").write_text(plain(story))
    for part in ("1/2", "2/2"):
        made = run("build", news, "--part", part, "--parts", parts, "--data-dir", tmp_path / part[0])
        assert made.exit_code == 0, made.output
        assert f"part {part[0]} of 2 is in {parts}" in made.stdout
    joined = run("build", news, "--parts", parts, "--data-dir", tmp_path / "joined")
    assert "0 passages embedded" in joined.stdout
    alone = run("build", news, "--data-dir", tmp_path / "alone")
    versions = [result.stdout.split("version ")[1].split()[0] for result in (joined, alone)]
    assert versions[0] == versions[1]


def test_what_is_asked_wrongly_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text("The mill burned down in May.")
    build = ("build", tmp_path / "story.txt", "--data-dir", tmp_path)
    assert "--part needs --parts FOLDER" in one_line(run(*build, "--part", "1/2"), code=2)
    assert "--on-ray needs --parts FOLDER" in one_line(run(*build, "--on-ray", "2"), code=2)
    assert "--on-ray needs PULLQUOTE_RAY" in one_line(run(*build, "--on-ray", "2", "--parts", tmp_path), code=2)
    assert "write 2/8 for the second of eight" in one_line(run(*build, "--part", "x", "--parts", tmp_path))
    assert "Make each part with" in one_line(run(*build, "--parts", tmp_path / "none"))
