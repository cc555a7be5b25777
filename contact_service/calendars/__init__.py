"""Calendars that many share: public holidays, closures, school terms, Ramadan.  See README.md."""
