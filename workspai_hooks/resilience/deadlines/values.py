"""What is known of a call's deadline in code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from workspai_hooks.resilience.model import Policy, Provenance
from workspai_hooks.source import Location


class Answer(StrEnum):
    """Whether the code sets one. `inherited`: the call goes on with the deadline of the request that it
    serves, if that has one; `unknown`: it may, as far as one can see."""

    SET = "set"
    NONE = "none"
    INHERITED = "inherited"
    UNKNOWN = "unknown"


class Deadline(msgspec.Struct, frozen=True, order=True):
    """`seconds` where it is set and the number stands there; `how`, in the words of its library."""

    answer: Answer
    seconds: float | None = None
    how: str = ""


NONE = Deadline(Answer.NONE)
INHERITED = Deadline(Answer.INHERITED)
UNKNOWN = Deadline(Answer.UNKNOWN)


def set_to(seconds: float | None = None, how: str = "") -> Deadline:
    """The code sets one; `seconds` None where the number is not seen."""
    return Deadline(Answer.SET, seconds, how)


def limited(policy: Policy, deadlines: Mapping[Location, Deadline]) -> Policy:
    """A caller's policy with the deadline that its code sets: the longest, where all places have a known one
    and the policy none that is over sooner."""
    known = {place: one.seconds for place, one in deadlines.items() if one.seconds is not None}
    if not known or len(known) < len(deadlines):
        return policy
    place = max(known, key=lambda one: (known[one], one))
    longest = known[place]
    if policy.timeout_s is not None and policy.timeout_s <= longest:
        return policy
    convention = deadlines[place].how or "deadline in code"
    others = tuple(one for one in policy.provenance if one.value != "timeout_s")
    told = tuple(sorted((*others, Provenance("timeout_s", place, convention))))
    return replace(policy, timeout_s=longest, provenance=told)


def unlimited(deadlines: Mapping[Location, Deadline]) -> tuple[Location, ...]:
    """The places of which it is known that no deadline is set there."""
    return tuple(sorted(place for place, one in deadlines.items() if one.answer is Answer.NONE))


def settled(deadlines: Mapping[Location, Deadline], *, served: bool) -> Mapping[Location, Deadline]:
    """The same where it is known whether requests that the service serves may come with a deadline."""
    instead = UNKNOWN if served else NONE
    return {place: instead if one == INHERITED else one for place, one in deadlines.items()}
