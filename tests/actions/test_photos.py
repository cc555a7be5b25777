"""A photo by which somebody is known: sealed, shown to the visit supervisor while they look, and to nobody else."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from contact_service.agencies.folder import write_export
from contact_service.approvals.actions.merging import MergeRefused
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.people.actions import forgetting
from contact_service.people.actions.photos import drop_photo, keep_photo
from contact_service.people.photo import AgencyPhoto
from contact_service.people.queries.photos import photo_kept
from contact_service.people.tables import PersonPhotoRow
from contact_service.policy.decision import Refused
from contact_service.visits.actions import running
from contact_service.visits.queries.identifying import photo_to_compare
from contact_service.visits.visit import Visit
from tests.actions.test_agreed_questions import at_the_door, become_one, looks
from tests.actions.test_people import add
from tests.cast import SEEN, House
from tests.photos import photo_file, seen

PHOTO = photo_file()
OTHER = photo_file(size=(300, 300))


def keeps(house: House, person: PersonId, brought: bytes = PHOTO) -> None:
    with house.work(house.cast.karim) as work:
        keep_photo(work, person, brought)


def compares(house: House, visit: Visit) -> AgencyPhoto | None:
    with house.reading(house.cast.lena) as work:
        return photo_to_compare(work, visit.id, house.mother_in(visit).id)


def shown_size(house: House) -> tuple[int, int]:
    visit = at_the_door(house)
    looks(house, visit)
    photo = compares(house, visit)
    assert photo is not None
    return seen(photo.jpeg).size


def rows(house: House) -> list[PersonPhotoRow]:
    with house.reading(house.cast.lena) as work:
        return list(work.session.exec(select(PersonPhotoRow)))


def test_it_is_sealed_and_that_it_was_kept_is_evidence(house: House) -> None:
    keeps(house, house.cast.dana)
    assert house.last_entry()["type"] == "person.photo_kept"
    [row] = rows(house)
    assert b"jpeg" not in row.sealed
    assert b"\xff\xd8\xff" not in row.sealed


def test_it_is_shown_while_the_supervisor_looks_and_at_no_other_moment(house: House) -> None:
    keeps(house, house.cast.dana)
    visit = at_the_door(house)
    with pytest.raises(NotAllowed, match="Look at this person first"):
        compares(house, visit)
    looks(house, visit)
    assert compares(house, visit) is not None
    with house.work(house.cast.lena) as work:
        assert not isinstance(running.admit(work, visit.id, house.mother_in(visit).id, SEEN), Refused)
    with pytest.raises(NotAllowed):
        compares(house, visit)


def test_nobody_but_whoever_watches_is_shown_it(house: House) -> None:
    keeps(house, house.cast.dana)
    visit = at_the_door(house)
    looks(house, visit)
    for who in (house.cast.karim, house.cast.priya, house.cast.noor, house.cast.ola):
        with pytest.raises((NotAllowed, NotFound)), house.reading(who) as work:
            photo_to_compare(work, visit.id, house.mother_in(visit).id)
    with pytest.raises(NotAllowed), house.as_family(house.cast.dana) as work:
        photo_to_compare(work, visit.id, house.mother_in(visit).id)


def test_where_none_is_kept_none_is_shown(house: House) -> None:
    visit = at_the_door(house)
    looks(house, visit)
    assert compares(house, visit) is None


def test_another_takes_its_place_and_it_can_be_destroyed(house: House) -> None:
    keeps(house, house.cast.dana)
    keeps(house, house.cast.dana, OTHER)
    assert len(rows(house)) == 1
    with house.work(house.cast.karim) as work:
        drop_photo(work, house.cast.dana)
    assert house.last_entry()["type"] == "person.photo_dropped"
    assert rows(house) == []
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        drop_photo(work, house.cast.dana)


def test_a_file_that_is_no_photo_leaves_the_kept_one(house: House) -> None:
    keeps(house, house.cast.dana, OTHER)
    with pytest.raises(BadInput, match="no photo"):
        keeps(house, house.cast.dana, b"<svg/>")
    assert shown_size(house) == (300, 300)


def test_of_whoever_is_forgotten_no_photo_is_left(house: House) -> None:
    keeps(house, house.cast.dana)
    visit = at_the_door(house)
    looks(house, visit)
    with house.work(house.cast.karim) as work:
        forgetting.forget(work, house.cast.dana)
    with house.reading(house.cast.karim) as work:
        assert photo_kept(work, house.cast.dana) is None
    assert compares(house, visit) is None
    assert rows(house) == []


def test_of_a_child_none_is_kept(house: House) -> None:
    with pytest.raises(BadInput, match="no photo of a child"):
        keeps(house, house.cast.mia)


def test_only_those_who_keep_what_is_known_of_somebody_keep_it(house: House) -> None:
    for who in (house.cast.lena, house.cast.noor, house.cast.ola):
        with pytest.raises((NotAllowed, NotFound)), house.work(who) as work:
            keep_photo(work, house.cast.dana, PHOTO)


def test_after_a_merge_the_one_photo_is_that_of_the_record_that_is_kept(house: House) -> None:
    double = add(house, "D. Marlowe")
    keeps(house, double, OTHER)
    assert not isinstance(become_one(house, house.cast.dana, double), MergeRefused)
    assert shown_size(house) == (300, 300)


def test_of_two_photos_the_one_of_the_record_that_is_kept_stands(house: House) -> None:
    keeps(house, house.cast.dana)
    double = add(house, "D. Marlowe")
    keeps(house, double, OTHER)
    assert not isinstance(become_one(house, house.cast.dana, double), MergeRefused)
    assert "person.photo_dropped" in house.history()
    assert len(rows(house)) == 1
    assert shown_size(house) != (300, 300)


def test_it_is_in_the_export_of_the_agency(house: House, tmp_path: Path) -> None:
    keeps(house, house.cast.dana)
    with house.reading(house.cast.ola) as work:
        write_export(work, tmp_path / "export")
    [line] = (tmp_path / "export/tables/person_photo.jsonl").read_text().splitlines()
    assert json.loads(line)["words"]["jpeg"].startswith("/9j/")
