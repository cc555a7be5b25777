"""What proves who signs in beside a password: codes of an app, recovery codes, passkeys."""
