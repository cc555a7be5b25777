"""Letters for those whom no message reaches: what stands in them, who prints them, and which link they bring."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import segno
from pypdf import PdfReader

from contact_service import actor
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_about
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting, opening
from contact_service.invitations.actions.delivering import note_what_became
from contact_service.invitations.actions.opening import Device, NotUsable, Opened
from contact_service.invitations.actions.printing import BY_HAND, print_letter
from contact_service.invitations.actions.reissuing import reissue
from contact_service.invitations.invitation import InvitationState
from contact_service.invitations.letter import (
    DueLetter,
    Paper,
    Sheet,
    Wanted,
    last_day_to_post,
    paper_in,
    working_days_before,
)
from contact_service.invitations.paper import Press, can_be_drawn, draw
from contact_service.invitations.queries import letters_due, letters_of, letters_possible
from contact_service.invitations.reissue import Asked, KnownBy, Way
from contact_service.notifications.message import MessageKind, OutboxState
from contact_service.pages.rendering import web_dir
from contact_service.people.actions import channels, members
from contact_service.people.channel import ChannelKind, NewChannel
from contact_service.people.queries.channels import channels_of, who_can_be_written_to
from contact_service.people.queries.members import details_of, members_of
from contact_service.policy.decision import Refused
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from tests.actions.test_asked_at_once import statements
from tests.cast import House, Phone

PRESS = Press(
    public_url="https://visits.example",
    help_name="the family time team",
    help_phone="01632 960000",
    messages_dir=web_dir() / "messages",
    fonts_dir=web_dir() / "vendor" / "fonts",
    paper=Paper.A4,
)
INVITATION, REMINDER, OFF = MessageKind.INVITATION, MessageKind.REMINDER, MessageKind.NOT_TAKING_PLACE
STARTS = datetime(2030, 5, 22, 16, 0)  # noqa: DTZ001  wall time


@pytest.fixture
def visit(house: House) -> Visit:
    """A visit in a week, of which Dana cannot be told: there is nothing to write to."""
    unreachable(house)
    return house.approved(wall_start=STARTS)


def unreachable(house: House) -> None:
    with house.work(house.cast.karim) as work:
        for old in channels_of(work, house.cast.dana):
            channels.end_channel(work, old.person, old.id)


def printed(
    house: House, visit: Visit, kind: MessageKind = INVITATION, by: AccountId | None = None, before: int = 0
) -> bytes | Refused:
    whose = house.mother_in(house.visit(visit.id))
    wanted = Wanted(kind=kind, before=before or house.invitation(visit, house.cast.dana).generation)
    with house.work(by or house.cast.karim) as work:
        return print_letter(work, visit.id, whose.id, wanted, PRESS)


def letter(house: House, visit: Visit, kind: MessageKind = INVITATION) -> bytes:
    pdf = printed(house, visit, kind)
    assert isinstance(pdf, bytes), pdf
    return pdf


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def possible(house: House, visit: Visit) -> list[MessageKind]:
    with house.reading(house.cast.karim) as work:
        now = house.visit(visit.id)
        return letters_possible(work, now, house.mother_in(now))


def codes(result: object) -> set[str]:
    assert isinstance(result, Refused), result
    return {reason.code for reason in result.reasons}


def tap(house: House, secret: str) -> object:
    with house.as_actor(actor.NOBODY) as work:
        return opening.redeem(work, secret, Device(key=Phone().key, cookies={}, address="192.0.2.1"))


def test_an_invitation_says_what_the_message_says_and_not_a_word_more(house: House, visit: Visit) -> None:
    text = text_of(letter(house, visit))
    secret = house.secret(visit, house.cast.dana)
    assert " ".join(text.split()) == (
        "14 May 2030 Your video visit Hello Dana, your video visit is on Wednesday 22 May, 16:00 (BST). "
        "It lasts 30 minutes. Point the camera of your phone at the picture below. "
        "Then press the link that your phone shows. "
        f"https://visits.example/v# {secret} Or type these two lines, as one, into the address line of a browser. "
        "The link opens 15 minutes before the visit. It works on one device. Please do not pass it on. "
        "Keep this letter until the visit is over. You need no account and no app. The visit is not recorded. "
        "You cannot make it, or need help? Ring the family time team: 01632 960000"
    )


def test_the_picture_in_it_is_the_link_module_by_module(house: House, visit: Visit) -> None:
    (image,) = PdfReader(BytesIO(letter(house, visit))).pages[0].images
    assert image.image is not None
    drawn = image.image.convert("L")
    address = f"https://visits.example/v#{house.secret(visit, house.cast.dana)}"
    matrix = [[bool(module) for module in row] for row in segno.make(address, error="m", micro=False).matrix]
    across = len(matrix) + 8  # and a quiet zone of four modules on each side
    pixels = drawn.width // across
    assert (drawn.width, drawn.height) == (pixels * across, pixels * across)
    centre = pixels // 2

    def dark(row: int, column: int) -> bool:
        value = drawn.getpixel((column * pixels + centre, row * pixels + centre))
        return value == 0

    found = [[dark(row, column) for column in range(across)] for row in range(across)]
    assert [row[4:-4] for row in found[4:-4]] == matrix
    assert sum(map(sum, found)) == sum(map(sum, matrix))  # the quiet zone is white


def test_the_link_of_a_letter_opens_and_the_one_before_it_is_dead(house: House, visit: Visit) -> None:
    first = house.secret(visit, house.cast.dana)
    letter(house, visit)
    second = house.secret(visit, house.cast.dana)
    letter(house, visit)
    house.clock.at = visit.starts_at - timedelta(minutes=5)
    for dead in (first, second):
        assert isinstance(tap(house, dead), NotUsable)
    assert isinstance(tap(house, house.secret(visit, house.cast.dana)), Opened)
    assert house.invitation(visit, house.cast.dana).generation == 3


def test_an_old_page_prints_nothing_and_leaves_the_link_alone(house: House, visit: Visit) -> None:
    letter(house, visit)
    with pytest.raises(Conflict):
        printed(house, visit, before=1)
    assert house.invitation(visit, house.cast.dana).generation == 2


def test_the_evidence_says_who_printed_which_letter_and_holds_no_secret(house: House, visit: Visit) -> None:
    letter(house, visit)
    said = house.last_entry()
    assert (said["type"], said["reason"]) == ("letter.printed", "invitation")
    assert house.history()[-2:] == ["invitation.replaced", "letter.printed"]
    written = repr([entry.fields for entry in house.entries()])
    assert house.secret(visit, house.cast.dana) not in written + house.snapshot()
    with house.reading(house.cast.karim) as work:
        (kept,) = letters_of(work, visit.id)
    assert (kept.person, kept.kind, kept.starts_at) == (house.cast.dana, INVITATION, visit.starts_at)
    assert kept.invitation == house.invitation(visit, house.cast.dana).id


def test_a_letter_makes_the_link_given_and_leaves_the_call_to_be_made(house: House, visit: Visit) -> None:
    message = next(m for m in house.messages(visit) if m.person == house.cast.dana and m.kind is INVITATION)
    with house.as_actor(actor.SCHEDULE) as work:
        note_what_became(work, message, OutboxState.FAILED)
    letter(house, visit)
    assert house.invitation(visit, house.cast.dana).state is InvitationState.GIVEN
    with house.reading(house.cast.karim) as work:
        assert [one.person for one in open_about(work, visit.id, FollowUpKind.NOT_REACHED)] == [
            house.cast.dana
        ]


def test_whom_messages_reach_gets_none(house: House) -> None:
    visit = house.approved(wall_start=STARTS)
    before = house.secret(visit, house.cast.dana)
    assert possible(house, visit) == []
    assert codes(printed(house, visit)) == {"messages_reach"}
    assert house.secret(visit, house.cast.dana) == before
    assert house.history()[-1] == "invitation.replacing_refused"


def test_whose_message_failed_gets_one_though_there_is_an_address(house: House) -> None:
    visit = house.approved(wall_start=STARTS)
    message = next(m for m in house.messages(visit) if m.person == house.cast.dana and m.kind is INVITATION)
    with house.as_actor(actor.SCHEDULE) as work:
        note_what_became(work, message, OutboxState.FAILED)
    assert possible(house, visit) == [INVITATION]
    assert b"%PDF" in letter(house, visit)


def test_whoever_had_a_letter_gets_another_though_an_address_is_known_by_now(
    house: House, visit: Visit
) -> None:
    letter(house, visit)
    with house.work(house.cast.karim) as work:
        channels.add_channel(
            work, house.cast.dana, NewChannel(kind=ChannelKind.EMAIL, value="d@demo.example")
        )
    assert possible(house, visit) == [INVITATION, REMINDER]


def test_once_the_door_is_open_no_letter_is_printed(house: House, visit: Visit) -> None:
    house.clock.at = visit.starts_at - timedelta(minutes=15)
    assert possible(house, visit) == []
    assert codes(printed(house, visit)) == {"too_late_to_post"}
    house.clock.at -= timedelta(seconds=1)
    assert isinstance(printed(house, visit), bytes)


@pytest.mark.parametrize("name", ["noor", "ola"])
def test_nobody_prints_one_who_may_not_make_a_link(house: House, visit: Visit, name: str) -> None:
    before = house.secret(visit, house.cast.dana)
    with pytest.raises((NotAllowed, NotFound)):
        printed(house, visit, by=getattr(house.cast, name))
    assert house.secret(visit, house.cast.dana) == before
    with house.reading(house.cast.karim) as work:
        assert not letters_of(work, visit.id)


@pytest.mark.parametrize("kind", [REMINDER, OFF])
def test_what_no_letter_began_no_letter_goes_on_with(house: House, visit: Visit, kind: MessageKind) -> None:
    with pytest.raises(Conflict):
        printed(house, visit, kind)


def test_other_kinds_of_message_are_no_letters(house: House, visit: Visit) -> None:
    with pytest.raises(BadInput):
        printed(house, visit, MessageKind.CONSENT_COPY)


def test_a_reminder_has_no_link_and_leaves_the_one_before_alone(house: House, visit: Visit) -> None:
    letter(house, visit)
    secret = house.secret(visit, house.cast.dana)
    pdf = letter(house, visit, REMINDER)
    text = text_of(pdf)
    assert "Wednesday 22 May, 16:00 (BST)" in text
    assert "in the letter that we sent you before" in " ".join(text.split())
    assert "/v#" not in text
    assert not PdfReader(BytesIO(pdf)).pages[0].images
    assert house.secret(visit, house.cast.dana) == secret


def test_a_cancellation_tells_of_the_start_that_the_letter_named(house: House, visit: Visit) -> None:
    letter(house, visit)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    assert possible(house, visit) == [OFF]
    text = " ".join(text_of(printed_off(house, visit)).split())
    assert "your video visit on Wednesday 22 May, 16:00 (BST) does not take place as planned." in text
    assert "ill" not in re.findall(r"\w+", text)
    house.clock.at = visit.starts_at
    assert possible(house, visit) == []


def test_after_a_change_the_letter_tells_of_the_old_start(house: House, visit: Visit) -> None:
    letter(house, visit)
    later = house.wish(wall_start=STARTS + timedelta(days=1))
    with house.work(house.cast.karim) as work:
        changed = inviting.change(work, visit.id, later)
    assert not isinstance(changed, Refused), changed
    assert "Wednesday 22 May, 16:00" in text_of(printed_off(house, visit))


def printed_off(house: House, visit: Visit) -> bytes:
    pdf = printed(house, visit, OFF, before=1)
    assert isinstance(pdf, bytes)
    return pdf


def test_a_link_that_was_shown_by_hand_since_is_what_no_reminder_on_paper_tells_of(
    house: House, visit: Visit
) -> None:
    letter(house, visit)
    asked = Asked(way=Way.SHOWN, known_by=KnownBy.IN_PERSON, note="", before=2)
    house.clock.at = visit.starts_at - timedelta(minutes=10)
    with house.work(house.cast.karim) as work:
        assert not isinstance(reissue(work, visit.id, house.mother_in(visit).id, asked), Refused)
    house.clock.at = visit.starts_at - timedelta(hours=1)
    assert REMINDER not in possible(house, visit)


INJECTIONS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "javascript:alert(1)",
    "'-alert(1)-'", "</title><script>", "<!--", "]]>", "&lt;script&gt;", "%3Cscript%3E", "{{7*7}}", "{name}",
    "{0.__class__}", "{help_phone!r}", "%s%n%x", "${7*7}", "#{7*7}", "<%= 7*7 %>", "`id`", "$(id)", "; ls", "| ls",
    "../../etc/passwd", "C:\\x", "\\", "\\\\", ")", "(", "((", "))", ") Tj ET", "(a) Tj", "\\051 Tj", "BT /F1 12 Tf",
    "endstream", "endobj", "%%EOF", "stream", "1 0 obj", "<< /S /JavaScript /JS (app.alert(1)) >>", "/OpenAction",
    "/URI (https://evil.example)", "<</AA 1>>", "xref", "trailer", "**bold**", "__line__", "--x--", "[a](https://x.y)",
    "https://evil.example/", "http://[::1]/", "=1+1", "+1", "-1", "@SUM(A1)", "O'Brien", "Zoë", "Łucja", "Дарья",
    "Ελένη",
]  # fmt: skip


def sheet(name: str, **changes: object) -> Sheet:
    values: dict[str, object] = {
        "title": "Your video visit",
        "paragraphs": (f"Hello {name},",),
        "link": None,
        "language": "en",
        "written_on": date(2030, 5, 14),
        "day": "14 May 2030",
        "paper": Paper.A4,
    }
    return Sheet(**(values | changes))  # type: ignore[arg-type]


def test_sixty_attacks_are_tried() -> None:
    assert len(set(INJECTIONS)) == 60


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_name_is_letters_on_paper_and_nothing_else(name: str) -> None:
    pdf = draw(sheet(name), PRESS.fonts_dir)
    read = PdfReader(BytesIO(pdf))
    assert " ".join(text_of(pdf).split()) == " ".join(f"14 May 2030 Your video visit Hello {name},".split())
    assert len(read.pages) == 1
    assert not {"/Annots", "/AA"} & set(read.pages[0])
    root: Any = read.trailer["/Root"]
    assert not {"/AA", "/AcroForm", "/Names", "/URI"} & set(root)
    assert "/JavaScript" not in {str(thing) for thing in objects_of(read)}


def objects_of(read: PdfReader) -> list[object]:
    """The values of every dictionary of the file, whatever stands in streams and strings left out."""
    found: list[object] = []
    for number in range(1, int(str(read.trailer["/Size"]))):
        thing: Any = read.get_object(number)
        found += list(thing.values()) if isinstance(thing, dict) else []
    return [one for one in found if type(one).__name__ == "NameObject"]


def test_the_names_that_attack_go_through_the_whole_letter(house: House, visit: Visit) -> None:
    attack = "{help_phone}) Tj <b>"
    with house.work(house.cast.karim) as work:
        known = details_of(work, house.cast.dana)
        members.change_details(work, house.cast.dana, replace(known, known_as=attack))
    assert f"Hello {attack}," in text_of(letter(house, visit))


@pytest.mark.parametrize(
    "name", ["محمد", "שרה", "王芳", "अनिता", "ก้อย", "\u202eanad", "a\u200bb", "n\u0300\u0301x"]
)
def test_what_cannot_be_drawn_is_a_named_error_and_never_a_box(name: str) -> None:
    assert not can_be_drawn(name, PRESS.fonts_dir)
    with pytest.raises(BadInput, match="cannot print"):
        draw(sheet(name), PRESS.fonts_dir)


@pytest.mark.parametrize("name", ["Zoe\u0308", "Nguyễn", "Şahin", "Ђорђе", "Θεόδωρος", "Đặng"])
def test_latin_greek_and_cyrillic_names_are_drawn(name: str) -> None:
    assert can_be_drawn(name, PRESS.fonts_dir)


def test_a_name_that_cannot_be_drawn_leaves_a_line_to_write_it_on(house: House, visit: Visit) -> None:
    with house.work(house.cast.karim) as work:
        known = details_of(work, house.cast.dana)
        members.change_details(work, house.cast.dana, replace(known, known_as="محمد"))
    assert f"Hello {BY_HAND}," in text_of(letter(house, visit))


def test_the_file_tells_its_title_and_language_and_no_more_than_the_day() -> None:
    pdf = draw(sheet("Dana"), PRESS.fonts_dir)
    read = PdfReader(BytesIO(pdf))
    root: Any = read.trailer["/Root"]
    metadata: dict[str, Any] = {**(read.metadata or {})}
    assert metadata == {
        "/Title": "Your video visit",
        "/Creator": "contact_service",
        "/Producer": "contact_service",
        "/CreationDate": "D:20300514000000Z",
    }
    assert root["/Lang"] == "en"
    assert draw(sheet("Dana"), PRESS.fonts_dir) == pdf


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (595, 842)), (Paper.LETTER, (612, 792))])
def test_it_fits_on_one_sheet_of_the_country(paper: Paper, size: tuple[int, int]) -> None:
    box = PdfReader(BytesIO(draw(sheet("Dana", paper=paper), PRESS.fonts_dir))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


@pytest.mark.parametrize(
    ("country", "paper"), [("US", Paper.LETTER), ("CA", Paper.LETTER), ("GB", Paper.A4), ("", Paper.A4)]
)
def test_which_sheet_is_known_by_the_country(country: str, paper: Paper) -> None:
    assert paper_in(country) is paper


def test_working_days_are_those_between_and_no_weekends() -> None:
    wednesday = date(2030, 5, 22)
    assert working_days_before(wednesday, today=date(2030, 5, 21)) == 0
    assert working_days_before(wednesday, today=date(2030, 5, 17)) == 2
    assert working_days_before(wednesday, today=date(2030, 5, 16)) == 3
    assert working_days_before(wednesday, today=wednesday) == 0


@pytest.mark.parametrize("days", range(14))
def test_the_last_day_to_post_is_the_last_from_which_three_working_days_are_left(days: int) -> None:
    visit_on = date(2030, 5, 13) + timedelta(days=days)
    last = last_day_to_post(visit_on)
    enough: Callable[[date], bool] = lambda day: working_days_before(visit_on, today=day) >= 3  # noqa: E731
    assert enough(last)
    assert last.weekday() < 5
    later = [last + timedelta(days=n) for n in range(1, (visit_on - last).days)]
    assert not any(enough(day) for day in later if day.weekday() < 5)


def due(house: House, by: AccountId | None = None) -> list[DueLetter]:
    with house.reading(by or house.cast.karim) as work:
        return letters_due(work, ZoneInfo("Europe/London"))


def test_letters_to_print_come_in_the_order_of_their_last_day_and_hold_no_secret(
    house: House, visit: Visit
) -> None:
    sooner = house.approved(wall_start=STARTS - timedelta(days=2))
    found = due(house)
    assert [(one.visit.id, one.post_by, one.in_time) for one in found] == [
        (sooner.id, date(2030, 5, 14), True),
        (visit.id, date(2030, 5, 16), True),
    ]
    assert {(one.person, one.kind) for one in found} == {(house.cast.dana, INVITATION)}
    for secret in (house.secret(one, house.cast.dana) for one in (sooner, visit)):
        assert secret not in repr(found)
    letter(house, sooner)
    assert [one.visit.id for one in due(house)] == [visit.id]


def test_after_a_message_failed_a_letter_is_to_be_printed_and_after_a_new_one_is_made_none(
    house: House,
) -> None:
    visit = house.approved(wall_start=STARTS)
    assert due(house) == []
    with house.installation.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE invitation SET state = 'failed'")
    everybody = {one.person for one in due(house)}
    assert everybody == {house.cast.dana, house.cast.ines}
    letter(house, visit)
    assert {one.person for one in due(house)} == {house.cast.ines}


def test_the_worker_of_another_child_is_told_of_no_letter_to_that_childs_carer(
    house: House, brother: Brother, sade: AccountId
) -> None:
    booked = house.approved(wall_start=STARTS, sharing=brother.shares)
    with house.installation.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE invitation SET state = 'failed'")
    assert {one.person for one in due(house, sade)} == {house.cast.dana, brother.tomas}
    assert {one.visit.id for one in due(house, sade)} == {booked.id}


@pytest.mark.parametrize("state", ["sent", "given", "opened"])
def test_whoever_has_a_link_that_works_is_sent_no_other_that_would_end_it(house: House, state: str) -> None:
    house.approved(wall_start=STARTS)
    unreachable(house)
    with house.installation.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE invitation SET state = '{state}'")  # noqa: S608  three words of ours
    assert due(house) == []


def test_who_can_be_written_to_is_asked_of_many_as_of_each_and_in_as_few_questions(house: House) -> None:
    number = NewChannel(kind=ChannelKind.PHONE, value="01632 960107")
    with house.work(house.cast.karim) as work:
        for person in (house.cast.dana, house.cast.ines, house.cast.mia):
            for value in ("one@demo.example", "two@demo.example"):
                channels.add_channel(work, person, NewChannel(kind=ChannelKind.EMAIL, value=value))
    unreachable(house)
    with house.work(house.cast.karim) as work:
        channels.add_channel(work, house.cast.dana, number)  # nobody has confirmed whose it is
    with house.reading(house.cast.karim) as work:
        everybody = {member.person for member in members_of(work, house.cast.case)}
        of_each = {one for one in everybody if any(c.can_be_written_to for c in channels_of(work, one))}
    with house.reading(house.cast.karim) as work, statements(house) as asked:
        assert who_can_be_written_to(work, everybody) == of_each
    assert house.cast.ines in of_each
    assert house.cast.dana not in of_each
    assert len(asked) <= 8
