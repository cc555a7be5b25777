"""What workers should be asked about owed contact now: plans out of reach, absences, brothers and sisters, reviews."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_policy import queries as agency_policy
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import CaseId, PersonId
from contact_service.people.queries.placements import carers_on
from contact_service.people.queries.siblings import opened_at, siblings_of
from contact_service.restrictions.queries import restrictions_between
from contact_service.visits.loss import Cause, may_be_explained_until
from contact_service.visits.owed import Account, Meeting
from contact_service.visits.queries.owing import Ledger, ledgers_of_cases
from contact_service.visits.still_possible import short_by
from contact_service.work import Work

WATCHED = frozenset(
    {
        FollowUpKind.OWED_DECISION,
        FollowUpKind.OWED_OUT_OF_REACH,
        FollowUpKind.SIBLINGS_APART,
        FollowUpKind.PLAN_REVIEW,
    }
)
SIBLING_DAYS = 31
_DECIDED_WITHIN = timedelta(days=90)  # what is older is shown in the ledger, and no longer asked about
_SOON = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Something to ask for, and the part of its ``about`` by which an open one is the same."""

    key: str
    new: NewFollowUp


@dataclass(frozen=True, kw_only=True)
class Apart:
    """A child and a brother or sister who have not met for so many days; ``last`` is None when they never have.

    ``next`` is the day of a visit that is asked for or booked.
    """

    child: PersonId
    sibling: PersonId
    since: date
    last: date | None
    days: int
    next: date | None


def asked_now(work: Work, cases: Iterable[CaseId]) -> dict[CaseId, list[Asked]]:
    """What should be asked of the workers of each of these cases, each thing once."""
    wanted = list(cases)
    ledgers = ledgers_of_cases(work, wanted)
    apart = siblings_apart(work, ledgers)
    found: dict[CaseId, dict[str, Asked]] = {case: {} for case in wanted}
    for ledger in ledgers.values():
        several = (
            *_out_of_reach(work, ledger),
            *_to_decide(work, ledger),
            *_siblings(work, ledger, apart.get(ledger.child, [])),
            *_reviews(ledger),
        )
        for one in several:
            found[ledger.case].setdefault(one.key, one)
    return {case: list(several.values()) for case, several in found.items()}


def short_of(work: Work, ledger: Ledger) -> dict[PersonId, tuple[Account, int]]:
    """The people with whom the plan can no longer be kept in the running period, and by how many visits."""
    policy = agency_policy.policy_in_force(work)
    earliest = (work.now + policy.limits.minimum_notice).astimezone(ZoneInfo(ledger.zone)).date()
    found = {}
    for account in ledger.kept:
        short = short_by(
            account,
            earliest=earliest,
            barred=ledger.barred.get(account.person, ()),
            open_on=policy.document.hours.days,
        )
        if short:
            found[account.person] = (account, short)
    return found


def siblings_apart(work: Work, ledgers: Mapping[PersonId, Ledger]) -> dict[PersonId, list[Apart]]:
    """Per child the brothers and sisters whom it has not met for 31 days (feature L3), the longest first.

    Those who live with the same carer, and those whom a restriction keeps apart today, are not among them.
    """
    siblings = siblings_of(work, ledgers)
    opened = opened_at(work, {ledger.case for ledger in ledgers.values()})
    everybody = {*ledgers, *(one for several in siblings.values() for one in several)}
    homes = carers_on(work, everybody, work.now.date())
    found: dict[PersonId, list[Apart]] = {}
    for child, ledger in ledgers.items():
        begun = opened[ledger.case].astimezone(ZoneInfo(ledger.zone)).date()
        several = (
            _apart(ledger, sibling, begun)
            for sibling in sorted(siblings[child])
            if homes.get(child) is None or homes.get(child) != homes.get(sibling)
        )
        long = [one for one in several if one.days >= SIBLING_DAYS and _may_meet(work, one)]
        found[child] = sorted(long, key=lambda one: (-one.days, one.sibling))
    return found


def _apart(ledger: Ledger, sibling: PersonId, begun: date) -> Apart:
    last = ledger.last_met(sibling)
    since = max(begun, last) if last else begun
    return Apart(
        child=ledger.child,
        sibling=sibling,
        since=since,
        last=last,
        days=(ledger.today - since).days,
        next=ledger.next_with(sibling),
    )


def _may_meet(work: Work, one: Apart) -> bool:
    pair = (one.child, one.sibling)
    return not any(r.concerns(pair) for r in restrictions_between(work, pair, at=work.now))


# ---- what is asked


def _out_of_reach(work: Work, ledger: Ledger) -> Iterator[Asked]:
    for person, (account, _) in short_of(work, ledger).items():
        period = account.running
        assert period is not None
        key = f"short/{ledger.child}/{person}/{account.medium}/{period.first}"
        # Once it was mended and then lost again, it is asked again.
        yield _asked(ledger, FollowUpKind.OWED_OUT_OF_REACH, key, f"{key}/{period.offered}", work.now + _SOON)


def _to_decide(work: Work, ledger: Ledger) -> Iterator[Asked]:
    for person, meeting in ledger.to_decide:
        if meeting.on >= ledger.today - _DECIDED_WITHIN:
            key = f"decide/{meeting.visit}/{ledger.child}/{person}"
            due = max(_decided_by(work, ledger, meeting), work.now + _SOON)
            yield _asked(ledger, FollowUpKind.OWED_DECISION, key, key, due, meeting)


def _decided_by(work: Work, ledger: Ledger, meeting: Meeting) -> datetime:
    """An absence is decided on the day after the last one on which it may be explained."""
    days = agency_policy.policy_in_force(work).limits.explain_absence_working_days
    explained = may_be_explained_until(meeting.on, days) if meeting.cause is Cause.NO_SHOW else meeting.on
    return _at_five(ledger, explained + timedelta(days=1))


def _siblings(work: Work, ledger: Ledger, apart: Iterable[Apart]) -> Iterator[Asked]:
    for one in apart:
        if one.next is None:
            first, second = sorted((one.child, one.sibling))
            key = f"siblings/{ledger.case}/{first}/{second}/{one.since}"
            about = f"{key}/{one.days // SIBLING_DAYS}"
            yield _asked(ledger, FollowUpKind.SIBLINGS_APART, key, about, work.now + 2 * _SOON)


def _reviews(ledger: Ledger) -> Iterator[Asked]:
    plan = ledger.plan
    if plan is not None and plan.review_on <= ledger.today:
        key = f"review/{plan.id}"
        due = _at_five(ledger, plan.review_on)
        yield _asked(ledger, FollowUpKind.PLAN_REVIEW, key, key, due)


def _at_five(ledger: Ledger, day: date) -> datetime:
    """The end of a working day where the child lives."""
    return datetime.combine(day, time(17), tzinfo=ZoneInfo(ledger.zone))


def _asked(
    ledger: Ledger, kind: FollowUpKind, key: str, about: str, due_at: datetime, meeting: Meeting | None = None
) -> Asked:
    return Asked(
        key=key,
        new=NewFollowUp(
            case=ledger.case,
            kind=kind,
            for_role=ForRole.WORKER,
            about=about,
            due_at=due_at,
            visit=meeting.visit if meeting else None,
            person=ledger.child,
        ),
    )
