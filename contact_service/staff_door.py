"""What pages and JSON API ask of the browser of a member of staff, and how a refusal at the door is written down.

It knows no framework: both doors hand in what they were sent.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

from contact_service import actor
from contact_service.actor import Actor, Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import (
    Conflict,
    IllegalMove,
    NotAllowed,
    NotFound,
    PasskeyNeeded,
    ProofNeeded,
    PurposeNeeded,
)
from contact_service.factors.queries import factors_of
from contact_service.identity import queries as identity
from contact_service.identity.account import lacks_passkey
from contact_service.identity.actions import mark_seen
from contact_service.policy.proving import GRAVE, Proof, is_proof_enough
from contact_service.readings.actions import write_down
from contact_service.readings.purpose import reads_for_a_purpose
from contact_service.readings.queries import not_written_down
from contact_service.work import Installation, Work, begin, read

STAFF_COOKIE = "__Host-staff"
SEEN_EVERY = timedelta(seconds=30)
ID = r"^[0-9a-f]{32}$"
_CODES: tuple[tuple[type[Exception], EventType, str], ...] = (
    (ProofNeeded, EventType.ACCESS_REFUSED, "proof_needed"),
    (IllegalMove, EventType.MOVE_REFUSED, "illegal_move"),
    (Conflict, EventType.MOVE_REFUSED, "conflict"),
    (NotAllowed, EventType.ACCESS_REFUSED, "not_allowed"),
    (NotFound, EventType.ACCESS_REFUSED, "not_found"),
)


def session_of(
    installation: Installation, cookie: str, *, adding: bool = False, stating: bool = False
) -> identity.StaffSession:
    """The session of a cookie, kept from going idle; raises ``NotSignedIn``.

    Raises ``PasskeyNeeded`` where the installation demands passkeys and this session lacks one, unless it is for
    ``adding`` one, or for signing out; ``PurposeNeeded`` for an auditor who has not said in this sign-in what they read
    for, unless it is for ``stating`` that.
    """
    with read(installation, actor.NOBODY) as work:
        session = identity.session_for(work, cookie)
        unmarked = work.now - session.seen_at
    account = session.account
    if installation.demand_passkeys and not adding and lacks_passkey(account.roles, account.authentication):
        raise PasskeyNeeded
    if not (adding or stating) and account.purpose is None and reads_for_a_purpose(account.roles):
        raise PurposeNeeded
    if unmarked >= SEEN_EVERY:
        with begin(installation, session.account.actor()) as work:
            mark_seen(work, cookie)
    return session


@contextmanager
def read_as_evidence(installation: Installation, who: Actor, *, part: str) -> Iterator[Work]:
    """A reading Work; whose record it opened is written down before anybody is shown anything of it.

    Raises what ``begin`` raises where that cannot be written: then nothing was read.
    """
    with read(installation, who) as work:
        yield work
        parts = {one: not_written_down(work, one) for one in (part, *work.shown)}
    if any(parts.values()):
        with begin(installation, who) as work:
            for one, opened in parts.items():
                write_down(work, opened, part=one)


@contextmanager
def acting(installation: Installation, who: Actor) -> Iterator[Work]:
    """A Work in which somebody of the staff changes things; there is no other way to one behind the doors.

    Raises ``ProofNeeded``, and nothing of it is kept, where a grave act was done and nobody showed lately that it is
    they who sit there.  What a machine may do was given to it with its scopes.
    """
    with begin(installation, who) as work:
        yield work
        demand_proof(work)


def demand_proof(work: Work, *about: EventType) -> None:
    """Raise ``ProofNeeded`` unless what was done in this Work, and what is about to be, may be done on the last proof.

    It is asked by itself before anything is kept; ask it first where a refusal at the end would be a pity.
    """
    acts = {event.type for event in work.events} | set(about)
    if GRAVE.isdisjoint(acts) or work.actor.has(Role.SERVICE_ACCOUNT):
        return
    if not is_proof_enough(acts, _proof(work, acts), at=work.now):
        raise ProofNeeded


def _proof(work: Work, acts: Collection[EventType]) -> Proof | None:
    known = identity.proof_in(work, work.actor.session)
    if known is None or work.actor.account is None:
        return None
    # One that is only just added was not there to be asked for.
    adding = EventType.STAFF_FACTOR_ADDED in acts
    passkeys = factors_of(work, work.actor.account).passkeys
    owned = any(passkey.added_at < work.now or not adding for passkey in passkeys)
    return Proof(by=known.by, proved_at=known.at, has_passkey=owned, anew=known.anew)


@contextmanager
def refusals_recorded(
    installation: Installation, who: Actor, *, asked_for: str, visit: str
) -> Iterator[None]:
    """Write down that somebody asked for what they may not have; the refused Work itself leaves no trace.

    ``asked_for`` names the door, ``visit`` is the id in its address if it has one.
    """
    try:
        yield
    except (IllegalMove, Conflict, NotAllowed, NotFound) as error:
        event, code = next((event, code) for kind, event, code in _CODES if isinstance(error, kind))
        with begin(installation, who) as work:
            work.record(
                AuditEvent(
                    type=event,
                    visit=visit if re.fullmatch(ID, visit) else None,
                    reason=code,
                    facts=(("asked_for", asked_for),),
                )
            )
        raise


def is_own_page(*, fetched: str | None, origin: str | None, public_url: str) -> bool:
    """Whether the browser says that a page of ours sent the request: its Sec-Fetch-Site, else its Origin.

    Under our referrer policy browsers send ``Origin: null`` with forms, so Sec-Fetch-Site is asked first; all
    supported browsers send it, and no page can forge it.
    """
    return fetched == "same-origin" if fetched is not None else origin in (None, public_url)
