"""Record what a court decided, and let the visits that are running follow it."""

from contact_service.ids import OrderId
from contact_service.plans import actions as plans
from contact_service.visits.actions.agreeing import follow_answers
from contact_service.work import Work


def record_order(work: Work, new: plans.NewOrder) -> OrderId:
    """Keep an order or its next version; where an order is gone, a no that it outweighed counts again, at once.

    Raises ``BadInput`` for dates that cannot be.
    """
    order = plans.record_order(work, new)
    follow_answers(work, new.child)
    return order
