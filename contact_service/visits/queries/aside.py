"""With whom the visit supervisor talks, or talked, alone after they came in; and goodbyes that may be taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from contact_service.policy.joining import TAKEN_BACK_WITHIN
from contact_service.visits.tables import TalkAloneRow
from contact_service.visits.visit import Participant, Stage, Visit
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class TalkAlone:
    """One talk; ``ended_at`` is None while it goes on."""

    participant: str
    began_at: datetime
    ended_at: datetime | None


def is_aside(work: Work, participant: Participant) -> bool:
    """Whether somebody who was in the common room is talked to alone, and not whoever is looked at at the door."""
    if participant.standing is not Stage.PRIVATE:  # which needs no look into the table
        return False
    query = select(TalkAloneRow.id).where(
        TalkAloneRow.participant_id == participant.id, col(TalkAloneRow.ended_at).is_(None)
    )
    return work.session.exec(query).first() is not None


def goodbye_may_be_taken_back(participant: Participant, *, at: datetime) -> bool:
    """Whether the minutes last in which a goodbye to them may be taken back; the rules say if it is (R71)."""
    said_at = participant.goodbye_at
    return participant.stage is Stage.GOODBYE and said_at is not None and at < said_at + TAKEN_BACK_WITHIN


def is_asked_back(participant: Participant) -> bool:
    """Whether a goodbye to them was taken back, and their device is not there yet."""
    return participant.stage is Stage.LEFT and participant.goodbye_at is not None


def talks_alone_in(work: Work, visit: Visit) -> list[TalkAlone]:
    """Every such talk of a visit, oldest first.  For staff alone: no copy for a family says with whom or when."""
    ids = [participant.id for participant in visit.participants]
    rows = work.session.exec(select(TalkAloneRow).where(col(TalkAloneRow.participant_id).in_(ids)))
    return [
        TalkAlone(participant=row.participant_id, began_at=row.began_at, ended_at=row.ended_at)
        for row in sorted(rows, key=lambda row: (row.began_at, row.id))
    ]
