"""Waiting for work that goes on in other threads."""

from __future__ import annotations

import threading
import time

import pytest

from optimizer.solvers import waiting
from optimizer.solvers.result import Progress
from optimizer.solvers.waiting import Beside

PATIENCE = 20.0
"""Seconds after which what is waited for will not come any more."""


class Endless:
    """Work that goes on telling where it stands until it is ended."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.ended = threading.Event()

    def __call__(self, beside: Beside[None]) -> None:
        self.began.set()
        until = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < until:
                beside.heed(Progress(0.0, 3, 4.5))
                beside.check()
                time.sleep(0.01)
        finally:
            self.ended.set()


def test_work_beside_goes_on_while_the_caller_works() -> None:
    mine, theirs = threading.Event(), threading.Event()

    def work(beside: Beside[bool]) -> bool:
        del beside
        theirs.set()
        return mine.wait(PATIENCE)

    with Beside(work) as beside:
        assert theirs.wait(PATIENCE)
        mine.set()
        assert beside.result(None) is True


def test_work_that_waits_its_turn_begins_when_its_result_is_asked_for() -> None:
    order: list[str] = []
    with Beside(lambda beside: order.append("beside"), at_once=False) as beside:
        time.sleep(0.05)
        order.append("caller")
        beside.result(None)
    assert order == ["caller", "beside"]


def test_work_nobody_asks_for_never_begins() -> None:
    order: list[str] = []
    with Beside(lambda beside: order.append("beside"), at_once=False):
        pass
    assert order == []


def test_a_failure_is_the_callers_when_it_asks() -> None:
    def fail(beside: Beside[None]) -> None:
        msg = "out of paper"
        raise RuntimeError(msg)

    with Beside(fail) as beside, pytest.raises(RuntimeError, match="out of paper"):
        beside.result(None)


def test_work_ends_with_a_caller_that_fails() -> None:
    work = Endless()

    def fail() -> None:
        with Beside(work):
            assert work.began.wait(PATIENCE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert work.ended.is_set()


def test_who_waits_is_told_and_can_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_REPORT", 0.05)
    work = Endless()
    told: list[Progress] = []

    def enough(at: Progress) -> None:
        told.append(at)
        if len(told) == 2:
            raise KeyboardInterrupt

    with Beside(work) as beside, pytest.raises(KeyboardInterrupt):
        beside.result(enough)
    assert work.ended.is_set()
    assert [at.iterations for at in told] == [3, 3]
    assert 0 < told[0].seconds < told[1].seconds
