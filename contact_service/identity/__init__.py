"""Staff accounts, roles, sign-in and sessions."""
