"""Send what stands in the outbox: claim, compose, hand over, mark.  A link secret exists only inside ``_letter``."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from contact_service import actor
from contact_service.audit.events import EventType
from contact_service.consent import queries as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Purpose
from contact_service.identity import queries as identity
from contact_service.ids import MessageId, PersonId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions.sending import mark_invitation
from contact_service.invitations.invitation import InvitationState
from contact_service.jobs.notices import record_notice, stop_words
from contact_service.mail import Letter, MailNotAccepted, MailServer, send
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.message import MessageKind, Queued
from contact_service.people.channel import writable
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.finding import visit_by_id
from contact_service.work import Installation, Work, begin, read

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Post:
    """How letters leave: through which server, from whom, with which words and addresses in them."""

    server: MailServer
    sender: str
    public_url: str
    messages_dir: Path
    help_name: str
    help_phone: str


def send_letters(installation: Installation, post: Post) -> None:
    """Send every due message once; what the server does not take is tried again, or the worker is told."""
    with read(installation, actor.SCHEDULE) as work:
        found = notifications.due(work)
    for message in found:
        letter = _claim(installation, post, message)
        if letter is not None:
            [problem] = send([letter], post.server)
            _mark(installation, message, problem)


def _claim(installation: Installation, post: Post, message_id: MessageId) -> Letter | None:
    """Take the message, and check that it is still true: a revoked link or a passed moment is dropped."""
    with begin(installation, actor.SCHEDULE) as work:
        if not outbox.claim(work, message_id):
            return None
        message = notifications.message(work, message_id)
        assert message is not None
        if work.now >= message.useless_after or not _still_true(work, message):
            outbox.drop(work, message_id, error="no_longer_true")
            return None
        address = _address_now(work, message)
        return None if address is None else _letter(work, post, message, address)


def _address_now(work: Work, message: Queued) -> str | None:
    """Where the message goes now; None when it waits for an hour that is safe, or is given up because none comes."""
    if message.person is None:
        assert message.account is not None
        return identity.account_for(work, message.account).email
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, message.person)))
    found = writable(channels_of(work, message.person), work.now.astimezone(zone))
    if found is None or found[1] >= message.useless_after:
        outbox.give_up(work, message.id, error="no_safe_channel" if found is None else "no_safe_hour")
        _record(work, message, InvitationState.FAILED)
        return None
    channel, at = found
    if at > work.now:
        outbox.postpone(work, message.id, at.astimezone(UTC))
        return None
    return channel.value


def _still_true(work: Work, message: Queued) -> bool:
    if message.visit is not None and visit_by_id(work, message.visit) is None:
        return False
    if message.invitation is None:
        return True
    invitation = invitations.invitation_by_id(work, message.invitation)
    return invitation is not None and invitation.live and invitation.generation == message.generation


def _letter(work: Work, post: Post, message: Queued, address: str) -> Letter:
    text = (post.messages_dir / f"{message.kind}.email.{message.language}.txt").read_text(encoding="utf-8")
    subject, _, body = text.partition("\n\n")
    return Letter(
        sender=post.sender,
        recipient=address,
        subject=subject.removeprefix("Subject: ").strip(),
        text=body.format_map(_words(work, post, message)),
        message_id=f"<{message.id}@{post.sender.partition('@')[2]}>",
        sent_at=work.now,
    )


def _words(work: Work, post: Post, message: Queued) -> dict[str, str]:
    """Everything a message may be filled with: the reader's first name, the time, one link, whom to ring."""
    words = {"help_name": post.help_name, "help_phone": post.help_phone, "name": "", "answers": ""}
    if message.person is not None:
        words["name"] = people.details_of(work, message.person).known_as
    if message.restriction is not None:
        return words | stop_words(work, message.restriction)
    assert message.visit is not None
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    words |= {
        "when": _when(visit.starts_at.astimezone(ZoneInfo(visit.zone))),
        "minutes": str(int((visit.ends_at - visit.starts_at).total_seconds() // 60)),
        "link": f"{post.public_url}/w/visit/{visit.id}",
        "state": visit.state.replace("_", " "),
    }
    if message.kind is MessageKind.CONSENT_COPY and message.person is not None:
        words["answers"] = _answers(work, message.person)
    if message.invitation is not None:
        invitation = invitations.invitation_by_id(work, message.invitation)
        assert invitation is not None
        words["link"] = f"{post.public_url}/v#{invitations.secret_for(work, invitation)}"
    return words


# What was asked, in words that tell a stranger who reads the message nothing of anybody.
_ASKED = {
    Purpose.TAKE_PART: "Take part in the video visit",
    Purpose.BE_SUPERVISED: "Somebody sees and hears the visit",
    Purpose.NOTES_KEPT: "A note is written",
    Purpose.NO_RECORDING: "Nobody records it",
    Purpose.INTERPRETER_PRESENT: "An interpreter helps",
    Purpose.OBSERVER_PRESENT: "Somebody else watches",
}
_SAID = {ConsentState.GIVEN: "yes", ConsentState.DECLINED: "no", ConsentState.WITHDRAWN: "taken back"}


def _answers(work: Work, person: PersonId) -> str:
    """The newest answer to each question, a line each."""
    lines = []
    for purpose, asked in _ASKED.items():
        kinds = (ConsentKind.CONSENT, ConsentKind.NOTICE)
        found = [a for a in (consent.newest_answer(work, person, purpose, kind) for kind in kinds) if a]
        if found:
            newest = max(found, key=lambda answer: answer.at)
            said = "read" if newest.kind is ConsentKind.NOTICE else _SAID[newest.state]
            lines.append(f"- {asked}: {said} (words {newest.version})")
    return "\n".join(lines)


def _when(local: datetime) -> str:
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({local.tzname()})"


def _mark(installation: Installation, message_id: MessageId, problem: MailNotAccepted | None) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        message = notifications.message(work, message_id)
        assert message is not None
        if problem is None:
            outbox.mark_sent(work, message_id)
            _record(work, message, InvitationState.SENT)
        elif outbox.mark_not_accepted(work, message_id, error=str(problem), permanent=problem.permanent):
            _record(work, message, InvitationState.FAILED)
            logger.warning("a message was given up", extra={"message_id": message_id})


def _record(work: Work, message: Queued, state: InvitationState) -> None:
    event = EventType.MESSAGE_SENT
    if message.kind is MessageKind.INVITATION and message.invitation is not None:
        mark_invitation(work, message.invitation, state)
        event = EventType.INVITATION_SENT
    if state is InvitationState.FAILED:
        event = EventType.MESSAGE_FAILED
    facts = (("message", message.id),)
    if message.restriction is not None:
        record_notice(work, message.restriction, event, facts)
        return
    assert message.visit is not None
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    about = (message.person,) if message.person else ()
    record(work, visit.room, event, Why(reason=message.kind, people=about, facts=facts))
