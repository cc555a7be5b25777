"""Who comes if they can, and as many of them as the rules permit: no database."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from random import Random

import pytest

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Decision, Permitted, Reason, Refused, problem
from contact_service.visits.narrowing import narrow
from contact_service.visits.optional import IfTheyCan, comes_with, most_without_pairs, without
from contact_service.visits.wish import ChildWished, Wish

MIA, DANA, GRAN, LEO, NOOR, SAM = (PersonId(name) for name in ("mia", "dana", "gran", "leo", "noor", "sam"))
HOMES = {LEO: PersonId("leo's carer"), NOOR: PersonId("noor's carer"), SAM: PersonId("sam's carer")}


def wish(*sharing: PersonId, people: tuple[PersonId, ...] = (DANA,)) -> Wish:
    return Wish(
        child=MIA,
        people=people,
        caregiver=PersonId("ines"),
        wall_start=datetime(2030, 5, 15, 16, 0),  # noqa: DTZ001  wall time
        length=timedelta(minutes=30),
        level=SupervisionLevel.SUPERVISED,
        supervisor=None,
        duty=None,
        sharing=tuple(ChildWished(child=one, caregiver=HOMES[one]) for one in sharing),
    )


ALL = wish(LEO, NOOR, SAM)


@pytest.mark.parametrize(
    ("people", "quorum", "field", "words"),
    [
        ((LEO, NOOR), 3, "quorum", "no more than those who come if they can"),
        ((LEO,), -1, "quorum", "no more than those who come if they can"),
        ((), 1, "quorum", "no more than those who come if they can"),
        ((LEO, LEO), 1, "optional", "each person once"),
        ((MIA,), 0, "optional", "for whom you book must be there"),
        ((GRAN,), 0, "optional", "Only those who meet the child"),
        ((HOMES[LEO],), 0, "optional", "Only those who meet the child"),
        ((DANA, LEO, NOOR, SAM), 2, "optional", "At least one person"),
        (tuple(PersonId(str(n)) for n in range(13)), 0, "optional", "no more than twelve"),
    ],
)
def test_what_does_not_go_with_the_wish_is_said_at_its_field(
    people: tuple[PersonId, ...], quorum: int, field: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words) as told:
        IfTheyCan(people=people, quorum=quorum).demand_of(ALL)
    assert told.value.field == field


@pytest.mark.parametrize(
    ("people", "quorum"), [((), 0), ((LEO,), 0), ((LEO, NOOR, SAM), 3), ((DANA, LEO, NOOR), 1)]
)
def test_somebody_to_meet_is_enough(people: tuple[PersonId, ...], quorum: int) -> None:
    IfTheyCan(people=people, quorum=quorum).demand_of(ALL)


def test_whoever_stays_away_takes_their_carer_along() -> None:
    left = without(ALL, {LEO, SAM})
    assert left == wish(NOOR)
    assert left.everybody == {MIA, PersonId("ines"), DANA, NOOR, HOMES[NOOR]}
    assert without(ALL, {DANA}).people == ()
    assert without(ALL, ()) is ALL


def test_a_carer_who_brings_two_stays_for_the_one_who_comes() -> None:
    both = replace(ALL, sharing=tuple(replace(one, caregiver=HOMES[LEO]) for one in ALL.sharing))
    assert HOMES[LEO] in without(both, {LEO}).everybody
    assert comes_with(both, NOOR) == {NOOR, HOMES[LEO]}
    assert comes_with(both, DANA) == {DANA}


# ---- as many as the rules permit


def pairs_of(*pairs: tuple[PersonId, PersonId]) -> frozenset[frozenset[PersonId]]:
    return frozenset(frozenset(pair) for pair in pairs)


def test_of_those_at_odds_the_most_stay() -> None:
    assert most_without_pairs((LEO, NOOR, SAM), pairs_of((LEO, NOOR), (LEO, SAM))) == (NOOR, SAM)
    assert most_without_pairs((LEO, NOOR, SAM), pairs_of((LEO, NOOR))) == (LEO, SAM)
    assert most_without_pairs((LEO, NOOR), pairs_of((LEO, SAM))) == (LEO, NOOR)
    assert most_without_pairs((), pairs_of((LEO, SAM))) == ()


class Rules:
    """Rules that will not have some people, some pairs, and perhaps anybody; they count how often they are asked."""

    def __init__(self, *never: PersonId, pairs: frozenset[frozenset[PersonId]] = frozenset()) -> None:
        self.never, self.pairs, self.asked = {*never}, pairs, 0

    def __call__(self, wish: Wish) -> Decision:
        self.asked += 1
        there = {wish.child, *wish.meeting}
        against = [*sorted(self.never & there), *(",".join(sorted(p)) for p in self.pairs if p <= there)]
        reasons = tuple(Reason(rule="R0", problem=problem(one, "No.")) for one in against)
        return Refused(passed=(), reasons=reasons) if reasons else Permitted(passed=("R0",))


def test_where_everybody_may_come_the_rules_are_asked_once() -> None:
    rules = Rules()
    found = narrow(ALL, IfTheyCan(people=(LEO, NOOR, SAM), quorum=2), (LEO, NOOR, SAM), rules)
    assert (found.wish, found.coming, found.left_out, rules.asked) == (ALL, (LEO, NOOR, SAM), (), 1)


def test_whom_the_rules_refuse_is_left_out_as_one_who_is_busy() -> None:
    optional = IfTheyCan(people=(LEO, NOOR, SAM), quorum=1)
    found = narrow(ALL, optional, (LEO, NOOR), Rules(LEO))
    assert (found.wish, found.coming, found.left_out) == (wish(NOOR), (NOOR,), (LEO, SAM))
    assert isinstance(found.decision, Permitted)


def test_too_few_are_refused_with_what_was_said_of_each() -> None:
    optional = IfTheyCan(people=(LEO, NOOR, SAM), quorum=2)
    found = narrow(ALL, optional, (LEO, NOOR, SAM), Rules(LEO, SAM))
    assert (found.coming, found.too_few) == ((NOOR,), True)
    assert isinstance(found.decision, Refused)
    assert {reason.code for reason in found.decision.reasons} == {"leo", "sam"}


def test_who_must_be_there_is_never_left_out() -> None:
    optional = IfTheyCan(people=(LEO, NOOR, SAM))
    found = narrow(ALL, optional, (LEO, NOOR, SAM), Rules(DANA, LEO))
    assert (found.too_few, found.coming) == (False, ())
    assert isinstance(found.decision, Refused)
    assert [reason.code for reason in found.decision.reasons] == ["dana"]


def test_against_every_set_on_random_rules() -> None:
    """What is found is allowed, and where every pair at odds is known no larger set is."""
    sizes = []
    for seed in range(300):
        random = Random(seed)  # noqa: S311  cases must repeat
        people = tuple(PersonId(f"p{n}") for n in range(random.randint(1, 6)))
        everybody = wish(people=(DANA, *people))
        pairs = frozenset(frozenset(p) for p in combinations(people, 2) if random.random() < 0.3)
        rules = Rules(*(p for p in (DANA, *people) if random.random() < 0.15), pairs=pairs)
        able = tuple(p for p in people if random.random() < 0.85)
        quorum = random.randint(0, len(people))
        found = narrow(everybody, IfTheyCan(people=people, quorum=quorum), able, rules, at_odds=pairs)
        assert rules.asked <= 2 * len(people) + 3
        allowed = [
            len(chosen)
            for size in range(len(able) + 1)
            for chosen in combinations(able, size)
            if isinstance(rules(without(everybody, {*people} - {*chosen})), Permitted)
        ]
        most = max(allowed, default=-1)
        assert isinstance(found.decision, Permitted) == (most >= quorum), seed
        assert len(found.coming) == max(most, 0), seed
        assert found.too_few == (0 <= most < quorum), seed
        sizes.append(most)
    assert {-1, 0, 1, 2, 3} <= {*sizes}
