"""The agency's policy in words: its entries by name, and what it says about an act."""

from dataclasses import dataclass
from datetime import timedelta

from contact_service.agency_policy.difference import source_of
from contact_service.agency_policy.document import Document
from contact_service.agency_policy.reading import entries
from contact_service.agency_policy.spans import clock_face, written
from contact_service.agency_policy.version import PolicyAct
from contact_service.pages.rendering import say
from contact_service.pages.words import WEEKDAYS
from contact_service.plans.hours import Weekday
from contact_service.texts import N_

PLACES = {
    "title": N_("Name of the policy"),
    "working_languages": N_("Languages that every member of staff understands"),
    "languages": N_("Languages in which families and carers are written to"),
    "trainings": N_("Trainings that a plan may ask of whoever watches"),
    "limits.early_entry": N_("A link opens before the start"),
    "limits.late_exit": N_("A link dies after the planned end"),
    "limits.minimum_notice": N_("Notice a visit needs"),
    "limits.furthest_ahead": N_("A visit is booked at most ahead"),
    "limits.freeze_before_start": N_("People and time stand fast before the start"),
    "limits.request_lapses_before_start": N_("A request without an answer lapses before the start"),
    "limits.supervisor_grace": N_("A visit without its supervisor waits before it ends"),
    "limits.shortest": N_("Shortest visit"),
    "limits.longest": N_("Longest visit"),
    "limits.late_at_most": N_("Somebody counts as late after, at most"),
    "limits.ring_adult_after": N_("The adult is rung after"),
    "limits.ring_carer_after": N_("The carer is rung after"),
    "limits.ring_duty_after": N_("The duty desk is rung after"),
    "limits.urgent_stop": N_("An urgent stop lasts at most"),
    "limits.urgent_stop_alarm_days": N_("Days on which an urgent stop raises an alarm"),
    "limits.override_lasts": N_("An emergency override lasts"),
    "limits.note_due": N_("The record is due within"),
    "limits.shared_with_parents_working_days": N_("Working days until the record is shared with parents"),
    "limits.explain_absence_working_days": N_("Working days to explain an absence"),
    "limits.plan_review_months": N_("Months between reviews of a plan, at most"),
    "limits.cases_read_a_day": N_("Cases that one person opens in a day before others are told"),
    "limits.emergency_access_lasts": N_("Emergency access to a record lasts"),
    "limits.emergency_access_reviewed_within": N_("Emergency access to a record is reviewed within"),
    "promises.hold": N_("Hold: picture and sound stop within"),
    "promises.withdrawal": N_("Consent taken back: stop within"),
    "promises.order_in_a_live_visit": N_("New order in a live visit: stop within"),
    "promises.order_before_a_visit": N_("New order before a visit: links dead within"),
    "promises.supervisor_lost": N_("Visit supervisor lost: hold within"),
    "group.most_people": N_("Most people in a visit"),
    "hours.days": N_("Days of the week"),
    "hours.earliest": N_("Earliest start"),
    "hours.latest": N_("Latest end"),
    "buffers.visit_supervisor.before": N_("The visit supervisor prepares before a visit"),
    "buffers.visit_supervisor.after": N_("The visit supervisor writes up after a visit"),
    "buffers.child.before": N_("The child and the carer are kept free before a visit"),
    "buffers.child.after": N_("The child and the carer are kept free after a visit"),
    "buffers.family_member.before": N_("Family members are kept free before a visit"),
    "buffers.family_member.after": N_("Family members are kept free after a visit"),
    "reminders.before": N_("People are reminded before the start"),
    "reminders.night_from": N_("No reminders at night, from"),
    "reminders.night_until": N_("No reminders at night, until"),
    "family.choose_within": N_("Families choose one of several times within"),
    "family.choose_before_first": N_("A choice ends before the first of its times"),
    "family.confirm_before": N_("Families say that they come, at the latest before the start"),
    "family.other_time_until": N_("Whoever cannot come may ask for another time until before the start"),
    "family.other_times_most": N_("Other times that may be asked for, for one visit"),
    "week.court": N_("Points for a visit that a court ordered"),
    "week.agreed": N_("Points for a visit that was agreed"),
    "week.extra": N_("Points for a visit that makes up for a lost one"),
    "week.primary": N_("Points for the supervisor who knows the family best"),
    "week.familiar": N_("Points for a supervisor who knows the family"),
    "week.team": N_("Points for any other supervisor of the team"),
    "week.usual_time": N_("Points for the usual time"),
    "week.usual_day": N_("Points for the usual day at another time, or a good hour where nothing is usual"),
    "week.first_visit": N_("Points for the first visit of each two people"),
    "week.interpreter": N_("Points that an interpreter costs"),
    "week.overload": N_("Points that each quarter of an hour beyond a fair week costs"),
    "week.keep_time": N_("Points for a booked visit that keeps its time"),
    "week.keep_worker": N_("Points for a booked visit that keeps its supervisor"),
    "week.most_a_day": N_("Most visits a day for one supervisor"),
    "week.most_hours": N_("Most hours a week in visits for one supervisor"),
    "week.fair_hours": N_("Fair hours a week in visits for one supervisor"),
}
SECTIONS = (
    ("limits", N_("Limits")),
    ("promises", N_("What stops, and how fast")),
    ("levels", N_("How closely visits are watched, at least")),
    ("group", N_("Group")),
    ("hours", N_("Hours")),
    ("buffers", N_("Time around a visit")),
    ("reminders", N_("Reminders")),
    ("family", N_("What families decide by their link")),
    ("week", N_("Planning the week")),
    ("working_languages", N_("Languages")),
    ("languages", N_("Languages of letters and family pages")),
    ("trainings", N_("Trainings")),
    ("lengths", N_("Suggested lengths")),
    ("consents", N_("What people are asked")),
    ("approvals", N_("Who approves")),
    ("floors", N_("What is owed at least")),
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as it is shown; ``source`` is empty where the policy names none."""

    name: str
    value: str
    force: str
    source: str


def named(place: str) -> str:
    """An entry's name in words; the place itself, readable, where there are none."""
    if place in PLACES:
        return say(PLACES[place])
    parts = [part.replace("_", " ") for part in place.split(".")[1:] if part != "roles"]
    return ": ".join(parts).capitalize() or place


def sections(document: Document) -> list[dict[str, object]]:
    """The whole policy, section by section; empty sections are left out."""
    shown: list[dict[str, object]] = []
    every = entries(document)
    for key, title in SECTIONS:
        rows = [
            _entry(document, place, value)
            for place, value in every.items()
            if place == key or place.startswith(f"{key}.")
        ]
        if rows:
            shown.append({"title": say(title), "entries": rows})
    return shown


def _entry(document: Document, place: str, value: str) -> Entry:
    source = source_of(document, place)
    return Entry(
        name=named(place),
        value=value.replace("_", " "),
        force=source.force.value if source else "",
        source=source.says if source else "",
    )


def what_applies(document: Document, act: PolicyAct) -> list[str]:
    """What the policy says about an act, in sentences."""
    return _about_booking(document) if act is PolicyAct.BOOK else _about_approving(document)


def _about_booking(document: Document) -> list[str]:
    limits, hours = document.limits, document.hours
    days = list(Weekday)
    closed = [say(WEEKDAYS[day]) for day in days if day not in hours.days]
    return [
        say("A visit needs {time} of notice.", time=_time(limits.minimum_notice)),
        say(
            "It lies between {earliest} and {latest} where the child lives.",
            earliest=clock_face(hours.earliest),
            latest=clock_face(hours.latest),
        ),
        *([say("There are no visits on {days}.", days=", ".join(closed))] if closed else []),
        say(
            "It lasts from {shortest} to {longest}, and no longer than the plan says.",
            shortest=_time(limits.shortest),
            longest=_time(limits.longest),
        ),
        say("Nobody is in two visits at once, time to prepare and to write up included."),
        say("At most {number} people take part, the child included.", number=document.group.most_people),
        say("It is at least as closely watched as the plan and the agency ask for."),
        say("Somebody else approves it before anybody is invited."),
        *[
            say("Without a person’s yes: {case}.", case=case.name.replace("_", " "))
            for case in document.approvals.automatic
        ],
        say(
            "What cannot wait may be booked as an emergency, for the next {time}: another person agrees to it, and a "
            "third looks at it afterwards.",
            time=_time(limits.override_lasts),
        ),
    ]


def _about_approving(document: Document) -> list[str]:
    lapses = _time(document.limits.request_lapses_before_start)
    return [
        say("You approve only what somebody else has asked for."),
        say("The invitations leave at once."),
        say("A change of people, time, length or level voids your approval."),
        say(
            "In an emergency you set rules of time and number aside together with whoever asks, never who meets whom."
        ),
        say(
            "A request without an answer lapses {time} before the start.",
            time=lapses,
        ),
        say(
            "Contact is never a reward and never a punishment: decline only for what stands in the list of reasons."
        ),
    ]


def _time(span: timedelta) -> str:
    """A span of time in words."""
    number, _, unit = written(span).partition(" ")
    if number == "1" and unit == "day":
        return say("a day")
    return say(_UNITS[unit], number=number)


_UNITS = {
    "days": N_("{number} days"),
    "h": N_("{number} hours"),
    "min": N_("{number} minutes"),
    "s": N_("{number} seconds"),
}
