"""The thread that delivers one receiver's messages, in order, as often as it takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol

from classic_anpr.notify.spool import Message, Spool
from classic_anpr.results import Record

log = logging.getLogger(__name__)

_LONGEST_DELAY = 60.0  # seconds between two tries


class NotNow(Exception):
    """The receiver cannot be reached, or cannot take messages now; says why."""


class Refused(Exception):
    """The receiver does not want this very message, and would not later; says why."""


class Receiver(Protocol):
    """Where messages go. Used by one thread.

    Attributes
    ----------
    name : str
        For people: without passwords.
    """

    name: str

    def deliver(self, message: Message) -> None:
        """Deliver one message; raises `NotNow` or `Refused` where it was not taken."""

    def close(self) -> None:
        """Leave."""


class Courier:
    """A context manager; on leaving, messages that still wait are given `patience`, then left for the next run.

    Parameters
    ----------
    receiver : Receiver
    spool : Spool
    first_delay : float
        Seconds before the second try of a message; doubled from try to try, up to a minute.
    patience : float
        Seconds that the rest has on leaving.
    """

    def __init__(self, receiver: Receiver, spool: Spool, first_delay: float = 0.5, patience: float = 10.0) -> None:
        self._receiver = receiver
        self._spool = spool
        self._first_delay = first_delay
        self._patience = patience
        self._stack = ExitStack()
        self._news = threading.Condition()  # guards the spool and what follows
        self._leaving = False  # no more messages will come
        self._stopped = False  # and those that wait are to stay

    def __enter__(self) -> Courier:
        self._stack.enter_context(self._spool.open())
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"courier to {self._receiver.name}")
        self._thread.start()
        return self

    def send(self, record: Record) -> None:
        """Take a record; it is on the disk on return.

        Raises
        ------
        AnprError
            If it cannot be written there.
        """
        with self._news:
            self._spool.put(record)
            self._news.notify_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._news:
            self._leaving = True
            self._news.notify_all()
        self._thread.join(self._patience)
        with self._news:
            self._stopped = True
            self._news.notify_all()
            left = len(self._spool)
        if left:
            where = self._spool.folder
            log.warning("%s: %d records wait in %s for the next run", self._receiver.name, left, where)
        self._stack.close()

    def _run(self) -> None:
        delay = self._first_delay
        while (message := self._next()) is not None:
            try:
                self._receiver.deliver(message)
            except Refused as cause:
                log.error("%s: %s; the record is put aside in %s", self._receiver.name, cause, self._spool.folder)
                self._finish(self._spool.set_aside)
            except Exception as cause:
                # The first failure of a row is for everybody, the others for those who want to know.
                level = logging.WARNING if delay == self._first_delay else logging.INFO
                log.log(level, "%s: %s; trying again in %g s", self._receiver.name, cause, delay)
                if not isinstance(cause, NotNow):
                    log.debug("a fault of ours", exc_info=True)
                self._wait(delay)
                delay = min(2 * delay, _LONGEST_DELAY)
            else:
                delay = self._first_delay
                self._finish(self._spool.drop)
        self._receiver.close()

    def _next(self) -> Message | None:
        """The message to deliver now, waited for; None when it is time to go."""
        with self._news:
            self._news.wait_for(lambda: len(self._spool) > 0 or self._leaving or self._stopped)
            return None if self._stopped else self._spool.first()

    def _finish(self, how: Callable[[], object]) -> None:
        """Be done with the first message, unless its folder may already be another process's."""
        with self._news:
            if not self._stopped:
                how()

    def _wait(self, seconds: float) -> None:
        """Wait, but not when it is time to go: then everything is tried once more."""
        with self._news:
            leaving = self._leaving
            self._news.wait_for(lambda: self._stopped or self._leaving != leaving, seconds)
