"""Put starts before the rules: the best of each of the best days at which every rule says yes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from contact_service.ids import AccountId, PersonId
from contact_service.policy.decision import Permitted, Reason, Refused
from contact_service.scheduling.grid import STEP
from contact_service.scheduling.slots import Offer
from contact_service.visits.narrowing import Narrowed, narrow
from contact_service.visits.optional import most_without_pairs
from contact_service.visits.queries.judging import decision_on, pairs_at_odds
from contact_service.visits.queries.offered import DayWithout, OfferedTime
from contact_service.visits.queries.requiring import BESIDES, INTERPRETER, QUORUM, SUPERVISOR, Booked, Search
from contact_service.work import Work

ALL_CAN_COME, MORE_CAN_COME = "all_can_come", "more_can_come"
_MOST = 8
_HOURS_TRIED = 3
# So many hours of each day of four weeks, which touch 29: what starts to be allowed on the last of them is found too.
_TRIED = 29 * _HOURS_TRIED
_SUPERVISORS_TRIED = 4
# Rules that say no to a whole day: another hour of it need not be tried.
_OF_A_DAY = {"most_per_period", "gap", "weekday", "too_far_ahead"}


@dataclass(frozen=True, kw_only=True)
class SaidNo:
    """Why a start was refused; ``able``: where too few could come, those of whom it was tried, else None."""

    reasons: tuple[Reason, ...]
    able: frozenset[str] | None = None
    can_come: int | None = None


@dataclass(kw_only=True)
class Tries:
    """Starts put before the rules, the best first, until enough days have one or enough were tried."""

    work: Work
    asked: Search
    zone: ZoneInfo
    booked: Booked
    known: Counter[AccountId]
    offers: dict[date, OfferedTime] = field(default_factory=dict)
    said_no: dict[date, list[SaidNo]] = field(default_factory=dict)

    def decide(self, found: Iterator[Offer]) -> None:
        """Keep the best start of each of the best days that every rule allows, for every child."""
        tried = 0
        for offer in found:
            day = offer.starts_at.astimezone(self.zone).date()
            if day in self.offers or self._is_closed(day, offer):
                continue
            if len(self.offers) == _MOST or tried == _TRIED:
                break
            tried += 1
            self._try(offer, day)

    def refused(self) -> list[DayWithout]:
        """The days on which everybody would have time, and the rules say no."""
        return [
            DayWithout(day=day, why=(), reasons=said[-1].reasons, can_come=said[-1].can_come)
            for day, said in self.said_no.items()
            if day not in self.offers
        ]

    def _is_closed(self, day: date, offer: Offer) -> bool:
        """Whether another hour of the day need not be tried: the rules said no to all of it, or to several hours.

        Where too few could come, other people may at another hour: that closes it for the same ones alone, or for some
        of them.
        """
        free = {*offer.free.get(QUORUM, ())}
        said = [no for no in self.said_no.get(day, []) if no.able is None or free <= no.able]
        return len(said) >= _HOURS_TRIED or any(r.code in _OF_A_DAY for no in said for r in no.reasons)

    def _try(self, offer: Offer, day: date) -> None:
        able = {AccountId(one): self._able(offer, AccountId(one)) for one in offer.free[SUPERVISOR]}
        # Somebody who interprets is asked only where nobody who is free understands without.
        free = sorted(
            able,
            key=lambda one: (
                -len(able[one]),
                not self.booked.interpreters_for_all.suffices(None, one),
                not self.booked.interpreters.suffices(None, one),
                -self.known[one],
            ),
        )
        optional = self.asked.optional
        at_odds = pairs_at_odds(self.work, self.asked.wish, optional, offer.starts_at)
        most = len(most_without_pairs(map(PersonId, offer.free.get(QUORUM, ())), at_odds))
        best: tuple[Narrowed, AccountId, PersonId | None] | None = None
        no = SaidNo(reasons=())
        ways = (
            (supervisor, interpreter)
            for supervisor in free[:_SUPERVISORS_TRIED]
            for interpreter in self._interpreters_at(offer, supervisor)
        )
        for supervisor, interpreter in ways:
            found = self._narrowed(offer.starts_at, supervisor, interpreter, able[supervisor])
            if isinstance(found.decision, Refused):
                no = self._no(found, offer)
            elif best is None or len(found.coming) > len(best[0].coming):
                best = found, supervisor, interpreter
            if best is not None and len(best[0].coming) == most:
                break
        if best is None:
            self.said_no.setdefault(day, []).append(no)
        else:
            self.offers[day] = self._offered(offer, able, *self._with_nobody_idle(*best))

    def _no(self, found: Narrowed, offer: Offer) -> SaidNo:
        assert isinstance(found.decision, Refused)
        if not found.too_few:
            return SaidNo(reasons=found.decision.reasons)
        return SaidNo(
            reasons=found.decision.reasons,
            able=frozenset(offer.free.get(QUORUM, ())),
            can_come=len(found.coming),
        )

    def _offered(
        self,
        offer: Offer,
        able: dict[AccountId, tuple[PersonId, ...]],
        found: Narrowed,
        supervisor: AccountId,
        interpreter: PersonId | None,
    ) -> OfferedTime:
        # Where nobody comes besides, nobody has to understand them.
        interpreters = self.booked.interpreters_for_all if found.coming else self.booked.interpreters
        others = [
            one
            for one in able
            if one != supervisor
            and interpreters.suffices(interpreter, one)
            and {*found.coming} <= {*able[one]}
        ]
        others.sort(key=lambda one: (not interpreters.suffices(None, one), -self.known[one]))
        said = [one for one in dict.fromkeys(offer.reasons) if one not in (ALL_CAN_COME, MORE_CAN_COME)]
        if found.coming and not found.left_out:
            said.insert(0, ALL_CAN_COME)
        return OfferedTime(
            starts_at=offer.starts_at,
            reasons=tuple(said),
            supervisors=(supervisor, *others),
            interpreter=interpreter,
            coming=found.coming,
            left_out=found.left_out,
            against=found.against,
        )

    def _able(self, offer: Offer, supervisor: AccountId) -> tuple[PersonId, ...]:
        """Of those who come if they can, who is free then and whom this supervisor suits."""
        slot = (offer.starts_at - self.booked.grid.begins) // STEP
        return tuple(
            PersonId(one)
            for one in offer.free.get(QUORUM, ())
            if self.booked.suiting_with[PersonId(one)].get(supervisor, 0) >> slot & 1
        )

    def _interpreters_at(self, offer: Offer, supervisor: AccountId) -> Iterator[PersonId | None]:
        """Who could interpret for a supervisor and is free: for all who may come, then for those who must be there.

        None where nobody has to for those who must, or where nobody can.
        """
        free = {*offer.free.get(INTERPRETER, ())}
        free |= {one.rpartition("/")[2] for one in offer.free.get(BESIDES, ())}
        for_all = self.booked.interpreters_for_all.to_try(supervisor, free)
        able = dict.fromkeys((*for_all, *self.booked.interpreters.to_try(supervisor, free)))
        yield from able
        if not able or self.booked.interpreters.suffices(None, supervisor):
            yield None

    def _with_nobody_idle(
        self, found: Narrowed, supervisor: AccountId, interpreter: PersonId | None
    ) -> tuple[Narrowed, AccountId, PersonId | None]:
        """The same without an interpreter who was only needed for somebody who will not be there."""
        if interpreter is not None and found.left_out:
            people = tuple(one for one in found.wish.people if one != interpreter)
            wish = replace(found.wish, people=people)
            if isinstance(decision_on(self.work, wish, besides=self.asked.besides), Permitted):
                return replace(found, wish=wish), supervisor, None
        return found, supervisor, interpreter

    def _narrowed(
        self,
        starts_at: datetime,
        supervisor: AccountId,
        interpreter: PersonId | None,
        able: tuple[PersonId, ...],
    ) -> Narrowed:
        local = starts_at.astimezone(self.zone).replace(tzinfo=None)
        wish = self.asked.wish
        together = wish.people if interpreter is None else (*wish.people, interpreter)
        tried = replace(wish, wall_start=local, supervisor=supervisor, people=together)
        at_odds = pairs_at_odds(self.work, tried, self.asked.optional, starts_at)
        decide = partial(decision_on, self.work, besides=self.asked.besides)
        return narrow(tried, self.asked.optional, able, decide, at_odds=at_odds)
