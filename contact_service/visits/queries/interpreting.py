"""Who could interpret in a wished visit: the second whose time it needs where whoever watches does not understand.

Nothing here says yes or no: R51 decides, and whoever interprets is one of those who take part.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.people.language import at_home_in
from contact_service.people.person import Member, Relation
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.policy.understanding import Speaker, not_understood
from contact_service.visits.queries.understanding import languages_heard_by
from contact_service.visits.wish import Wish
from contact_service.work import Work

_TRIED = 3


@dataclass(frozen=True, kw_only=True)
class Interpreters:
    """With each visit supervisor, the people any one of whom is enough to interpret: None where nobody has to."""

    of: dict[AccountId, tuple[PersonId, ...] | None]

    @property
    def everybody(self) -> tuple[PersonId, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(one for able in self.of.values() for one in able or ()))

    @property
    def not_needed_with(self) -> tuple[AccountId, ...]:
        """The supervisors who understand everybody."""
        return tuple(account for account, able in self.of.items() if able is None)

    def suffices(self, interpreter: PersonId | None, supervisor: AccountId) -> bool:
        """Whether a supervisor understands everybody with this interpreter, or with none."""
        able = self.of.get(supervisor)
        return able is None or interpreter in able

    def to_try(
        self, supervisor: AccountId, free: Collection[str], *, first: Collection[PersonId] = ()
    ) -> Sequence[PersonId]:
        """Some of ``free`` who could interpret for a supervisor, ``first`` before others, for the rules to judge."""
        able = [one for one in self.of.get(supervisor) or () if one in free]
        return sorted(able, key=lambda one: one not in first)[:_TRIED]


def interpreters_for(work: Work, wish: Wish, supervisors: list[AccountId]) -> Interpreters:
    """Of those whom every child's plan names as interpreters, the ones who know both languages; R51 asks for an adult.

    Where ``wish`` has an interpreter already, that choice stands and nobody else is looked for.
    """
    members = {
        m.person: m for m in people.members_of(work, people.case_of(work, wish.child), child=wish.child)
    }
    if any(members[p].relation is Relation.INTERPRETER for p in wish.people if p in members):
        return Interpreters(of=dict.fromkeys(supervisors))
    named = list(_named(work, wish, members))
    speakers = [*_speakers(work, wish)]
    identity.languages_of_each(work, supervisors)
    found: dict[AccountId, tuple[PersonId, ...] | None] = {}
    for account, heard in languages_heard_by(work, supervisors).items():
        if not not_understood(wish.level, speakers, listener=heard, interpreters=[]):
            found[account] = None
            continue
        able = (
            m
            for m in named
            if not not_understood(wish.level, speakers, listener=heard, interpreters=[_of(m)])
        )
        found[account] = tuple(m.person for m in able)
    return Interpreters(of=found)


def _named(work: Work, wish: Wish, members: dict[PersonId, Member]) -> Iterator[Member]:
    in_force = [plans.plan_for(work, one.child) for one in wish.children]
    for member in members.values():
        if member.relation is not Relation.INTERPRETER:
            continue
        if all(plan is not None and plan.terms_for(member.person) is not None for plan in in_force):
            yield member


def _speakers(work: Work, wish: Wish) -> Iterator[Speaker]:
    for person in dict.fromkeys((*(one.child for one in wish.children), *wish.people)):
        details = people.details_of(work, person)
        yield Speaker(name=details.known_as, languages=at_home_in(details.languages))


def _of(member: Member) -> frozenset[str]:
    return at_home_in(member.details.languages)
