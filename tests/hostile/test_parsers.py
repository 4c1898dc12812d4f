"""Each reader stands its share of hostile inputs: a value or a refusal that it documents, within bounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hostile.running import MEMORY, SECONDS, run
from hostile.table import COUNT, TARGETS, share
from hostile.target import Target

Record = Callable[[str, object], None]


@pytest.mark.parametrize("target", [pytest.param(one, id=one.name) for one in TARGETS])
def test_hostile_inputs(target: Target, record_property: Record) -> None:
    wanted = share(target, COUNT)
    outcome = run(target, wanted)
    record_property("hostile", (outcome.target, outcome.inputs, outcome.slowest, outcome.memory))
    assert not outcome.faults, "\n\n".join(
        f"input {one.number} ({len(one.data)} bytes, {one.data[:80]!r} …):\n{one.told}"
        for one in outcome.faults[:3]
    )
    assert outcome.inputs == wanted
    assert outcome.slowest <= SECONDS
    assert outcome.memory <= MEMORY
