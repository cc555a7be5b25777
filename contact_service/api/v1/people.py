"""People: who is in a case, what is known of them, what they are to a child, what another system calls them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Id, Line, Made, NamedBy, Reference, System
from contact_service.api.v1.channels import NewChannelBody
from contact_service.api.v1.languages import LanguageBody, SpokenLanguage, languages_told
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId
from contact_service.people.actions import external, members
from contact_service.people.actions.members import LONGEST_SUPPORT, MOST_ENTRIES, Tie
from contact_service.people.actions.recording import demand_person
from contact_service.people.channel import NewChannel
from contact_service.people.external import clean_ref
from contact_service.people.person import Details, Member, MemberRole, Need, Relation
from contact_service.people.queries import members as people
from contact_service.people.queries.external import person_called
from contact_service.service_accounts.scope import Scope
from contact_service.work import Work

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]


def _known(value: object, check: ValidatorFunctionWrapHandler) -> Relation:
    try:
        return Relation(check(value))
    except ValueError:
        raise PydanticCustomError("unknown_relationship", f"One of: {', '.join(Relation)}.") from None


KnownRelation = Annotated[Relation, WrapValidator(_known)]


class DetailsBody(Body):
    """What is known of a person."""

    name: Line = Field(examples=["Dana Marlowe"])
    known_as: Line = Field(examples=["Dana"], description="The only name that other families see.")
    preferred: Line = ""
    pronouns: Line = ""
    born_on: Day | None = Field(default=None, examples=["1990-01-20"])
    languages: Annotated[list[LanguageBody], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    needs: Annotated[list[Need], Field(max_length=len(Need))] = Field(default_factory=list)
    support: Annotated[str, Field(max_length=LONGEST_SUPPORT)] = ""
    aliases: Annotated[list[Line], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    zone: Line = Field(
        default="",
        examples=["Europe/Warsaw"],
        description="Whose clock an adult lives by who does not live with the child; the agency's when empty.",
    )

    def details(self) -> Details:
        """The same as the product keeps it; raises ``BadInput`` for a language tag that is none."""
        return Details(
            name=self.name,
            known_as=self.known_as,
            preferred=self.preferred,
            pronouns=self.pronouns,
            born_on=self.born_on.isoformat() if self.born_on else "",
            languages=tuple(one.language() for one in self.languages),
            needs=tuple(self.needs),
            support=self.support,
            aliases=tuple(self.aliases),
            zone=self.zone,
        )


class NewPerson(DetailsBody):
    """A person as they are added to a case."""

    role: MemberRole = Field(examples=["family_member"])
    channels: Annotated[list[NewChannelBody], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    external_ref: NamedBy | None = None


class TieBody(Body):
    """What a person is to a child, as a code and in the family's own word."""

    relation: KnownRelation = Field(examples=["parent"])
    word: Line = Field(examples=["mother"])


class Person(Answer):
    """A person in a case.  ``relation`` and ``relation_word`` are those to the child that was asked about."""

    id: str
    case: str
    role: MemberRole
    relation: Relation
    relation_word: str
    name: str = Field(examples=["Dana Marlowe"])
    known_as: str = Field(examples=["Dana"])
    preferred: str
    pronouns: str
    born_on: date | None
    languages: list[SpokenLanguage]
    needs: list[Need]
    support: str
    aliases: list[str]
    zone: str


@router.get("/cases/{case}/people", operation_id="listPeople", summary="Who is in a case")
def in_case(desk: Reader, case: AnId, child: Annotated[Id | None, Query()] = None) -> list[Person]:
    """Children first, then family, carers, professionals; relations are those to ``child``.

    Of a child of another case only names, birthday and languages are told: the rest is its own case's.
    """
    found = people.case_for(desk.work, CaseId(case))
    seen_from = PersonId(child) if child else None
    members = people.members_of(desk.work, found, child=seen_from)
    return [shown(one if _kept_here(desk.work, found, one) else _in_short(one)) for one in members]


def _kept_here(work: Work, case: CaseId, member: Member) -> bool:
    return case in people.cases_answering_for(work, member.person)


def _in_short(member: Member) -> Member:
    brief = replace(member.details, preferred="", pronouns="", needs=(), support="", aliases=(), zone="")
    return replace(member, details=brief)


@router.get(
    "/people/by-reference", operation_id="findPerson", summary="The person that another system calls so"
)
def by_reference(desk: Reader, system: System, reference: Reference) -> Person:
    """One person as they are kept now; 404 when there is none, or none within reach."""
    return shown(people.member(desk.work, person_called(desk.work, clean_ref(system, reference))))


@router.get("/people/{person}", operation_id="readPerson", summary="What is known of a person")
def one(desk: Reader, person: AnId) -> Person:
    """One person, in the case within reach."""
    return shown(within_reach(desk.work, person))


@router.post(
    "/cases/{case}/people", status_code=201, operation_id="addPerson", summary="Add a person to a case"
)
def add(desk: Writer, case: AnId, body: NewPerson) -> Made:
    """A person with a key of their own; channels are kept beside."""
    channels: list[NewChannel] = [channel.new() for channel in body.channels]
    person = members.add_person(desk.work, CaseId(case), body.details(), body.role, channels)
    if body.external_ref is not None:
        external.refer_to_person(desk.work, person, body.external_ref.ref())
    return Made(id=person)


@router.put("/people/{person}", operation_id="changePerson", summary="Put right what is known of a person")
def change(desk: Writer, person: AnId, body: DetailsBody) -> Made:
    """What stands there is replaced whole; the evidence says which members changed, not how."""
    members.change_details(desk.work, PersonId(person), body.details())
    return Made(id=person)


@router.put(
    "/children/{child}/relationships/{person}",
    operation_id="relate",
    summary="Say what a person is to a child",
)
def relate(desk: Writer, child: AnId, person: AnId, body: TieBody) -> Made:
    """In place of what was said before; somebody of another case within reach becomes one of the child's case too."""
    demand_person(desk.work, PersonId(child))
    tie = Tie(child=PersonId(child), person=PersonId(person), relation=body.relation, word=body.word)
    members.bring_in(desk.work, tie)
    return Made(id=person)


@router.put(
    "/people/{person}/external-ref",
    operation_id="referToPerson",
    summary="Name a person as another system does",
)
def refer(desk: Writer, person: AnId, body: NamedBy) -> Made:
    """From now the person is found by this reference; a reference belongs to one person for ever."""
    external.refer_to_person(desk.work, PersonId(person), body.ref())
    return Made(id=person)


def within_reach(work: Work, person: str) -> Member:
    """The person as a member of a case within reach; raises ``NotFound``."""
    found = PersonId(person)
    people.open_within_reach(work, people.cases_answering_for(work, found))
    return people.member(work, found)


def child_within_reach(work: Work, child: str) -> Member:
    """The child as a member of a case within reach; raises ``NotFound``, also for somebody who is no child."""
    found = within_reach(work, child)
    if found.role is not MemberRole.CHILD:
        raise NotFound
    return found


def children_within_reach(work: Work, children: Iterable[str]) -> list[PersonId]:
    """The children, each of a case within reach; raises ``NotFound``, also for somebody who is no child."""
    found = [PersonId(child) for child in children]
    people.demand_children(work, found)
    return found


def shown(member: Member) -> Person:
    """A person as callers see them."""
    details = member.details
    return Person(
        id=member.person,
        case=member.case,
        role=member.role,
        relation=member.relation,
        relation_word=member.relation_word,
        name=details.name,
        known_as=details.known_as,
        preferred=details.preferred,
        pronouns=details.pronouns,
        born_on=date.fromisoformat(details.born_on) if details.born_on else None,
        languages=languages_told(details.languages),
        needs=list(details.needs),
        support=details.support,
        aliases=list(details.aliases),
        zone=details.zone,
    )
