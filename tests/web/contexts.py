"""One sample context per template: exactly what a page must be given, no more and no less.

Who writes a route copies the shape from here.  Times are aware datetimes and are shown in the reader's zone;
codes (states, roles, outcomes) are the domain's values and get their words in ``web/templates/words.html``;
lists of choices are ``{"value", "text"}``; errors of a form are ``{"field", "text"}``, by input id.

Addresses the templates use
    staff    /w/sign-in  /w/sign-out (POST)  /w/today  /w/book (?child=)  /w/approvals  /w/child/<id>
             /w/visit/<id>   POST .../cancel  .../withdraw;  GET, POST .../change  .../record  .../repair;
             GET .../room  .../repair/sure (?to=&supervisor=)
             POST /w/approvals/<visit>/approve  /w/approvals/<visit>/decline
             POST /w/child/<id>/consent  /w/child/<id>/restriction  /w/child/<id>/restriction/<id>/end
             /w/policy  /w/policy/<n>  GET, POST /w/policy/write;  POST /w/policy/accept
             POST /w/policy/<n>/publish  /w/policy/<n>/decline
             /w/child/<id>/plan  POST .../plan/review  /w/plan/<id>/approve  .../decline  /w/follow-up/<id>/done
             /w/child/<id>/people  .../person/<id>  .../person/<id>/details  .../person/<id>/channel(/<id>)
             POST .../person/<id>/relation  .../approve  .../end-approval  .../merge  .../channel/<id>/end
             POST /w/merge/<id>/agree  .../decline
             /w/child/<id>/home  .../deciding  .../quiet
             POST /w/book/series  /w/series  /w/series/<id>  .../longer  .../extend  .../approve  .../end
             /w/child/<id>/series
             .../one/<id>/move  .../one/<id>/call-off  .../from/<id>  .../from/<id>/check
             /w/week (?day=)  /w/week/plan (?week=)  /w/week/plan/<id>   POST .../stop  .../accept
             /w/owed  /w/child/<id>/owed  .../owed/<visit>   POST .../owed/<visit>/said  .../owed/<visit>/decide
             POST .../home/<id>/end  .../deciding/<id>/end  .../quiet/<id>/end
             /w/child/<id>/orders  .../order/<id>   POST .../order/<id>/discharge
             /w/calendars  /w/calendar/<id>(/holidays)  /w/child/<id>/calendars
             /w/rooms  /w/room/<id> (?day=)   POST .../change  .../end  .../hours  .../closed  .../calendars
             /w/child/<id>/person/<id>/place
             POST /w/waiting/ask  GET, POST /w/waiting  POST .../<id>/off
             /w/waiting/offer/<id>   POST .../book  .../let-go
             /w/languages(/<account>)  /w/hours(/<account>)  /w/staff/<account>(?child=)  /w/why  POST /w/book/filled
             POST /w/restriction/<id>/ask-to-lift  .../lift  .../go-on
             /w/cases  /w/case/<id>  /w/case/<id>/history.json  /w/case/<id>/history.csv  /w/log
    family   /v  POST /v/open  /v/choice  /v/choice/take  /v/answer  /v/answer/say  /v/answer/other
             /v/<id>/  /v/<id>/consent/<number>  /v/<id>/answers  /v/<id>/check  /v/<id>/company
             /v/<id>/start  /v/<id>/room  /v/<id>/withdraw  /v/<id>/thanks
    demo     /demo  /demo/messages
Every POST form carries ``csrf``; forms that make something also carry ``once``, the idempotency key.
"""

from tests.web import (
    contexts_account as account,
    contexts_calendars as calendars,
    contexts_family as family,
    contexts_links as links,
    contexts_owed as owed,
    contexts_people as people,
    contexts_pools as pools,
    contexts_repairs as repairs,
    contexts_series as series,
    contexts_staff as staff,
    contexts_waiting as waiting,
    contexts_week as week,
)
from tests.web.samples import Context

# Name of the case -> template and context.  Screenshots, axe and the render tests walk this table.
SAMPLES: dict[str, tuple[str, Context]] = {
    "sign-in": ("staff/sign_in.html", staff.SIGN_IN),
    "sign-in-again": ("staff/sign_in.html", staff.SIGN_IN_AGAIN),
    "sign-in-agency": ("staff/sign_in.html", staff.SIGN_IN | {"through_agency": True}),
    "agency-onward": ("staff/agency_onward.html", account.AGENCY_ONWARD),
    "agency-back": ("staff/agency_back.html", account.AGENCY_BACK),
    "agency-problem": ("staff/agency_problem.html", account.AGENCY_PROBLEM),
    "prove": ("staff/prove.html", account.PROVE),
    "prove-passkey": ("staff/prove.html", account.PROVE_PASSKEY),
    "prove-onward": ("staff/prove_onward.html", account.PROVE_ONWARD),
    "sign-in-code": ("staff/sign_in_code.html", account.CODE),
    "sign-in-code-again": ("staff/sign_in_code.html", account.CODE_AGAIN),
    "account": ("staff/account.html", account.ACCOUNT),
    "account-bare": ("staff/account.html", account.BARE),
    "account-too-weak": ("staff/account.html", account.TOO_WEAK),
    "account-password-code": ("staff/password_code.html", account.PASSWORD_CODE),
    "first-run": ("staff/first_run.html", account.FIRST_RUN),
    "first-run-wrong": ("staff/first_run.html", account.FIRST_RUN_WRONG),
    "data-protection": ("staff/data_protection.html", account.DATA_PROTECTION),
    "data-protection-empty": ("staff/data_protection.html", account.DATA_PROTECTION_EMPTY),
    "data-protection-read": ("staff/data_protection.html", account.DATA_PROTECTION_READ),
    "new-password": ("staff/new_password.html", account.NEW_PASSWORD),
    "new-password-wrong": ("staff/new_password.html", account.NEW_PASSWORD_WRONG),
    "account-app": ("staff/account_app.html", account.APP),
    "account-of-somebody": ("staff/staff_sign_in.html", account.OF_SOMEBODY),
    "account-of-somebody-gone": ("staff/staff_sign_in.html", account.GONE),
    "account-codes": ("staff/account_codes.html", account.CODES),
    "today": ("staff/today.html", staff.TODAY),
    "today-empty": ("staff/today.html", staff.TODAY_EMPTY),
    "week": ("staff/week.html", week.WEEK),
    "week-plan": ("staff/week_plan.html", week.PLAN_PAGE),
    "week-plan-past": ("staff/week_plan.html", week.PLAN_PAST),
    "week-draft": ("staff/week_draft.html", week.DRAFT_PAGE),
    "week-draft-running": ("staff/week_draft.html", week.DRAFT_RUNNING),
    "week-draft-stopping": ("staff/week_draft.html", week.DRAFT_STOPPING),
    "week-draft-accepted": ("staff/week_draft.html", week.DRAFT_ACCEPTED),
    "week-draft-refused": ("staff/week_draft.html", week.DRAFT_REFUSED),
    "week-draft-mended": ("staff/week_draft.html", week.DRAFT_MENDED),
    "week-draft-empty": ("staff/week_draft.html", week.DRAFT_EMPTY),
    "book": ("staff/book.html", staff.BOOK),
    "book-busy": ("staff/book.html", staff.BOOK_BUSY),
    "book-without-some": ("staff/book.html", staff.BOOK_WITHOUT_SOME),
    "book-first": ("staff/book.html", staff.BOOK_FIRST),
    "book-emergency": ("staff/book.html", staff.BOOK_EMERGENCY),
    "book-unread": ("staff/book.html", staff.BOOK | {"reading": staff.UNREAD}),
    "book-refused": ("staff/book.html", staff.BOOK_REFUSED),
    "series-ask": ("staff/series_ask.html", series.ASK),
    "series-ask-first": ("staff/series_ask.html", series.ASK_FIRST),
    "series-ask-none": ("staff/series_ask.html", series.ASK_NONE),
    "series-check": ("staff/series_check.html", series.CHECK),
    "series-check-split": ("staff/series_check.html", series.CHECK_SPLIT),
    "series-onward": ("staff/series_onward.html", series.ONWARD),
    "series-list": ("staff/series_list.html", series.LIST),
    "series-list-none": ("staff/series_list.html", series.LIST_NONE),
    "series": ("staff/series.html", series.SERIES_PAGE),
    "series-to-approve": ("staff/series.html", series.SERIES_TO_APPROVE),
    "series-over": ("staff/series.html", series.SERIES_OVER),
    "times": ("staff/times.html", staff.TIMES),
    "times-none": ("staff/times.html", staff.TIMES_NONE),
    "times-without-some": ("staff/times.html", staff.TIMES_WITHOUT_SOME),
    "waiting": ("staff/waiting.html", waiting.WAITING),
    "waiting-nobody": ("staff/waiting.html", waiting.WAITING_NOBODY),
    "waiting-ask": ("staff/waiting_ask.html", waiting.ASK),
    "waiting-ask-wrong": ("staff/waiting_ask.html", waiting.ASK_WRONG),
    "waiting-offer": ("staff/waiting_offer.html", waiting.OFFER),
    "waiting-offer-refused": ("staff/waiting_offer.html", waiting.OFFER_REFUSED),
    "waiting-offer-over": ("staff/waiting_offer.html", waiting.OFFER_OVER),
    "waiting-offer-booked": ("staff/waiting_offer.html", waiting.OFFER_BOOKED),
    "visit": ("staff/visit.html", staff.VISIT_PAGE),
    "visit-shared": ("staff/visit.html", staff.VISIT_SHARED),
    "record-shared": ("staff/record.html", staff.RECORD_SHARED),
    "visit-choice": ("staff/visit.html", staff.VISIT_CHOICE),
    "visit-cannot": ("staff/visit.html", staff.VISIT_CANNOT),
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
    "calendars": ("staff/calendars.html", calendars.CALENDARS),
    "calendars-none": ("staff/calendars.html", calendars.CALENDARS_NONE),
    "calendars-read": ("staff/calendars.html", calendars.CALENDARS_READ),
    "calendar": ("staff/calendar.html", calendars.CALENDAR),
    "calendar-empty": ("staff/calendar.html", calendars.CALENDAR_EMPTY),
    "holidays": ("staff/holidays.html", calendars.HOLIDAYS),
    "holidays-first": ("staff/holidays.html", calendars.HOLIDAYS_FIRST),
    "child-calendars": ("staff/child_calendars.html", calendars.CHILD_CALENDARS),
    "pools": ("staff/pools.html", pools.POOLS),
    "pools-none": ("staff/pools.html", pools.POOLS_NONE),
    "pools-read": ("staff/pools.html", pools.POOLS_READ),
    "pool": ("staff/pool.html", pools.POOL),
    "pool-read": ("staff/pool.html", pools.POOL_READ),
    "person-place": ("staff/person_place.html", pools.PLACE),
    "person-place-none": ("staff/person_place.html", pools.PLACE_NONE),
    "new-link": ("staff/new_link.html", links.NEW_LINK),
    "new-link-early": ("staff/new_link.html", links.NEW_LINK_EARLY),
    "new-link-code": ("staff/new_link_code.html", links.CODE),
    "new-link-shown": ("staff/new_link_shown.html", links.SHOWN),
    "hand-over": ("staff/hand_over.html", repairs.HAND_OVER),
    "hand-over-nobody": ("staff/hand_over.html", repairs.HAND_OVER_NOBODY),
    "repair": ("staff/repair.html", repairs.REPAIR),
    "repair-none": ("staff/repair.html", repairs.REPAIR_NONE),
    "repair-fixed": ("staff/repair.html", repairs.REPAIR_FIXED),
    "repair-sure": ("staff/repair_sure.html", repairs.SURE),
    "repair-sure-busy": ("staff/repair_sure.html", repairs.SURE_BUSY),
    "repair-sure-refused": ("staff/repair_sure.html", repairs.SURE_REFUSED),
    "family-hours": ("staff/family_hours.html", calendars.FAMILY_HOURS),
    "hours": ("staff/hours.html", people.HOURS),
    "hours-change": ("staff/hours_change.html", people.HOURS_CHANGE),
    "staff-fit": ("staff/staff_fit.html", people.STAFF_FIT),
    "staff-fit-own": ("staff/staff_fit.html", people.STAFF_FIT_OWN),
    "languages-change": ("staff/languages_change.html", people.LANGUAGES_CHANGE),
    "plan": ("staff/plan.html", staff.PLAN),
    "plan-reviewing": ("staff/plan.html", staff.PLAN_REVIEWING),
    "owed": ("staff/owed.html", owed.OWED),
    "owed-without-plan": ("staff/owed.html", owed.OWED_WITHOUT_PLAN),
    "owed-overview": ("staff/owed_overview.html", owed.OVERVIEW),
    "owed-overview-empty": ("staff/owed_overview.html", owed.OVERVIEW_EMPTY),
    "lost-visit": ("staff/lost_visit.html", owed.LOST_VISIT),
    "lost-visit-again": ("staff/lost_visit.html", owed.LOST_VISIT_AGAIN),
    "lost-visit-decided": ("staff/lost_visit.html", owed.LOST_VISIT_DECIDED),
    "policy": ("staff/policy.html", staff.POLICY),
    "policy-write": ("staff/policy_write.html", staff.POLICY_WRITE),
    "policy-version": ("staff/policy_version.html", staff.POLICY_VERSION),
    "child": ("staff/child.html", staff.CHILD_PAGE),
    "room": ("staff/room.html", staff.ROOM),
    "record": ("staff/record.html", staff.RECORD),
    "cases": ("staff/cases.html", staff.CASES),
    "history": ("staff/history.html", staff.HISTORY),
    "readings": ("staff/readings.html", staff.READINGS),
    "readings-none": ("staff/readings.html", staff.READINGS | {"readers": [], "readings": []}),
    "readers": ("staff/readers.html", staff.READERS),
    "readers-none": ("staff/readers.html", staff.READERS | {"rows": []}),
    "history-broken": ("staff/history.html", staff.HISTORY_BROKEN),
    "log": ("staff/log.html", staff.LOG),
    "opener": ("family/opener.html", family.OPENER),
    "opener-in-app": ("family/opener.html", family.OPENER_IN_APP),
    "opener-in-app-android": ("family/opener.html", family.OPENER_IN_APP | {"app": "android"}),
    "code": ("family/code.html", family.CODE),
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
    "choose": ("family/choose.html", family.CHOOSE),
    "choose-gone": ("family/choose.html", family.CHOOSE | {"gone": True}),
    "answer": ("family/answer.html", family.ANSWER),
    "answer-cannot": ("family/answer.html", family.ANSWER | {"answered": "cannot"}),
    "other-times": ("family/other_times.html", family.OTHER_TIMES),
    "told": ("family/told.html", family.TOLD),
    "closed": ("family/closed.html", family.CLOSED),
    "error": ("error.html", family.ERROR),
    "demo-start": ("demo/start.html", family.DEMO_START),
    "demo-messages": ("demo/messages.html", family.DEMO_MESSAGES),
}
