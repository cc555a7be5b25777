"""Languages as callers write and read them, and those of the staff."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from contact_service.api.v1.access import Desk, deciding
from contact_service.api.v1.bodies import MOST_ENTRIES, AnId, Answer, Body, Line
from contact_service.api.v1.once import OnceRoute
from contact_service.identity import queries as identity
from contact_service.identity.actions import set_languages
from contact_service.ids import AccountId
from contact_service.people.language import Language, LanguageLevel, LanguageMode, clean_tag

router = APIRouter(route_class=OnceRoute, tags=["callers"])
Decider = Annotated[Desk, deciding()]


class LanguageBody(Body):
    """A language that somebody speaks or signs (BCP 47)."""

    tag: Line = Field(examples=["pl"])
    mode: LanguageMode = LanguageMode.SPOKEN
    level: LanguageLevel = LanguageLevel.NATIVE

    def language(self) -> Language:
        """The same as the product keeps it; raises ``BadInput`` for a tag that is none."""
        return Language(tag=clean_tag(self.tag), mode=self.mode, level=self.level)


class LanguagesBody(Body):
    """Everything that one member of staff speaks and signs."""

    languages: Annotated[list[LanguageBody], Field(max_length=MOST_ENTRIES)]


class SpokenLanguage(Answer):
    """A language of somebody."""

    tag: str
    mode: LanguageMode
    level: LanguageLevel


@router.put(
    "/staff/{account}/languages",
    operation_id="setLanguages",
    summary="Write down what a member of staff speaks (a person does)",
)
def put(desk: Decider, account: AnId, body: LanguagesBody) -> list[SpokenLanguage]:
    """In place of what stood there; one's own, or an approver's or administrator's for others."""
    set_languages(desk.work, AccountId(account), [one.language() for one in body.languages])
    return languages_told(identity.languages_of(desk.work, AccountId(account)))


def languages_told(languages: Iterable[Language]) -> list[SpokenLanguage]:
    """Languages as callers see them."""
    return [SpokenLanguage(tag=one.tag, mode=one.mode, level=one.level) for one in languages]
