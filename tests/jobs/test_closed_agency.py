"""The jobs of an agency that is closed stop by themselves; that its process lives goes on being said."""

import time

from contact_service import actor
from contact_service.agencies.actions import close_agency
from contact_service.agencies.agency import Agency
from contact_service.ids import AgencyId
from contact_service.jobs import runner
from contact_service.jobs.schedule import Job
from tests.cast import House

HERE = Agency(
    name=AgencyId("agency"),
    title="Family Visits",
    public_url="https://visits.example",
    zone="Europe/London",
    help_name="the family time team",
    help_phone="01632 960000",
    relay="relay-1",
)


def test_the_jobs_of_a_closed_agency_stop(house: House) -> None:
    metronome = runner._start(house.installation, [Job(name="a job", seconds=1, act=lambda: None)])
    try:
        assert metronome.names == {"a job", "heartbeat"}
        with house.as_actor(actor.COMMAND_LINE) as work:
            close_agency(work, HERE)
        until = time.monotonic() + 60
        while len(metronome.names) > 1 and time.monotonic() < until:
            time.sleep(0.1)
        assert metronome.names == {"heartbeat"}
    finally:
        metronome.stop()
