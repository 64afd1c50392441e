"""What a document that is written over HTTP holds."""

from index.collection.examine import examine
from index.collection.store import WrittenDocument


def test_what_was_mended_is_no_failure() -> None:
    body = b"title,text\nA,Caf\xe9 \xc3\xa9t\xc3\xa9 \xc3\xa9t\xc3\xa9.\n"
    contents = examine(WrittenDocument(key="a.csv", path="a.csv", media_type="text/csv", body=body))
    assert len(contents.article_ids) == 1
    assert contents.failures == []
