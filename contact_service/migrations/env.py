"""Alembic's entry: runs on the connection that ``upgrade`` hands over."""

from alembic import context

import contact_service.accountability.tables
import contact_service.agencies.tables
import contact_service.agency_policy.tables
import contact_service.agency_week.tables
import contact_service.audit.tables
import contact_service.calendars.tables
import contact_service.claims.tables
import contact_service.clearances.tables
import contact_service.consent.tables
import contact_service.factors.tables
import contact_service.follow_ups.tables
import contact_service.identity.tables
import contact_service.invitations.tables
import contact_service.keys.tables
import contact_service.notifications.tables
import contact_service.operations.tables
import contact_service.people.tables
import contact_service.plans.tables
import contact_service.pools.tables
import contact_service.proposals.tables
import contact_service.readings.tables
import contact_service.repeats.tables
import contact_service.restrictions.tables
import contact_service.rooms.tables
import contact_service.series.tables
import contact_service.service_accounts.tables
import contact_service.suitability.tables
import contact_service.visits.tables
import contact_service.waiting.tables
import contact_service.working_hours.tables  # noqa: F401  every table must be known to compare schemas
from contact_service.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
