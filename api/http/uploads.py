"""From a request to the document that it brings: JSON, an uploaded file, or an address to fetch."""

import asyncio
import hashlib
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.http.advice import advised, with_advice
from api.http.errors import Problem
from api.http.requests import ArticleToAdd, ArticleToPut
from index.article import article_id, storable
from index.child_module import child_command
from index.collection.examine import Contents, header
from index.collection.store import WrittenDocument
from index.errors import Failure
from index.limited.limits import TOO_LONG, Limits
from index.parsing.column_names import Columns
from index.parsing.titles import first_words
from index.sources.fetch import FetchError, FetchPolicy, fetch

Model = TypeVar("Model", bound=BaseModel)

_EXAMINE_SECONDS = 60
_MOST_FIELDS = 20
_TEXT_FIELDS = ("id", "title", "url", "source", "published", "language")
_LIST_FIELDS = ("authors", "tags")


@dataclass(frozen=True, slots=True)
class Upload:
    """A document with what is in it. ``replace``: it may take the place of what is there."""

    document: WrittenDocument
    contents: Contents
    replace: bool


class UploadReader:
    """Reads what requests bring, a few documents at a time: each takes a thread, then a process, of its own."""

    def __init__(
        self,
        policy: FetchPolicy,
        turns: asyncio.Semaphore,
        limits: Limits = Limits(),  # noqa: B008
        columns: Columns = (),
        recognised: str | None = None,
    ) -> None:
        """:param limits: what reading one document may take.
        :param columns: what fields are called in tables and records.
        :param recognised: the language of pages that are pictures.
        """
        self._policy = policy
        self._limits = limits
        self._columns = columns
        self._recognised = recognised
        self._turns = turns

    async def read(self, request: Request, wanted_id: str | None = None) -> Upload:
        """Read the document of a request; with ``wanted_id``, it is the one article with this id.

        :raises Problem: 415 when it is in no form that is taken; 422 when nothing of it can be read; 503 when the
            process that reads it is killed.
        """
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type == "multipart/form-data":
            document, may_replace = await _from_form(request, wanted_id)
        elif media_type == "application/json":
            document, may_replace = await self._from_json(request, wanted_id)
        else:
            raise Problem(
                415,
                f"the body is {media_type or 'of no media type'}: send JSON (content-type: application/json), or a "
                "file as multipart/form-data",
            )
        return await self._examined(document, may_replace or wanted_id is not None)

    async def of(self, article: ArticleToAdd) -> Upload:
        """Read an article whose text or address is given.

        :raises Problem: 422 when nothing of it can be read; 503 when the process that reads it is killed.
        """
        return await self._examined(await self._document(article, article.id), article.replace)

    async def again(self, document: WrittenDocument, url: str) -> Upload:
        """Fetch from its address once more what was written as ``document``.

        :raises Problem: as :meth:`of`.
        """
        fetched = await self._fetched(url, document.article_id, document.metadata)
        return await self._examined(replace(fetched, key=document.key), True)

    async def _examined(self, document: WrittenDocument, may_replace: bool) -> Upload:
        contents = await self._contents(document)
        if not contents.article_ids:
            raise Problem(422, f"nothing can be read: {'; '.join(reasons(contents)) or 'there is no article in it'}")
        return Upload(document, contents, may_replace)

    async def _from_json(self, request: Request, wanted_id: str | None) -> tuple[WrittenDocument, bool]:
        body = await request.body()
        if wanted_id:
            return await self._document(await asyncio.to_thread(_parsed, ArticleToPut, body), wanted_id), True
        article = await asyncio.to_thread(_parsed, ArticleToAdd, body)
        return await self._document(article, article.id), article.replace

    async def _document(self, article: ArticleToAdd | ArticleToPut, wanted_id: str | None) -> WrittenDocument:
        if article.text is not None:
            return await asyncio.to_thread(_written, article.text, article, wanted_id)
        metadata = article.metadata()
        assert article.url
        del metadata["url"]
        return await self._fetched(article.url, wanted_id, metadata)

    async def _fetched(self, url: str, wanted_id: str | None, metadata: Mapping[str, Any]) -> WrittenDocument:
        try:
            async with self._turns:
                found = await asyncio.to_thread(fetch, url, self._policy)
        except FetchError as error:
            reason = with_advice(error)
            raise Problem(422, f"url: {reason}", errors=[{"field": "url", "message": reason}]) from None
        key = wanted_id or found.url
        return WrittenDocument(key, found.data, None, found.url, found.media_type, wanted_id, metadata)

    async def _contents(self, document: WrittenDocument) -> Contents:
        if document.key.endswith(".jsonl") and document.path is None and document.url is None:  # made of one article
            return Contents([document.key.removesuffix(".jsonl")], [])
        async with self._turns:
            return await _examine(document, self._limits, self._columns, self._recognised)


def reasons(contents: Contents) -> list[str]:
    """Why parts of a document can't be read, and what to do about it."""
    return [advised(*failure) for failure in contents.failures]


def _parsed(model: type[Model], body: bytes) -> Model:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the body is not valid JSON ({error}): send a JSON object") from None
    return _validated(model, fields)


def _validated(model: type[Model], body: Any) -> Model:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise RequestValidationError(found) from None


def _written(text: str, article: ArticleToAdd | ArticleToPut, wanted_id: str | None) -> WrittenDocument:
    title = article.title or first_words(text)
    key = article.url or f"{hashlib.sha256(text.encode()).hexdigest()}/{title.replace('/', ' ')}"
    name = wanted_id or article_id(key)
    body = json.dumps({**article.metadata(), "id": name, "text": text}, ensure_ascii=False)
    return WrittenDocument(f"{name}.jsonl", storable(body).encode())


async def _from_form(request: Request, wanted_id: str | None) -> tuple[WrittenDocument, bool]:
    try:
        form = await request.form(max_files=1, max_fields=_MOST_FIELDS)
    except Problem:
        raise
    except HTTPException as error:
        reason = f"the form can't be read ({error.detail.rstrip('.')})"
        raise Problem(422, f"{reason}: send one file and at most {_MOST_FIELDS} fields") from None
    try:
        return await _uploaded(form, wanted_id)
    finally:
        await form.close()


async def _uploaded(form: FormData, wanted_id: str | None) -> tuple[WrittenDocument, bool]:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Problem(422, "file: there is no file: send it in the part 'file', with its name")
    name = storable(file.filename.replace("\\", "/").rsplit("/", 1)[-1]).strip() or "upload"
    metadata = _metadata(form, wanted_id is None)
    given = wanted_id or metadata.pop("id", None)
    may_replace = metadata.pop("replace", False)
    body = await file.read()
    key = f"{given}/{name}" if given else f"uploads/{name}"
    return WrittenDocument(key, body, name, metadata.get("url"), file.content_type, given, metadata), may_replace


def _metadata(form: FormData, may_name: bool) -> dict[str, Any]:
    """The metadata in the parts beside the file, checked as those of an article in JSON are."""
    given: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name == "file":
            continue
        if not isinstance(value, str):
            raise Problem(422, f"{name}: it is a file: send one file, in the part 'file'")
        if name in _LIST_FIELDS:
            given.setdefault(name, []).extend(part.strip() for part in value.split(",") if part.strip())
        elif name == "replace":
            given[name] = value.strip().lower() in {"true", "1", "yes", "on"}
        else:
            given[name] = value
    model = _validated(ArticleToAdd if may_name else ArticleToPut, {**given, "text": "x"})
    checked = model.metadata()
    return {**checked, **{name: given[name] for name in ("id", "replace") if name in given}}


async def _examine(document: WrittenDocument, limits: Limits, columns: Columns, recognised: str | None) -> Contents:
    process = await asyncio.create_subprocess_exec(
        *child_command("index.collection.examine"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_EXAMINE_SECONDS):
            output, _ = await process.communicate(header(document, limits, columns, recognised) + document.body)
        found = json.loads(output)
        return Contents(found["article_ids"], [Failure(*failure) for failure in found["failures"]])
    except TimeoutError:
        reason = f"reading it takes longer than {_EXAMINE_SECONDS} seconds: send it in smaller parts"
    except ValueError:
        if process.returncode == -signal.SIGKILL:
            raise Problem(
                503,
                "its reader was killed, perhaps for lack of memory: send it again, or in smaller parts",
            ) from None
        if process.returncode == -signal.SIGXCPU:
            raise Problem(422, f"nothing can be read: {limits.error(TOO_LONG)}", TOO_LONG) from None
        reason = "it makes its reader fail: check the file, or convert it to another format"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    raise Problem(422, f"nothing can be read: {reason}")
