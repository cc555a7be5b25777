"""What is different between two policies, entry by entry.  Pure."""

from dataclasses import dataclass

from contact_service.agency_policy.document import Document, Source
from contact_service.agency_policy.reading import entries


@dataclass(frozen=True, kw_only=True)
class Change:
    """One entry that differs; ``before`` or ``after`` is None where the entry is new or gone."""

    place: str
    before: str | None
    after: str | None


def difference(before: Document, after: Document) -> tuple[Change, ...]:
    """Every entry that differs, in the order in which a policy is written."""
    old, new = entries(before), entries(after)
    places = [*new, *(place for place in old if place not in new)]
    return tuple(
        Change(place=place, before=old.get(place), after=new.get(place))
        for place in places
        if old.get(place) != new.get(place)
    )


def source_of(document: Document, place: str) -> Source | None:
    """The source that stands for an entry: its own, else that of the part it belongs to."""
    parts = place.split(".")
    for end in range(len(parts), 0, -1):
        wanted = ".".join(parts[:end])
        found = next((source for source in document.sources if source.of == wanted), None)
        if found:
            return found
    return None
