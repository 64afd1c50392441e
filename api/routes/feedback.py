"""``/v1/feedback``: what people think of answers."""

import asyncio

from fastapi import APIRouter, Request

from api.http.errors import Problem
from api.http.requests import FeedbackRequest
from api.http.responses import FeedbackResponse
from api.questions.book import Opinion, QuestionBookError, Shown
from api.routes.common import described, takes_feedback
from api.runtime.state import runtime_of

router = APIRouter(tags=["answers"])


@router.post(
    "/v1/feedback",
    response_model=FeedbackResponse,
    responses=described({"kept": True}, 409, 413, 415, 422, 503),
)
async def give_feedback(request: Request, body: FeedbackRequest) -> FeedbackResponse:
    """Keep whether an answer helped, and why not. Nothing is kept of who says so.

    Taken where the operator keeps questions: then answers have `takes_feedback`.
    """
    shown = body.answer
    opinion = Opinion(
        body.question,
        body.helpful,
        body.reason,
        body.comment,
        Shown(shown.text, None, shown.article_id, shown.start, shown.end) if shown else None,
    )
    await keep(request, opinion)
    return FeedbackResponse()


async def keep(request: Request, opinion: Opinion) -> None:
    """Keep what somebody said.

    :raises Problem: 409 when nothing is kept here, 503 when it can't be.
    """
    if not await takes_feedback(request):
        detail = "this service keeps no questions: whoever runs it can turn that on with PULLQUOTE_QUESTION_LOG=true"
        raise Problem(409, detail, "questions_not_kept")
    try:
        await asyncio.to_thread(runtime_of(request).book.add_opinion, opinion)
    except QuestionBookError:
        raise Problem(503, "it can't be kept: the log of this service tells why", "questions_unusable") from None
