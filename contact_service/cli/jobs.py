"""How the jobs of the ``schedule`` processes fare, for whoever runs the service."""

from contact_service.cli.asking import Commands, Options, settings_of


def add_jobs(commands: Commands) -> None:
    """Jobs."""
    text = "when each job last began, ended and failed"
    commands.add_parser("jobs", help=text).set_defaults(run=_jobs)


def _jobs(_: Options) -> int:
    """Print a line for each job; 1 when nothing has been through the outbox for a minute."""
    from contact_service import actor, app
    from contact_service.operations.queries import is_outbox_silent, job_beats
    from contact_service.work import read

    with read(app.install(settings_of("jobs")), actor.COMMAND_LINE) as work:
        silent = is_outbox_silent(work)
        for one in job_beats(work):
            moments = (one.begun_at, one.ended_at, one.failed_at)
            began, ended, failed = (f"{at:%Y-%m-%d %H:%M:%S}" if at else "never" for at in moments)
            why = f" ({one.failure}, {one.failures} times)" if one.failure else ""
            print(f"{one.job:<24} began {began}  ended {ended}  failed {failed}{why}  in {one.process}")
    if silent:
        print("Nothing has been through the outbox for a minute. Is contact-service schedule running?")
    return 1 if silent else 0
