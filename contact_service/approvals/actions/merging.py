"""Make two records of one person one, with everything that was ever decided about either."""

from dataclasses import dataclass

from contact_service.clearances import actions as clearances
from contact_service.consent.actions import join_answers
from contact_service.errors import BadInput
from contact_service.ids import MergeId
from contact_service.invitations.actions.stopping import stop_what_forbids
from contact_service.people.actions import merging
from contact_service.people.queries.merges import Merge, merge_for
from contact_service.visits.actions.agreeing import follow_answers
from contact_service.visits.actions.doubting import doubt_visits_with
from contact_service.visits.actions.suiting import follow_conflicts
from contact_service.work import Work
from contact_service.working_hours.actions import hand_over_calendars


@dataclass(frozen=True, kw_only=True)
class MergeRefused:
    """The records cannot be one person; ``words`` say why.  The proposal still waits, to be declined."""

    words: str


def agree_to_merge(work: Work, merge: MergeId) -> Merge | MergeRefused:
    """Merge the records: what restricts either restricts the one that is kept, and the newest answer of both counts.

    Visits follow in the same transaction, also one that is running; what a conflict of interest about either record
    speaks against now is put in doubt.  A merge that cannot be leaves everything as it
    was, and a line of evidence.
    """
    found, before = merge_for(work, merge), len(work.events)
    try:
        with work.session.begin_nested():
            join_answers(work, found.kept, found.merged)
            hand_over_calendars(work, found.merged, found.kept)
            clearances.join(work, found.kept, found.merged)
            done = merging.merge_people(work, merge)
            stop_what_forbids(work, done.kept)
            follow_answers(work, done.kept)
            follow_conflicts(work, done.kept)
            doubt_visits_with(work, done.kept)
            return done
    except BadInput as error:
        del work.events[before:]
        merging.record_refused(work, found)
        return MergeRefused(words=str(error))
