"""Words for what is known of people: the choices that forms about them offer."""

from contact_service.agency_policy.spans import clock_face
from contact_service.pages.rendering import say
from contact_service.people.channel import ChannelKind, SafeRule, SafeUse
from contact_service.people.decision_right import Authority, Basis, Matter
from contact_service.people.language import LanguageLevel, LanguageMode
from contact_service.people.person import MemberRole, Need, Relation
from contact_service.texts import N_

ROLES = {
    MemberRole.FAMILY_MEMBER: N_("Family, or somebody who matters to the child"),
    MemberRole.CAREGIVER: N_("Carer"),
    MemberRole.PROFESSIONAL: N_("Professional"),
    MemberRole.CHILD: N_("Child of this case"),
}
# ``self`` is not offered: nobody is related to themselves.
RELATIONS = {
    Relation.PARENT: N_("Parent"),
    Relation.SIBLING: N_("Brother or sister"),
    Relation.HALF_SIBLING: N_("Half-brother or half-sister"),
    Relation.KIN: N_("Other family"),
    Relation.CAREGIVER: N_("Carer"),
    Relation.INTERPRETER: N_("Interpreter"),
    Relation.ADVOCATE: N_("Advocate"),
    Relation.OTHER: N_("Somebody else"),
}
NEEDS = {
    Need.HEARING: N_("Hearing"),
    Need.SIGHT: N_("Sight"),
    Need.READING: N_("Reading"),
    Need.DEVICE: N_("Has no phone or computer of their own"),
    Need.DATA_PLAN: N_("Little or no mobile data"),
    Need.SUPPORT_WORKER: N_("A support worker is present"),
}
MODES = {LanguageMode.SPOKEN: N_("Spoken"), LanguageMode.SIGNED: N_("Signed")}
FLUENCIES = {
    LanguageLevel.NATIVE: N_("Mother tongue"),
    LanguageLevel.GOOD: N_("Good"),
    LanguageLevel.SOME: N_("Some"),
    LanguageLevel.NEEDS_INTERPRETER: N_("Needs an interpreter"),
}
CHANNEL_KINDS = {ChannelKind.EMAIL: N_("E-mail address"), ChannelKind.PHONE: N_("Phone number")}
SAFE_USES = {
    SafeUse.ALWAYS: N_("Safe at any time: write and ring"),
    SafeUse.BETWEEN: N_("Safe only between two times of day"),
    SafeUse.CALL_ONLY: N_("Ring only: write nothing, leave no message"),
    SafeUse.NEVER: N_("Not safe: do not use it"),
}
MATTERS = {
    Matter.CONTACT: N_("Whether the child meets somebody"),
    Matter.NOTES: N_("Whether notes are kept"),
    Matter.OBSERVERS: N_("Whether somebody may watch"),
    Matter.INTERPRETER: N_("Whether an interpreter takes part"),
    Matter.EVERYTHING: N_("Everything"),
}
BASES = {
    Basis.PARENTAL_RESPONSIBILITY: N_("Parental responsibility"),
    Basis.CARE_ORDER: N_("Care order"),
    Basis.COURT_ORDER: N_("Another court order"),
    Basis.DELEGATED: N_("Somebody has handed the decision to them"),
}
AUTHORITIES = {Authority.AGENCY: N_("The agency"), Authority.COURT: N_("The court")}


def rule_in_words(rule: SafeRule) -> str:
    """When a channel may be used, as one line."""
    if rule.use is SafeUse.BETWEEN:
        return say(
            "Safe only from {earliest} to {latest}",
            earliest=clock_face(rule.earliest),
            latest=clock_face(rule.latest),
        )
    return say(SAFE_USES[rule.use])
