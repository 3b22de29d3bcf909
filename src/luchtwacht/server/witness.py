"""A witness over HTTP (C2SP tlog-witness): other sites post their checkpoints, and get them signed.

POST /add-checkpoint                            200 with a cosignature, or 400, 403, 404, 409, 422
GET  /<SHA-256 of the origin>/checkpoint        the latest that was signed, for whoever watches
"""

from __future__ import annotations

from hashlib import sha256

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from luchtwacht.clock import Clock
from luchtwacht.journal.witness import Witness

LARGEST_REQUEST = 64 * 1024


def create_witness(witness: Witness, origins: list[str], clock: Clock) -> Starlette:
    """The application.

    Args:
        witness: what signs.
        origins: of the logs it watches over.
        clock: says when it signs.
    """
    by_hash = {sha256(origin.encode()).hexdigest(): origin for origin in origins}

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_REQUEST:
                return PlainTextResponse("too long for a checkpoint and its proof\n", 413)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8\n", 400)
        answer = witness.add_checkpoint(text, clock.now_ns())
        return Response(answer.body, answer.status, media_type=answer.content_type)

    async def latest(request: Request) -> Response:
        origin = by_hash.get(request.path_params["log"])
        found = witness.latest(origin) if origin else None
        if found is None:
            return PlainTextResponse("nothing was signed for this log\n", 404)
        return PlainTextResponse(str(found))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{log:str}/checkpoint", latest, methods=["GET"]),
        ]
    )
