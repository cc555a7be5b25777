"""``python -m contact_service COMMAND``: the same as ``contact-service COMMAND``."""

from contact_service.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
