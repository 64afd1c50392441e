import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.peers.environments import NotSetUpError, interpreter, reader
from benchmarks.peers.material import Question, articles_for, read_questions
from benchmarks.peers.measure import Asks
from benchmarks.peers.tables import advantages, section

PARAGRAPH = "Harbour works began in 1911. The engineer was Ada Brandt. The pier burned down in 1950."


def _question_file(path: Path, answerable: int, others: int) -> Path:
    records = [
        {
            "id": str(number),
            "title": "Old_Harbour",
            "context": f"{PARAGRAPH} Note {number % 3}.",
            "question": f"Who was the engineer, {number}?",
            "answers": [{"text": "Ada Brandt", "start": PARAGRAPH.index("Ada")}] if number < answerable else [],
        }
        for number in range(answerable + others)
    ]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(record) for record in records))
    return path


def _corpus(path: Path, count: int) -> Path:
    lines = [
        {"id": f"n{n}", "title": f"Report {n}", "text": f"Mill {n} sold {n + 10} tons of flour."} for n in range(count)
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(("answerable", "others", "expected"), [(9, 9, (3, 3)), (9, 0, (6, 0))])
def test_questions_are_drawn_evenly_and_always_the_same(tmp_path: Path, answerable, others, expected):
    path = _question_file(tmp_path / "questions.jsonl.gz", answerable, others)
    drawn = read_questions(path, 6)
    assert drawn == read_questions(path, 6)
    assert len({question.text for question in drawn}) == 6
    assert (sum(bool(q.answers) for q in drawn), sum(not q.answers for q in drawn)) == expected
    assert drawn[0].title == "Old Harbour"


def test_the_paragraphs_of_the_questions_are_among_the_articles_once_each(tmp_path: Path):
    questions = read_questions(_question_file(tmp_path / "questions.jsonl.gz", 9, 9), 12)
    articles = articles_for(questions, _corpus(tmp_path / "corpus.jsonl", 30), 20)
    assert len(articles) == len({article["id"] for article in articles}) == 20
    paragraphs = [article["text"] for article in articles if article["title"] == "Old Harbour"]
    assert sorted(paragraphs) == sorted({question.context for question in questions})


def test_answers_silences_and_errors_are_counted_apart():
    can, cannot = Question("q", ("Ada Brandt",), "t", "c"), Question("q", (), "t", "c")
    asks = Asks()
    for question, answer, outcome in [
        (can, "Ada Brandt", "answered"),
        (can, "Brandt", "answered"),
        (can, None, "answered"),
        (can, None, "error"),
        (cannot, None, "answered"),
        (cannot, "1911", "answered"),
        (cannot, None, "lost"),
    ]:
        asks.take(question, answer, 0.1, outcome)
    figures = asks.figures()
    assert figures["F1"] == pytest.approx(100 * (1 + 2 / 3) / 4)
    assert figures["EM"] == 25
    assert (figures["answerable, declined"], figures["unanswerable, declined"]) == (1, 1)
    assert (figures["failed, answerable"], figures["failed, unanswerable"]) == (1, 1)
    assert figures["asks"] == 7
    assert figures["median ms"] == pytest.approx(100)


def _figures() -> dict[str, object]:
    def asks(factor: float) -> dict[str, object]:
        own = Asks()
        own.take(Question("q", ("a",), "t", "c"), "a", 0.1 * factor, "answered")
        memory = {"Rss": 200.0 * factor, "Pss": 150.0 * factor}
        return {**own.figures(), "memory when ready": memory, "memory after the asks": memory}

    def load(factor: float) -> dict[str, list[float]]:
        return {"asks/s": [12.0 / factor, 10.0 / factor], "answered/s": [6.0 / factor, 0.0], "lost": [0.0, 1.0]}

    return {
        "versions": {"peer": {"peer": "1.0"}},
        "load before": 1.0,
        "load after": 2.0,
        "counts": {"questions": 1, "articles": 2, "passages": 3},
        "indexed for the rate": {"articles": 2, "passages": 3},
        "indexing": {"Pullquote": [1.0, 2.0], "slow": [3.0, 6.0]},
        "starts": {"Pullquote": [1.0, 1.0], "slow": [3.0, 3.0], "quick": [0.5, 0.5]},
        "asks": {"Pullquote": asks(1), "slow": asks(3), "quick": asks(0.5)},
        "loads": {"Pullquote": load(1), "slow": load(3), "quick": load(0.5)},
    }


def test_a_ratio_above_one_says_that_pullquote_is_ahead():
    figures = _figures()
    assert list(advantages(figures, "slow").values()) == pytest.approx([3.0] * 7)
    assert list(advantages(figures, "quick").values()) == pytest.approx([0.5] * 6)
    assert "indexing" not in advantages(figures, "quick")
    crashed = figures["loads"]["slow"] = {"asks/s": [0.0, 5.0], "answered/s": [0.0, 2.0], "lost": [16.0, 0.0]}
    assert advantages(figures, "slow")["asks a second"] == pytest.approx(2.0)
    crashed |= {"asks/s": [0.0, 0.0], "answered/s": [0.0, 0.0]}
    assert not {"asks a second", "answers a second, errors left out"} & set(advantages(figures, "slow"))


def test_the_section_says_where_a_peer_wins():
    text = section(_figures())
    assert text.count("**0.50**, the peer wins") == 6
    assert "| indexing | 3.00 | – |" in text


def test_each_of_our_readers_is_compared_with_the_peers_alone():
    figures = _figures()
    for kind in ("starts", "asks", "loads"):
        figures[kind]["Pullquote, small reader"] = figures[kind]["quick"]
    text = section(figures)
    assert text.count("How many times better Pullquote") == 2
    assert text.count("|  | slow | quick |") == 2
    small = text[text.index("better Pullquote, small reader") :]
    assert "| median ask | 6.00 | **1.00**, missed |" in small
    assert "| indexing |" not in small


def test_what_is_not_set_up_is_told_with_the_command(tmp_path: Path):
    with pytest.raises(NotSetUpError, match=r"benchmarks\.peers setup"):
        interpreter("txtai", tmp_path)
    with pytest.raises(NotSetUpError, match=r"benchmarks\.peers setup"):
        reader(tmp_path)


@pytest.mark.peers
def test_the_whole_comparison_on_twenty_articles(tmp_path: Path):
    questions = _question_file(tmp_path / "questions.jsonl.gz", 9, 9)
    corpus = _corpus(tmp_path / "corpus.jsonl", 20)
    figures_file = tmp_path / "figures.json"
    subprocess.run([sys.executable, "-m", "benchmarks.peers", "setup"], check=True)
    options = ["--articles=20", "--index-articles=10", "--asks=6", "--load=4", "--rounds=1", f"--work={tmp_path}/work"]
    command = [sys.executable, "-m", "benchmarks.peers", str(corpus), str(questions), *options]
    subprocess.run([*command, "--json", str(figures_file)], check=True)
    figures = json.loads(figures_file.read_text(encoding="utf-8"))["figures"]
    ours = {"Pullquote", "Pullquote, small reader"}
    assert set(figures["asks"]) == ours | {"txtai", "txtai, quantize", "Haystack"}
    assert set(figures["indexing"]) == {"Pullquote", "txtai", "Haystack"}
    assert all(figures["asks"][name]["failed, answerable"] == 0 for name in ours)
    for asks in figures["asks"].values():
        assert asks["asks"] == 6
        assert asks["failed, answerable"] + asks["failed, unanswerable"] < 6
        assert asks["memory when ready"]["Pss"] > 0
    for load in figures["loads"].values():
        assert load["asks/s"][0] >= load["answered/s"][0]
    assert all(figures["loads"][name]["lost"] == [0] for name in ours)
    assert all(min(seconds) > 0 for kind in ("indexing", "starts") for seconds in figures[kind].values())
