"""The questions behind a link: cards, answers, the child's own word, and taking a yes back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.agency_policy.document import LanguageTag
from contact_service.consent import actions as consenting, queries as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Method, Purpose
from contact_service.errors import NotFound
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId
from contact_service.notifications import actions as outbox
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.pages.access import Guest, GuestForm, GuestReading
from contact_service.pages.forms import Posted
from contact_service.pages.guests import (
    is_caregiver,
    names,
    others,
    page,
    reader_of,
    speaking,
    step_out,
    supervisor,
)
from contact_service.policy.consenting import Ask, needed, notices
from contact_service.texts import ENGLISH
from contact_service.visits.actions import agreeing
from contact_service.visits.queries.deciding import questions_for

router = APIRouter(prefix="/v/{invitation}")
_SPOKEN_TO_WITHIN = timedelta(days=3)
_PICTURES = {
    Purpose.TAKE_PART: "stop",
    Purpose.BE_SUPERVISED: "eye",
    Purpose.NOTES_KEPT: "note",
    Purpose.NO_RECORDING: "norec",
    Purpose.INTERPRETER_PRESENT: "sound",
    Purpose.OBSERVER_PRESENT: "eye",
}
_SAID = {
    ConsentState.GIVEN: "yes",
    ConsentState.STALE: "later",
    ConsentState.DECLINED: "no",
    ConsentState.WITHDRAWN: "no",
    ConsentState.NEEDED: "later",
}


class CardForm(Posted):
    """An answer to one card."""

    purpose: Purpose
    version: int
    language: LanguageTag = ENGLISH
    answer: str = Field(pattern="^(yes|unseen|no|later|read)$")


class AssentForm(Posted):
    """What a child says."""

    child: str
    version: int
    language: LanguageTag = ENGLISH
    answer: str = Field(pattern="^(yes|no)$")


@router.get("/consent/{number}")
def card_page(guest: GuestReading, number: int) -> HTMLResponse:
    """One card."""
    questions = questions_for(guest.work, guest.visit)
    purpose = _numbered(questions, number)
    text = consent.text_for(guest.work, purpose, reader_of(guest, guest.invitation.person))
    guest = speaking(guest, text.language)
    card = {
        "number": number,
        "of": len(questions),
        "purpose": purpose.value,
        "kind": questions[purpose].value,
        "picture": _PICTURES[purpose],
        "title": _title(guest, purpose),
        "lines": _lines(text.words),
        "version": str(text.version),
        "language": text.language,
        "may_be_unseen": purpose is Purpose.TAKE_PART and not is_caregiver(guest),
    }
    return page(guest, "consent", guest.context(card=card, errors=[]))


@router.post("/consent/{number}")
def answer_card(guest: GuestForm, number: int, form: Annotated[CardForm, Form()]) -> Response:
    """Keep the answer and go to the next card, or to the answers."""
    questions = questions_for(guest.work, guest.visit)
    if _numbered(questions, number) is not form.purpose:
        raise NotFound
    if form.answer != "later":
        _keep(guest, form, questions[form.purpose])
    if number < len(questions):
        return RedirectResponse(f"{guest.base}/consent/{number + 1}", status_code=303)
    _send_copy(guest)
    return RedirectResponse(f"{guest.base}/answers", status_code=303)


@router.get("/answers")
def answers(guest: GuestReading) -> HTMLResponse:
    """What was answered, and the way on when nothing keeps the door shut."""
    questions = questions_for(guest.work, guest.visit)
    standing = _standing(guest, questions)
    shown = [
        {
            "title": _title(guest, purpose),
            "answer": _said(questions[purpose], state),
            "url": f"{guest.base}/consent/{number}",
        }
        for number, (purpose, state) in enumerate(standing.items(), 1)
    ]
    ready = all(standing[purpose] is ConsentState.GIVEN for purpose in needed(questions))
    reader = reader_of(guest, guest.invitation.person)
    version = max(consent.text_for(guest.work, purpose, reader).version for purpose in questions)
    context = guest.context(
        answers=shown,
        given_at=guest.work.now,
        version=str(version),
        next_url=f"{guest.base}/check" if ready else None,
    )
    return page(guest, "consent_receipt", context)


@router.get("/start")
def start_page(guest: GuestReading, child: Annotated[str, Query()] = "") -> HTMLResponse:
    """The carer's page before the child's: each child who is with them is asked, in words for their age."""
    mine = _children_here(guest)
    if child and PersonId(child) not in mine:
        raise NotFound
    asked = PersonId(child) if child else mine[0]
    text = consent.text_for(guest.work, Purpose.TAKE_PART, reader_of(guest, asked))
    guest = speaking(guest, text.language)
    said = {one: _assent_of(guest, one) for one in mine}
    unasked = [one for one in mine if one != asked and said[one] is ConsentState.NEEDED]
    context = guest.context(
        child=names(guest, [asked]),
        asked=asked,
        everybody=names(guest, mine),
        who=others(guest),
        starts_at=guest.visit.starts_at,
        lines=_lines(text.words),
        version=str(text.version),
        language=text.language,
        said=_SAID[said[asked]],
        next_child={"id": unasked[0], "name": names(guest, unasked[:1])} if unasked else None,
        next_url=f"{guest.base}/room",
    )
    return page(guest, "start", context)


@router.post("/start")
def keep_assent(guest: GuestForm, form: Annotated[AssentForm, Form()]) -> Response:
    """Keep what the child says, apart from what anybody has decided for the child."""
    asked = PersonId(form.child)
    if not is_caregiver(guest) or asked not in _children_here(guest):
        raise NotFound
    state = ConsentState.GIVEN if form.answer == "yes" else ConsentState.DECLINED
    new = consenting.NewAnswer(
        person=asked,
        purpose=Purpose.TAKE_PART,
        kind=ConsentKind.ASSENT,
        state=state,
        version=form.version,
        reader=replace(reader_of(guest, asked), language=form.language),
        method=Method.ON_THE_PAGE,
        visit=guest.visit.id,
        link=guest.invitation.id,
    )
    agreeing.take_answer(guest.work, new)
    return RedirectResponse(f"{guest.base}/start?child={asked}", status_code=303)


def _assent_of(guest: Guest, child: PersonId) -> ConsentState:
    return consent.assent_of(guest.work, child, guest.visit.id, on=(guest.invitation.id,))


def _children_here(guest: Guest) -> tuple[PersonId, ...]:
    """The children at this device; the first of the visit for somebody who brings none and only looks."""
    return guest.visit.brought_by(guest.invitation.person) or (guest.visit.child,)


@router.get("/withdraw")
def withdraw_page(guest: GuestReading) -> HTMLResponse:
    """The first tap."""
    return page(guest, "withdraw", guest.context(done=_has_withdrawn(guest)))


@router.post("/withdraw")
def withdraw(guest: GuestForm, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001  refuses unknown fields
    """The second tap: everything that was agreed to is taken back, also in a running visit.

    On the caregiver's device it is the child who stops; what others decided for the child stands apart.
    """
    if not step_out(guest):
        if is_caregiver(guest):
            for child in _children_here(guest):
                consenting.withdraw_assent(guest.work, child, visit=guest.visit.id)
        else:
            agreeing.take_all_back(guest.work, guest.invitation.person, visit=guest.visit.id)
    return RedirectResponse(f"{guest.base}/withdraw", status_code=303)


def next_question(guest: Guest) -> str:
    """The first card that still keeps the door shut, else the device check."""
    questions = questions_for(guest.work, guest.visit)
    keys = list(questions)
    for purpose, state in _standing(guest, questions).items():
        answered = state in (ConsentState.GIVEN, ConsentState.DECLINED)
        done = answered if questions[purpose] is Ask.OPTIONAL else state is ConsentState.GIVEN
        if not done:
            return f"{guest.base}/consent/{keys.index(purpose) + 1}"
    return f"{guest.base}/check"


def _numbered(questions: Mapping[Purpose, Ask], number: int) -> Purpose:
    if not 1 <= number <= len(questions):
        raise NotFound
    return list(questions)[number - 1]


def _standing(guest: Guest, questions: Mapping[Purpose, Ask]) -> dict[Purpose, ConsentState]:
    return consent.standing_of(
        guest.work,
        guest.invitation.person,
        questions,
        on=guest.invitation.id,
        notices=notices(questions),
    )


def _keep(guest: Guest, form: CardForm, ask: Ask) -> None:
    yes = form.answer in ("yes", "unseen", "read")
    if (ask is Ask.NOTICE) != (form.answer == "read"):
        raise NotFound
    new = consenting.NewAnswer(
        person=guest.invitation.person,
        purpose=form.purpose,
        kind=ConsentKind.NOTICE if ask is Ask.NOTICE else ConsentKind.CONSENT,
        state=ConsentState.GIVEN if yes else ConsentState.DECLINED,
        version=form.version,
        # What was shown is kept, whatever the agency writes in by now.
        reader=replace(reader_of(guest, guest.invitation.person), language=form.language),
        method=Method.ON_THE_PAGE,
        visit=guest.visit.id,
        unseen=form.answer == "unseen" and form.purpose is Purpose.TAKE_PART,
        link=guest.invitation.id,
    )
    agreeing.take_answer(guest.work, new)
    if not yes:
        _somebody_speaks_to_them(guest, form.purpose)


def _somebody_speaks_to_them(guest: Guest, purpose: Purpose) -> None:
    """A no costs nobody anything; a worker asks what would help."""
    person = guest.invitation.person
    for seen in guest.visit.by_case():
        if person not in seen.circle:
            continue
        ask_for(
            guest.work,
            NewFollowUp(
                case=seen.case,
                kind=FollowUpKind.CONSENT_DECLINED,
                for_role=ForRole.WORKER,
                about=f"declined/{guest.visit.id}/{seen.case}/{person}/{purpose.value}",
                due_at=guest.work.now + _SPOKEN_TO_WITHIN,
                visit=guest.visit.id,
                person=person,
            ),
        )


def _send_copy(guest: Guest) -> None:
    """Everybody gets a copy of what they said."""
    message = NewMessage(
        kind=MessageKind.CONSENT_COPY,
        visit=guest.visit.id,
        revision=guest.visit.revision,
        person=guest.invitation.person,
        once=guest.work.new_id(),
        useless_after=guest.work.now + timedelta(days=2),
    )
    outbox.queue(guest.work, message)


def _has_withdrawn(guest: Guest) -> bool:
    if is_caregiver(guest):
        said = [_assent_of(guest, child) for child in _children_here(guest)]
        return ConsentState.WITHDRAWN in said
    standing = _standing(guest, questions_for(guest.work, guest.visit))
    return ConsentState.WITHDRAWN in standing.values()


def _said(ask: Ask, state: ConsentState) -> str:
    return "read" if ask is Ask.NOTICE and state is ConsentState.GIVEN else _SAID[state]


def _lines(words: str) -> list[str]:
    """One sentence a line, each with its own mark."""
    ended = words.replace("? ", "?\n").replace(". ", ".\n").split("\n")
    return [line.strip() for line in ended if line.strip()]


def _title(guest: Guest, purpose: Purpose) -> str:
    name = supervisor(guest)
    return {
        Purpose.TAKE_PART: guest.say("You take part in a video visit"),
        Purpose.BE_SUPERVISED: guest.say("{name} will see and hear you", name=name),
        Purpose.NOTES_KEPT: guest.say("{name} writes a note", name=name),
        Purpose.NO_RECORDING: guest.say("Nobody records the visit"),
        Purpose.INTERPRETER_PRESENT: guest.say("An interpreter helps"),
        Purpose.OBSERVER_PRESENT: guest.say("Somebody else watches"),
    }[purpose]
