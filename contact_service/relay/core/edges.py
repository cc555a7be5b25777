"""From permitted pairs to the tuples that are read for every packet."""

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from contact_service.relay.core.edge import Edge
from contact_service.relay.core.egress import Egress
from contact_service.relay.core.ingress import Ingress
from contact_service.relay.core.leg import Leg
from contact_service.relay.core.lines import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Permitted:
    """Who may be heard and seen by whom: pairs of legs, those without sound, and those without picture."""

    pairs: AbstractSet[tuple[str, str]]
    muted: AbstractSet[str]
    unseen: AbstractSet[str]


def connect(legs: Mapping[str, Leg], permitted: Permitted, now: float) -> None:
    """Leave exactly the edges of ``permitted``; what is cut is cut first."""
    wanted: dict[Ingress, list[Egress]] = {
        ingress: [] for leg in legs.values() for ingress in leg.ingresses.values()
    }
    for sender, receiver in sorted(permitted.pairs):
        source = legs[sender]
        slot = legs[receiver].slot_for(source.participant)
        if slot is None:
            continue
        if sender not in permitted.unseen:
            wanted[source.ingresses[Kind.VIDEO]].append(slot.video)
        if sender not in permitted.muted:
            wanted[source.ingresses[Kind.AUDIO]].append(slot.audio)
    for ingress, edges in wanted.items():
        _cut(ingress, edges)
    for ingress, edges in wanted.items():
        _open(ingress, edges, now)


def _cut(ingress: Ingress, wanted: Sequence[Edge]) -> None:
    kept = [edge for edge in ingress.edges if edge in wanted]
    for edge in ingress.edges:
        if edge not in kept:
            edge.close()
    if len(kept) != len(ingress.edges):
        ingress.set_edges(kept)


def _open(ingress: Ingress, wanted: Iterable[Egress], now: float) -> None:
    fresh = [edge for edge in wanted if edge not in ingress.edges]
    for edge in fresh:
        edge.open(ingress)
    if fresh:
        ingress.set_edges((*ingress.edges, *fresh))
        if ingress.kind is Kind.VIDEO:
            ingress.keyframes.want(now, urgent=True)
