"""``/v1/check``: whether the articles bear out the sentences of a text."""

from fastapi import APIRouter, Request

from api.http import examples
from api.http.requests import CheckRequest
from api.http.responses import CheckResponse
from api.http.serialise import check_response
from api.routes.common import described, links_of
from api.runtime.state import runtime_of

router = APIRouter(tags=["answers"])


@router.post("/v1/check", response_model=CheckResponse, responses=described(examples.CHECKED, 413, 415, 422, 503))
async def check(request: Request, body: CheckRequest) -> CheckResponse:
    """Tell of each sentence of a draft, or of a language model's answer, whether the articles support or contradict it.

    `not_found` says that they do not tell, which is no judgement of the sentence.
    """
    conditions = body.filters.conditions()
    checked = await runtime_of(request).run(request, lambda service: service.check(body.text, conditions))
    return check_response(checked, links_of(request))
