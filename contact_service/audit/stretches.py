"""Checks the entries of a log stretch by stretch, in this process or in two.

A stretch is small enough for memory, and starts where a complete subtree does, so that its tree is made without the
entries before it.  The other processes look at the database a moment later than this one: they are given only what
lies below the log's size here, where nothing may change any more.
"""

import os
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context
from types import TracebackType
from typing import Self

from sqlmodel import Session

from contact_service.audit import queries
from contact_service.audit.reading import reading
from contact_service.audit.stored import Stretch, checked

STRETCH_ENTRIES = 1 << 12
# Below this many entries two processes take longer to start than one takes to finish.
SHARED_FROM = 1 << 17
PROCESSES = 2


class Crew:
    """The processes that check one database together; none before a log is long enough for them."""

    def __init__(self, database: str, agency: str = "") -> None:
        self._database, self._agency = database, agency
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def stretches(self, log: str, sizes: Sequence[int], *, below: int) -> Iterator[Stretch]:
        """Every stretch of ``log`` that ends at ``below`` or sooner, in order; none of a short log."""
        if below < SHARED_FROM or len(os.sched_getaffinity(0)) < PROCESSES:
            return
        # Spawned, not forked: an open connection to a database must not be carried over.
        self._pool = self._pool or ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))
        waiting: deque[Future[Stretch]] = deque()
        for start in range(0, below - STRETCH_ENTRIES + 1, STRETCH_ENTRIES):
            waiting.append(
                self._pool.submit(
                    _checked_apart, (self._database, self._agency), log, start, _within(sizes, start)
                )
            )
            if len(waiting) > 2 * PROCESSES:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def stretches(
    session: Session, log: str, sizes: Sequence[int], *, crew: Crew | None, below: int
) -> Iterator[Stretch]:
    """Every stretch of ``log``, in order and without end: the caller stops at one that is not full, or has a fault.

    ``sizes`` are the log's sizes to cut at, in order.  ``crew`` does its part of what lies below ``below``.
    """
    start = 0
    for stretch in crew.stretches(log, sizes, below=below) if crew else ():
        yield stretch
        start += STRETCH_ENTRIES
    while True:
        yield _checked(session, log, start, _within(sizes, start))
        start += STRETCH_ENTRIES


def _checked(session: Session, log: str, start: int, sizes: Sequence[int]) -> Stretch:
    entries = queries.stored_entries(
        session, log, start=start or None, below=start + STRETCH_ENTRIES, most=STRETCH_ENTRIES
    )
    return checked(start, entries, sizes)


def _checked_apart(database: tuple[str, str], log: str, start: int, sizes: Sequence[int]) -> Stretch:
    """``_checked`` in another process."""
    return _checked(_session_on(*database), log, start, sizes)


# Closed when a process of the crew ends.
_opened = ExitStack()


@cache
def _session_on(database: str, agency: str) -> Session:
    return _opened.enter_context(reading(database, agency))


def _within(sizes: Sequence[int], start: int) -> Sequence[int]:
    """Those of ``sizes`` that the stretch from ``start`` on is the first to reach."""
    return sizes[bisect_right(sizes, start) : bisect_right(sizes, start + STRETCH_ENTRIES)]
