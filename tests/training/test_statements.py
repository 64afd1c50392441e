"""Questions and sentences as statements to learn checking from."""

import random

import pytest

from training.data import Example, TextSpan
from training.declarative import affirmed, declarative
from training.mixture import mix
from training.negatives import NegativeMiner
from training.recipe import Mixture
from training.statements import Stated, Statements

CONTEXT = (
    "The ferry to Skomar ran aground in 2019. Its captain, Nadia Sarraf, called the coast guard at once. "
    "Forty passengers were taken off by helicopter, and nobody was hurt. A court in Oslo later fined the owner."
)


def example(question: str, answer: str, number: int = 1) -> Example:
    answers = (TextSpan(answer, CONTEXT.index(answer)),) if answer else ()
    return Example(f"q{number}", "news-written", "skomar", question, CONTEXT, answers, headline="Ferry runs aground")


ANSWERED = [
    example("When did the ferry to Skomar run aground?", "2019", 1),
    example("Who called the coast guard?", "Nadia Sarraf", 2),
    example("How many passengers were taken off?", "Forty", 3),
    example("Where was the owner fined?", "Oslo", 4),
]


@pytest.mark.parametrize(
    ("question", "answer", "before", "statement"),
    [
        ("Who called the coast guard?", "Nadia Sarraf", "captain, ", "Nadia Sarraf called the coast guard."),
        ("When did the ferry run aground?", "2019", "aground in ", "The ferry did run aground in 2019."),
        ("Where was the owner fined?", "Oslo", "A court in ", "The owner was fined in Oslo."),
        ("How many passengers were taken off?", "Forty", "hurt. ", "Forty passengers were taken off."),
        ("What is the capital of Norway?", "Oslo", "", "The capital of Norway is Oslo."),
        ("In which year was the owner fined?", "2020", "", "The owner was fined in 2020."),
        ("Why did the ferry stop?", "it ran aground", "", "The ferry did stop because it ran aground."),
        ("The ferry ran aground in what year?", "2019", "", "The ferry ran aground in 2019."),
    ],
)
def test_a_question_and_its_answer_are_a_statement(question: str, answer: str, before: str, statement: str) -> None:
    assert declarative(question, answer, before) == statement


@pytest.mark.parametrize("question", ["Ferry aground", "", "Who?", "Was the owner fined?"])
def test_what_is_no_open_question_makes_no_statement(question: str) -> None:
    assert declarative(question, "Oslo") is None


def test_a_yes_is_a_statement() -> None:
    assert affirmed("Was the owner of the ferry fined?") == "The owner of the ferry was fined."
    assert affirmed("Did passengers leave the ferry?") == "Passengers did leave the ferry."
    assert affirmed("Who left?") is None


def stated_of(question: Example, others: list[Example]) -> list[Stated]:
    statements = Statements(others)
    return [made for seed in range(20) for made in statements.of_question(question, random.Random(seed))]


def test_a_right_answer_is_borne_out_and_another_one_is_not() -> None:
    made = stated_of(ANSWERED[1], ANSWERED)
    right = {each.example.question for each in made if each.example.answers}
    wrong = {each.example.question for each in made if not each.example.answers}
    assert right == {"Nadia Sarraf called the coast guard."}
    assert wrong
    assert all("Nadia Sarraf" not in each and each.endswith("called the coast guard.") for each in wrong)
    assert {each.example.kind for each in made} == {"stated", "misstated"}


def test_a_question_without_an_answer_borrows_that_of_the_one_most_like_it() -> None:
    made = stated_of(example("Who never called the coast guard?", "", 5), ANSWERED)
    assert {(each.example.question, bool(each.example.answers)) for each in made} == {
        ("Nadia Sarraf never called the coast guard.", False),
        ("Nadia Sarraf called the coast guard.", True),
    }
    assert {each.about.text for each in made} == {"Nadia Sarraf"}


def test_a_sentence_with_one_thing_changed_is_not_borne_out() -> None:
    statements = Statements(ANSWERED)
    made = [each for seed in range(60) for each in statements.of_sentence(ANSWERED[0], random.Random(seed))]
    borne_out = [each for each in made if each.example.answers]
    assert borne_out
    assert len(borne_out) < len(made)
    for each in made:
        assert CONTEXT[each.about.start : each.about.end] == each.about.text
        if not each.example.answers:
            assert each.example.question not in CONTEXT


def test_a_recipe_says_how_many_there_are() -> None:
    recipe = Mixture(stated={"news-written": 4}, said={"news-written": 3}, whole=1.0)
    miner = NegativeMiner([("skomar", "", CONTEXT)])
    made = list(mix(ANSWERED, miner, None, recipe))
    assert {each.kind for each in made} <= {"stated", "misstated", "elsewhere"}
    assert 4 <= sum(each.kind != "elsewhere" for each in made) <= 7
    assert made == list(mix(ANSWERED, miner, None, recipe))
