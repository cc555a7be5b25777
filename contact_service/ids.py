"""Identifiers as types, so that a person is never passed where a visit is meant.

All are opaque: 32 lower-case hexadecimal digits from ``Work.new_id`` unless said otherwise.
"""

from typing import NewType

AgencyId = NewType("AgencyId", str)
AccountId = NewType("AccountId", str)
CaseId = NewType("CaseId", str)
PersonId = NewType("PersonId", str)
PlanId = NewType("PlanId", str)
OrderId = NewType("OrderId", str)
VisitId = NewType("VisitId", str)
InvitationId = NewType("InvitationId", str)
RestrictionId = NewType("RestrictionId", str)
ConsentId = NewType("ConsentId", str)
FollowUpId = NewType("FollowUpId", str)
MessageId = NewType("MessageId", str)
ChannelId = NewType("ChannelId", str)
PlacementId = NewType("PlacementId", str)
DecisionRightId = NewType("DecisionRightId", str)
MergeId = NewType("MergeId", str)
PoolId = NewType("PoolId", str)
EmergencyAccessId = NewType("EmergencyAccessId", str)
EntryId = NewType("EntryId", str)
"""A wish on the waiting list."""
OfferId = NewType("OfferId", str)
"""Freed time that is held for one entry of the waiting list."""

# An opaque name for a person, an account or a process inside the evidence log.  People have one per case.
Ref = NewType("Ref", str)
