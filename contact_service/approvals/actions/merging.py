"""Make two records of one person one, with everything that was ever decided about either."""

from contact_service.consent.actions import join_answers
from contact_service.ids import MergeId
from contact_service.people.actions import merging
from contact_service.people.queries.merges import Merge, merge_for
from contact_service.work import Work


def agree_to_merge(work: Work, merge: MergeId) -> Merge:
    """Merge the records: what restricts either restricts the one that is kept, and the newest answer of both counts."""
    found = merge_for(work, merge)
    join_answers(work, found.kept, found.merged)
    return merging.merge_people(work, merge)
