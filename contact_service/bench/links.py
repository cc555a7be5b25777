"""Random secrets tried against the redemption of links: how many open something, and what the door answers.

Three things are measured, each at its own depth, and the figures say which is which:

- ``looked_up``: the look-up of a secret in a database with links in it, as the door does it, and nothing around it;
- ``redeemed``: the whole redemption, one transaction for each: throttle, evidence and alarm as they stand;
- ``at_the_door``: a real HTTP server, asked by turns with every kind of link that opens nothing.
"""

import base64
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from contact_service import actor, clock
from contact_service.bench.booking import Office, next_monday, open_office
from contact_service.bench.link_answers import MOST_APART_MS, ask_at_the_door, press_the_door
from contact_service.bench.link_client import device_key
from contact_service.bench.place import Place, fresh
from contact_service.demo.cast import staff_actor
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, redeem
from contact_service.invitations.queries import invitation_of_secret, invitations_of, secret_for
from contact_service.invitations.token import LINK_KEY_PURPOSE, secret_of
from contact_service.keys.provider import KeyProvider
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.actions import running
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import begin, read

_IN_ONE_WORK = 1000
_SECRET_BYTES = 32
_PROGRESS_SECONDS = 10.0
_DAYS_APART = timedelta(days=3)
_BEFORE_START = timedelta(minutes=5)


@dataclass
class _Hands:
    """The time of the run: it goes on as time does, from wherever it was put last."""

    ahead: timedelta = field(default=timedelta(0))

    def __call__(self) -> datetime:
        return clock.utc_now() + self.ahead

    def put(self, at: datetime) -> None:
        """From now on it is ``at``, and then later."""
        self.ahead = at - clock.utc_now()


@dataclass(frozen=True, kw_only=True)
class Links:
    """An agency whose visit can be joined now: a link that opens it, and by kind those that open nothing."""

    office: Office
    good: str
    dead: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How many secrets are looked up, redeemed, and how often the door is asked with each kind of link."""

    count: int
    redeemed: int
    rounds: int
    seed: int
    seconds: float


def run(asked: Asked, *, database_url: str | None, json_output: bool) -> int:
    """Try and print; 1 when a secret opened anything, two answers differed, or their medians were too far apart."""
    with fresh(database_url) as place:
        links = make_links(place)
        figures: dict[str, object] = {"database": place.engine.dialect.name, "seed": asked.seed}
        figures["at_the_door"] = ask_at_the_door(
            links.office.installation, links.dead, rounds=asked.rounds, seed=asked.seed
        )
        figures["limits_of_the_door"] = press_the_door(links.office.installation)
        figures["redeemed"] = redeem_all(
            links.office, random_secrets(f"redeemed/{asked.seed}", asked.redeemed)
        )
        figures["looked_up"] = look_up_all(
            links.office, random_secrets(f"looked up/{asked.seed}", asked.count), seconds=asked.seconds
        )
        figures["the_good_link_is_found"] = bool(look_up_all(links.office, iter([links.good]))["hits"])
    figures["holds"] = holds(figures)
    print(json.dumps(figures) if json_output else _table(figures))
    return 0 if figures["holds"] else 1


def holds(figures: Mapping[str, object]) -> bool:
    """Whether nothing was opened, nothing told apart, and a link that is good would have been noticed."""
    door, looked_up, redeemed = (_part(figures, name) for name in ("at_the_door", "looked_up", "redeemed"))
    even = door["medians_apart_ms"] is None or float(str(door["medians_apart_ms"])) < MOST_APART_MS
    nothing = (looked_up["hits"], redeemed["hits"], door["different_answers"]) == (0, 0, 1)
    return nothing and even and bool(figures["the_good_link_is_found"])


def _part(figures: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = figures[name]
    assert isinstance(part, dict)
    return part


def random_secrets(seed: str, count: int) -> Iterator[str]:
    """So many secrets of the shape that links have; the same for the same seed."""
    random = Random(seed)
    for _ in range(count):
        yield base64.urlsafe_b64encode(random.randbytes(_SECRET_BYTES)).rstrip(b"=").decode()


def look_up_all(
    office: Office, secrets: Iterator[str], *, seconds: float = float("inf")
) -> dict[str, int | float]:
    """Look each up, a thousand in a transaction, until they or ``seconds`` are over; a line of progress meanwhile."""
    tried = hits = 0
    began = told = time.perf_counter()
    going = True
    while going:
        with read(office.installation, actor.NOBODY) as work:
            batch = [invitation_of_secret(work, secret) for secret in islice(secrets, _IN_ONE_WORK)]
        tried, hits, now = tried + len(batch), hits + sum(map(bool, batch)), time.perf_counter()
        going = len(batch) == _IN_ONE_WORK and now - began < seconds
        if now - told >= _PROGRESS_SECONDS:
            told = now
            print(f"{tried:,} secrets, {hits} hits, {now - began:.0f} s", file=sys.stderr, flush=True)
    return {"secrets": tried, "hits": hits} | _pace(tried, time.perf_counter() - began)


def redeem_all(office: Office, secrets: Iterator[str]) -> dict[str, int | float]:
    """Redeem each in a transaction of its own, from as many addresses as there are secrets, counted as they stand."""
    tried = hits = 0
    key, began = device_key(), time.perf_counter()
    for tried, secret in enumerate(secrets, 1):
        address = f"198.{18 + tried // 65536 % 2}.{tried // 256 % 256}.{tried % 256}"  # RFC 2544: of nobody
        with begin(office.installation, actor.NOBODY) as work:
            result = redeem(work, secret, Device(key=key, cookies={}, address=address))
        hits += not isinstance(result, NotUsable)
    return {"secrets": tried, "hits": hits} | _pace(tried, time.perf_counter() - began)


def _pace(count: int, seconds: float) -> dict[str, float]:
    return {"seconds": round(seconds, 1), "per_second": round(count / max(seconds, 1e-9))}


def make_links(place: Place) -> Links:
    """Three visits: one is over, one can be joined now, one was called off; and a link under another agency's key."""
    hands, office = _Hands(), open_office(place)
    office = replace(office, installation=replace(office.installation, clock=hands))
    monday = next_monday(hands())
    over, called_off = _booked(office, monday), _booked(office, monday + 2 * _DAYS_APART)
    now = _booked(office, monday + _DAYS_APART)
    revoked = _secret(office, called_off, office.cast.dana)
    with begin(office.installation, office.worker) as work:
        inviting.cancel(work, called_off.id, CancelReason.CHILD_ILL)
    for visit in (over, now):  # whoever holds the link of the first never opened it
        _open_door(office, hands, visit)
    used = _secret(office, now, office.cast.dana)
    with begin(office.installation, actor.NOBODY) as work:
        opened = redeem(work, used, Device(key=device_key(), cookies={}, address="198.18.0.1"))
    assert isinstance(opened, Opened)
    elsewhere = KeyProvider.create(place.folder / "keys-of-another-agency", "bench")
    dead = {
        "unknown": secret_of(elsewhere.derive("bench/1"), "unknown", 1),
        "expired": _secret(office, over, office.cast.dana),
        "revoked": revoked,
        "used by another device": used,
        "of another agency": secret_of(elsewhere.derive(LINK_KEY_PURPOSE), opened.invitation.id, 1),
    }
    return Links(office=office, good=_secret(office, now, office.cast.ines), dead=dead)


def _booked(office: Office, at: datetime) -> Visit:
    cast = office.cast
    wish = Wish(
        child=cast.mia,
        people=(cast.dana,),
        caregiver=cast.ines,
        wall_start=at,
        length=timedelta(minutes=30),
        level=SupervisionLevel.SUPERVISED,
        supervisor=cast.lena,
        duty=cast.priya,
    )
    with begin(office.installation, office.worker) as work:
        visit = inviting.request_visit(work, wish)
    assert isinstance(visit, Visit), visit
    with begin(office.installation, staff_actor(office.installation, cast.priya)) as work:
        approved = inviting.approve(work, visit.id)
    assert not isinstance(approved, Refused), approved
    return approved


def _open_door(office: Office, hands: _Hands, visit: Visit) -> None:
    with begin(office.installation, actor.SCHEDULE) as work:
        running.make_ready(work, visit.id)
    hands.put(visit.starts_at - _BEFORE_START)
    with begin(office.installation, actor.SCHEDULE) as work:
        running.open_door(work, visit.id)


def _secret(office: Office, visit: Visit, person: PersonId) -> str:
    with read(office.installation, actor.SCHEDULE) as work:
        [found] = [one for one in invitations_of(work, visit.id) if one.person == person]
        return secret_for(work, found)


def _table(figures: Mapping[str, object]) -> str:
    rows = []
    for name, value in figures.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        rows += [f"{f'{name} {part}'.strip().replace('_', ' '):40} {shown}" for part, shown in parts]
    return "\n".join(rows)
