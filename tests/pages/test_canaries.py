"""B1 to B13: secrets planted in all that is known of a home; none of them in anything that a parent is given.

Each secret is a word that stands nowhere else.  The same scan finds them on the pages of the child's own worker.
"""

import email
import email.policy
import html
import json
import logging
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import text
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.consent.consent import ConsentState, Purpose
from contact_service.invitations.actions import inviting
from contact_service.invitations.actions.delivering import note_what_became
from contact_service.invitations.actions.printing import print_letter
from contact_service.invitations.letter import Wanted
from contact_service.invitations.token import ticket_text
from contact_service.jobs.composing import Post, Texting
from contact_service.jobs.letters import send_letters
from contact_service.notifications.message import ON_PAPER, MessageKind, OutboxState
from contact_service.people.actions import channels, members, placements
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.people.queries.channels import channels_of
from contact_service.people.queries.members import details_of
from contact_service.plans import actions as plans
from contact_service.plans.order import OrderStatus, OrderSubject, OrderWords
from contact_service.proposals.queries import choice_secret
from contact_service.protocol.link import EventKind
from contact_service.sms.providers import OwnGateway
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.work import read
from tests.actions.test_letters import PRESS
from tests.cast import House, Phone
from tests.jobs.conftest import Gateway, Office, gateway as gateway_of_jobs, office as office_of_jobs
from tests.pages.conftest import AFTER, PAGES, Browser, Client, SignIn, browser, open_link, tell_alone
from tests.pages.test_apart import NEXT_WEEK, stop_at_once
from tests.proposals.helpers import opened

office, gateway = office_of_jobs, gateway_of_jobs
HOME_ADDRESS = "203.0.113.77"  # where the carer's phone comes from
SECRETS = {
    "house": "Quillwort",
    "postcode": "ZZ98 7QQ",
    "area": "Brackenthwaite",
    "school": "Wexcombe",
    "carer's surname": "Threlkeld",
    "carer's first name": "Winifreda",
    "carer's phone": "960987",
    "carer's address": "oakbarn@",
    "what may be said at the carer's": "blue bicycle",
    "what helps the carer": "hearing loop",
    "address of the carer's phone": HOME_ADDRESS,
    "clock of the home": "Chatham",
    "hours from Greenwich": "+1245",
    "child's surname": "Vanterpool",
    "child's other name": "Pellegrina",
    "court": "Ravenglass",
    "number of the order": "NM30C77777",
}


@dataclass
class Given:
    """What somebody was given, by its kind."""

    kinds: dict[str, str] = field(default_factory=dict)

    def take(self, kind: str, *given: bytes) -> None:
        """Keep it as it came, and as whoever takes it apart would read it."""
        for one in given:
            raw = one.decode("latin-1") + one.decode("utf-8", "replace")
            self.kinds[kind] = self.kinds.get(kind, "") + raw + unquote(raw) + html.unescape(raw)

    def answer(self, kind: str, answer: httpx.Response, *statuses: int) -> httpx.Response:
        assert answer.status_code in (statuses or (200,)), (kind, answer.text)
        self.take(kind, answer.content, json.dumps(dict(answer.headers)).encode())
        return answer

    def letters(self, keeper: Office, to: str) -> None:
        """Each kind of letter, its parts decoded."""
        for raw in keeper.texts():
            if f"To: {to}@".encode() not in raw:
                continue
            letter = email.message_from_bytes(raw, policy=email.policy.default)
            for part in letter.walk():
                body = part.get_payload(decode=True)
                kind = f"{letter['Subject']}: {part.get_content_type()} {part.get_param('method') or ''}"
                self.take(kind, raw, *([body] if isinstance(body, bytes) else []))

    def found(self, secrets: dict[str, str]) -> list[tuple[str, str]]:
        """Which secret stands in which kind."""
        return [
            (name, kind)
            for name, secret in secrets.items()
            for kind, seen in self.kinds.items()
            if secret.casefold() in seen.casefold()
        ]


def plant(house: House) -> None:
    """Everything that is known of the home and of the child has a secret in it."""
    cast, today = house.cast, house.clock.at.date()
    with house.work(cast.karim) as work:
        carer = replace(
            details_of(work, cast.ines),
            name="Winifreda Threlkeld",
            known_as="Winifreda",
            preferred="Mrs Threlkeld",
            support="Sits by the hearing loop.",
            aliases=("W. Threlkeld",),
        )
        members.change_details(work, cast.ines, carer)
        child = replace(details_of(work, cast.mia), name="Mia Vanterpool", aliases=("Pellegrina",))
        members.change_details(work, cast.mia, child)
        for old in channels_of(work, cast.ines):
            channels.end_channel(work, old.person, old.id)
        say = SafeRule(say="It is about the blue bicycle.")
        for kind, value in (
            (ChannelKind.EMAIL, "oakbarn@home.example"),
            (ChannelKind.PHONE, "01632 960987"),
        ):
            channels.add_channel(
                work, cast.ines, NewChannel(kind=kind, value=value, rule=say, confirmed=True)
            )
        words = PlaceWords(
            name="7 Quillwort Passage, ZZ98 7QQ", area="Brackenthwaite", school="Wexcombe School"
        )
        for one in (cast.mia, cast.jonas):
            home = NewPlacement(
                child=one,
                carer=cast.ines,
                days=Days(first=today - timedelta(days=90)),
                confidential=True,
                words=words,
            )
            placements.place(work, home)
        order = plans.NewOrder(
            child=cast.mia,
            about=OrderSubject.CONTACT,
            decided_on=today,
            starts_on=today,
            ends_on=None,
            status=OrderStatus.IN_FORCE,
            words=OrderWords(
                court="Family Court at Ravenglass", reference="NM30C77777", says="Contact weekly."
            ),
        )
        plans.record_order(work, order)
    with house.installation.engine.begin() as connection:
        connection.execute(text('UPDATE "case" SET zone = :zone'), {"zone": "Pacific/Chatham"})


def at(house: House, day: int) -> dict[str, object]:
    """Eight in the morning in London, and evening where the child lives."""
    return {"wall_start": house.wish().wall_start.replace(day=day, hour=19)}


def wrong_doors(given: Given, one: Browser, base: str) -> None:
    """What is answered to whoever asks for what is not there, or wrongly."""
    csrf = one.csrf(f"{base}/withdraw")
    given.answer("no such page", one.get(f"{base}/nothing"), 404)
    given.answer("no such method", one.post(f"{base}/state"), 405)
    given.answer("no token", one.post(f"{base}/company", {"company": "nobody"}), 403)
    given.answer("odd form", one.post(f"{base}/company", {"csrf": csrf, "company": "Brackenthwaite?"}), 422)
    given.answer("odd JSON", one.send(f"{base}/ticket", {"nonce": 7}, x_csrf=csrf), 422)
    given.answer("too much", one.post(f"{base}/company", {"csrf": csrf, "company": "x" * 2_000_000}), 413)
    given.answer(
        "another origin", one.post(f"{base}/company", {"csrf": csrf}, sec_fetch_site="cross-site"), 403
    )


def on_the_way(given: Given, one: Browser, base: str, phone: Phone, link: str) -> None:
    """Every question, the device checked, a ticket for the relay."""
    for number in range(1, 5):
        card = one.get(f"{base}/consent/{number}").text
        hidden = dict(re.findall(r'name="(csrf|purpose|version)" value="([^"]*)"', card))
        given.answer(
            f"answer to question {number}",
            one.post(f"{base}/consent/{number}", hidden | {"answer": "yes"}),
            303,
        )
    csrf = {"x_csrf": one.csrf(f"{base}/withdraw")}
    given.answer("the check", one.send(f"{base}/check", {"camera": "ok", "microphone": "ok"}, **csrf), 200)
    tell_alone(one, base)
    nonce = given.answer("a nonce", one.send(f"{base}/nonce", {}, **csrf)).json()["nonce"]
    said = {"nonce": nonce, "signature": phone.sign(ticket_text(link, nonce))}  # type: ignore[arg-type]
    given.answer("a ticket", one.send(f"{base}/ticket", said, **csrf))


def every_page(given: Given, one: Browser, base: str, moment: str) -> None:
    for page in (*PAGES, *AFTER):
        given.answer(f"{page} {moment}", one.get(base + page), 200, 303)


def beforehand(given: Given, house: House, app: ASGIApp, choice: Visit, later: Visit) -> None:
    """Times to choose from, answers to an invitation, a link too early and one of nobody."""
    me, one = house.cast.dana, browser(app)
    with read(house.installation, actor.SCHEDULE) as work:
        link = {"secret": choice_secret(work, choice.id, me)}
    invited = {"secret": house.secret(later, me)}
    given.answer("times to choose from", one.post("/v/choice", link))
    given.answer("a time chosen", one.post("/v/choice/take", link | {"place": "1"}))
    given.answer("is she coming", one.post("/v/answer", invited))
    given.answer("she cannot", one.post("/v/answer/say", invited | {"answer": "cannot", "why": "ill"}))
    given.answer("she comes", one.post("/v/answer/say", invited | {"answer": "coming"}))
    given.answer("too early", open_link(one, invited["secret"], Phone()))
    given.answer("a link of nobody", open_link(one, "A" * 43, Phone()))
    given.answer("where links lead", one.get("/v"))
    given.answer("the front door", one.get("/"), 303)
    given.answer("health", one.get("/healthz"), 503)  # nothing else runs here


def the_carer_comes_from_home(house: House, app: ASGIApp, visit: Visit) -> None:
    """The carer's phone, from an address that tells of the home, is let in beside the mother."""
    home = Browser(Client(app, address=HOME_ADDRESS))
    assert open_link(home, house.secret(visit, house.cast.ines), Phone()).status_code == 200
    house.joins(visit, visit.watcher, "aa" * 8)
    for person in (house.cast.dana, house.cast.ines):
        for purpose in Purpose:
            house.answers(person, purpose, ConsentState.GIVEN)
        house.comes_in(visit, person)


@dataclass
class Walk:
    """A mother from the first message to the end, and all that she is given on the way."""

    house: House
    app: ASGIApp
    post: Post
    given: Given = field(default_factory=Given)

    def written(self) -> None:
        """Invitations, times to choose from, a reminder, a visit called off."""
        house, me = self.house, self.house.cast.dana
        self.mine, later = house.approved(**at(house, 17)), house.approved(**at(house, 20))
        choice = opened(house, asked=(me,), times=tuple(time.replace(hour=19) for time in NEXT_WEEK))
        send_letters(house.installation, self.post)
        self.on_paper(house.approved(**at(house, 21)))
        beforehand(self.given, house, self.app, choice, later)
        with house.work(house.cast.karim) as work:
            inviting.cancel(work, later.id, CancelReason.CHILD_ILL)
        house.clock.at = self.mine.starts_at - timedelta(hours=2)
        send_letters(house.installation, self.post)

    def on_paper(self, visit: Visit) -> None:
        """Each kind of letter, as it is read and as its bytes lie in the file, streams inflated."""
        house, mother = self.house, self.house.mother_in(visit)
        with house.as_actor(actor.SCHEDULE) as work:
            asked = next(m for m in house.messages(visit) if m.person == mother.person)
            note_what_became(work, asked, OutboxState.FAILED)
        for kind in ON_PAPER:
            if kind is MessageKind.NOT_TAKING_PLACE:
                with house.work(house.cast.karim) as work:
                    inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
            wanted = Wanted(kind=kind, before=1)
            with house.work(house.cast.karim) as work:
                pdf = print_letter(work, visit.id, mother.id, wanted, PRESS)
            assert isinstance(pdf, bytes), pdf
            read = PdfReader(BytesIO(pdf))
            page = read.pages[0]
            drawn = page.get_contents()
            assert drawn is not None
            said = page.extract_text()
            assert "Hello Dana" in said
            self.given.take(
                f"letter {kind}", pdf, said.encode(), drawn.get_data(), repr(read.metadata).encode()
            )

    def comes(self) -> None:
        """Her link, every page, the waiting room."""
        house, given, phone = self.house, self.given, Phone()
        house.opened(self.mine)
        self.one = browser(self.app)
        opening = given.answer(
            "a link opened", open_link(self.one, house.secret(self.mine, house.cast.dana), phone)
        )
        self.base = opening.json()["go"].rstrip("/")
        every_page(given, self.one, self.base, "before the questions")
        on_the_way(given, self.one, self.base, phone, house.invitation(self.mine, house.cast.dana).id)
        every_page(given, self.one, self.base, "in the waiting room")

    def meets(self) -> None:
        """Together, held, stopped, and what she says in the end."""
        house, given, one, base = self.house, self.given, self.one, self.base
        the_carer_comes_from_home(house, self.app, self.mine)
        every_page(given, one, base, "together")
        wrong_doors(given, one, base)
        given.take("what the relay is told", repr(house.rooms()).encode())
        child = house.child_in(self.mine).id
        house.relay(self.mine, EventKind.BREAK_ASKED, 1, participant=child, generation=1)
        every_page(given, one, base, "held")
        taken_back = one.post(f"{base}/withdraw", {"csrf": one.csrf(f"{base}/withdraw")})
        given.answer("consent taken back", taken_back, 303)
        stop_at_once(house, house.cast.dana)
        house.relay(self.mine, EventKind.ENDED, 2, reason="safety")
        every_page(given, one, base, "stopped")
        send_letters(house.installation, self.post)


def by_text_message(house: House, post: Post, gateway: Gateway) -> Post:
    """The mother has a phone alone."""
    me = house.cast.dana
    with house.work(house.cast.karim) as work:
        for old in channels_of(work, me):
            channels.end_channel(work, old.person, old.id)
        phone = NewChannel(kind=ChannelKind.PHONE, value="07700 900123", confirmed=True)
        channels.add_channel(work, me, phone)
    return replace(
        post, texting=Texting(provider=OwnGateway(url=f"{gateway.url}/sms", key="k"), country="GB")
    )


@pytest.mark.parametrize("reached_by", ["letter", "text message"])
def test_nothing_that_a_parent_is_given_tells_of_the_home(
    app: ASGIApp,
    house: House,
    office: tuple[Office, Post],
    gateway: Gateway,
    caplog: pytest.LogCaptureFixture,
    reached_by: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    plant(house)
    keeper, post = office
    walk = Walk(house, app, post if reached_by == "letter" else by_text_message(house, post, gateway))
    walk.written()
    walk.comes()
    walk.meets()
    given = walk.given
    given.letters(keeper, "dana")
    texts = [said["text"].encode() for said in gateway.sent if said["to"].endswith("900123")]
    for number, said in enumerate(texts):
        given.take(f"text message {number}", said)
    logged = [
        one.getMessage() for one in caplog.records if one.name != "mail.log"
    ]  # that is the mail server's own
    given.take("what operators read", "\n".join(logged).encode())
    assert given.found(SECRETS) == []
    assert len(given.kinds) >= 40, sorted(given.kinds)
    assert (len(texts) >= 4) is (reached_by == "text message")
    assert any("text/calendar" in kind for kind in given.kinds) is (reached_by == "letter")


def test_the_scan_finds_each_secret_where_staff_may_read_it(house: House, signed_in: SignIn) -> None:
    plant(house)
    karim, given, cast = signed_in("karim"), Given(), house.cast
    child = f"/w/child/{cast.mia}"
    for page in (child, f"{child}/home", f"{child}/person/{cast.ines}", f"{child}/person/{cast.mia}"):
        given.answer(page, karim.get(page))
    seen = {name for name, _ in given.found(SECRETS)}
    assert set(SECRETS) - seen == {
        "address of the carer's phone",
        "clock of the home",
        "hours from Greenwich",
    }
