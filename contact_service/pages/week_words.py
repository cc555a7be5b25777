"""Words for the plan of a week: why a visit is where it is, and why another has no place."""

from contact_service.agency_week import run
from contact_service.agency_week.run import RunState
from contact_service.policy.of_another import ABOUT_ANOTHER
from contact_service.texts import N_
from contact_service.week.unplaced import WORDS

REASONS = {
    "usual_time": N_("The usual time"),
    "usual_day": N_("The usual day"),
    "suits": N_("A good hour for a child"),
    "knows_best": N_("Knows the family best"),
    "knows": N_("Knows the family"),
    "pinned": N_("Kept, as you asked"),
    "unchanged": N_("Stays as it is"),
    "another_duty": N_("Same time and supervisor, another duty person"),
    "keeps_time": N_("Same time, another supervisor"),
    "keeps_supervisor": N_("Same supervisor, another time"),
}
PRIORITIES = {
    "court": N_("Court order"),
    "agreed": N_("Agreed"),
    "extra": N_("Makes up for a lost visit"),
}
# What the rules say whatever the time; the child's own pages say more.
RULES = {
    "child_consent_missing": N_("Nobody with the right to decide has consented for the child."),
    "not_in_plan": N_("One child’s plan does not name the other."),
    "not_in_case": N_("Somebody in the plan is not in the child’s case."),
    "not_approved": N_("Somebody is no longer approved to meet the child."),
    "no_contact": N_("A restriction forbids that they meet."),
    "apart": N_("Two people must be kept apart."),
    "no_caregiver": N_("No carer is known who starts the visit."),
    "language": N_("No visit supervisor understands what they speak, and the plan names no interpreter."),
    "clearance_missing": N_(
        "The prison or other place from which somebody would take part has not been asked for its clearance. Ask it "
        "on that person’s page."
    ),
    "clearance_asked": N_("The place from which somebody would take part has not given its clearance yet."),
    "clearance_refused": N_("The place from which somebody would take part has refused its clearance."),
    "clearance_expired": N_(
        "The clearance of the place from which somebody would take part is over by then. Ask it anew."
    ),
    ABOUT_ANOTHER.code: ABOUT_ANOTHER.problem.sentence,
    "child_out_of_reach": N_("You do not work with the other child."),
    "no_supervisor": N_("The agency has no visit supervisor."),
    "too_many_people": N_("Too many people would take part."),
    "length": N_("The plan’s visits are shorter than the agency allows."),
}
NOT_ASKED = run.NOT_ASKED | {"": N_("It could not be asked for. Plan the week again.")}
NO_PLACE = {why.value: words for why, words in WORDS.items()} | {
    "no_duty": N_("Nobody is at work then who could be the duty person."),
}
STATES = {
    RunState.BUILDING: N_("Reading the plans"),
    RunState.SEARCHING: N_("Searching"),
    RunState.DONE: N_("Done"),
    RunState.STOPPED: N_("Stopped, with the best plan so far"),
    RunState.FAILED: N_("Failed: nothing came of it. Plan again"),
    RunState.LOST: N_("Stopped: the program that searched is gone. Plan again"),
}
PARTS = {
    "priority": N_("Visits placed"),
    "continuity": N_("Supervisors who know the family"),
    "usual": N_("Usual times"),
    "fairness": N_("A first visit for everybody"),
    "interpreter": N_("Interpreters"),
    "load": N_("Work beyond a fair share"),
    "kept": N_("Kept as booked"),
}
