"""In which language a family page is: as this device was told, else its reader's own, else the browser's, else English.

The cookie holds a language and nothing else, and lasts as long as the browser runs.
"""

import re
from collections.abc import Iterable, Sequence

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from contact_service.agency_policy.queries import policy_in_force
from contact_service.texts import ENGLISH, LANGUAGES
from contact_service.work import Work

COOKIE = "__Host-language"
ASKED = "lang"
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)\s*)?"
)
_MOST_RANGES = 20


def languages_offered(work: Work) -> tuple[str, ...]:
    """Those in which the agency writes, and English."""
    written = policy_in_force(work).document.languages
    return tuple(tag for tag in LANGUAGES if tag == ENGLISH or tag in written)


def language_of(request: Request, offered: Iterable[str], own: Sequence[str] = ()) -> str:
    """The language of the page that answers ``request``; ``own`` are its reader's, best first."""
    told = (request.query_params.get(ASKED, ""), request.cookies.get(COOKIE, ""))
    wanted = (*told, *own, *_of_browser(request.headers.get("accept-language", "")))
    possible = tuple(offered)
    return next((tag for tag in wanted if tag in possible), ENGLISH)


def switch(request: Request, offered: Sequence[str], language: str) -> list[dict[str, object]]:
    """The languages to choose from, each by its own name and with its address; none where there is one alone."""
    if len(offered) == 1:
        return []
    return [
        {"tag": tag, "name": LANGUAGES[tag], "href": _asking(request.url, tag), "chosen": tag == language}
        for tag in offered
    ]


def keep_language(request: Request, answer: Response, offered: Iterable[str]) -> None:
    """Let the device keep the language that was asked for with this request, if one was."""
    asked = request.query_params.get(ASKED, "")
    if asked in tuple(offered):
        answer.set_cookie(COOKIE, asked, path="/", secure=True, httponly=True, samesite="lax")


def _asking(url: URL, tag: str) -> str:
    return f"?{url.include_query_params(**{ASKED: tag}).query}"


def _of_browser(said: str) -> list[str]:
    """The primary tags of ``Accept-Language``, best first.  Source: RFC 9110, section 12.5.4."""
    found = [_RANGE.fullmatch(part) for part in said.split(",")[:_MOST_RANGES]]
    weighed = [(float(one[2] or 1), one[1].lower()) for one in found if one is not None]
    return [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0]
