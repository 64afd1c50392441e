import asyncio
import json

from api.http.uploads import UploadReader
from index.collection.store import WrittenDocument
from index.limited.limits import Limits
from index.sources.fetch import FetchPolicy


def test_json_lines_that_were_fetched_are_read_and_not_taken_for_one_article() -> None:
    lines = [{"id": name, "title": name, "text": f"The harbour of {name} opened in spring."} for name in ("a1", "a2")]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    url = "https://articles.example/feed.jsonl"
    reader = UploadReader(FetchPolicy(), asyncio.Semaphore(1), Limits())
    contents = asyncio.run(reader._contents(WrittenDocument(url, body, None, url, "application/jsonl")))
    assert contents.article_ids == ["a1", "a2"]
