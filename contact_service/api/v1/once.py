"""The route that keeps its answer in the transaction that did what was asked."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from contact_service.repeats.actions import keep_answer


class OnceRoute(APIRoute):
    """Once the answer is made and before its Work commits, it is kept under the Idempotency-Key of the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with the answer kept; the Work of the route is still open when it returns."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            response = await answer(request)
            desk = getattr(request.state, "desk", None)
            if desk is not None and desk.taken is not None:
                await run_in_threadpool(
                    keep_answer,
                    desk.work,
                    desk.taken,
                    status=response.status_code,
                    media_type=response.media_type or "application/json",
                    body=bytes(response.body),
                )
            return response

        return answered
