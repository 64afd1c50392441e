"""The states of the words of a conversation: one for each place, by the question, and of the end of a long one."""

import numpy as np
import pytest

from index.models.onnx_model import ModelError, OnnxModel
from rag.english.token_states import SIZE, state_of, states_at
from rag.reading.reader import SHIPPED

SAID = "Who flew to Brennick? Nadia Sarraf\n"
NAME = (22, 34)


def test_a_place_has_the_state_of_its_own_words() -> None:
    states = states_at("How old is she?", SAID, [NAME, (13, 21), NAME])
    assert states.shape == (3, SIZE)
    assert np.array_equal(states[0], states[2])
    assert not np.allclose(states[0], states[1])


def test_a_state_depends_on_the_question() -> None:
    ways = [states_at(question, SAID, [NAME])[0] for question in ("How old is she?", "How many people live there?")]
    assert not np.allclose(*ways)


def test_the_end_of_a_long_conversation_is_read() -> None:
    long = SAID * 200
    end = len(long) - len(SAID)
    states = states_at("How old is she?", long, [NAME, (end + NAME[0], end + NAME[1])])
    assert not states[0].any()
    assert states[1].any()


@pytest.mark.parametrize("question", ["한" * 400, "?" * 2_000, ""])
def test_a_question_of_any_length_can_be_asked(question: str) -> None:
    assert np.isfinite(states_at(question, SAID, [NAME])).all()
    assert np.isfinite(state_of(question)).all()


def test_a_question_has_a_state_of_its_own() -> None:
    state = state_of("How many ended up in hospital?")
    assert state.shape == (SIZE,)
    assert not np.allclose(state, state_of("How old is she?"))
    assert state_of("How many ended up in hospital?") is state


def test_no_place_has_no_state() -> None:
    assert states_at("How old is she?", SAID, []).shape == (0, SIZE)


def test_a_value_that_the_graph_lacks_is_named() -> None:
    with pytest.raises(ModelError, match=r"can't be read as an ONNX model"):
        OnnxModel(SHIPPED / "model.int8.onnx", threads=1, inner="no such value")
