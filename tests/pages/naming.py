"""Every field of every form and script that may hold an id, and what such a request is like.

The fields are read from the models of the routes.  A name that stands neither in ``HOLDS_AN_ID`` nor in ``HOLDS_NONE``
fails a test: whoever adds a field says which it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from contact_service.pages import every
from tests.cast import House
from tests.pages.conftest import Browser
from tests.pages.test_access_matrix import SCRIPTED, well_formed

NOBODY = "f" * 32
# The kind of thing that a field names, as it is called in paths; several where it depends on the form.
HOLDS_AN_ID: dict[str, tuple[str, ...]] = {
    "calendar": ("calendar",),
    "carer": ("person",),
    "child": ("person",),
    "chosen": ("plan_run_visit",),
    "duty": ("staff_account",),
    "duty_before": ("staff_account",),
    "holder": ("person",),
    "known": ("person",),
    "left_out": ("person",),
    "optional": ("person",),
    "order": ("court_order",),
    "other": ("person",),
    "participant": ("visit_participant",),
    "people": ("person",),
    "person": ("person",),
    "pool": ("pool",),
    "restricted": ("person",),
    "run": ("plan_run",),
    "sharing": ("person",),
    "supervisor": ("staff_account",),
    "supervisor_before": ("staff_account",),
    "visit": ("visit",),
    "visit_supervisor": ("staff_account",),
    "witness": ("staff_account",),
}
# Words, days, choices of a closed list, secrets, marks of what was seen.
HOLDS_NONE = frozenset(
    [
        "about",
        "act",
        "address",
        "after",
        "again_on",
        "agreed",
        "aliases",
        "answer",
        "area",
        "asked",
        "assessed_on",
        "back",
        "basis",
        "before",
        "born_on",
        "call_back",
        "camera",
        "child_after",
        "child_before",
        "code",
        "company",
        "company_seen",
        "confidential",
        "confirmed",
        "controller",
        "country",
        "court",
        "csrf",
        "date",
        "days",
        "decided_on",
        "desk",
        "device_key",
        "discharged_on",
        "earliest",
        "effect",
        "email",
        "emergency",
        "ends_on",
        "every",
        "finding",
        "first",
        "first_on",
        "fluency",
        "gap_days",
        "gender",
        "gender_reason",
        "held",
        "iss",
        "keep",
        "keys",
        "kind",
        "known_as",
        "known_by",
        "known_relation",
        "known_word",
        "language",
        "last",
        "last_on",
        "latest",
        "least",
        "legal_bases",
        "level",
        "matters",
        "medium",
        "method",
        "microphone",
        "minutes",
        "mode",
        "most",
        "name",
        "needs",
        "new",
        "next",
        "nonce",
        "number",
        "once",
        "outcome",
        "part",
        "passkey",
        "password",
        "per",
        "place",
        "preferred",
        "processors",
        "pronouns",
        "purpose",
        "question",
        "quorum",
        "ramadan_earliest",
        "ramadan_latest",
        "reason",
        "reference",
        "relation",
        "result",
        "review_on",
        "risk",
        "role",
        "said",
        "say",
        "says",
        "school",
        "seconds",
        "secret",
        "seen",
        "settled",
        "signature",
        "source",
        "starts_at",
        "starts_on",
        "state",
        "status",
        "step_level",
        "step_on",
        "still_there",
        "supervisor_gender",
        "support",
        "take_out",
        "text",
        "time",
        "times",
        "to",
        "trainings",
        "units",
        "until",
        "use",
        "value",
        "version",
        "way",
        "week",
        "weekday",
        "what_happened",
        "why",
        "why_opened",
        "word",
        "words",
        "years",
        "zone",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of what is posted to a page of the staff; ``many``: it holds a list."""

    path: str
    name: str
    many: bool


def fields() -> list[Field]:
    """Every field of every form and script but those behind a family's link, which name nothing but by their secret."""
    found = [
        Field(path=route.path, name=name, many="list" in str(one.annotation))
        for module in every.PAGES
        for route in module.router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
        for model in _models(route.dependant)
        for name, one in model.model_fields.items()
    ]
    return sorted(set(found), key=lambda one: (one.path, one.name))


def _models(dependant: Dependant) -> Iterator[type[BaseModel]]:
    for one in dependant.body_params:
        kind = one.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
    for inner in dependant.dependencies:
        yield from _models(inner)


def naming() -> list[Field]:
    """The fields of staff pages that may hold an id."""
    return [one for one in fields() if one.name in HOLDS_AN_ID and one.path.startswith("/w/")]


def names_the_same(
    asking: "Asking", path: str, body: dict[str, object], field: Field, one: str, own: str
) -> bool:
    """Whether ``one`` in the field is answered as nobody's id is, in every way in which an id stands there.

    ``own`` is an id that whoever asks knows.
    """
    ways = zip(ways_to_name(field, one, own), ways_to_name(field, NOBODY, own), strict=True)
    return all(
        asking.named(path, body, field, theirs) == asking.named(path, body, field, nobodys)
        for theirs, nobodys in ways
    )


def base(house: House, path: str) -> dict[str, object]:
    """A request there that is well-formed, whole where that takes more than the matrix needs."""
    cast = house.cast
    booked: dict[str, object] = {
        "child": cast.mia,
        "people": [cast.dana, cast.ines],
        "date": "2030-05-16",
        "time": "03:00",  # refused by the hours, after everybody who is named was looked up: nothing is booked
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": cast.lena,
        "duty": cast.priya,
    }
    whole = well_formed(house, path)
    if path.endswith("/week/plan"):
        return whole | {"week": "never"}  # a run that begins would keep the next one out
    if path.endswith("/repair"):
        return whole | {"to": "2030-05-16T02:00:00Z"}
    if whole.keys() <= {"child", "people", "minutes", "level"} and "child" in whole:
        whole = booked | whole
    return whole | MORE.get(path.rpartition("/")[2], {})


MORE: dict[str, dict[str, object]] = {
    "restriction": {"starts_on": "2030-05-14", "reason": "The police rang."},
    "waiting": {"until": "2030-06-30"},
    "series": {"last": "2030-06-30", "every": "1"},
}


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Somebody signed in, and what they are told."""

    one: Browser
    csrf: str

    def named(self, path: str, body: dict[str, object], field: Field, value: str) -> tuple[int, str, str]:
        """Status, place to go on and words of the answer to ``value`` in that field, whatever it was."""
        answer = self.post(path, body | {field.name: [value] if field.many else value})
        said = re.sub(r"[0-9a-f]{32}", lambda found: "named" if found[0] in value else found[0], answer.text)
        for drawn in re.findall(r'(?:nonce|csrf|once)"?(?: value)?="([^"]+)"', said):
            said = said.replace(drawn, "drawn")
        said = re.sub(r"\b\d{3}-[0-9a-f]{4}\b", "a code for the log", said)
        where = answer.headers.get("location", "")
        return answer.status_code, re.sub(r"[0-9a-f]{32}", "one", where), said

    def post(self, path: str, body: dict[str, object]) -> httpx.Response:
        if SCRIPTED.search(path):
            return self.one.send(path, body, x_csrf=self.csrf)
        return self.one.post(path, {"csrf": self.csrf} | body)


def ways_to_name(field: Field, one: str, own: str) -> list[str]:
    """How an id stands in the field: alone, or as one half of a child with their carer."""
    if field.name in ("sharing", "left_out"):
        return [f"{one}:", f"{own}:{one}", f"{one}:{own}"]
    return [one, f"person:{one}"] if field.name == "holder" else [one]
