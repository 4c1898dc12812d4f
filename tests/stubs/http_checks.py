"""What every HTTP sidecar is tested for, through programs that make the calls of `phases()` in each language.

A test module has a fixture `ran`, scoped to the module, and a class that derives from `Checks`.
"""

from __future__ import annotations

import itertools
import json
import math
import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import UUID

import pytest

from stubs import http_policies
from stubs.http_clients import Outcome, call, lane, outcomes
from stubs.http_server import Server, Try
from stubs.toolchain import once
from workspai_hooks.enrichment.values import HttpOperation
from workspai_hooks.resilience.model import Policy

LATE_S = 0.25
"""How much later than it should a call may end: many of them begin at once."""
PLAYED = 4
"""How often a call is made at most until it is in time."""
EARLY_S = 0.02
SHORT_S, LONG_S = http_policies.SHORT_S, http_policies.LONG_S
SLOW_S = 0.08
"""What a try may take longer than its limit on this busy machine: the next may not be in time any more."""

OPERATIONS = {each.operation_id: each for each in (*http_policies.generated(), *http_policies.ORDERS)}
GENERATED = [each.operation_id for each in http_policies.generated()]


Program = Callable[[Path, str], str]
"""Makes the calls of a file of phases against a server's URL; returns the lines of JSON that it prints."""


class Ran(NamedTuple):
    """What came of all calls: as the caller saw it, and as the server did."""

    outcomes: Mapping[str, list[Outcome]]
    tries: Mapping[str, list[Try]]

    def of(self, call_id: str) -> tuple[Outcome, int]:
        """The outcome of a call that was made once, and how many tries the server saw."""
        (outcome,) = self.outcomes[call_id]
        return outcome, len(self.tries.get(call_id, []))


def played(
    factory: pytest.TempPathFactory,
    name: str,
    program: Program,
    own: Sequence[dict[str, Any]] = (),
) -> Ran:
    """What comes of all calls, once for all workers of the run; `own` are lanes that one client alone has."""
    folder = once(factory, f"{name}-ran", lambda folder: _play(program, folder, own))
    return cast("Ran", pickle.loads((folder / "ran").read_bytes()))


def _play(program: Program, folder: Path, own: Sequence[dict[str, Any]]) -> None:
    """Has all calls made. Lanes that the machine was too
    busy for (`late_s`, `least` tries, no answer where one is `want`ed) are played again; what ends early, or
    is tried too often, is what it is at once."""
    waiting = [*phases(), *([list(own)] if own else [])]
    ran = Ran({}, {})
    for _ in range(PLAYED):
        file = folder / "phases.json"
        file.write_text(json.dumps(waiting))
        with Server() as server:
            told = outcomes(program(file, f"{server.url}/v1"))
            seen = {name: list(tries) for name, tries in server.tries.items()}
        names = {one["id"] for phase in waiting for lane in phase for step in lane["calls"] for one in step}
        kept = {name: tries for name, tries in ran.tries.items() if name not in names}
        ran = Ran({**ran.outcomes, **told}, {**kept, **seen})
        late = [one for phase in waiting for one in phase if _is_late(one, ran)]
        if not late:
            break
        waiting = [[one] for one in late]
    (folder / "ran").write_bytes(pickle.dumps(ran))


def _is_late(row: dict[str, Any], ran: Ran) -> bool:
    for one in (each for step in row["calls"] for each in step):
        outcome, tries = ran.outcomes[one["id"]][0], len(ran.tries.get(one["id"], []))
        if outcome.elapsed_s > one.get("late_s", math.inf) or tries < one.get("least", 0):
            return True
        if outcome.status == 0 and one.get("want"):
            return True
    return False


def phases() -> list[list[dict[str, Any]]]:
    """One after the other, so that calls whose time is measured are not kept waiting by all others, nor by
    what a runtime does once."""
    warm = [lane(made("getOrder", f"warm{number}", "flaky:1:503")) for number in range(4)]
    hangs, fails = [], []
    for name in GENERATED:
        policy = OPERATIONS[name].policy
        possible, _, late = hanging(policy)
        hang = made(name, f"hang-{name}", "hang", late_s=late + LATE_S, least=possible.start)
        hangs.append(lane(hang))
        status = _status(policy)
        down = made(name, f"down-{name}", f"status:{status}", least=policy.tries, want=status)
        fails.append(lane(down))
    few = [fails[begin : begin + 10] for begin in range(0, len(fails), 10)]
    return [warm, hangs, *few, [*_both(), *_sidecar_alone(), *_breaker()]]


def made(operation: str, call_id: str, behaviour: str, **more: Any) -> dict[str, Any]:
    has_body = operation in OPERATIONS and OPERATIONS[operation].method in http_policies.BODIES
    return call(operation, call_id, behaviour, **({"body": True} if has_body else {}), **more)


def _status(policy: Policy) -> int:
    return policy.retry.on_http[0] if policy.retry else 503


def _both() -> list[dict[str, Any]]:
    """Through the sidecar, and beside it as `plain-…` through the client as it was generated."""
    calls = [
        ("getOrder", "flaky", "flaky:2:503", {"want": 200}),
        ("getOrder", "limited", "flaky:2:429", {"want": 200}),
        ("getOrder", "dated", "after:1:503:date+1", {"want": 200, "late_s": 1.0 + LATE_S}),
        ("getOrder", "slow", "slow:0.2", {"want": 200}),
        ("getOrder", "reset", "reset", {}),
        ("getOrder", "missing", "status:404", {}),
        ("makeOrder", "made", "flaky:2:503", {}),
        ("makeOrder", "own-key", "flaky:2:503", {"key": "mine"}),
        ("dropOrder", "dropped", "status:503", {"want": 503}),
        ("getUnlisted", "unlisted", "status:503", {}),
        ("getFile", "streamed", "drip:1.5", {"stream": True, "want": 200}),
        ("getOrder", "shorter", "hang", {"timeout_s": 0.2, "late_s": 0.8}),
    ]
    return [
        lane(made(operation, prefix + name, behaviour, **more), plain=bool(prefix))
        for operation, name, behaviour, more in calls
        for prefix in ("", "plain-")
    ]


def _sidecar_alone() -> list[dict[str, Any]]:
    return [
        lane(made("getOrder", "told", "after:1:429:1", late_s=1.0 + LATE_S)),
        lane(made("getOrder", "too-long", "after:9:429:30", late_s=LATE_S)),
        lane(made("getOrder", "far-date", "after:9:503:date+900", late_s=LATE_S)),
        lane(made("dropOrder", "dropped-hang", "hang", late_s=SHORT_S + LATE_S)),
        lane(made("dropOrder", "longer", "hang", timeout_s=5.0, late_s=SHORT_S + LATE_S)),
        lane(made("getLatest", "latest", "hang", late_s=SHORT_S + LATE_S)),
        lane(made("getOrder", "drip", "drip:9", late_s=LONG_S + 1.2)),
    ]


def _breaker() -> list[dict[str, Any]]:
    def drop(name: str, behaviour: str, **more: Any) -> dict[str, Any]:
        return made("dropOrder", name, behaviour, **more)

    wait = {"sleep_s": http_policies.BREAKER.open_s + 0.1}
    return [
        lane(
            *(drop(f"down{number}", "status:503", want=503) for number in range(3)),
            *(drop(f"open{number}", "ok", late_s=0.1) for number in range(3)),
            [drop("probe0", "slow:0.15", **wait), drop("probe1", "slow:0.15", **wait)],
            drop("closed", "ok", want=200),
            *(drop(f"again{number}", "status:502", want=502) for number in range(3)),
            drop("failing-probe", "status:504", want=504, **wait),
            drop("still-open", "ok"),
        ),
        lane(
            *(drop(f"lost{number}", "status:503", want=503) for number in range(3)),
            drop("given-up", "hang", timeout_s=0.1, **wait),
            drop("after-it", "ok"),
        ),
        lane(*(drop(f"busy{number}", "status:429", want=429) for number in range(5))),
        lane(*(drop(f"broken{number}", "reset") for number in range(3)), drop("broken-open", "ok")),
    ]


def _of(call_id: str) -> HttpOperation:
    return OPERATIONS[call_id.partition("-")[2]]


def hanging(policy: Policy) -> tuple[range, float, float]:
    """By the model, with all that jitter may do: tries, and seconds, of a call whose tries all hang."""
    assert policy.timeout_s is not None
    total, per_try = policy.timeout_s, policy.per_try_s or policy.timeout_s
    again = policy.tries if policy.retry and policy.retry.on_transport else 1
    ends = []
    for side, late in itertools.product((-1, 1), (0.0, SLOW_S)):
        spent, tries = min(per_try, total), 1
        while tries < again and policy.retry:
            backoff = policy.retry.backoff
            wait = backoff.before(tries + 1) / (1 + backoff.jitter) * (1 + side * backoff.jitter) + late
            if spent + wait >= total:
                break
            spent, tries = min(spent + wait + per_try, total), tries + 1
        ends.append((tries, spent))
    tries_, seconds = zip(*ends, strict=True)
    return range(min(tries_), max(tries_) + 1), min(seconds), max(seconds)


class Checks:
    """The tests; `retries_plain` says what the plain client does by itself (its library's own retries)."""

    def test_tries_are_the_models(self, ran: Ran) -> None:
        """One test for all policies: pytest-xdist would have each worker wait for the other's client."""
        wrong = {}
        for name in GENERATED:
            outcome, tries = ran.of(f"down-{name}")
            policy = OPERATIONS[name].policy
            keys = {each.key for each in ran.tries[f"down-{name}"]}
            if (outcome.status, tries) != (_status(policy), policy.tries):
                wrong[name] = (outcome, tries, policy)
            if len(keys) != 1 or bool(min(keys)) != bool(policy.key):
                wrong[name] = (keys, policy)
        assert not wrong

    def test_a_hang_ends_at_the_models_deadline(self, ran: Ran) -> None:
        wrong = {}
        for name in GENERATED:
            outcome, tries = ran.of(f"hang-{name}")
            policy = OPERATIONS[name].policy
            possible, early, late = hanging(policy)
            in_time = early - EARLY_S <= outcome.elapsed_s <= late + LATE_S
            if outcome.status != 0 or tries not in possible or not in_time:
                wrong[name] = (outcome, tries, policy)
        assert not wrong

    def test_down_twice_then_well(self, ran: Ran) -> None:
        assert (ran.of("flaky")[0].status, ran.of("flaky")[1]) == (200, 3)
        assert (ran.of("plain-flaky")[0].status, ran.of("plain-flaky")[1]) == (503, 1)

    def test_too_many_requests_without_a_wait(self, ran: Ran) -> None:
        assert (ran.of("limited")[0].status, ran.of("limited")[1]) == (200, 3)
        assert (ran.of("plain-limited")[0].status, ran.of("plain-limited")[1]) == (429, 1)

    def test_waits_as_long_as_told(self, ran: Ran) -> None:
        outcome, tries = ran.of("told")
        assert (outcome.status, tries) == (200, 2)
        assert 1.0 - EARLY_S <= outcome.elapsed_s <= 1.0 + LATE_S

    def test_waits_until_a_date(self, ran: Ran) -> None:
        outcome, tries = ran.of("dated")
        assert (outcome.status, tries) == (200, 2)
        first, second = ran.tries["dated"]
        assert second.at >= math.floor(first.at + 1)  # a date has no fractions
        assert outcome.elapsed_s <= 1.0 + LATE_S

    def test_what_can_not_be_waited_for_is_given_back_at_once(self, ran: Ran) -> None:
        for name, status in (("too-long", 429), ("far-date", 503)):
            outcome, tries = ran.of(name)
            assert (outcome.status, tries) == (status, 1)
            assert outcome.elapsed_s < LATE_S

    def test_connections_that_end_are_tried_again(self, ran: Ran) -> None:
        outcome, tries = ran.of("reset")
        assert (outcome.status, tries) == (0, 3)

    def test_other_statuses_are_not(self, ran: Ran) -> None:
        assert (ran.of("missing")[0].status, ran.of("missing")[1]) == (404, 1)

    def test_one_key_for_all_tries(self, ran: Ran) -> None:
        assert ran.of("made")[0].status == 200
        made = ran.tries["made"]
        assert len(made) == 3
        assert UUID(made[0].key).version == 4
        assert len({(each.key, each.body) for each in made}) == 1
        assert {each.key for each in ran.tries["own-key"]} == {"mine"}
        assert [each.key for each in ran.tries["plain-made"]] == [""]

    def test_what_is_not_idempotent_is_tried_once(self, ran: Ran) -> None:
        assert (ran.of("dropped")[0].status, ran.of("dropped")[1]) == (503, 1)
        outcome, tries = ran.of("dropped-hang")
        assert (outcome.status, tries) == (0, 1)
        assert SHORT_S - EARLY_S <= outcome.elapsed_s <= SHORT_S + LATE_S

    def test_the_most_literal_path_wins(self, ran: Ran) -> None:
        (outcome,) = ran.outcomes["latest"]
        assert SHORT_S - EARLY_S <= outcome.elapsed_s <= SHORT_S + LATE_S

    def test_unlisted_paths_are_let_through(self, ran: Ran) -> None:
        assert ran.of("unlisted")[1] == 1

    def test_a_callers_shorter_limit_wins(self, ran: Ran) -> None:
        assert 0.2 - EARLY_S <= ran.of("shorter")[0].elapsed_s <= 0.2 * self.tries_of_own_limit + LATE_S

    tries_of_own_limit = 1
    """In how many tries a caller's own limit ends a call: more than 1 where it limits a try, not a call."""

    def test_a_callers_longer_limit_is_cut(self, ran: Ran) -> None:
        assert SHORT_S - EARLY_S <= ran.of("longer")[0].elapsed_s <= SHORT_S + LATE_S

    def test_a_body_ends_at_the_deadline_as_well(self, ran: Ran) -> None:
        outcome, tries = ran.of("drip")
        assert (outcome.status, tries) == (0, 1)
        assert LONG_S - EARLY_S <= outcome.elapsed_s <= LONG_S + self.part_s + LATE_S

    part_s = 0.0
    """Where a body ends with the first part that is too late: how long one takes."""

    def test_streams_are_not_limited(self, ran: Ran) -> None:
        for name in ("streamed", "plain-streamed"):
            outcome, tries = ran.of(name)
            assert (outcome.status, outcome.error, tries) == (200, "19 bytes", 1), outcome
            assert outcome.elapsed_s > 1.2

    def test_the_breaker_opens_probes_and_closes(self, ran: Ran) -> None:
        assert [ran.of(f"down{number}")[0].status for number in range(3)] == [503] * 3
        for number in range(3):
            outcome, tries = ran.of(f"open{number}")
            assert (outcome.status, tries) == (0, 0)
            assert "circuit open, next try in 0." in outcome.error
            assert outcome.elapsed_s < LATE_S
        probes = sorted((ran.of(name)[0].status, ran.of(name)[1]) for name in ("probe0", "probe1"))
        assert probes == [(0, 0), (200, 1)]
        assert ran.of("closed")[0].status == 200

    def test_a_probe_that_fails_opens_it_again(self, ran: Ran) -> None:
        assert [ran.of(f"again{number}")[0].status for number in range(3)] == [502] * 3
        assert ran.of("failing-probe")[0].status == 504
        assert (ran.of("still-open")[0].status, ran.of("still-open")[1]) == (0, 0)

    def test_a_probe_that_its_caller_gives_up_is_given_back(self, ran: Ran) -> None:
        assert (ran.of("given-up")[0].status, ran.of("given-up")[1]) == (0, 1)
        outcome, tries = ran.of("after-it")
        assert (outcome.status, tries) == ((0, 0) if self.own_limit_counts else (200, 1))

    own_limit_counts = False
    """Whether a limit of the client's own that ends a try is no answer: where it is set for all calls."""

    def test_the_breaker_counts_connections_that_end_and_no_429(self, ran: Ran) -> None:
        assert {ran.of(f"busy{number}")[0].status for number in range(5)} == {429}
        assert ran.of("broken-open")[1] == 0
