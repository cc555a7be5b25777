"""Print a letter for somebody whom no message reaches: the same words as the message, one person's facts alone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from contact_service.agency_policy.queries import languages_for
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import InvitationId, PersonId, VisitId
from contact_service.invitations.actions.reissuing import demand_own, reissue
from contact_service.invitations.letter import Sheet, Wanted
from contact_service.invitations.paper import Press, can_be_drawn, draw
from contact_service.invitations.queries import last_link_on_paper, letters_possible, secret_for
from contact_service.invitations.reissue import Asked, Way
from contact_service.invitations.tables import LetterRow
from contact_service.notifications.dates import said_day, said_when
from contact_service.notifications.files import text_of
from contact_service.notifications.message import ON_PAPER, PAPER, MessageKind
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.visits.actions.moving import Why, lock, record
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.suiting import is_in_conflict
from contact_service.visits.visit import Participant, Visit
from contact_service.work import Work

BY_HAND = "_" * 20
"""What stands in a letter for a name that cannot be drawn: a line to write it on."""


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What one letter tells: of which start, and with which link; None where it brings none."""

    person: PersonId
    kind: MessageKind
    starts_at: datetime
    link: str | None = None


def print_letter(
    work: Work, visit: VisitId, participant: str, wanted: Wanted, press: Press
) -> bytes | Refused:
    """The letter as a PDF; what it brings is a new link, and when this commits, the one before opens nothing.

    The others bring no link.  Raises ``Conflict`` for what is not to be told (any more), or when somebody else made a
    new link since the page was shown; ``NotAllowed`` for whoever may not give this person a link.
    """
    if wanted.kind not in ON_PAPER:
        raise BadInput("Choose a letter.", "kind")
    _, found = lock(work, visit)
    whose = found.participant(participant)
    if whose is None or whose.person is None:
        raise NotFound
    demand_own(work, found, whose.person)
    if wanted.kind is MessageKind.INVITATION:
        told = _with_a_link(work, found, whose, wanted, press)
    else:
        told = _without_one(work, found, whose, wanted.kind)
    if isinstance(told, Refused):
        return told
    return draw(_sheet(work, found, told, press), press.fonts_dir)


def _with_a_link(
    work: Work, visit: Visit, whose: Participant, wanted: Wanted, press: Press
) -> _Told | Refused:
    asked = Asked(way=Way.PRINTED, known_by=None, note="", before=wanted.before)
    made = reissue(work, visit.id, whose.id, asked)
    if isinstance(made, Refused):
        return made
    told = _Told(
        person=made.invitation.person,
        kind=wanted.kind,
        starts_at=visit.starts_at,
        link=f"{press.public_url}/v#{secret_for(work, made.invitation)}",
    )
    _keep(work, visit, made.invitation.id, told)
    return told


def _without_one(work: Work, visit: Visit, whose: Participant, kind: MessageKind) -> _Told:
    assert whose.person is not None
    paper = last_link_on_paper(work, visit.id, whose.person)
    # Only accounts act here.
    assert work.actor.account is not None
    if is_in_conflict(work, work.actor.account, wish_of(visit)):
        raise NotAllowed("You have no part in this visit. Ask somebody else.")
    if paper is None or kind not in letters_possible(work, visit, whose):
        raise Conflict("This letter is not true any more. Look at the visit again.")
    told = _Told(person=whose.person, kind=kind, starts_at=paper.starts_at)
    _keep(work, visit, paper.invitation, told)
    return told


def _keep(work: Work, visit: Visit, link: InvitationId, told: _Told) -> None:
    assert work.actor.account is not None
    row = LetterRow(
        id=work.new_id(),
        visit_id=visit.id,
        person_id=told.person,
        invitation_id=link,
        kind=told.kind,
        starts_at=told.starts_at,
        printed_by=work.actor.account,
        printed_at=work.now,
    )
    work.session.add(row)
    why = Why(reason=told.kind.value, people=(told.person,), facts=(("letter", row.id), ("invitation", link)))
    record(work, visit.room, EventType.LETTER_PRINTED, why)


def _sheet(work: Work, visit: Visit, told: _Told, press: Press) -> Sheet:
    """The text of the message, filled with what this person may know: the envelope's address is none of it."""
    text = text_of(press.messages_dir, told.kind, PAPER, languages_for(work, told.person))
    subject, _, body = text.text.strip().partition("\n\n")
    zone = ZoneInfo(people.zone_of_person(work, told.person))
    name = people.details_of(work, told.person).known_as
    words = {
        "name": _drawn(name, press),
        "when": said_when(told.starts_at.astimezone(zone), text.language),
        "minutes": str(int((visit.ends_at - visit.starts_at).total_seconds() // 60)),
        "help_name": _drawn(press.help_name, press),
        "help_phone": _drawn(press.help_phone, press),
        "link": told.link or "",
    }
    today = work.now.astimezone(zone)
    return Sheet(
        title=subject.removeprefix("Subject: ").strip(),
        paragraphs=tuple(paragraph.format_map(words) for paragraph in body.split("\n\n")),
        link=told.link,
        language=text.language,
        written_on=today.date(),
        day=said_day(today, text.language),
        paper=press.paper,
    )


def _drawn(word: str, press: Press) -> str:
    """The word as it can be printed: without spaces of a kind of their own, or a line to write it on."""
    plain = " ".join(word.split())
    return plain if can_be_drawn(plain, press.fonts_dir) else BY_HAND
