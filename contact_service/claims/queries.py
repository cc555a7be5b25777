"""Whose time is taken."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam
from sqlmodel import col, or_, select

from contact_service.claims.claim import Claim, Kind, Span, Who, instant_of, second, second_after
from contact_service.claims.tables import ClaimRow, ResourceRow
from contact_service.ids import AccountId, OfferId, PersonId, PoolId, VisitId
from contact_service.work import Work, answered_before, asked_once_of_each

Stretch = tuple[datetime, datetime]
# Columns and no rows: of a busy week there are thousands, and to make a row costs more than to read one.
_CLAIMS = select(  # type: ignore[call-overload, misc]  # more columns than its overloads know
    ClaimRow.visit_id,
    ClaimRow.offer_id,
    ClaimRow.from_second,
    ClaimRow.until_second,
    ClaimRow.held_until_second,
    ResourceRow.person_id,
    ResourceRow.account_id,
    ResourceRow.pool_id,
    ResourceRow.in_service,
).join(ResourceRow, col(ResourceRow.number) == col(ClaimRow.resource))
# Put together once: every visit asks, and that takes a third of the time of asking.
_BETWEEN = _CLAIMS.where(
    ClaimRow.from_second < bindparam("after"),
    ClaimRow.until_second > bindparam("first"),
    or_(col(ClaimRow.held_until_second).is_(None), col(ClaimRow.held_until_second) > bindparam("now")),
).order_by(col(ClaimRow.from_second), col(ClaimRow.resource))
_WHO = bindparam("who", expanding=True, type_=String)
_BETWEEN_OF_THESE = _BETWEEN.where(
    or_(
        col(ResourceRow.person_id).in_(_WHO),
        col(ResourceRow.account_id).in_(_WHO),
        col(ResourceRow.pool_id).in_(_WHO),
    )
)


def claims_between(
    work: Work, first: datetime, after: datetime, *, who: Collection[Who] | None = None
) -> list[Claim]:
    """What takes time in [first, after), in order of time, of everybody or of ``who`` alone; no hold that is over."""
    of_these = {} if who is None else {"who": list(who)}
    between = {"first": second(first), "after": second_after(after), "now": second(work.now)}
    return _claims(work, _BETWEEN if who is None else _BETWEEN_OF_THESE, **between, **of_these)


@asked_once_of_each
def claims_of_each(work: Work, those: Collection[Who], stretch: Stretch) -> dict[Who, tuple[Claim, ...]]:
    """What takes the time of each of these from the one instant until before the other, in order of time."""
    found: dict[Who, list[Claim]] = {who: [] for who in those}
    for claim in claims_between(work, *stretch, who=those):
        found[claim.span.who].append(claim)
    return {who: tuple(claims) for who, claims in found.items()}


def know_claims(work: Work, those: Collection[Who], stretches: Collection[Stretch]) -> None:
    """Read at once what takes the time of these: about ``stretches`` ``claims_of_each`` asks the database no more."""
    first, after = min(one for one, _ in stretches), max(one for _, one in stretches)
    found = claims_of_each(work, those, (first, after))
    known = {(who, one): _meeting(claims, one) for who, claims in found.items() for one in stretches}
    answered_before(work, claims_of_each, known)


def _meeting(claims: tuple[Claim, ...], stretch: Stretch) -> tuple[Claim, ...]:
    if not claims:
        return claims
    return tuple(one for one in claims if one.span.starts_at < stretch[1] and one.span.ends_at > stretch[0])


def claims_of(work: Work, visit: VisitId) -> list[Claim]:
    """What a visit has claimed, holds that are over among it."""
    return _claims(work, _CLAIMS.where(ClaimRow.visit_id == visit))


def claims_of_offer(work: Work, offer: OfferId) -> list[Claim]:
    """What is held for an offer of freed time, holds that are over among it."""
    return _claims(work, _CLAIMS.where(ClaimRow.offer_id == offer))


def _claims(work: Work, query: Any, **values: object) -> list[Claim]:  # noqa: ANN401  no type has nine columns
    found = []
    for visit, offer, first, after, until, *whose, in_service in work.session.exec(query, params=values):
        who, kind = _whose(*whose)
        span = Span(who=who, kind=kind, starts_at=instant_of(first), ends_at=instant_of(after))
        held_until = None if until is None else instant_of(until)
        claim = Claim(visit=visit, offer=offer, span=span, held_until=held_until, beyond=not in_service)
        found.append(claim)
    return found


def _whose(person: str | None, account: str | None, pool: str | None) -> tuple[Who, Kind]:
    if pool is not None:
        return PoolId(pool), Kind.POOL
    if account is not None:
        return AccountId(account), Kind.ACCOUNT
    return PersonId(person or ""), Kind.PERSON
