"""Follow-up questions: what they take from the conversation, what is left alone, and that nothing breaks them."""

from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.followups import read_conversations
from rag.english.followup import LOOK_BACK, Asked, Turn, in_conversation, standalone
from tests.support.cost import seconds

PRIZE = ("Who won the Lantern Prize?", "Nadim Sarraf-Hale")
FERRY = ("Which ferry did Storm Ottilie tear from its moorings?", "Meridian Swift")
BOOKS = ("How many books did the river Sarn ruin in Brennick?", "61,000")
TROOPS = ("How many special forces soldiers did Pyongyang deploy first?", "1,500")
FINES = ("Why were fines abolished at the library of Brennick?", "they never brought back a single book")
VOTE = ("What percentage of the vote did Gustav Prell receive in Port Callory?", "44.1 per cent")
STUDY = ("How old are the town walls of Quillhaven?", "140 years older")
NOTHING = "No article answers that.\n\nThe nearest passage, which may not answer it:\n\n> Nobody was on board."


def conversation(*exchanges: tuple[str, str]) -> list[Turn]:
    roles = [(Turn("user", question), Turn("assistant", answer)) for question, answer in exchanges]
    return [turn for pair in roles for turn in pair]


@pytest.mark.parametrize(
    ("exchange", "question", "taken"),
    [
        (PRIZE, "And when?", ["won", "Lantern Prize", "Nadim Sarraf-Hale"]),
        (PRIZE, "How old is he?", ["Nadim Sarraf-Hale"]),
        (PRIZE, "What is his job", ["Nadim Sarraf-Hale"]),
        (PRIZE, "How much is it worth?", ["Lantern Prize"]),
        (FERRY, "How much did it cost?", ["Meridian Swift"]),
        (FERRY, "Thanks. When was it built?", ["Meridian Swift"]),
        (BOOKS, "How many of them were saved?", ["books", "river Sarn", "Brennick"]),
        (BOOKS, "And cars?", ["river Sarn", "Brennick"]),
        (TROOPS, "Where?", ["special forces soldiers", "Pyongyang"]),
        (FINES, "When did they do it?", ["fines", "library of Brennick"]),
        (VOTE, "What about Bram Tuckwell?", ["Port Callory"]),
        (VOTE, "And in Dunlisk?", ["vote", "Gustav Prell"]),
        (STUDY, "Where are they?", ["town walls of Quillhaven"]),
    ],
)
def test_a_followup_takes_what_it_needs_from_the_conversation(
    exchange: tuple[str, str], question: str, taken: list[str]
) -> None:
    became = standalone(question, conversation(exchange))
    assert became.startswith(f"{question} (")
    assert became.endswith(")")
    for words in taken:
        assert words in became


@pytest.mark.parametrize(
    "question",
    [
        "Who was elected mayor of Port Callory?",
        "Who said that NATO allies have confirmed evidence of a deployment?",
        "Which ferry did Storm Ottilie tear from its moorings?",
        "What would it cost to raise the sea wall of Port Callory?",
        "When did Marchetti say that she would raise the wall?",
        "What is the boiling point of ethanol?",
        "how do i renew my passport",
        "best banana bread recipe without eggs?",
        "  Who is  Lloyd Austin ",
        "?",
        "…",
    ],
)
def test_a_question_that_stands_alone_stays_as_it_is(question: str) -> None:
    for exchange in (PRIZE, FERRY, BOOKS, TROOPS, FINES, VOTE, STUDY):
        assert standalone(question, conversation(exchange)) == question


def test_a_followup_without_a_conversation_stays_as_it_is() -> None:
    assert standalone("And when?", []) == "And when?"
    assert standalone("And when?", [Turn("system", "Who won the Lantern Prize?")]) == "And when?"
    assert standalone("And when?", [Turn("assistant", "Who won the Lantern Prize?")]) == "And when?"


def test_a_followup_tells_what_the_conversation_is_on_and_what_it_has_said() -> None:
    asked = in_conversation("And when?", conversation(FERRY, PRIZE))
    assert asked.is_followup
    assert asked.typed == "And when?"
    assert asked.topic == "Which ferry did Storm Ottilie tear from its moorings? Meridian Swift " + " ".join(PRIZE)
    assert {"ferry", "meridi", "priz", "hal"} <= {word[:6] for word in asked.said}
    assert in_conversation("And when?", conversation(*[FERRY] * 2, *[PRIZE] * 3)).topic == " ".join([*PRIZE] * 3)


def test_to_a_question_that_stands_alone_the_conversation_is_nothing() -> None:
    asked = in_conversation("Who was elected mayor of Port Callory?", conversation(PRIZE))
    assert asked == Asked(asked.typed, asked.typed, asked.typed)
    assert not asked.is_followup


@pytest.mark.parametrize(
    ("question", "whole", "meant"),
    [
        ("And in 2023?", "And in 2023? (Who won the Harp Cup in 2022?)", "Who won the Harp Cup in 2023?"),
        (
            "what about last year",
            "what about last year (Who won the Harp Cup in 2022?)",
            "Who won the Harp Cup last year?",
        ),
        ("2021?", "2021? (Who won the Harp Cup in 2022?)", "Who won the Harp Cup in 2021?"),
    ],
)
def test_a_time_alone_asks_the_question_before_of_that_time(question: str, whole: str, meant: str) -> None:
    asked = in_conversation(question, conversation(("Who won the Harp Cup in 2022?", "Dunmore Rovers")))
    assert (asked.standalone, asked.meant) == (whole, meant)


@pytest.mark.parametrize("question", ["And where in 2023?", "and now?", "Who won the Ister Run in 2023?"])
def test_a_time_beside_other_words_asks_for_them(question: str) -> None:
    asked = in_conversation(question, conversation(("Who won the Harp Cup in 2022?", "Dunmore Rovers")))
    assert asked.meant == asked.standalone
    assert "Who won the Harp Cup in 2022" not in asked.standalone


def test_a_new_topic_leaves_the_names_of_the_one_before_behind() -> None:
    history = conversation(
        ("Who won the mayoral race in Port Adair?", "Ingrid Solberg"), ("How many jobs did Velora cut?", "300")
    )
    whole = standalone("where?", history)
    assert "Velora" in whole
    assert "Port Adair" not in whole
    assert "Solberg" not in whole


@pytest.mark.parametrize(
    ("asked", "answer", "question", "name"),
    [
        ("When was Apollo 11 launched?", "16 July 1969", "who was its commander?", "Apollo 11"),
        ("Who leads the US?", "Dana Reyes", "when was she elected?", "US"),
    ],
)
def test_names_stay_whole(asked: str, answer: str, question: str, name: str) -> None:
    assert name in standalone(question, conversation((asked, answer)))


def test_a_followup_of_a_followup_takes_from_both() -> None:
    history = conversation(PRIZE, ("And when?", "on Wednesday evening"))
    assert "Lantern Prize" in standalone("And where?", history)
    assert "Nadim Sarraf-Hale" in standalone("How old is he?", history)


def test_a_new_topic_is_the_topic() -> None:
    history = conversation(PRIZE, ("How much did the Meridian Swift cost?", "34 million crowns"))
    became = standalone("Who built it?", history)
    assert "Meridian Swift" in became
    assert "Sarraf-Hale" not in became


@pytest.mark.parametrize(
    "message",
    [
        "Nadim Sarraf-Hale",
        "Nadim Sarraf-Hale.",
        "“Nadim Sarraf-Hale”",
        "**Nadim Sarraf\\-Hale** [1][2]\n\nAlso found: **Greta Molloy** [3]\n\n> **Nadim Sarraf-Hale** won.\n\n[1] AFP",
        "\n**Nadim Sarraf-Hale** [1](https://courier.example/a)\n",
        "It was Nadim Sarraf-Hale.",
        NOTHING.replace("Nobody was on board", "It was **Nadim Sarraf\\-Hale**"),
    ],
)
def test_the_short_answer_is_found_in_every_shape_of_message(message: str) -> None:
    became = standalone("How old is he?", conversation((PRIZE[0], message)))
    assert became == "How old is he? (Lantern Prize, Nadim Sarraf-Hale)"


def test_a_guess_that_was_shown_is_taken_only_where_it_is_likely_to_be_meant() -> None:
    asked, given = "Where does Nadim Sarraf work?", "University of Port Callory"
    guessed = NOTHING.replace("Nobody was on board", f"He works at the **{given}** now")
    assert standalone("Is he alive?", conversation((asked, given))) == f"Is he alive? (Nadim Sarraf, {given})"
    assert standalone("Is he alive?", conversation((asked, guessed))) == "Is he alive? (Nadim Sarraf)"


@pytest.mark.parametrize("message", [NOTHING, "", "…", "Sorry, I don't know.", "x" * 20_000])
def test_without_an_answer_the_question_alone_is_the_topic(message: str) -> None:
    assert standalone("When?", conversation((PRIZE[0], message))) == "When? (won the Lantern Prize)"


def test_only_the_last_questions_are_looked_at() -> None:
    history = conversation(PRIZE, *[("Why?", "")] * LOOK_BACK)
    assert standalone("And when?", history) == "And when?"


def test_questions_that_people_wrote_to_stand_alone_are_left_alone() -> None:
    developing = read_conversations()[::2]
    conversations = [[turn.standalone or turn.question for turn in turns] for turns in developing if turns[0].answers]
    total = changed = 0
    for before, asked in pairwise(conversations):
        history = [Turn("user", question) for question in before]
        total += len(asked)
        changed += sum(standalone(question, history) != question for question in asked)
    assert total > 100
    assert changed / total < 0.03


WORDS = """
Who what How many much of them it he her their that those when by whom and about the a Storm Ottilie cost did is
were there one ones won said [1] ** \\ ( “ ? ! . , in at not do so why Which And
"""
words = st.sampled_from([*WORDS.split(), "\n", "\t"])
texts = st.one_of(st.text(max_size=200), st.lists(words, max_size=14).map(" ".join))
turns = st.builds(Turn, st.sampled_from(["user", "assistant", "system"]), texts)


@settings(max_examples=200)
@given(question=texts.filter(str.strip), history=st.lists(turns, max_size=8))
def test_whatever_was_said_there_is_a_question_of_bearable_length(question: str, history: list[Turn]) -> None:
    became = standalone(question, history)
    assert became == question or (became.startswith(f"{' '.join(question.split())} (") and len(became) <= 400)
    assert standalone(question, history) == became


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        "the of " * 2800,
        "A " * 10_000,
        " " * 20_000,
        "[1](" * 5000,
        "No.\n" + "> a**b\n" * 3000,
        "\\**" * 6600,
        "Who said that " * 1400,
        "a.A " * 5000,
        "Who won the " + "that " * 70 + "?",
        "Which " + "Name of the " * 30 + "won?",
    ],
)
def test_a_hostile_history_costs_little(content: str) -> None:
    history = [Turn(role, content) for _ in range(100) for role in ("user", "assistant")]  # type: ignore[misc]
    for question in ("And when?", "Who said that?", "How many of them were there?", "What about it?", content[:2000]):
        assert seconds(partial(standalone, question, history)) < 0.25
