"""Gives a reader its inputs, in a process of its own whose memory and time are bounded."""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import random
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FrameType

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings

from hostile.bombs import bombs
from hostile.mutations import mutated
from hostile.target import Target

SECONDS = 10.0
"""Of processor time that one input may take."""
MEMORY = 1 << 30
"""Bytes that a process may grow by."""
_STUCK = 20.0
"""Seconds after which a reader that does not come back to Python is ended, with a traceback."""


class Fault(msgspec.Struct, frozen=True):
    """An input that a reader did not stand. `number` names it: the same table gives the same input again."""

    number: int
    data: bytes
    told: str


class Outcome(msgspec.Struct, frozen=True):
    """`inputs` that were read, the slowest of them in seconds of processor time, the most memory in bytes."""

    target: str
    inputs: int
    slowest: float
    slowest_input: int
    memory: int
    seconds: float
    refused: int
    faults: tuple[Fault, ...]


class _TooLong(BaseException):
    """No `except Exception` of a reader's may swallow it."""


def _alarm(_: int, __: FrameType | None) -> None:
    raise _TooLong


def inputs(target: Target, count: int, salt: int = 0) -> Iterator[bytes]:
    """The inputs that are made without Hypothesis, always the same: a third by hand, the others mutations."""
    seeds = list(target.seeds())
    rng = random.Random(f"{target.name} {salt}")
    by_hand = bombs(rng.choice(seeds))
    rng.shuffle(by_hand)
    by_hand = by_hand[: max(1, count // 3)]
    yield from by_hand[:count]
    for _ in range(count - len(by_hand)):
        yield mutated(rng, seeds)


class _Run:
    def __init__(self, target: Target) -> None:
        self.target = target
        self.done = self.refused = self.slowest_input = 0
        self.slowest = 0.0
        self.faults: list[Fault] = []

    def give(self, data: bytes) -> None:
        number = self.done
        self.done += 1
        faulthandler.dump_traceback_later(_STUCK, exit=True)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        began = time.process_time()
        try:
            self.target.read(data)
        except self.target.refuses:
            self.refused += 1
        except (Exception, _TooLong) as error:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            told = "".join(traceback.format_exception(error)[-6:])[-3000:]
            if len(self.faults) < 20:
                self.faults.append(Fault(number, data, told))
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            faulthandler.cancel_dump_traceback_later()
        took = time.process_time() - began
        if took > self.slowest:
            self.slowest, self.slowest_input = took, number


def _all(target: Target, count: int, salt: int, note: int) -> _Run:
    run = _Run(target)
    by_hypothesis = count // 3
    for data in inputs(target, count - by_hypothesis, salt):
        _noted(note, data)
        run.give(data)

    @seed(salt)
    @settings(
        max_examples=max(1, by_hypothesis),
        derandomize=False,  # the seed above makes it repeatable, and others possible
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(target.form(target.seeds()))
    def every(data: bytes) -> None:
        if run.done < count:  # it may try one again
            _noted(note, data)
            run.give(data)

    while run.done < count:  # it stops early where it knows all that there is
        before = run.done
        every()
        if run.done == before:
            break
        for data in inputs(target, count - run.done, salt + 1):
            _noted(note, data)
            run.give(data)
    return run


def _noted(note: int, data: bytes) -> None:
    """The input that is read now, for the one who finds a process that has died of it."""
    os.pwrite(note, len(data).to_bytes(8, "little") + data, 0)


def _limited() -> None:
    with open("/proc/self/statm", "rb") as file:
        here = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + MEMORY, here + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(target: Target, count: int, salt: int = 0) -> Outcome:
    """Give a target so many inputs."""
    target.seeds()
    began = time.monotonic()
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as note:
        gc.collect()
        child = os.fork()
        if child == 0:
            _child(target, count, salt, note.fileno(), writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        _, status, used = os.wait4(child, 0)
        seconds = time.monotonic() - began
        memory = used.ru_maxrss * 1024
        if told:
            done, refused, slowest, at, faults = pickle.loads(told)
            return Outcome(target.name, done, slowest, at, memory, seconds, refused, tuple(faults))
        held = os.pread(note.fileno(), 1 << 30, 0)
        data = held[8 : 8 + int.from_bytes(held[:8], "little")]
        fault = Fault(-1, data, f"the process ended with status {status}")
        return Outcome(target.name, 0, 0.0, 0, memory, seconds, 0, (fault,))


def _child(target: Target, count: int, salt: int, note: int, writing: int) -> None:
    code = 1
    try:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.signal(signal.SIGVTALRM, _alarm)
        faulthandler.enable()
        gc.freeze()
        _limited()
        done = _all(target, count, salt, note)
        told = (done.done, done.refused, done.slowest, done.slowest_input, done.faults)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(told, pipe)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def told(outcomes: Sequence[Outcome]) -> str:
    """A table of what was run."""
    rows = [
        f"{one.target:34} {one.inputs:6} {one.refused:7} {one.slowest * 1000:9.0f}"
        f" {one.memory >> 20:6} {one.seconds:7.1f}"
        for one in sorted(outcomes, key=lambda one: -one.slowest)
    ]
    head = f"{'reader':34} {'inputs':>6} {'refused':>7} {'worst ms':>9} {'MB':>6} {'s':>7}"
    return "\n".join([head, *rows])
