"""The index as a vector store, searched by OpenAI's own client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.support.chat import QUESTION
from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def client(articles_data: Path) -> Iterator[openai.OpenAI]:
    with (
        running_server(articles_data) as (address, _),
        openai.OpenAI(base_url=f"{address}/v1", api_key="none") as found,
    ):
        yield found


def search(client: openai.OpenAI, query: Any, **more: Any) -> list[Any]:
    return client.vector_stores.search("pullquote", query=query, **more).data


def test_a_search_finds_passages_with_their_place(client: openai.OpenAI) -> None:
    found = search(client, "How fast were the gusts of Storm Ottilie?", max_num_results=3)
    assert len(found) == 3
    assert found[0].score >= found[1].score
    best = found[0]
    text = openai_get(client, f"/articles/{best.file_id}")["text"]
    assert text[int(best.attributes["start"]) : int(best.attributes["end"])] == best.content[0].text


def openai_get(client: openai.OpenAI, path: str) -> Any:
    return client.get(path, cast_to=object)


def test_the_store_is_the_index(client: openai.OpenAI) -> None:
    (store,) = client.vector_stores.list().data
    assert client.vector_stores.retrieve(store.id) == store
    assert store.file_counts.completed == openai_get(client, "/index")["articles"]
    with pytest.raises(openai.NotFoundError, match="the only one is pullquote"):
        client.vector_stores.search("vs_none", query=QUESTION)


def test_filters_act_inside_the_search(client: openai.OpenAI) -> None:
    one = {"type": "eq", "key": "author", "value": "Petra Sandoval"}
    late = {"type": "gte", "key": "published", "value": "2024-02-01"}
    by_one = search(client, "storm", max_num_results=50, filters=one)
    assert {each.attributes["author"] for each in by_one} == {"Petra Sandoval"}
    both = search(client, "storm", max_num_results=50, filters={"type": "and", "filters": [one, late]})
    assert {each.attributes["published"] for each in both} <= {each.attributes["published"] for each in by_one}
    assert all(each.attributes["published"] >= "2024-02-01" for each in both)


def test_a_threshold_holds_back(client: openai.OpenAI) -> None:
    found = search(client, "storm", max_num_results=50)
    middle = found[len(found) // 2].score
    kept = search(client, "storm", max_num_results=50, ranking_options={"score_threshold": middle})
    assert 0 < len(kept) < len(found)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"type": "ne", "key": "author", "value": "x"}, "'ne' on 'author' is not possible: take eq or in on source"),
        ({"type": "eq", "key": "colour", "value": "x"}, "'eq' on 'colour' is not possible"),
        ({"type": "or", "filters": []}, "'or' on 'None' is not possible"),
        ({"type": "and", "filters": ["x"]}, "each has to be an object"),
        ({"type": {"eq": 1}, "key": "published", "value": 1}, "on 'published' is not possible"),
        ({"type": "in", "key": "tag", "value": ["x"] * 101}, "filters: tags"),
        ({"type": "gte", "key": "published", "value": "May"}, "is no date: write it as 2024-10-31"),
    ],
)
def test_filters_that_can_not_be_are_refused(client: openai.OpenAI, given: Any, why: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match=why):
        search(client, "storm", filters=given)
