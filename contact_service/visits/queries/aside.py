"""With whom the visit supervisor talks, or talked, alone after they were let in."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

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


def talks_alone_in(work: Work, visit: Visit) -> list[TalkAlone]:
    """Every such talk of a visit, oldest first.  For staff alone: no copy for a family says with whom or when."""
    ids = [participant.id for participant in visit.participants]
    rows = work.session.exec(select(TalkAloneRow).where(col(TalkAloneRow.participant_id).in_(ids)))
    return [
        TalkAlone(participant=row.participant_id, began_at=row.began_at, ended_at=row.ended_at)
        for row in sorted(rows, key=lambda row: (row.began_at, row.id))
    ]
