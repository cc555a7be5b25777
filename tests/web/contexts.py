"""One sample context per template: exactly what a page must be given, no more and no less.

Who writes a route copies the shape from here.  Times are aware datetimes and are shown in the reader's zone;
codes (states, roles, outcomes) are the domain's values and get their words in ``web/templates/words.html``;
lists of choices are ``{"value", "text"}``; errors of a form are ``{"field", "text"}``, by input id.

Addresses the templates use
    staff    /w/sign-in  /w/sign-out (POST)  /w/today  /w/book (?child=)  /w/approvals  /w/child/<id>
             /w/visit/<id>   POST .../cancel  .../withdraw;  GET, POST .../change  .../record;  GET .../room
             POST /w/approvals/<visit>/approve  /w/approvals/<visit>/decline
             POST /w/child/<id>/consent  /w/child/<id>/restriction  /w/child/<id>/restriction/<id>/end
             /w/policy  /w/policy/<n>  GET, POST /w/policy/write;  POST /w/policy/accept
             POST /w/policy/<n>/publish  /w/policy/<n>/decline
             /w/child/<id>/plan  POST .../plan/review  /w/plan/<id>/approve  .../decline  /w/follow-up/<id>/done
             /w/child/<id>/people  .../person/<id>  .../person/<id>/details  .../person/<id>/channel(/<id>)
             POST .../person/<id>/relation  .../approve  .../end-approval  .../merge  .../channel/<id>/end
             POST /w/merge/<id>/agree  .../decline
             /w/child/<id>/home  .../deciding  .../quiet
             POST .../home/<id>/end  .../deciding/<id>/end  .../quiet/<id>/end
             /w/child/<id>/orders  .../order/<id>   POST .../order/<id>/discharge
             /w/languages(/<account>)  /w/why  POST /w/book/filled
             POST /w/restriction/<id>/ask-to-lift  .../lift  .../go-on
             /w/cases  /w/case/<id>  /w/case/<id>/history.json  /w/case/<id>/history.csv  /w/log
    family   /v  POST /v/open  /v/<id>/  /v/<id>/consent/<number>  /v/<id>/answers  /v/<id>/check  /v/<id>/company
             /v/<id>/start  /v/<id>/room  /v/<id>/withdraw  /v/<id>/thanks
    demo     /demo  /demo/messages
Every POST form carries ``csrf``; forms that make something also carry ``once``, the idempotency key.
"""

from tests.web import contexts_family as family, contexts_people as people, contexts_staff as staff
from tests.web.samples import Context

# Name of the case -> template and context.  Screenshots, axe and the render tests walk this table.
SAMPLES: dict[str, tuple[str, Context]] = {
    "sign-in": ("staff/sign_in.html", staff.SIGN_IN),
    "sign-in-again": ("staff/sign_in.html", staff.SIGN_IN_AGAIN),
    "today": ("staff/today.html", staff.TODAY),
    "today-empty": ("staff/today.html", staff.TODAY_EMPTY),
    "book": ("staff/book.html", staff.BOOK),
    "book-first": ("staff/book.html", staff.BOOK_FIRST),
    "book-emergency": ("staff/book.html", staff.BOOK_EMERGENCY),
    "book-unread": ("staff/book.html", staff.BOOK | {"reading": staff.UNREAD}),
    "book-refused": ("staff/book.html", staff.BOOK_REFUSED),
    "times": ("staff/times.html", staff.TIMES),
    "times-none": ("staff/times.html", staff.TIMES_NONE),
    "visit": ("staff/visit.html", staff.VISIT_PAGE),
    "visit-shared": ("staff/visit.html", staff.VISIT_SHARED),
    "record-shared": ("staff/record.html", staff.RECORD_SHARED),
    "visit-in-doubt": ("staff/visit.html", staff.VISIT_IN_DOUBT),
    "why-first": ("staff/why.html", people.WHY_FIRST),
    "why": ("staff/why.html", people.WHY),
    "why-not": ("staff/why.html", people.WHY_NOT),
    "why-never": ("staff/why.html", people.WHY_NEVER),
    "why-yes": ("staff/why.html", people.WHY_YES),
    "approvals": ("staff/approvals.html", staff.APPROVALS),
    "approvals-merge": (
        "staff/approvals.html",
        staff.APPROVALS | {"merges": [people.MERGE, people.MERGE_OWN]},
    ),
    "people": ("staff/people.html", people.PEOPLE),
    "person": ("staff/person.html", people.PERSON),
    "person-again": ("staff/person.html", people.PERSON_AGAIN),
    "person-barred": ("staff/person.html", people.PERSON_BARRED),
    "person-child": ("staff/person.html", people.PERSON_CHILD),
    "person-elsewhere": ("staff/person.html", people.PERSON_ELSEWHERE),
    "people-known": ("staff/people.html", people.PEOPLE_KNOWN),
    "person-details": ("staff/person_details.html", people.DETAILS),
    "channel-new": ("staff/channel.html", people.CHANNEL_NEW),
    "channel-rule": ("staff/channel.html", people.CHANNEL_RULE),
    "home": ("staff/home.html", people.HOME),
    "deciding": ("staff/deciding.html", people.DECIDING),
    "orders": ("staff/orders.html", people.ORDERS),
    "order": ("staff/order.html", people.ORDER),
    "order-discharging": ("staff/order.html", people.ORDER_DISCHARGING),
    "quiet": ("staff/quiet.html", people.QUIET),
    "languages": ("staff/languages.html", people.LANGUAGES),
    "languages-change": ("staff/languages_change.html", people.LANGUAGES_CHANGE),
    "plan": ("staff/plan.html", staff.PLAN),
    "plan-reviewing": ("staff/plan.html", staff.PLAN_REVIEWING),
    "policy": ("staff/policy.html", staff.POLICY),
    "policy-write": ("staff/policy_write.html", staff.POLICY_WRITE),
    "policy-version": ("staff/policy_version.html", staff.POLICY_VERSION),
    "child": ("staff/child.html", staff.CHILD_PAGE),
    "room": ("staff/room.html", staff.ROOM),
    "record": ("staff/record.html", staff.RECORD),
    "cases": ("staff/cases.html", staff.CASES),
    "history": ("staff/history.html", staff.HISTORY),
    "history-broken": ("staff/history.html", staff.HISTORY_BROKEN),
    "log": ("staff/log.html", staff.LOG),
    "opener": ("family/opener.html", family.OPENER),
    "landing": ("family/landing.html", family.LANDING),
    "landing-early": ("family/landing.html", family.LANDING_EARLY),
    "landing-over": ("family/landing.html", family.LANDING_OVER),
    "landing-off": ("family/landing.html", family.LANDING_OFF),
    "consent": ("family/consent.html", family.CONSENT),
    "consent-optional": ("family/consent.html", family.CONSENT_OPTIONAL),
    "consent-notice": ("family/consent.html", family.CONSENT_NOTICE),
    "consent-receipt": ("family/consent_receipt.html", family.CONSENT_RECEIPT),
    "check": ("family/check.html", family.CHECK),
    "check-child": ("family/check.html", family.CHECK_CHILD),
    "company": ("family/company.html", family.COMPANY),
    "company-child": ("family/company.html", family.COMPANY_CHILD),
    "family-room": ("family/room.html", family.FAMILY_ROOM),
    "start": ("family/start.html", family.START_FOR_CHILD),
    "start-for-two": ("family/start.html", family.START_FOR_TWO),
    "child-room": ("family/child_room.html", family.FAMILY_ROOM),
    "withdraw": ("family/withdraw.html", family.WITHDRAW),
    "withdrawn": ("family/withdraw.html", family.WITHDRAW | {"done": True}),
    "thanks": ("family/thanks.html", family.THANKS),
    "closed": ("family/closed.html", family.CLOSED),
    "error": ("error.html", family.ERROR),
    "demo-start": ("demo/start.html", family.DEMO_START),
    "demo-messages": ("demo/messages.html", family.DEMO_MESSAGES),
}
