"""Answers that say nothing come equally late, so that nobody learns from the time what stands behind a secret.

An unknown link is one look-up; an expired or revoked one is a visit, its people and a line of evidence.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

EVERY_SECONDS = 0.25
"""Several times what the slowest of them takes; whoever has a dead link does not notice it."""


def says_nothing(request: Request) -> None:
    """The answer to ``request`` is the neutral one."""
    request.state.says_nothing = True


class EvenRoute(APIRoute):
    """Sends a neutral answer a whole number of quarter seconds after its request came, and any other at once.

    No thread waits meanwhile.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own, with the wait behind it."""
        handle = super().get_route_handler()

        async def handle_evenly(request: Request) -> Response:
            loop = asyncio.get_running_loop()
            came_at = loop.time()
            answer = await handle(request)
            if getattr(request.state, "says_nothing", False):
                await asyncio.sleep((came_at - loop.time()) % EVERY_SECONDS)
            return answer

        return handle_evenly
