"""Records for other software, as they come: HTTP POST (``webhook``) and MQTT (``mqtt``).

Each record is first written to a folder on disk (``spool``) and then delivered by a thread (``courier``), so a receiver
that is down or slow holds nothing up, and nothing is lost: what could not be delivered is delivered by the next run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from classic_anpr.errors import UsageError
from classic_anpr.notify.courier import Courier, Receiver
from classic_anpr.notify.spool import Spool
from classic_anpr.results import Record

__all__ = ["Hooks", "make_hooks"]


class Hooks:
    """Passes records on to receivers. A context manager: on leaving, it gives them a few seconds to take the rest."""

    def __init__(self, couriers: Sequence[Courier]) -> None:
        self._couriers = couriers
        self._stack = ExitStack()

    def __enter__(self) -> Hooks:
        with ExitStack() as stack:
            for courier in self._couriers:
                stack.enter_context(courier)
            self._stack = stack.pop_all()
        return self

    def send(self, record: Record) -> None:
        """Make sure that a record will be delivered; returns as soon as it is on the disk.

        Raises
        ------
        AnprError
            If it cannot be written there.
        """
        for courier in self._couriers:
            courier.send(record)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def make_hooks(webhook: str | None, mqtt: str | None, folder: Path | None = None) -> Hooks:
    """The receivers that are asked for.

    Parameters
    ----------
    webhook, mqtt : str, optional
        URLs.
    folder : Path, optional
        Where records wait, else the user's folder for such things. Each receiver has a folder of its own in it.

    Raises
    ------
    UsageError
        If a URL is wrong, a package is missing, or another process uses the folder.
    """
    receivers: list[tuple[str, Receiver]] = []
    if webhook is not None:
        from classic_anpr.notify.webhook import Webhook

        receivers.append((webhook, Webhook(webhook)))
    if mqtt is not None:
        from classic_anpr.notify.mqtt import Mqtt

        receivers.append((mqtt, Mqtt(mqtt)))
    couriers = []
    for url, receiver in receivers:
        folder = folder or _default_folder()
        couriers.append(Courier(receiver, Spool(folder / sha256(url.encode()).hexdigest()[:16])))
    return Hooks(couriers)


def _default_folder() -> Path:
    """As the XDG base directories have it."""
    state = os.environ.get("XDG_STATE_HOME")
    try:
        return Path(state if state else Path.home() / ".local" / "state") / "classic-anpr" / "spool"
    except RuntimeError as error:
        raise UsageError(f"--spool is needed: {error}") from error
