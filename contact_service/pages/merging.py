"""Two records of one person as pages show them, and the form that says that they are one."""

from collections.abc import Iterable
from datetime import date

from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.ids import CaseId, PersonId
from contact_service.pages.access import Desk
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import full_date, say
from contact_service.people.actions.merging import propose_merge
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of, same_channels
from contact_service.people.queries.merges import Merge, waiting_merges

THIS, OTHER = "this", "other"


class MergeForm(Posted):
    """The other record, and which of the two is kept."""

    other: str = ""
    keep: str = ""


def propose(desk: Desk, child: Member, member: Member, form: MergeForm) -> None:
    """Say that ``member`` and the other record are one person; raises ``BadInput``."""
    other = PersonId(form.other)
    if other not in _candidates(desk, child, member.person):
        raise BadInput("Choose the other record.", "other")
    if form.keep not in (THIS, OTHER):
        raise BadInput("Choose which record is kept.", "keep")
    kept, merged = (member.person, other) if form.keep == THIS else (other, member.person)
    try:
        propose_merge(desk.work, kept, merged)
    except BadInput as error:
        raise BadInput(str(error), "other") from None


def merge_candidates(desk: Desk, child: Member, person: PersonId) -> list[dict[str, str]]:
    """The records that may be the same person: grown-ups of the case, and whoever has an equal channel."""
    return [{"value": one, "text": text} for one, text in _candidates(desk, child, person).items()]


def _candidates(desk: Desk, child: Member, person: PersonId) -> dict[PersonId, str]:
    here = people.members_of(desk.work, child.case)
    found = {m.person: m.details.name for m in here if m.role is not MemberRole.CHILD}
    for one in _equal(desk, person):
        details = people.details_of(desk.work, one)
        found.setdefault(one, say("{name} (another of your cases)", name=details.name))
    found.pop(person, None)
    return found


def _equal(desk: Desk, person: PersonId) -> list[PersonId]:
    """People within reach who share a channel with the person."""
    work = desk.work
    same = [
        one.person
        for channel in channels_of(work, person)
        for one in same_channels(work, channel.kind, channel.value, besides=person)
    ]
    return [one for one in dict.fromkeys(same) if one is not None]


def merges_about(desk: Desk, child: Member, person: PersonId) -> list[dict[str, object]]:
    """Proposals about this person that wait for a second member of staff."""
    waiting = waiting_merges(desk.work, child.case)
    return [merge_shown(desk, one) for one in waiting if person in (one.kept, one.merged)]


def merges_waiting(desk: Desk, cases: Iterable[CaseId]) -> list[dict[str, object]]:
    """Every proposal in these cases, each once, oldest first within a case."""
    found = {merge.id: merge for case in cases for merge in waiting_merges(desk.work, case)}
    return [merge_shown(desk, merge) for merge in found.values()]


def merge_shown(desk: Desk, merge: Merge) -> dict[str, object]:
    """Both records side by side, who says that they are one, and whether that is the reader."""
    return {
        "id": merge.id,
        "kept": _record(desk, merge.kept),
        "merged": _record(desk, merge.merged),
        "by": identity.names_by_ref(desk.work).get(merge.proposed_by, merge.proposed_by),
        "at": merge.proposed_at,
        "own": merge.proposed_by == desk.account.ref,
    }


def _record(desk: Desk, person: PersonId) -> dict[str, object]:
    details = people.details_of(desk.work, person)
    day = date.fromisoformat(details.born_on) if details.born_on else None
    born = [say("born {day}", day=full_date(day))] if day else []
    values = [channel.value for channel in channels_of(desk.work, person)]
    return {"name": details.name, "lines": [*born, *details.aliases, *values]}
