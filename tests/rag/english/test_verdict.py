import pytest

from rag.english.verdict import features, is_denial, is_yes_no, verdict


@pytest.mark.parametrize(
    "question",
    [
        "Was the mill sold?",
        "did the ferry leave on time",
        "So, has nobody been hurt?",
        "Can visitors climb the tower?",
        "Isn't the bridge open yet?",
        "the ferry too? can i still take that",
        "what about my dog, does it need a ticket?",
        "and the mayor, is he against it",
        "In May, did the ferry run?",
    ],
)
def test_questions_that_begin_with_their_verb_are_answered_by_yes_or_no(question: str) -> None:
    assert is_yes_no(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who sold the mill?",
        "Was the mill sold or let?",
        "mill sale price",
        "Can you tell me who sold the mill?",
        "How was the mill sold?",
        "Do you know who sold the mill?",
        "Does anybody know when the mill was sold?",
        "was the mill sold? how much",
        "Is it true, and who sold the mill? when was that",
        "",
    ],
)
def test_other_questions_are_not(question: str) -> None:
    assert not is_yes_no(question)
    assert verdict(question, "The mill was not sold.") is None


@pytest.mark.parametrize(
    ("question", "clause", "said"),
    [
        ("Was the old mill in Brennick sold?", "the old mill in Brennick was sold in May", "yes"),
        ("Has the harbour master sent the tugs?", "the harbour master sends the tugs", "yes"),
        ("Was the old mill in Brennick sold?", "the old mill in Brennick has never been sold", "no"),
        ("Did the ferry wait for the late train?", "the captain did not wait", "no"),
        ("Did anyone see the thief?", "nobody saw him", "no"),
        ("Is the bridge open to lorries?", "cars may cross it from June", None),
        ("Did the town extend the contract?", "the town wants to extend the contract", None),
        ("Did the plant shut?", "the plant might have to shut", None),
        ("Did Rovers beat Wexcombe?", "Wexcombe beat Rovers", None),
        ("Did Wexcombe beat Rovers?", "Wexcombe beat Rovers", "yes"),
        ("Will there be a law to end the strike?", "she ruled out a law to end the strike", None),
        ("Is a further delay possible?", "she did not rule out a further delay", None),
        ("Was he arrested?", "he was arrested but did not resist", None),
        ("Is smoking banned?", "smoking is not allowed", None),
        ("Did Gov. Tina Alvarez resign?", "Alvarez has not resigned", "no"),
        ("Did the council reject the plan?", "the council rejected the plan", "yes"),
    ],
)
def test_a_negation_is_a_no_the_questions_own_words_are_a_yes_and_the_rest_is_open(
    question: str, clause: str, said: str | None
) -> None:
    assert verdict(question, clause) == said


def test_whoever_denies_something_settles_nothing() -> None:
    clause = "the company denied that it had not paid"
    assert is_denial(clause)
    assert verdict("Did the company pay its suppliers?", clause) is None
    assert verdict("Did the company deny that it had paid?", "the company denied that it had paid") == "yes"


def test_a_number_that_the_clause_does_not_have_counts_against_it() -> None:
    assert features("Did 300 people come?", "200 people came")["other_number"] == 1
    assert features("Did 300 people come?", "300 people came")["other_number"] == 0
