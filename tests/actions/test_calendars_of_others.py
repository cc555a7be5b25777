"""Calendars as Google, Outlook and Apple write them: when their owner is busy, and nothing else of them.

Each is made by hand after RFC 5545 and RFC 7986 and the known habits of that program, with invented people.
"""

import pytest

from contact_service.working_hours.busy import busy_times
from contact_service.working_hours.errors import CalendarNotReadable
from tests.cast import NOON

LONDON = "Europe/London"
FOLDED_AT = 75


def as_sent(text: str) -> bytes:
    """The lines as they travel: CRLF, and folded after 75 bytes, in the middle of a sign where it falls so."""
    lines = []
    for line in text.strip().splitlines():
        raw = line.encode()
        parts = [raw[:FOLDED_AT]]
        parts += [raw[at : at + FOLDED_AT - 1] for at in range(FOLDED_AT, len(raw), FOLDED_AT - 1)]
        lines.append(b"\r\n ".join(parts))
    return b"\r\n".join(lines) + b"\r\n"


def read(text: str, zone: str = LONDON) -> list[tuple[str, str]]:
    """The busy times as UTC, ``15 14:00`` for the 15th of the month."""
    found = busy_times(as_sent(text), zone=zone, now=NOON)
    return [(f"{first:%d %H:%M}", f"{after:%d %H:%M}") for first, after in found]


GOOGLE = """
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:lena@example.org
X-WR-TIMEZONE:America/New_York
X-WR-CALDESC:
BEGIN:VTIMEZONE
TZID:Europe/London
X-LIC-LOCATION:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:GMT+1
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/London:20300515T090000
DTEND;TZID=Europe/London:20300515T100000
RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20300605T225959Z;BYDAY=WE
EXDATE;TZID=Europe/London:20300529T090000
DTSTAMP:20300501T080000Z
UID:4kq0a1b2c3d4e5f6g7h8i9j0kl@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=lena@example.org;X-NUM-GUESTS=0:mailto:lena@example.org
X-GOOGLE-CONFERENCE:https://meet.example/abc-defg-hij
CREATED:20300401T080000Z
DESCRIPTION:Agenda\\, notes; “Übergabe” und DTSTART:20300516T000000Z in a text: äääääääääääääääääääääääääääääääääääääääääääääääääääääää
LAST-MODIFIED:20300501T080000Z
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Team
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/London:20300523T140000
DTEND;TZID=Europe/London:20300523T150000
DTSTAMP:20300501T080000Z
UID:4kq0a1b2c3d4e5f6g7h8i9j0kl@google.com
RECURRENCE-ID;TZID=Europe/London:20300522T090000
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Team (moved)
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20300516
DTEND;VALUE=DATE:20300517
DTSTAMP:20300501T080000Z
UID:birthday@google.com
STATUS:CONFIRMED
SUMMARY:Birthday
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20300517T120000Z
DTEND:20300517T123000Z
DTSTAMP:20300501T080000Z
UID:utc@google.com
STATUS:CONFIRMED
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H30M0S
END:VALARM
END:VEVENT
END:VCALENDAR
"""  # noqa: E501  one line, which the mail folds

OUTLOOK = """
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
X-CALSTART:20300513T000000Z
X-CALEND:20301231T000000Z
X-WR-RELCALID:{0000002E-1F2E-3D4C-5B6A-798897A6B5C4}
X-WR-CALNAME:Lena Brandt
BEGIN:VTIMEZONE
TZID:GMT Standard Time
BEGIN:STANDARD
DTSTART:16011028T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0100
TZOFFSETTO:-0000
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T010000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:-0000
TZOFFSETTO:+0100
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CATEGORIES:Yellow Category
CLASS:PUBLIC
CREATED:20300501T080000Z
DESCRIPTION: \\n
DTEND;TZID="GMT Standard Time":20300515T103000
DTSTAMP:20300501T080000Z
DTSTART;TZID="GMT Standard Time":20300515T093000
LAST-MODIFIED:20300501T080000Z
PRIORITY:5
RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=WE;BYSETPOS=3
SEQUENCE:0
SUMMARY;LANGUAGE=en-gb:Panel
TRANSP:OPAQUE
UID:040000008200E00074C5B7101A82E00800000000A0B1C2D3E4F5DA01000000000000000010000000AB
X-ALT-DESC;FMTTYPE=text/html:<html><body>BEGIN:VEVENT</body></html>
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-IMPORTANCE:1
X-MICROSOFT-DISALLOW-COUNTER:FALSE
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=W. Europe Standard Time:20300516T140000
DTEND;TZID=W. Europe Standard Time:20300516T143000
DTSTAMP:20300501T080000Z
SUMMARY:Call with Berlin
TRANSP:OPAQUE
UID:berlin
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20300517
DTEND;VALUE=DATE:20300518
DTSTAMP:20300501T080000Z
SUMMARY:Leave
TRANSP:OPAQUE
UID:leave
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=GMT Standard Time:20300518T090000
DTEND;TZID=GMT Standard Time:20300518T100000
DTSTAMP:20300501T080000Z
SUMMARY:Hold
TRANSP:TRANSPARENT
UID:free
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
"""

APPLE = """
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 14.5//EN
VERSION:2.0
X-APPLE-CALENDAR-COLOR:#1BADF8
X-WR-CALNAME:Home
NAME:Home
REFRESH-INTERVAL;VALUE=DURATION:PT12H
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CREATED:20300401T080000Z
DTSTAMP:20300501T080000Z
DTSTART;TZID=Europe/London:20300515T180000
DURATION:PT1H30M
SEQUENCE:0
SUMMARY:Choir
UID:0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9
URL;VALUE=URI:
RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3
EXDATE;TZID=Europe/London:20300529T180000
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="1 High Street\\nOldtown";X-APPLE-RADIUS=70;X-TITLE=Hall:geo:51.5,-0.1
X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
BEGIN:VALARM
ACTION:AUDIO
TRIGGER:-PT15M
ATTACH;VALUE=URI:Chord
UID:1B2C3D4E
X-APPLE-DEFAULT-ALARM:TRUE
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20300501T080000Z
DTSTART:20300516T080000
DTEND:20300516T083000
SUMMARY:Run\\, wherever I am
UID:floating
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20300501T080000Z
DTSTART;VALUE=DATE:20300518
SUMMARY:Fair
UID:one-day
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20300501T080000Z
DTSTART;TZID=Europe/London:20300520T100000
DTEND;TZID=Europe/London:20300520T110000
STATUS:CANCELLED
UID:called-off
END:VEVENT
BEGIN:VTODO
DTSTAMP:20300501T080000Z
DTSTART:20300521T100000Z
DUE:20300521T110000Z
UID:todo
END:VTODO
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("calendar", "busy"),
    [
        (
            GOOGLE,
            [
                ("15 08:00", "15 09:00"),
                ("17 12:00", "17 12:30"),
                ("23 13:00", "23 14:00"),
                ("05 08:00", "05 09:00"),
            ],
        ),
        (
            OUTLOOK,
            [
                ("15 08:30", "15 09:30"),
                ("16 12:00", "16 12:30"),
                ("16 23:00", "17 23:00"),
                ("19 08:30", "19 09:30"),
                ("17 08:30", "17 09:30"),
            ],
        ),
        (
            APPLE,
            [
                ("15 17:00", "15 18:30"),
                ("16 07:00", "16 07:30"),
                ("17 23:00", "18 23:00"),
                ("12 17:00", "12 18:30"),
            ],
        ),
    ],
    ids=["google", "outlook", "apple"],
)
def test_the_owner_is_busy_when_their_calendar_says_so(calendar: str, busy: list[tuple[str, str]]) -> None:
    assert read(calendar) == busy


def test_times_without_a_zone_are_by_the_owners_clock_whatever_the_file_says_of_itself() -> None:
    floating = APPLE.replace("X-WR-CALNAME:Home", "X-WR-TIMEZONE:America/New_York")
    assert ("16 06:00", "16 06:30") in read(floating, zone="Europe/Warsaw")
    assert ("16 07:00", "16 07:30") in read(floating)


@pytest.mark.parametrize("calendar", [GOOGLE, OUTLOOK, APPLE], ids=["google", "outlook", "apple"])
def test_folds_in_the_middle_of_a_sign_bare_line_ends_and_a_mark_in_front_change_nothing(
    calendar: str,
) -> None:
    raw = as_sent(calendar)
    expected = busy_times(raw, zone=LONDON, now=NOON)
    for same in (b"\xef\xbb\xbf" + raw, raw.replace(b"\r\n", b"\n"), calendar.strip().encode() + b"\n"):
        assert busy_times(same, zone=LONDON, now=NOON) == expected


def test_the_google_calendar_is_folded_within_a_sign() -> None:
    broken = [line for line in as_sent(GOOGLE).split(b"\r\n") if "\ufffd" in line.decode(errors="replace")]
    assert broken


@pytest.mark.parametrize("zone", ["Customized Time Zone", "Microsoft/Utc?", "GMT +0100 (Standard)"])
def test_a_zone_of_a_programs_own_is_named_and_never_guessed(zone: str) -> None:
    with pytest.raises(CalendarNotReadable, match="do not know the time zone"):
        read(OUTLOOK.replace("W. Europe Standard Time", zone))


def test_an_event_that_was_changed_for_all_days_to_come_at_once_is_refused() -> None:
    with pytest.raises(CalendarNotReadable, match="changed for all days to come"):
        read(GOOGLE.replace("RECURRENCE-ID;TZID", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID"))
