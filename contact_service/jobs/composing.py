"""A message of the outbox as a letter: its words, in the reader's language and zone.

A link secret exists only inside ``letter``.
"""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from contact_service.agency_policy import queries as agency_policy
from contact_service.clearances.clearance import asked_there
from contact_service.clearances.queries import clearances_of, establishment_of, reference_of
from contact_service.ids import OfferId, PersonId, VisitId
from contact_service.invitations import queries as invitations
from contact_service.invitations.appointment import Appointment, calendar_file, uid_for
from contact_service.jobs.answers import answers_said
from contact_service.jobs.notices import stop_words
from contact_service.mail import CalendarFile, Letter, MailServer
from contact_service.notifications.dates import said_to_staff, said_when
from contact_service.notifications.files import text_of
from contact_service.notifications.message import Medium, MessageKind, Queued, Text
from contact_service.people.queries import members as people
from contact_service.proposals.queries import choice_secret, proposal_of
from contact_service.sms.message import Sms
from contact_service.sms.providers import Provider
from contact_service.texts import ENGLISH, LANGUAGES
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.visit import Visit
from contact_service.waiting.queries.finding import offer_held
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Texting:
    """How text messages leave; ``country`` is where a number without a country's code is of."""

    provider: Provider
    country: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """How messages leave: by whom they are carried, from whom they are, with which words and addresses in them.

    Without ``texting`` everything goes by e-mail.
    """

    server: MailServer
    texting: Texting | None = None
    sender: str
    public_url: str
    messages_dir: Path
    help_name: str
    help_phone: str

    @property
    def country(self) -> str:
        """That of numbers without a country's code; empty where no text messages leave."""
        return self.texting.country if self.texting else ""


def letter(work: Work, post: Post, message: Queued, address: str, medium: Medium = Medium.EMAIL) -> Letter:
    """The letter to ``address``, its reader's or a booking desk's; its Message-ID is the same however often."""
    text = _text(work, post, message, medium)
    subject, _, body = text.text.partition("\n\n")
    return Letter(
        sender=post.sender,
        recipient=address,
        subject=subject.removeprefix("Subject: ").strip(),
        text=body.format_map(_words(work, post, message, text.language)),
        message_id=f"<{message.id}@{post.sender.partition('@')[2]}>",
        sent_at=work.now,
        calendar=_calendar(work, post, message, text.language),
    )


_IN_CALENDARS = frozenset({MessageKind.INVITATION, MessageKind.NOT_TAKING_PLACE})


def _calendar(work: Work, post: Post, message: Queued, language: str) -> CalendarFile | None:
    """What puts the visit into its reader's calendar, moves it there, or takes it out; for no other message."""
    if message.kind not in _IN_CALENDARS or message.visit is None or message.person is None:
        return None
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    domain = post.sender.partition("@")[2]
    start = message.start_told or visit.starts_at
    appointment = Appointment(
        uid=uid_for(work.keys.derive("calendar-uid/1"), visit.id, message.person, at=domain),
        starts_at=start,
        ends_at=start + (visit.ends_at - visit.starts_at),
        sequence=message.revision,
        written_at=message.made_at,
        organizer=post.sender,
        called_off=message.kind is MessageKind.NOT_TAKING_PLACE,
        language=language,
    )
    return CalendarFile(content=calendar_file(appointment), method=appointment.method)


def text_message(work: Work, post: Post, message: Queued, number: str) -> Sms:
    """The text message to ``number``; its id is the same however often it is written."""
    text = _text(work, post, message, Medium.SMS)
    filled = text.text.strip().format_map(_words(work, post, message, text.language))
    return Sms(recipient=number, text=filled, message_id=message.id)


def _text(work: Work, post: Post, message: Queued, medium: Medium) -> Text:
    """In the first language of its reader that the agency writes and for which there is a file, else in English."""
    spoken: list[str] = []
    if medium is Medium.DESK:
        spoken = _languages_of_desk(work, message)
    elif message.person is not None:
        spoken = agency_policy.languages_for(work, message.person)
    return text_of(post.messages_dir, message.kind, medium, spoken)


def _languages_of_desk(work: Work, message: Queued) -> list[str]:
    """That of the booking desk, then those of the agency, each without its region, but none in which it does not write.

    A language that is none of ours is there because the agency has its own texts in it.
    """
    assert message.visit is not None
    assert message.person is not None
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    place = establishment_of(work, message.person, visit.starts_at)
    document = agency_policy.policy_in_force(work).document
    tags = (place.desk_language if place else "", *document.working_languages)
    not_written = LANGUAGES.keys() - {*document.languages, ENGLISH}
    return [tag for tag in (one.partition("-")[0] for one in tags if one) if tag not in not_written]


# Where that is to be read of which a message to a member of staff speaks; else the page “Your sign-in”.
_PAGES = {MessageKind.EMERGENCY_ACCESS: "emergency-access"}


def _words(work: Work, post: Post, message: Queued, language: str) -> dict[str, str]:
    """Everything a message may be filled with: the reader's first name, the time, one link, whom to ring."""
    words = {"help_name": post.help_name, "help_phone": post.help_phone, "name": "", "answers": ""}
    if message.person is not None:
        words["name"] = people.details_of(work, message.person).known_as
    if message.restriction is not None:
        return words | stop_words(work, message.restriction, language)
    if message.offer is not None:
        return words | _freed(work, post, message.offer, language)
    if message.visit is None:
        page = _PAGES.get(message.kind, "account")
        return words | {"link": f"{post.public_url}/w/{page}"}
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    words |= {
        "when": _when(work, message, visit, language),
        "minutes": str(int((visit.ends_at - visit.starts_at).total_seconds() // 60)),
        "link": f"{post.public_url}/w/visit/{visit.id}",
        "state": visit.state.replace("_", " "),
    }
    words["reference"] = _reference(work, message.person, visit) if message.person is not None else ""
    if message.kind is MessageKind.CONSENT_COPY and message.person is not None:
        words["answers"] = answers_said(work, message.person, language)
    if message.kind is MessageKind.CHOOSE_A_TIME and message.person is not None:
        words |= _choice(work, post, visit.id, message.person, language)
    if message.invitation is not None:
        invitation = invitations.invitation_by_id(work, message.invitation)
        assert invitation is not None
        words["link"] = f"{post.public_url}/v#{invitations.secret_for(work, invitation)}"
    return words


def _when(work: Work, message: Queued, visit: Visit, language: str) -> str:
    """By the reader's own clock; for staff, some of whom have nothing to do with the child, by the child's."""
    starts_at = message.start_told or visit.starts_at
    if message.person is None:
        return said_to_staff(starts_at.astimezone(ZoneInfo(visit.zone)), language)
    return said_when(starts_at.astimezone(ZoneInfo(people.zone_of_person(work, message.person))), language)


def _reference(work: Work, person: PersonId, visit: Visit) -> str:
    """What the establishment itself calls its clearance, by which its booking desk knows for whom a letter is.

    The newest that is known, of what it has answered first: a question that was just asked often has none yet.
    """
    place = establishment_of(work, person, visit.starts_at)
    if place is None:
        return ""
    theirs = [one for who in (person, *visit.brought_by(person)) for one in clearances_of(work, who)]
    found = [one for met in visit.children for one in asked_there(theirs, met.child, place.id)]
    newest = sorted(found, key=lambda one: (one.answered_at is not None, one.answered_at or one.asked_at))
    references = (reference_of(work, one) for one in reversed(newest))
    return next(filter(None, references), "-")


def _freed(work: Work, post: Post, offer: OfferId, language: str) -> dict[str, str]:
    """When the freed time is, and until when it is held, by the child's clock; and where to answer."""
    held = offer_held(work, offer)
    assert held is not None
    found, case = held
    zone = ZoneInfo(people.zone_of(work, case))
    return {
        "when": said_to_staff(found.starts_at.astimezone(zone), language),
        "until": said_to_staff(found.answer_by.astimezone(zone), language),
        "link": f"{post.public_url}/w/waiting/offer/{offer}",
    }


def _choice(work: Work, post: Post, visit: VisitId, person: PersonId, language: str) -> dict[str, str]:
    """How many times there are, until when one is to be chosen, and the link."""
    proposal = proposal_of(work, visit)
    assert proposal is not None
    assert proposal.answer_by is not None
    local = proposal.answer_by.astimezone(ZoneInfo(people.zone_of_person(work, person)))
    return {
        "times": str(len(proposal.times)),
        "until": said_when(local, language),
        "link": f"{post.public_url}/v#{choice_secret(work, visit, person)}",
    }
