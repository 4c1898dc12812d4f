"""How a break of each kind can be rolled out without breaking anybody: one table, in the order of time.

Sources: protobuf.dev "Updating A Message Type" and "Proto Best Practices" (never reuse a number, reserve what
goes, deprecate first), Google AIP-180 "Backwards compatibility" and AIP-185 "API versioning". See
docs/rollout.md, which explains each plan.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Who(StrEnum):
    """Who takes a step."""

    OWNERS = "owners"
    UNKNOWN = "unknown"
    READERS = "readers"
    WRITERS = "writers"
    CALLERS = "callers"
    SERVERS = "servers"
    ALL = "all"


class Phase(msgspec.Struct, frozen=True, order=True):
    """A step of a plan; phases of several breaks are taken together, in the order of `rank`."""

    rank: int
    who: Who
    why: str


def _phases(*rows: tuple[Who, str]) -> tuple[Phase, ...]:
    return tuple(Phase(rank, who, why) for rank, (who, why) in enumerate(rows))


(
    KEEP,
    BESIDE,
    OPTIONAL,
    LENIENT,
    HOLD,
    PROMISED,
    LOOK,
    SERVE_BOTH,
    KNOW_VALUE,
    WRITE_BOTH,
    WRITE_ALWAYS,
    SEND_NEW,
    SEND_NO_MORE,
    SEND_WITHIN,
    READY,
    READ_NEW,
    READ_NO_MORE,
    HANDLE_NO_MORE,
    WRITE_NO_MORE,
    MOVE,
    CALL_NEW,
    CALL_NO_MORE,
    SERVE_NO_MORE,
    REQUIRE,
    REFUSE,
    SEND_MORE,
    REGENERATE,
    REMOVE,
    DROP,
) = _phases(
    (Who.OWNERS, "keep {names} for now, marked deprecated, and release the contract"),
    (Who.OWNERS, "add the new form beside {names}, keep that, marked deprecated, and release the contract"),
    (Who.OWNERS, "release {names} as optional: nobody sets it yet, so nobody may insist on it"),
    (Who.OWNERS, "take what {names} took before for now, and say what will be refused"),
    (Who.OWNERS, "release what {names} may be next, and send nothing of it yet"),
    (Who.OWNERS, "keep what was promised for {names}, or promise more"),
    (Who.UNKNOWN, "find out by hand whether {names} is used there: it can't be followed"),
    (Who.SERVERS, "serve the new form beside {names}: nobody can call it before"),
    (Who.READERS, "accept the new form beside {names}: writers will send it next"),
    (Who.WRITERS, "write the new form beside {names}: readers of either must find theirs"),
    (Who.WRITERS, "set {names} always: whoever insists on it must find it"),
    (Who.WRITERS, "send the new form in place of {names}: every reader knows it by now"),
    (Who.WRITERS, "stop sending {names}: readers still know what it means"),
    (Who.ALL, "send only what {names} will take: the rest is still taken"),
    (Who.ALL, "be ready for what {names} may be next: nothing of it is sent yet"),
    (Who.READERS, "read the new form in place of {names}: every writer sets it by now"),
    (Who.READERS, "stop reading {names}: writers still set it, so nothing is lost on the way"),
    (Who.READERS, "stop handling {names}, once none is stored or under way"),
    (Who.WRITERS, "stop writing {names}: nobody reads it any more"),
    (Who.ALL, "move off {names}: both forms are there"),
    (Who.CALLERS, "call the new form in place of {names}: it is served by now"),
    (Who.CALLERS, "stop calling {names}: it is still served"),
    (Who.SERVERS, "stop serving {names}: nobody calls it any more"),
    (Who.OWNERS, "now insist on {names}: every writer sets it"),
    (Who.OWNERS, "now refuse the rest of {names}: nobody sends it any more"),
    (Who.OWNERS, "send what is new in {names}: everybody is ready for it"),
    (Who.ALL, "build against {names} as it is now, in one change with it: nothing changes on the wire"),
    (Who.OWNERS, "remove {names}, reserve its numbers and names"),
    (Who.OWNERS, "remove {names} from the contract"),
)

REMOVAL = (KEEP, LOOK, READ_NO_MORE, WRITE_NO_MORE, REMOVE)
REPLACEMENT = (BESIDE, LOOK, WRITE_BOTH, READ_NEW, WRITE_NO_MORE, REMOVE)
VALUE_REMOVAL = (KEEP, LOOK, SEND_NO_MORE, HANDLE_NO_MORE, REMOVE)
VALUE_REPLACEMENT = (BESIDE, LOOK, KNOW_VALUE, SEND_NEW, HANDLE_NO_MORE, REMOVE)
REQUIREMENT = (OPTIONAL, LOOK, WRITE_ALWAYS, REQUIRE)
TYPE_REPLACEMENT = (BESIDE, LOOK, MOVE, DROP)
CALL_REMOVAL = (KEEP, LOOK, CALL_NO_MORE, SERVE_NO_MORE, DROP)
CALL_REPLACEMENT = (BESIDE, LOOK, SERVE_BOTH, CALL_NEW, SERVE_NO_MORE, DROP)
NAMES_ONLY = (LOOK, REGENERATE)
PROPERTY_REMOVAL = (KEEP, LOOK, READ_NO_MORE, WRITE_NO_MORE, DROP)
PROPERTY_REPLACEMENT = (BESIDE, LOOK, WRITE_BOTH, READ_NEW, WRITE_NO_MORE, DROP)
INPUT_REMOVAL = (KEEP, LOOK, SEND_NO_MORE, DROP)
INPUT_NARROWING = (LENIENT, LOOK, SEND_WITHIN, REFUSE)
OUTPUT_REMOVAL = (KEEP, LOOK, READ_NO_MORE, DROP)
OUTPUT_WIDENING = (HOLD, LOOK, READY, SEND_MORE)
PROMISE = (PROMISED,)

PLANS: dict[str, tuple[Phase, ...]] = {
    "field-removed": REMOVAL,
    "field-renamed": REPLACEMENT,
    "field-number-changed": REPLACEMENT,
    "field-type-changed": REPLACEMENT,
    "field-cardinality-changed": REPLACEMENT,
    "field-oneof-changed": REPLACEMENT,
    "field-json-name-changed": REPLACEMENT,
    "field-default-changed": REPLACEMENT,
    "field-option-changed": REPLACEMENT,
    "required-field-added": REQUIREMENT,
    "oneof-removed": REMOVAL,
    "oneof-renamed": NAMES_ONLY,
    "message-removed": REMOVAL,
    "message-renamed": TYPE_REPLACEMENT,
    "declaration-moved": NAMES_ONLY,
    "message-option-changed": TYPE_REPLACEMENT,
    "extension-range-removed": REMOVAL,
    "reserved-range-removed": NAMES_ONLY,
    "extension-removed": REMOVAL,
    "enum-removed": VALUE_REMOVAL,
    "enum-renamed": TYPE_REPLACEMENT,
    "enum-value-removed": VALUE_REMOVAL,
    "enum-value-renamed": VALUE_REPLACEMENT,
    "enum-value-number-changed": VALUE_REPLACEMENT,
    "enum-type-changed": TYPE_REPLACEMENT,
    "service-removed": CALL_REMOVAL,
    "service-renamed": CALL_REPLACEMENT,
    "rpc-removed": CALL_REMOVAL,
    "rpc-renamed": CALL_REPLACEMENT,
    "rpc-request-type-changed": CALL_REPLACEMENT,
    "rpc-response-type-changed": CALL_REPLACEMENT,
    "rpc-streaming-changed": CALL_REPLACEMENT,
    "rpc-idempotency-changed": CALL_REPLACEMENT,
    "file-removed": CALL_REMOVAL,
    "file-moved": NAMES_ONLY,
    "file-option-changed": NAMES_ONLY,
    "file-syntax-changed": TYPE_REPLACEMENT,
    "package-removed": CALL_REMOVAL,
    "package-renamed": CALL_REPLACEMENT,
    "file-package-changed": CALL_REPLACEMENT,
    "operation-removed": CALL_REMOVAL,
    "operation-renamed": CALL_REPLACEMENT,
    "operation-id-changed": NAMES_ONLY,
    "description-removed": CALL_REMOVAL,
    "webhook-removed": CALL_REMOVAL,
    "parameter-removed": INPUT_REMOVAL,
    "required-parameter-added": REQUIREMENT,
    "parameter-became-required": REQUIREMENT,
    "parameter-type-changed": CALL_REPLACEMENT,
    "parameter-value-removed": INPUT_NARROWING,
    "parameter-tightened": INPUT_NARROWING,
    "request-body-removed": INPUT_REMOVAL,
    "request-body-became-required": REQUIREMENT,
    "request-media-type-removed": INPUT_REMOVAL,
    "required-property-added": REQUIREMENT,
    "property-became-required": REQUIREMENT,
    "constraint-tightened": INPUT_NARROWING,
    "value-removed": INPUT_NARROWING,
    "response-status-removed": OUTPUT_REMOVAL,
    "response-media-type-removed": OUTPUT_REMOVAL,
    "response-header-removed": OUTPUT_REMOVAL,
    "response-header-changed": PROPERTY_REPLACEMENT,
    "property-became-optional": OUTPUT_WIDENING,
    "property-became-nullable": OUTPUT_WIDENING,
    "value-added": OUTPUT_WIDENING,
    "constraint-loosened": OUTPUT_WIDENING,
    "property-removed": PROPERTY_REMOVAL,
    "type-changed": PROPERTY_REPLACEMENT,
    "composition-changed": OUTPUT_WIDENING,
    "property-access-changed": PROPERTY_REMOVAL,
    "security-tightened": CALL_REPLACEMENT,
    "security-scheme-changed": CALL_REPLACEMENT,
    "sunset-broken": PROMISE,
    "stability-decreased": PROMISE,
    "server-removed": CALL_REPLACEMENT,
}
"""By the name of the rule."""
