"""The fixed family of every test: the demo's cast, and shortcuts to act as any of them."""

import base64
import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Engine, Select, Table, func, select

from contact_service import actor
from contact_service.actor import Actor
from contact_service.audit import queries as audit
from contact_service.audit.events import EventType
from contact_service.audit.queries import OpenedEntry
from contact_service.claims.queries import claims_of
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.database import metadata
from contact_service.demo.brother import Brother
from contact_service.demo.cast import Cast, staff_actor
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions import inviting, opening
from contact_service.invitations.actions.opening import Device, Opened
from contact_service.invitations.actions.sending import mark_invitation
from contact_service.invitations.invitation import Invitation, InvitationState
from contact_service.invitations.token import ticket_text
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.message import Fate, MessageKind, Queued, Result
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Decision, Refused
from contact_service.protocol.link import Event, EventKind
from contact_service.protocol.rooms import RoomList
from contact_service.rooms import actions as rooms
from contact_service.rooms.queries import milliseconds, room_list
from contact_service.visits.actions import attending, running
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.seen import Seen
from contact_service.visits.visit import (
    Company,
    IdentityMethod,
    Participant,
    ParticipantRole,
    Visit,
    VisitState,
)
from contact_service.visits.whereabouts import Whereabouts
from contact_service.visits.wish import Wish
from contact_service.work import Installation, Work, begin, read

BOOT = "b0" * 16
PASSWORD = "four unrelated garden words"
# What Lena says of whoever she lets in.
SEEN = Seen(
    method=IdentityMethod.PHOTO,
    company=True,
    whereabouts=Whereabouts(place="12 Canary Yard, Hexham", call_back="+44 1632 960301", emergency="999"),
)
NOON = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)  # a Tuesday; London is one hour ahead


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True, kw_only=True)
class House:
    """The cast in a database, with a clock."""

    installation: Installation
    cast: Cast
    clock: Hands

    def work(self, account: AccountId) -> AbstractContextManager[Work]:
        """A Work that may change things, as this member of staff."""
        return begin(self.installation, staff_actor(self.installation, account))

    def reading(self, account: AccountId) -> AbstractContextManager[Work]:
        return read(self.installation, staff_actor(self.installation, account))

    def as_actor(self, who: Actor) -> AbstractContextManager[Work]:
        return begin(self.installation, who)

    def as_family(self, person: PersonId) -> AbstractContextManager[Work]:
        with read(self.installation, actor.SCHEDULE) as work:
            who = invitations.actor_of(work, person)
        return begin(self.installation, who)

    def wish(self, **changes: object) -> Wish:
        """Mia and Dana tomorrow at 16:00 in London for half an hour, watched by Lena."""
        values: dict[str, object] = {
            "child": self.cast.mia,
            "people": (self.cast.dana,),
            "caregiver": self.cast.ines,
            "wall_start": datetime(2030, 5, 15, 16, 0),  # noqa: DTZ001  wall time
            "length": timedelta(minutes=30),
            "level": SupervisionLevel.SUPERVISED,
            "supervisor": self.cast.lena,
            "duty": self.cast.priya,
        }
        return Wish(**(values | changes))  # type: ignore[arg-type]

    def requested(self, **changes: object) -> Visit:
        """A visit that waits for an approver."""
        with self.work(self.cast.karim) as work:
            visit = inviting.request_visit(work, self.wish(**changes))
        assert not isinstance(visit, Refused), visit
        return visit

    def approved(self, **changes: object) -> Visit:
        visit = self.requested(**changes)
        with self.work(self.cast.priya) as work:
            approved = inviting.approve(work, visit.id)
        assert not isinstance(approved, Refused), approved
        return approved

    def waiting(self, **changes: object) -> Visit:
        """A visit whose door is open: five minutes before the start."""
        return self.opened(self.approved(**changes))

    def opened(self, visit: Visit) -> Visit:
        """An approved visit with its door open: five minutes before the start."""
        with self.as_actor(actor.SCHEDULE) as work:
            running.make_ready(work, visit.id)
        self.clock.at = visit.starts_at - timedelta(minutes=5)
        with self.as_actor(actor.SCHEDULE) as work:
            running.open_door(work, visit.id)
        return self.visit(visit.id)

    def live(self, **changes: object) -> Visit:
        """A visit in which Lena, Dana and Mia (with Ines) are together."""
        visit = self.waiting(**changes)
        self.consents(self.cast.dana, self.cast.ines)
        self.joins(visit, visit.watcher, "aa" * 8)
        for person in (self.cast.dana, self.cast.ines):
            self.comes_in(visit, person)
        return self.visit(visit.id)

    def shared(self, brother: Brother) -> Visit:
        """A visit in which Lena, Dana, Mia (with Ines) and her half-brother Finn (with Tomas) are together."""
        visit = self.waiting(sharing=brother.shares)
        self.consents(self.cast.dana, self.cast.ines, brother.tomas)
        self.joins(visit, visit.watcher, "aa" * 8)
        for person in (self.cast.dana, self.cast.ines, brother.tomas):
            self.comes_in(visit, person)
        return self.visit(visit.id)

    def comes_in(self, visit: Visit, person: PersonId) -> None:
        """A device is at the door of a visit in which Lena is, and she lets it in."""
        participant = self.device_in(visit, person)
        self.joins(visit, participant, participant.id[:16])
        with self.work(self.cast.lena) as work:
            done = running.admit(work, visit.id, participant.id, SEEN)
        assert not isinstance(done, Refused), done

    def device_in(self, visit: Visit, person: PersonId) -> Participant:
        """The device of that person as it stands now."""
        return next(p for p in self.visit(visit.id).participants if p.person == person)

    def joins(self, visit: Visit, participant: Participant, leg: str) -> None:
        """The relay says that a device is there, whose holder has said that nobody else is."""
        if participant.person is not None:
            with self.as_family(participant.person) as work:
                running.tell_company(work, visit, participant, Company.NOBODY)
        with self.as_actor(actor.relay("relay-1")) as work:
            attending.joined(work, visit.id, participant, leg)

    def consents(self, *people: PersonId) -> None:
        """Each of them says yes to everything that joining needs."""
        for person in people:
            with self.as_family(person) as work:
                for purpose in Purpose:
                    consent.answer(
                        work,
                        consent.NewAnswer(
                            person=person,
                            purpose=purpose,
                            state=ConsentState.GIVEN,
                            version=1,
                            method=Method.ON_THE_PAGE,
                        ),
                    )

    def answers(self, person: PersonId, purpose: Purpose, state: ConsentState) -> None:
        """That person gives one answer, on no particular device."""
        with self.as_family(person) as work:
            new = consent.NewAnswer(
                person=person, purpose=purpose, state=state, version=1, method=Method.ON_THE_PAGE
            )
            consent.answer(work, new)

    def opens(self, visit: Visit, person: PersonId) -> "Phone":
        """A new phone is bound to the newest link of that person."""
        phone, secret = Phone(), self.secret(visit, person)
        with self.as_actor(actor.NOBODY) as work:
            opened = opening.redeem(work, secret, Device(key=phone.key, cookies={}, address="192.0.2.1"))
        assert isinstance(opened, Opened)
        return phone

    def knocks(self, visit: Visit, person: PersonId, phone: "Phone") -> Decision:
        """That phone asks to be let to the waiting room."""
        link = self.invitation(visit, person)
        with self.as_family(person) as work:
            nonce = opening.new_nonce(work, link)
        with self.as_family(person) as work:
            signature = phone.sign(ticket_text(link.id, nonce))
            return opening.knock(work, link, nonce=nonce, signature=signature)

    def visit(self, visit: VisitId) -> Visit:
        """The visit as it stands now."""
        with read(self.installation, actor.SCHEDULE) as work:
            found = visit_by_id(work, visit)
        assert found is not None
        return found

    def mother_in(self, visit: Visit) -> Participant:
        return next(p for p in visit.participants if p.person == self.cast.dana)

    def child_in(self, visit: Visit) -> Participant:
        return next(p for p in visit.participants if p.role is ParticipantRole.CAREGIVER)

    def history(self) -> list[str]:
        """The types of every entry of the case, oldest first."""
        return [entry.type for entry in self.entries()]

    def entries(self, case: str | None = None) -> list[OpenedEntry]:
        """Every entry of the case, or of another, oldest first."""
        with read(self.installation, actor.SCHEDULE) as work:
            return audit.history_of(
                work.session,
                keys=work.keys,
                agency=work.agency,
                origin=self.installation.contact_log,
                case=case or self.cast.case,
            )

    def last_entry(self) -> dict[str, object]:
        """The fields of the case's newest entry."""
        return self.entries()[-1].fields

    def since(self, entries: int) -> list[str]:
        """The types of the case's entries after the first ``entries``."""
        return self.history()[entries:]

    def state(self, visit: Visit) -> VisitState:
        return self.visit(visit.id).state

    def invitation(self, visit: Visit, person: PersonId) -> Invitation:
        """The newest link of a person into a visit."""
        with read(self.installation, actor.SCHEDULE) as work:
            return [i for i in invitations.invitations_of(work, visit.id) if i.person == person][-1]

    def secret(self, visit: Visit, person: PersonId) -> str:
        """What stands in the link of that person."""
        invitation = self.invitation(visit, person)
        with read(self.installation, actor.SCHEDULE) as work:
            return invitations.secret_for(work, invitation)

    def messages(self, visit: Visit) -> list[Queued]:
        with read(self.installation, actor.SCHEDULE) as work:
            return notifications.messages_of(work, visit.id)

    def deliver(self, visit: Visit) -> None:
        """The mail server has taken every message that is due."""
        with self.as_actor(actor.SCHEDULE) as work:
            for one in outbox.take_in_hand(work, most=1000):
                outbox.settle(work, Result(in_hand=one, fate=Fate.SENT))
                message = notifications.message_for(work, one.id)
                if message.kind is MessageKind.INVITATION and message.invitation is not None:
                    mark_invitation(work, message.invitation, InvitationState.SENT)
                    record(work, visit.room, EventType.INVITATION_SENT, Why(reason="invitation", people=()))

    def relay(self, visit: Visit, kind: EventKind, number: int, **more: object) -> bool:
        """Hand in one numbered event of the relay; say whether it was new."""
        facts = {name: value for name, value in more.items() if name not in ("boot", "participant")}
        event = Event(
            boot=str(more.get("boot", BOOT)),
            number=number,
            visit=visit.room,
            participant=more.get("participant"),  # type: ignore[arg-type]
            kind=kind,
            at_ms=milliseconds(self.clock.at),
            facts=facts,  # type: ignore[arg-type]
        )
        with self.as_actor(actor.relay("relay-1")) as work:
            return rooms.take_in(work, "relay-1", event)

    def rooms(self) -> RoomList:
        """What the relay is told now."""
        with read(self.installation, actor.relay("relay-1")) as work:
            return room_list(work, relay="relay-1", boot=BOOT)

    def claimed(self, visit: Visit) -> dict[str, tuple[datetime, datetime]]:
        """Whose time the visit has, and from when until when."""
        with read(self.installation, actor.SCHEDULE) as work:
            return {c.span.who: (c.span.starts_at, c.span.ends_at) for c in claims_of(work, visit.id)}

    def overlaps(self) -> int:
        """Pairs of claims that take somebody's time twice, counted by SQL alone."""
        one, other = (metadata.tables["claim"].alias() for _ in range(2))
        twice = (one.c.resource == other.c.resource) & (one.c.from_second < other.c.from_second)
        meet = (one.c.from_second < other.c.until_second) & (one.c.until_second > other.c.from_second)
        pairs = select(func.count()).select_from(one.join(other, twice & meet))
        with self.installation.engine.connect() as connection:
            return int(connection.execute(pairs).scalar_one())

    def snapshot(self, *, leaving_out: frozenset[str] = frozenset()) -> str:
        """A digest of every row of every table but those left out."""
        return snapshot(self.installation.engine, leaving_out=leaving_out)


def snapshot(engine: Engine, *, leaving_out: frozenset[str] = frozenset()) -> str:
    """A digest of every row of every table but those left out, and but for who read what."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in sorted(metadata.tables.values(), key=lambda table: table.name):
            if table.name not in leaving_out | {"case_reading"}:
                rows = sorted(repr(tuple(row)) for row in connection.execute(_but_readings(table)))
                digest.update(repr((table.name, rows)).encode())
    return digest.hexdigest()


def _but_readings(table: Table) -> Select[Any]:
    query = table.select()
    return query.where(table.c.log.not_like("%/access")) if "log" in table.c else query


class Phone:
    """A device with a key of its own that signs as WebCrypto does."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def key(self) -> str:
        """The public half, as the page sends it."""
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(self.private.public_key().public_bytes(*form)).decode()

    def sign(self, text: str) -> str:
        """Base64 of r and s, 32 bytes each (IEEE P1363)."""
        r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
