"""Somebody whom the cast does not know: a child of another worker's case, with what hangs on them."""

from dataclasses import dataclass

from contact_service.ids import AccountId, OrderId, PersonId
from contact_service.people.actions import members as people
from contact_service.people.person import Details, MemberRole
from contact_service.plans.actions import NewOrder, record_order
from contact_service.plans.order import OrderStatus, OrderSubject, OrderWords
from tests.cast import NOON, House


@dataclass(frozen=True, kw_only=True)
class Strangers:
    """A child whom only another worker knows, and a court order about them."""

    child: PersonId
    order: OrderId


def strangers_of(house: House, worker: AccountId) -> Strangers:
    """Zoe, whom ``worker`` alone knows."""
    with house.work(worker) as work:
        case = people.open_case(work, zone="Europe/London", workers=(worker,))
        details = Details(name="Zoe Quill", known_as="Zoe", born_on="2019-06-01")
        child = people.add_person(work, case, details, MemberRole.CHILD)
        order = record_order(
            work,
            NewOrder(
                child=child,
                about=OrderSubject.CONTACT,
                decided_on=NOON.date(),
                starts_on=NOON.date(),
                ends_on=None,
                status=OrderStatus.IN_FORCE,
                words=OrderWords(court="Family Court at Northmoor", reference="NM30C00117"),
            ),
        )
    return Strangers(child=child, order=order)
