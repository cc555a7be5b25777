"""A caseload from one file: all of it once, however often; or nothing, and every reason."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

import contact_service.caseload
from contact_service import actor
from contact_service.caseload import importing
from contact_service.caseload.columns import COLUMNS, read_entries
from contact_service.caseload.faults import CaseloadRefused, Fault
from contact_service.caseload.reading import LARGEST, read_rows
from contact_service.errors import BadInput
from contact_service.people.external import ExternalRef
from contact_service.people.person import Relation
from contact_service.people.queries.channels import channels_of
from contact_service.people.queries.external import case_called, person_called
from contact_service.people.queries.members import is_on_caseload, member
from contact_service.people.queries.placements import placements_of
from tests.cast import House

EXAMPLE = Path(contact_service.caseload.__file__).parent / "example.csv"
HEAD = "case,person,role,name,known_as,born_on,phone,child,relation,lives_from,lives_to,place,carer\n"
MIA = "C,P1,child,Mia Two,Mia,2018-03-14,,,,2029-01-01,2029-06-01,Elm,\n"
DANA = "C,P2,family_member,Dana Two,Dana,1990-01-20,01632 960999,P1,parent,,,,\n"


class Told:
    """What the command printed."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.err: list[str] = []


Import = Callable[..., tuple[int, Told]]


@pytest.fixture
def imports(house: House, tmp_path: Path) -> Import:
    def run(content: bytes | str | Path, **more: Any) -> tuple[int, Told]:  # noqa: ANN401  options
        file = content if isinstance(content, Path) else tmp_path / "file.csv"
        if not isinstance(content, Path):
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        asked: dict[str, Any] = {"system": "caseworks", "zone": "Europe/London", "dry_run": False}
        asked |= {"workers": ("karim@demo.example",), "failed": None, "as_json": False}
        told = Told()
        question = importing.Question(file=file, **(asked | more))
        code = importing.run(house.installation, question, out=told.out.append, err=told.err.append)
        return code, told

    return run


def who(house: House, reference: str) -> Any:  # noqa: ANN401  a person id
    with house.as_actor(actor.COMMAND_LINE) as work:
        return person_called(work, ExternalRef(system="caseworks", reference=reference))


def test_the_example_is_taken_in_once(house: House, imports: Import) -> None:
    code, told = imports(EXAMPLE)
    assert (code, told.err) == (0, [])
    assert told.out == [
        "8 people, 8 relationships and 2 placements were imported; 2 new case(s). 9 lines were read."
    ]
    with house.reading(house.cast.karim) as work:
        case = case_called(work, ExternalRef(system="caseworks", reference="C-100"))
        assert is_on_caseload(work, case)
    petra, juno, cora = (who(house, ref) for ref in ("P-3", "P-1", "P-5"))
    with house.reading(house.cast.karim) as work:
        seen = member(work, petra, child=juno)
        assert (seen.details.name, seen.relation, seen.relation_word) == (
            "Petra Sample",
            Relation.PARENT,
            "mother",
        )
        assert [one.tag for one in seen.details.languages] == ["pl", "en"]
        assert {(c.kind, c.value, c.rule.earliest) for c in channels_of(work, petra)} == {
            ("phone", "+44 1632 960010", 540),
            ("email", "petra@demo.example", 0),
        }
        [home] = placements_of(work, juno)
        assert (home.carer, home.confidential, home.words.name) == (cora, True, "7 Example Lane")
        assert member(work, who(house, "P-8"), child=who(house, "P-7")).relation_word == "half-sibling"


def test_twice_is_once_and_says_so(house: House, imports: Import) -> None:
    imports(EXAMPLE)
    before = house.snapshot()
    code, told = imports(EXAMPLE)
    assert (code, told.out) == (0, ["All 9 lines are known already. Nothing was changed."])
    assert house.snapshot() == before


def test_a_dry_run_keeps_nothing(house: House, imports: Import) -> None:
    before = house.snapshot()
    code, told = imports(EXAMPLE, dry_run=True)
    assert (code, "would be imported" in told.out[0]) == (0, True)
    assert house.snapshot() == before


def test_the_evidence_names_the_file_and_nobody(house: House, imports: Import) -> None:
    imports(EXAMPLE)
    entry = next(e for e in reversed(house.entries("agency")) if e.type == "people.imported")
    facts = entry.fields["facts"]
    assert (facts["people"], facts["relations"], facts["cases"], facts["placements"]) == (8, 8, 2, 2)
    assert len(facts["sha256"]) == 64
    assert "Sample" not in str([e.fields for e in house.entries()])


def test_more_of_a_caseload_can_follow(house: House, imports: Import) -> None:
    assert imports(HEAD + MIA)[0] == 0
    code, told = imports(HEAD + MIA + DANA)
    assert (code, told.out[0].startswith("1 people, 1 relationships and 0 placements")) == (0, True)
    moved = MIA.replace("2029-01-01,2029-06-01,Elm", "2029-07-01,,Oak")
    code, told = imports(HEAD + moved + DANA)
    assert (code, told.out[0].startswith("0 people, 0 relationships and 1 placements")) == (0, True)
    with house.reading(house.cast.karim) as work:
        assert [p.words.name for p in placements_of(work, who(house, "P1"))] == ["Oak", "Elm"]


def test_a_number_that_somebody_has_is_warned_of(house: House, imports: Import) -> None:
    with house.reading(house.cast.karim) as work:
        theirs = next(c.value for c in channels_of(work, house.cast.dana) if c.kind == "phone")
    code, told = imports(HEAD + MIA + DANA.replace("01632 960999", theirs))
    assert (code, told.err) == (
        0,
        ["line 3: phone: Somebody else has this too. If they are one person, propose to merge them."],
    )


WRONG = [
    (
        MIA.replace("child,", "kid,", 1),
        2,
        "role: Write one of: child, family_member, caregiver, professional.",
    ),
    (MIA.replace("2018-03-14", "14/03/2018"), 2, "born_on: Write the day like 2018-03-14."),
    (MIA.replace("2018-03-14", "2018-02-30"), 2, "born_on: Write the day like 2018-03-14."),
    (MIA.replace("2018-03-14", "2999-01-01"), 2, "born"),
    (MIA.replace("2029-01-01", "2017-01-01"), 2, "lives_from: This is before the child was born."),
    (MIA.replace("2029-06-01", "2028-06-01"), 2, "lives_to: The last day is before the first."),
    (MIA.replace("Mia Two", "=1+1"), 2, "name: This begins like a formula"),
    (MIA.replace("Mia Two", "@SUM(A1)"), 2, "name: This begins like a formula"),
    (MIA.replace("Mia Two", "x" * 201), 2, "name: This is longer than 200 letters."),
    (MIA.replace(",Mia,", ",,"), 2, "known_as: This is missing."),
    (MIA.replace("C,P1", ",P1"), 2, "case: This is missing."),
    (MIA + DANA.replace("parent", "godmother"), 3, "relation: Write one of: advocate"),
    (MIA + DANA.replace("P1,parent", "P2,parent"), 3, "child: Nobody is their own relative."),
    (MIA + DANA.replace("P1,parent", "P9,parent"), 3, "child: Nobody is called “P9”."),
    (MIA + DANA.replace("P1,parent", ",parent"), 3, "child: Write the child’s reference"),
    (MIA + DANA.replace("P1,parent", "P1,"), 3, "relation: Write for which child"),
    (MIA + DANA.replace("01632 960999", "12"), 3, "phone: Write a phone number"),
    (
        MIA + DANA.replace("parent,,,,", "parent,2029-01-01,,Elm,"),
        3,
        "lives_from: Where somebody lives is kept",
    ),
    (MIA + DANA + DANA, 4, "person: Line 3 says this already."),
    (MIA + DANA.replace("C,P2", "D,P2"), 3, "child: The child is in another case."),
    (
        MIA + DANA + "C,P3,family_member,Rob,Rob,,,P2,kin,,,,\n",
        4,
        "child: This reference is not that of a child.",
    ),
    (
        MIA + MIA.replace(",,,2029-01-01", ",P9,sibling,2029-01-01").replace("Mia Two", "Mia Tow"),
        3,
        "details:",
    ),
    (MIA.replace("Elm,", "Elm,P9"), 2, "carer: Nobody is called “P9”."),
    ('C,P1,child,"Mia\nTwo",Mia,,,,,,,,\n', 2, "A quotation mark is not closed"),
    ('C,P1,child,"Mia"Two,Mia,,,,,,,,\n', 2, "A quotation mark is not closed"),
    ("C,P1,child,Mia\n", 2, "This line has 4 cells; the first line has 13 columns."),
]


@pytest.mark.parametrize(
    ("rows", "line", "says"), WRONG, ids=[f"{n}-{says[:24]}" for n, (_, _, says) in enumerate(WRONG)]
)
def test_a_wrong_line_is_named_and_nothing_is_kept(
    house: House, imports: Import, rows: str, line: int, says: str
) -> None:
    before = house.snapshot()
    code, told = imports(HEAD + rows)
    assert code == 1
    assert f"line {line}: " in told.err[0]
    assert says in told.err[0]
    assert told.out == []
    assert house.snapshot() == before


FILES = [
    (b"", 1, "This file is empty."),
    (HEAD.encode(), 1, "nobody in this file"),
    ("\ufeff".encode("utf-16-le") + (HEAD + MIA).encode("utf-16-le"), 1, "UTF-16"),
    ((HEAD + MIA.replace("Mia Two", "Mia Tsé")).encode("latin-1"), 2, "not UTF-8"),
    ((HEAD + MIA).replace("\n", "\r\n").encode() + DANA.encode(), 3, "ends in another way"),
    ((HEAD + MIA).encode() + DANA.replace("\n", "\r").encode(), 3, "ends in another way"),
    ((HEAD + MIA.replace("Elm", "E\0m")).encode(), 2, "U+0000"),
    ((HEAD + MIA).replace(",", ";").encode(), 1, "separated by commas"),
    ((HEAD + MIA).replace(",", "\t").encode(), 1, "separated by commas"),
    ((HEAD.replace("born_on", "birthday") + MIA).encode(), 1, "There is no column “birthday”."),
    ((HEAD.replace("born_on", "name") + MIA).encode(), 1, "stands there twice"),
    ((HEAD.replace("known_as,", "") + MIA).encode(), 1, "The column “known_as” is missing."),
    (("c," * 10_000_000).encode()[: LARGEST - 1], 1, "columns. That is no caseload."),
    (b"x" * (LARGEST + 1), 1, "larger than 20 MB"),
    ((HEAD + MIA.replace("Elm", "E" * 20_000)).encode(), 2, "letters long"),
    ((HEAD + MIA * 5_001).encode(), 5_002, "more than 5000 people"),
]


@pytest.mark.parametrize(("content", "line", "says"), FILES, ids=[f"{n}" for n in range(len(FILES))])
def test_a_file_that_is_no_caseload_is_refused_at_once(
    house: House, imports: Import, content: bytes, line: int, says: str
) -> None:
    before, began = house.snapshot(), perf_counter()
    code, told = imports(content)
    assert perf_counter() - began < 5
    assert code == 1
    assert told.err[0].startswith(f"line {line}: ")
    assert says in told.err[0]
    assert house.snapshot() == before


def test_ten_million_columns_cost_little() -> None:
    data = ("c," * 10_000_000).encode()[: LARGEST - 1]
    tracemalloc.start()
    with pytest.raises(CaseloadRefused):
        read_rows(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * LARGEST


def test_a_byte_order_mark_and_either_line_end_are_fine(imports: Import) -> None:
    assert imports(("\ufeff" + HEAD + MIA).replace("\n", "\r\n"))[0] == 0


@pytest.mark.parametrize("path", ["nothing.csv", "."])
def test_a_file_that_cannot_be_read_is_said_to_be(imports: Import, tmp_path: Path, path: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        imports(tmp_path / path)


def test_a_new_case_needs_somebody_who_works_on_it(house: House, imports: Import) -> None:
    assert "Name who works on it with --worker" in imports(HEAD + MIA, workers=())[1].err[0]
    with pytest.raises(BadInput, match="is not a worker"):
        imports(HEAD + MIA, workers=("noor@demo.example",))
    assert "Write a zone like Europe/London" in imports(HEAD + MIA, zone="Mars/Base")[1].err[0]
    assert "people.imported" not in [entry.type for entry in house.entries("agency")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("Dana Two", "Dana Three"), "name: This person is known otherwise"),
        (("family_member", "professional"), "role: This person is known with another role"),
        (("01632 960999", "01632 960998"), "phone: This person is not known with this"),
        (("parent", "kin"), "relation: This person is known as somebody else"),
    ],
)
def test_a_file_overwrites_nothing(house: House, imports: Import, change: tuple[str, str], says: str) -> None:
    assert imports(HEAD + MIA + DANA)[0] == 0
    before = house.snapshot()
    code, told = imports(HEAD + MIA + DANA.replace(*change))
    assert (code, says in told.err[0]) == (1, True), told.err
    assert house.snapshot() == before


def test_placements_that_overlap_are_refused(house: House, imports: Import) -> None:
    assert imports(HEAD + MIA)[0] == 0
    before = house.snapshot()
    code, told = imports(HEAD + MIA.replace("2029-01-01,2029-06-01,Elm", "2029-05-01,,Oak"))
    assert (code, "lives somewhere else on some of these days" in told.err[0]) == (1, True)
    assert house.snapshot() == before


def test_failed_lines_come_with_all_their_reasons_and_run_no_formula(
    house: House, imports: Import, tmp_path: Path
) -> None:
    failed = tmp_path / "failed.csv"
    wrong = MIA.replace("Mia Two", "=cmd|x").replace("2018-03-14", "soon")
    code, told = imports(HEAD + wrong + DANA, failed=failed)
    assert code == 1
    assert str(failed) in told.err[-1]
    [row] = csv.DictReader(io.StringIO(failed.read_text("utf-8-sig")))
    assert (row["line"], row["name"]) == ("2", "'=cmd|x")
    assert "name: This begins like a formula" in row["reasons"]
    assert "born_on: Write the day" in row["reasons"]
    mended = failed.read_text("utf-8-sig").replace("'=cmd|x", "Mia Two").replace("soon", "2018-03-14")
    assert imports(mended)[0] == 0
    assert who(house, "P1")


def test_only_the_line_that_is_wrong_is_accused(house: House, imports: Import) -> None:
    """The case of the first line is new; what is wrong with its person is no fault of the others."""
    before = house.snapshot()
    code, told = imports(HEAD + "C,P9,child,Zed,Zed,2999-01-01,,,,,,,\n" + MIA + DANA)
    assert code == 1
    assert told.err[0] == "line 2: born_on: Nobody was born on this day. Check the date."
    assert house.snapshot() == before


def test_failed_lines_never_replace_the_file_itself_and_are_for_its_owner_alone(
    house: House, imports: Import, tmp_path: Path
) -> None:
    wrong = HEAD + MIA.replace("2018-03-14", "soon")
    before = house.snapshot()
    with pytest.raises(BadInput, match="another file"):
        imports(wrong, failed=tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_text() == wrong
    with pytest.raises(BadInput, match="cannot be written"):
        imports(wrong, failed=tmp_path / "nowhere" / "failed.csv")
    assert imports(wrong, failed=tmp_path / "failed.csv")[0] == 1
    assert (tmp_path / "failed.csv").stat().st_mode & 0o077 == 0
    assert house.snapshot() == before


def test_a_program_reads_what_happened(imports: Import) -> None:
    code, told = imports(HEAD + MIA + DANA, as_json=True)
    assert json.loads(told.out[0]) == {
        "imported": True,
        "entries": 2,
        "cases": 1,
        "people": 2,
        "relations": 1,
        "placements": 1,
        "warnings": [],
    }
    code, told = imports(HEAD + MIA.replace("Mia Two", "=1"), as_json=True)
    assert code == 1
    [fault] = json.loads(told.out[0])["faults"]
    assert fault["line"] == 2


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=300), st.lists(st.lists(TEXT, max_size=15), max_size=6)))
@example([list(COLUMNS), ["C", "P", "child"] + ["x"] * (len(COLUMNS) - 3)])
def test_whatever_a_file_holds_it_is_read_or_refused_with_a_line(content: bytes | list[list[str]]) -> None:
    if isinstance(content, list):
        out = io.StringIO()
        csv.writer(out).writerows(content)
        content = ("" if len(content) % 2 else HEAD).encode() + out.getvalue().encode()
    assert all(fault.line >= 1 and fault.reason for fault in faults_of(content))


def faults_of(content: bytes) -> tuple[Fault, ...]:
    try:
        read_entries(read_rows(content))
    except CaseloadRefused as refused:
        return refused.faults or (Fault(line=0, reason="refused without a reason"),)
    return ()
