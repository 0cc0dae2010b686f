"""An interrupt between two pieces of work, not within one."""

from __future__ import annotations

import os
import signal

import pytest

from classic_anpr.cli.interrupt import Interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_held_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    done = []
    with Interrupt() as interrupt:
        with pytest.raises(KeyboardInterrupt), interrupt.held_back():  # noqa: PT012
            os.kill(os.getpid(), number)
            done.append("all of it")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert done == ["all of it"]
    assert signal.getsignal(number) is before


def test_a_second_one_is_not() -> None:
    with pytest.raises(KeyboardInterrupt), Interrupt() as interrupt, interrupt.held_back():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("went on")


def test_nothing_happens_without_a_signal() -> None:
    with Interrupt() as interrupt, interrupt.held_back():
        pass
