"""``/widget.js``: the chat widget for other sites, one script. Its source is in ``widget/``."""

import gzip
import hashlib
from functools import cache

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.web.folder import FOLDER

PATH = FOLDER / "static" / "widget.js"

router = APIRouter(include_in_schema=False)


@cache
def _script() -> tuple[bytes, bytes, str]:
    """The script, the script compressed, and its entity tag."""
    plain = PATH.read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:24]}"'


@router.get("/widget.js")
def widget(request: Request) -> Response:
    """The script. Pages of any origin may load it, isolated ones and ones that check its hash included."""
    plain, compressed, tag = _script()
    is_compressed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
        "etag": f"W/{tag}",
        "vary": "accept-encoding",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        **({"content-encoding": "gzip"} if is_compressed else {}),
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(compressed if is_compressed else plain, headers=headers, media_type="text/javascript")
