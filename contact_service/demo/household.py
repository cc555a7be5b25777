"""What the demo also knows: where the children live, who decides, when numbers are safe, an order, school."""

from dataclasses import replace
from datetime import date, timedelta

from contact_service.approvals.actions import planning as approvals
from contact_service.demo.cast import Cast, staff_actor
from contact_service.identity.actions import set_languages
from contact_service.ids import OrderId, PersonId, PlanId
from contact_service.people.actions import channels, members, placements, rights
from contact_service.people.channel import ChannelKind, SafeRule, SafeUse
from contact_service.people.decision_right import Basis, Matter, NewRight
from contact_service.people.language import Language, LanguageLevel, LanguageMode
from contact_service.people.person import Need
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.people.queries.channels import channels_of
from contact_service.people.queries.members import details_of
from contact_service.plans import actions as plans, queries
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.order import OrderStatus, OrderSubject, OrderWords
from contact_service.plans.terms import Frequency, Period
from contact_service.policy.decision import Refused
from contact_service.work import Installation, Work, begin

_YEAR = timedelta(days=365)
_WEEKLY = Frequency(per=Period.WEEK, least=1)  # whoever looks around books as many as they like
_FORTNIGHTLY = Frequency(per=Period.FORTNIGHT, least=1)
_MORNINGS = SafeRule(use=SafeUse.BETWEEN, earliest=9 * 60, latest=12 * 60)
_POLISH = Language(tag="pl", level=LanguageLevel.NATIVE)
_ENGLISH = Language(tag="en", level=LanguageLevel.NATIVE)
_SIGNS = Language(tag="bfi", mode=LanguageMode.SIGNED, level=LanguageLevel.GOOD)


def furnish(installation: Installation, cast: Cast) -> None:
    """Write it down as Karim; Priya approves the plan that then rests on the order."""
    karim, priya = (staff_actor(installation, account) for account in (cast.karim, cast.priya))
    with begin(installation, karim) as work:
        today = work.now.date()
        for child in (cast.mia, cast.jonas):
            placements.place(work, _home(cast, child, today - _YEAR))
            _decided(work, cast, child, today - _YEAR)
        _known(work, cast)
        _reached(work, cast)
        order = _ordered(work, cast, today - timedelta(days=60))
        _school(work, cast)
        plan = _resting_on(work, cast, order)
    with begin(installation, priya) as work:
        decided = approvals.approve_plan(work, plan)
        assert not isinstance(decided, Refused), decided
        set_languages(work, cast.karim, [_ENGLISH])
        set_languages(work, cast.lena, [_ENGLISH, _POLISH, _SIGNS])


def _home(cast: Cast, child: PersonId, first: date) -> NewPlacement:
    return NewPlacement(
        child=child,
        carer=cast.ines,
        days=Days(first=first),
        confidential=True,
        words=PlaceWords(name="14 Larch Row", area="Northmoor", school="Hill Primary"),
    )


def _decided(work: Work, cast: Cast, child: PersonId, first: date) -> None:
    new = NewRight(
        child=child,
        holder=cast.dana,
        matters=frozenset({Matter.CONTACT}),
        basis=Basis.PARENTAL_RESPONSIBILITY,
        days=Days(first=first),
    )
    rights.record_right(work, new)


def _known(work: Work, cast: Cast) -> None:
    rosa = replace(
        details_of(work, cast.rosa),
        preferred="Mrs Marlowe",
        pronouns="she/her",
        languages=(_POLISH, Language(tag="en", level=LanguageLevel.SOME)),
        needs=(Need.READING,),
        support="Large print. Ring before sending anything.",
        aliases=("Rosa Nowak",),
    )
    members.change_details(work, cast.rosa, rosa)


def _reached(work: Work, cast: Cast) -> None:
    """Rosa’s phone is safe in the mornings; Emil’s only for calls, because others read his messages."""
    rules = {
        cast.rosa: _MORNINGS,
        cast.emil: SafeRule(use=SafeUse.CALL_ONLY, say="It is about the library books."),
    }
    for person, rule in rules.items():
        for channel in channels_of(work, person):
            if channel.kind is ChannelKind.PHONE:
                channels.change_rule(work, person, channel.id, rule, confirmed=True)


def _ordered(work: Work, cast: Cast, decided_on: date) -> OrderId:
    order = plans.NewOrder(
        child=cast.mia,
        about=OrderSubject.CONTACT,
        decided_on=decided_on,
        starts_on=decided_on,
        ends_on=None,
        status=OrderStatus.IN_FORCE,
        words=OrderWords(
            court="Family Court at Northmoor",
            reference="NM30C00001",
            says="The authority shall allow Mia supervised contact with her father, at least once a fortnight.",
        ),
    )
    return plans.record_order(work, order)


def _school(work: Work, cast: Cast) -> None:
    window = Window(days=tuple(Weekday)[:5], earliest=8 * 60 + 30, latest=15 * 60 + 15)
    plans.add_quiet_hours(work, cast.jonas, QuietHours(kind=QuietKind.SCHOOL, window=window))


def _resting_on(work: Work, cast: Cast, order: OrderId) -> PlanId:
    """The next version of Mia’s plan: her father’s terms rest on the order, and it says how often she sees whom."""
    before = queries.plan_for(work, cast.mia)
    assert before is not None
    often = {cast.dana: _WEEKLY, cast.emil: _FORTNIGHTLY}
    terms = [
        replace(
            one,
            order=order if one.person == cast.emil else None,
            frequency=often.get(one.person),
        )
        for one in before.people
    ]
    plan = approvals.propose_plan(work, cast.mia, with_people=terms, review_on=before.review_on)
    assert not isinstance(plan, Refused), plan
    return plan
