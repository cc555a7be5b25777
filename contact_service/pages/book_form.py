"""A wish as it was typed, and read."""

from datetime import datetime, timedelta

from pydantic import Field

from contact_service.clock import EARLIEST, LATEST
from contact_service.errors import BadInput
from contact_service.ids import AccountId, PersonId
from contact_service.pages.access import Desk
from contact_service.pages.forms import Posted
from contact_service.pages.if_they_can import as_typed, demand_settled, still_out
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.actions.booking import demand_known
from contact_service.visits.reasons import EmergencyReason
from contact_service.visits.wish import ChildWished, Wish

# Who comes only if they can is settled before a visit is asked about in any other way.
NOT_CARRIED = ("optional", "quorum", "left_out", "settled", "known")


class BookForm(Posted):
    """A wish as it was typed."""

    child: str
    people: list[str] = Field(default_factory=list)
    sharing: list[str] = Field(default_factory=list)  # child:carer of each further child, or empty
    date: str = ""
    time: str = ""
    minutes: str = ""
    level: str = ""
    visit_supervisor: str = ""
    duty: str = ""
    reason: str = ""
    emergency: str = ""
    optional: list[str] = Field(default_factory=list)  # who of them comes only if they can
    quorum: str = Field(default="", max_length=20)
    left_out: list[str] = Field(
        default_factory=list
    )  # who could not come at that time; a child as child:carer
    settled: str = Field(default="", max_length=20)  # the time for which it is settled who comes
    known: str = Field(default="", max_length=16)  # the mark of the busy times that were shown and ticked
    visit: str = Field(
        default="", pattern=r"^([0-9a-f]{32})?$"
    )  # the booked visit that the form would change


def wish_read(desk: Desk, child: PersonId, form: BookForm, *, at: datetime | None = None) -> Wish:
    """The form as a wish, at the typed time or ``at`` another; raises ``BadInput`` at the field that cannot be read.

    A child who shares it, and their carer, are within reach of whoever asks, or nobody.
    """
    case = people.case_of(desk.work, child)
    members = {m.person: m for m in people.members_of(desk.work, case)}
    picked = [PersonId(p) for p in form.people]
    if not set(picked) <= members.keys():
        raise BadInput("Choose people of this case.", "people")
    carers = [p for p in picked if members[p].role is MemberRole.CAREGIVER]
    wish = Wish(
        child=child,
        people=tuple(p for p in picked if p not in carers),
        caregiver=carers[0] if carers else None,
        wall_start=at or wall_time(form),
        length=timedelta(minutes=_minutes(form)),
        level=_level(form),
        supervisor=AccountId(form.visit_supervisor) if form.visit_supervisor else None,
        duty=AccountId(form.duty) if form.duty else None,
        emergency=_emergency(form),
        sharing=sharing_of(form),
    )
    demand_known(desk.work, wish)
    return wish


def ask_again(desk: Desk, child: PersonId, form: BookForm) -> None:
    """Put those who were left out back among those who are chosen, where they are still to come if they can."""
    for out in still_out(desk, child, form.left_out, [*form.people, *form.sharing]):
        if out.person in form.optional:
            (form.sharing if out.caregiver else form.people).append(as_typed(out))
    form.left_out = []


def exact_wish(desk: Desk, child: PersonId, form: BookForm) -> Wish:
    """The same for what is booked as it stands; raises ``BadInput`` too where somebody comes only if they can."""
    if form.settled != for_time(form):
        demand_settled(form.optional)
    return wish_read(desk, child, form)


def for_time(form: BookForm) -> str:
    """The typed time, as a form says for which time it is settled who comes."""
    return f"{form.date}T{form.time}"


def sharing_of(form: BookForm) -> tuple[ChildWished, ...]:
    """The further children, each with the carer who was chosen; whether they may come is decided with the wish."""
    chosen = [one.partition(":") for one in form.sharing if one]
    return tuple(ChildWished(child=PersonId(c), caregiver=PersonId(carer) or None) for c, _, carer in chosen)


def _emergency(form: BookForm) -> EmergencyReason | None:
    try:
        return EmergencyReason(form.emergency) if form.emergency else None
    except ValueError:
        raise BadInput("Choose why it cannot wait.", "emergency") from None


def wall_time(form: BookForm) -> datetime:
    """The day and the time that were typed, without a zone; raises ``BadInput``."""
    try:
        day = datetime.strptime(form.date, "%Y-%m-%d")  # noqa: DTZ007  wall time: the zone is the case's
    except ValueError:
        raise BadInput("Choose the day of the visit.", "date") from None
    if not EARLIEST <= day.date() <= LATEST:
        raise BadInput("Look at the year: it has to be from 1900 to 2200.", "date")
    try:
        clock = datetime.strptime(form.time, "%H:%M")  # noqa: DTZ007
    except ValueError:
        raise BadInput("Write the start, like 16:00.", "time") from None
    return day.replace(hour=clock.hour, minute=clock.minute)


def _minutes(form: BookForm) -> int:
    try:
        return max(-10_000, min(int(form.minutes), 10_000))
    except ValueError:
        raise BadInput("Choose how long the visit lasts.", "minutes") from None


def _level(form: BookForm) -> SupervisionLevel:
    try:
        return SupervisionLevel(form.level)
    except ValueError:
        raise BadInput("Choose how closely the visit is watched.", "level") from None
