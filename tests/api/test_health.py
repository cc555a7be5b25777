"""``/healthz`` says whether every process lives, and nothing else."""

import base64
from datetime import timedelta

import httpx
import pytest

from contact_service import actor
from contact_service.app import pages_app
from contact_service.operations.actions import beat, beat_jobs
from contact_service.operations.job_beat import JobBeat
from contact_service.operations.queries import SEND_LETTERS
from contact_service.rooms.actions import heard
from contact_service.settings import Settings
from tests.cast import BOOT, House

EVERYBODY = ("schedule", "seal", "outbox", "relay")


async def health(house: House) -> tuple[int, list[str]]:
    settings = Settings.model_validate({"ticket_key": base64.b64encode(bytes(32)).decode()})
    transport = httpx.ASGITransport(app=pages_app(settings, house.installation))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        answer = await client.get("/healthz")
    body = answer.json()
    assert set(body) == {"ok", "silent"}
    assert body["ok"] is (answer.status_code == 200)
    return answer.status_code, body["silent"]


def all_live(house: House) -> None:
    with house.as_actor(actor.SCHEDULE) as work:
        beat(work, "schedule")
        beat(work, "seal")
        beat_jobs(work, [JobBeat(job=SEND_LETTERS, process="one", ended_at=house.clock.at)])
        heard(work, "relay-1", BOOT)


async def test_before_anything_runs_everything_is_silent(house: House) -> None:
    assert await health(house) == (503, list(EVERYBODY))


async def test_all_is_well_when_everybody_was_heard(house: House) -> None:
    all_live(house)
    assert await health(house) == (200, [])


@pytest.mark.parametrize(
    ("after", "silent"),
    [
        (1.9, []),
        (2.0, ["relay"]),
        (9.9, ["relay"]),
        (10.0, ["schedule", "seal", "relay"]),
        (59.9, ["schedule", "seal", "relay"]),
        (60.0, list(EVERYBODY)),
    ],
)
async def test_who_falls_silent_is_named_in_time(house: House, after: float, silent: list[str]) -> None:
    all_live(house)
    house.clock.forward(timedelta(seconds=after))
    assert await health(house) == (503 if silent else 200, silent)
