"""What is called, and what must come of it, in every language: with the sidecar, and plainly beside it.

A client program reads one JSON object from its standard input, `{"target", "runs"}`, and prints a `Result` as
JSON on a line of its own for each call. A run is `{"plain", "service_config", "batches"}`: it has a channel
of its own, without the sidecar if `plain`, with the user's service config (JSON text) if that is no null.
Runs go side by side. A batch is `{"wait_s", "calls"}`: batches go one after the other, each after its wait,
the calls of one batch all at once. A call is `Call` below without what is expected; a stream sends one
message, and ends with OK when all answers came.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from stubs.policies import BENCH, CODES, KEY
from stubs.server import Record, Server, running
from workspai_hooks.enrichment.values import Rpc

GIVE_UP_S = 1.5
"""The plain stub has no deadline: a call that hangs is given up by the test."""
EARLY_S, LATE_S = 0.02, 0.35
"""How far a call may end from when it should: clocks of two processes; two busy cores."""
OWN_CONFIG = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{"service": "bench.shop.Shop", "method": "Get"}],
                "retryPolicy": {
                    "maxAttempts": 2,
                    "initialBackoff": "0.010000000s",
                    "maxBackoff": "0.010000000s",
                    "backoffMultiplier": 1,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)


class Expect(msgspec.Struct, frozen=True):
    """`tries` that the server saw; `ends_s` after the call began; `key` is what the server saw as the
    request's id: `uuid` is one UUID4 for all tries; `open`: the breaker let nothing out and said so;
    `deadline`: whether the server saw one (None: not asked)."""

    code: str = "OK"
    tries: int = 1
    ends_s: float | None = None
    key: str = ""
    open: bool = False
    deadline: bool | None = None


class Call(msgspec.Struct, frozen=True):
    """`method` is `Service/Rpc`; `timeout_s` the caller's own deadline; `cancel_s`: the caller cancels then.
    `plain`: what the plain stub makes of it, None: not called without the sidecar."""

    method: str
    behaviour: str
    expect: Expect
    plain: Expect | None = None
    request_id: str = ""
    timeout_s: float | None = None
    cancel_s: float | None = None


class Batch(msgspec.Struct, frozen=True):
    """`any_order`: which of the calls comes to which end is left open."""

    calls: tuple[Call, ...]
    wait_s: float = 0
    any_order: bool = False


class Run(msgspec.Struct, frozen=True):
    """What is done on one channel."""

    name: str
    batches: tuple[Batch, ...]
    service_config: str | None = None


class Result(msgspec.Struct, frozen=True):
    """`code` as gRPC writes it; `request_id` is what the caller's own message holds after the call."""

    call: str
    code: str
    elapsed_s: float
    details: str = ""
    request_id: str = ""


def _now(*calls: Call) -> Batch:
    return Batch(calls)


def _rows(*calls: Call) -> tuple[Batch, ...]:
    return tuple(Batch((call,)) for call in calls)


DOWN = Expect("UNAVAILABLE")
OPEN = Expect("UNAVAILABLE", tries=0, open=True)
HUNG = Expect("DEADLINE_EXCEEDED", ends_s=GIVE_UP_S)
OK = Expect()
STREAM = Expect(deadline=False)
_FAIL = Call("Shop/Slow", "down", DOWN, plain=DOWN)
_FAIL_OPEN = Call("Shop/Slow", "down", OPEN, plain=DOWN)

SHOP_RUNS = (
    Run(
        "unavailable twice, then OK",
        _rows(
            Call("Shop/Get", "flaky:2", Expect(tries=3), plain=DOWN),
            Call("Shop/Get", "flaky:4", Expect("UNAVAILABLE", tries=4), plain=DOWN),
            Call("Shop/Get", "code:INTERNAL", Expect("INTERNAL"), plain=Expect("INTERNAL")),
            Call("Shop/Slow", "flaky:1", DOWN, plain=DOWN),  # nobody declared it idempotent
        ),
    ),
    Run(
        "deadlines",
        (
            _now(
                Call("Shop/Get", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.5), plain=HUNG),
                Call("Shop/Get", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.2), timeout_s=0.2),
                Call("Shop/Get", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.5), timeout_s=5),
                Call("Shop/Plain", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.8), timeout_s=0.8),
                Call("Shop/Plain", "slow:0.7", Expect(deadline=False), plain=OK),
            ),
        ),
    ),
    Run(
        "one key for all tries",
        (
            _now(
                Call("Shop/Put", "flaky:2", Expect(tries=3, key="uuid"), plain=DOWN),
                Call("Shop/Put", "ok", Expect(key="uuid"), plain=OK),
                Call("Shop/Put", "flaky:1", Expect(tries=2, key="mine"), request_id="mine"),
                Call("Shop/Get", "flaky:1", Expect(tries=2), plain=DOWN),
            ),
        ),
    ),
    Run(
        "streams are left alone",
        (
            _now(
                *(
                    Call(f"Shop/{name}", what, one, plain=one)
                    for name in ("Listed", "Collected", "Chatted")
                    for what, one in (("slow:0.6", STREAM), ("down", DOWN))
                )
            ),
            _now(
                *(
                    Call("Shop/Listed", "down", DOWN, plain=DOWN)  # counted by no breaker
                    for _ in range(3)
                )
            ),
            _now(Call("Shop/Listed", "ok", STREAM), Call("Shop/Get", "ok", OK)),
        ),
    ),
    Run(
        "a user's own service config",
        _rows(
            Call("Shop/Get", "flaky:2", Expect("UNAVAILABLE", tries=2), Expect("UNAVAILABLE", tries=2)),
            Call("Shop/Put", "flaky:2", Expect("UNAVAILABLE", key="uuid"), plain=DOWN),
            Call("Shop/Get", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.5), plain=HUNG),
        ),
        service_config=OWN_CONFIG,
    ),
    Run(
        "always down: opens, probes once, recovers",
        (
            *_rows(_FAIL, _FAIL, _FAIL, _FAIL_OPEN, _FAIL_OPEN, _FAIL_OPEN),
            _now(Call("Depot/Get", "ok", OK, plain=OK)),  # a breaker of its own
            Batch((Call("Shop/Slow", "down", DOWN),), wait_s=0.7),  # the probe fails
            _now(Call("Shop/Get", "ok", OPEN)),
            Batch(
                (Call("Shop/Get", "slow:0.3", OK), *[Call("Shop/Get", "slow:0.3", OPEN)] * 5),
                wait_s=0.7,
                any_order=True,
            ),
            _now(*[Call("Shop/Get", "ok", OK)] * 3),
        ),
    ),
    Run(
        "a call with retries fails once",
        _rows(
            *[Call("Shop/Put", "down", Expect("UNAVAILABLE", tries=3, key="uuid"))] * 3,
            Call("Shop/Put", "down", OPEN),
        ),
    ),
    Run(
        "a hang is a failure, a caller's short deadline is nothing",
        (
            *_rows(*[Call("Shop/Slow", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.2), timeout_s=0.2)] * 3),
            _now(*[Call("Shop/Slow", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.3))] * 3),
            _now(Call("Shop/Slow", "ok", OPEN)),
            # A probe that its caller's own deadline ends says nothing: the next call is one.
            Batch(
                (Call("Shop/Slow", "hang", Expect("DEADLINE_EXCEEDED", ends_s=0.2), timeout_s=0.2),),
                wait_s=0.7,
            ),
            _now(Call("Shop/Slow", "down", DOWN)),
            _now(Call("Shop/Slow", "ok", OPEN)),
        ),
    ),
    Run(
        "any other outcome resets the count",
        _rows(
            _FAIL,
            _FAIL,
            Call("Shop/Slow", "code:NOT_FOUND", Expect("NOT_FOUND")),
            _FAIL,
            _FAIL,
            Call("Shop/Slow", "hang", Expect("CANCELLED", ends_s=0.2), cancel_s=0.2),  # counts as neither
            _FAIL,
            Call("Shop/Slow", "ok", OPEN),
        ),
    ),
    Run(
        "a probe that is cancelled is given back",
        (
            *_rows(_FAIL, _FAIL, _FAIL, _FAIL_OPEN),
            Batch((Call("Shop/Plain", "hang", Expect("CANCELLED"), cancel_s=0.2),), wait_s=0.7),
            *_rows(*[Call("Shop/Get", "ok", OK)] * 2),
        ),
    ),
)


def _bench(rpc: Rpc) -> Iterator[Call]:
    """Every method fails at once, by a code that is retried and by one that isn't, and hangs."""
    policy = rpc.policy
    method, key = f"Bench/{rpc.name}", "uuid" if policy.key else ""
    retried = policy.retry.on_grpc if policy.retry else CODES
    for code in CODES:
        tries = policy.tries if code in retried else 1
        yield Call(method, f"code:{code}", Expect(code, tries=tries, key=key))
    yield Call(method, "hang", Expect("DEADLINE_EXCEEDED", ends_s=policy.timeout_s, key=key))


def _tens(calls: list[Call]) -> tuple[Batch, ...]:
    """Ten at once: more would measure how many calls the machine can do at once."""
    return tuple(Batch(tuple(calls[at : at + 10])) for at in range(0, len(calls), 10))


_FIFTY = [call for rpc in BENCH.rpcs for call in _bench(rpc)]
BENCH_RUNS = tuple(
    Run(f"fifty policies, {kind}", _tens([call for call in _FIFTY if (call.behaviour == "hang") is hangs]))
    for kind, hangs in (("tries", False), ("deadlines", True))
)
RUNS = (*SHOP_RUNS, *BENCH_RUNS)
NAMES = tuple(run.name for run in RUNS)


class Outcomes(msgspec.Struct, frozen=True):
    """What came of all runs of a client program."""

    results: Mapping[str, Result]
    records: Mapping[str, Record]

    def wrong(self, name: str) -> list[str]:
        """What was otherwise than expected in the run `name`, a line each; none: all as it must be."""
        run = next(one for one in RUNS if one.name == name)
        found: list[str] = []
        for plain in (False, True):
            for batch, calls in _called(run, plain):
                found += self._wrong_any_order(calls) if batch.any_order else self._wrong(calls, plain)
        return found

    def _wrong(self, calls: Mapping[str, Call], plain: bool) -> list[str]:
        return [
            f"{name} {call.method} {call.behaviour}: {fault}"
            for name, call in calls.items()
            for fault in self._faults(name, call, call.plain if plain and call.plain else call.expect)
        ]

    def _wrong_any_order(self, calls: Mapping[str, Call]) -> list[str]:
        expected = sorted((call.expect.code, call.expect.tries) for call in calls.values())
        seen = sorted((self.results[name].code, self.records[name].tries) for name in calls)
        return [] if seen == expected else [f"{list(calls)}: {seen}, not {expected}"]

    def _faults(self, name: str, call: Call, expect: Expect) -> Iterator[str]:
        result, record = self.results.get(name), self.records[name]
        if result is None:
            yield "no result"
            return
        seen = (result.code, record.tries)
        if seen != (expect.code, expect.tries):
            yield f"{seen}, not {(expect.code, expect.tries)} ({result.details})"
        ends_s = expect.ends_s
        if ends_s is not None and not ends_s - EARLY_S <= result.elapsed_s <= ends_s + LATE_S:
            yield f"ended after {result.elapsed_s:.3f} s, not {ends_s} s"
        if ends_s is not None and call.cancel_s is None and not _near(record.deadlines, ends_s):
            yield f"the server saw {record.deadlines} s left, not {ends_s} s"
        if expect.deadline is not None and any(
            (left is not None) is not expect.deadline for left in record.deadlines
        ):
            yield f"the server saw {record.deadlines} s left"
        keys = set(record.request_ids)
        if expect.key == "uuid" and (len(keys) != 1 or not _is_uuid4(*keys)):
            yield f"keys {keys}, not one UUID"
        if expect.key != "uuid" and keys - {expect.key}:
            yield f"keys {keys}, not {expect.key!r}"
        if result.request_id != call.request_id:
            yield f"the caller's own message holds {KEY} {result.request_id!r}"
        service = {"Shop": "bench.shop.Shop"}.get(call.method.partition("/")[0])
        if expect.open and not result.details.startswith(f"circuit open for {service}, next try in "):
            yield f"says {result.details!r}"


def outcomes(server: Server, command: Sequence[str], folder: Path, runs: Sequence[Run] = RUNS) -> Outcomes:
    """Runs a client program with all runs, sidecar and plain, and asks the server what it saw."""
    given = {
        "target": server.target,
        "runs": [_given(run, plain) for run in runs for plain in (False, True)],
    }
    done = subprocess.run(
        command, cwd=folder, input=json.dumps(given), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-4000:]
    results = [msgspec.json.decode(line, type=Result) for line in done.stdout.splitlines()]
    names = [
        name for run in runs for plain in (False, True) for _, calls in _called(run, plain) for name in calls
    ]
    return Outcomes(
        {result.call: result for result in results},
        {name: server.record(name) for name in names},
    )


def faults(command: Sequence[str], folder: Path, runs: Sequence[Run] = RUNS) -> dict[str, list[str]]:
    """What was otherwise than expected, by the names of runs. A run that goes wrong is made once more, beside
    few others: a busy machine takes time that short deadlines don't have."""
    wrong: dict[str, list[str]] = {}
    for _ in range(2):
        with running() as server:
            seen = outcomes(server, command, folder, runs)
        wrong = {run.name: found for run in runs if (found := seen.wrong(run.name))}
        runs = [run for run in runs if run.name in wrong]
        if not runs:
            break
    return wrong


def _called(run: Run, plain: bool) -> Iterator[tuple[Batch, dict[str, Call]]]:
    """The calls of each batch by their names."""
    label = f"{run.name}, {'plain stub' if plain else 'sidecar'}"
    for at, batch in enumerate(run.batches):
        calls = {
            f"{label}, {at}.{index}": call
            for index, call in enumerate(batch.calls)
            if not plain or call.plain is not None
        }
        if calls:
            yield batch, calls


def _given(run: Run, plain: bool) -> dict[str, object]:
    batches = [
        {"wait_s": 0 if plain else batch.wait_s, "calls": [_asked(*one, plain) for one in calls.items()]}
        for batch, calls in _called(run, plain)
    ]
    warm = _asked(f"{run.name}, {plain}", Call("Shop/Plain", "ok", OK), plain)
    first = {"wait_s": 0, "calls": [warm]}  # connects, so that no short deadline is spent on it
    return {"plain": plain, "service_config": run.service_config, "batches": [first, *batches]}


def _asked(name: str, call: Call, plain: bool) -> dict[str, object]:
    hangs = plain and call.timeout_s is None and call.behaviour == "hang"
    return {
        "call": name,
        "method": call.method,
        "behaviour": call.behaviour,
        "request_id": call.request_id,
        "timeout_s": GIVE_UP_S if hangs else call.timeout_s,
        "cancel_s": call.cancel_s,
    }


def _near(deadlines: Sequence[float | None], ends_s: float) -> bool:
    return all(left is not None and abs(ends_s - left) <= LATE_S for left in deadlines)


def _is_uuid4(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key and uuid.UUID(key).version == 4
    except ValueError:
        return False
