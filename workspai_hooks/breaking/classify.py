"""Names a fault: which of our rules, and what a person reads.

The table says which rule a row of buf speaks for; several rows of one element take the first rule in
the table's order, and the message tells all of them. What is gone may turn out renamed or moved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from workspai_hooks.breaking import renames
from workspai_hooks.breaking.fates import Fates
from workspai_hooks.breaking.rows import Hit
from workspai_hooks.disclosure import harmless
from workspai_hooks.patterns import regex
from workspai_hooks.tools.buf import Row

RULE_OF: dict[str, str] = {
    "PACKAGE_NO_DELETE": "package-removed",
    "FILE_NO_DELETE": "file-removed",
    "FILE_SAME_PACKAGE": "file-package-changed",
    "FILE_SAME_SYNTAX": "file-syntax-changed",
    **dict.fromkeys(
        (
            f"FILE_SAME_{option}"
            for option in (
                *("GO_PACKAGE", "JAVA_PACKAGE", "JAVA_OUTER_CLASSNAME", "JAVA_MULTIPLE_FILES"),
                *("CSHARP_NAMESPACE", "PHP_NAMESPACE", "PHP_CLASS_PREFIX", "PHP_METADATA_NAMESPACE"),
                *("RUBY_PACKAGE", "SWIFT_PREFIX", "OBJC_CLASS_PREFIX", "OPTIMIZE_FOR", "CC_ENABLE_ARENAS"),
                *("CC_GENERIC_SERVICES", "JAVA_GENERIC_SERVICES", "PY_GENERIC_SERVICES"),
            )
        ),
        "file-option-changed",
    ),
    "SERVICE_NO_DELETE": "service-removed",
    "PACKAGE_SERVICE_NO_DELETE": "service-removed",
    "MESSAGE_NO_DELETE": "message-removed",
    "PACKAGE_MESSAGE_NO_DELETE": "message-removed",
    "ENUM_NO_DELETE": "enum-removed",
    "PACKAGE_ENUM_NO_DELETE": "enum-removed",
    "EXTENSION_NO_DELETE": "extension-removed",
    "PACKAGE_EXTENSION_NO_DELETE": "extension-removed",
    "RPC_NO_DELETE": "rpc-removed",
    "RPC_SAME_CLIENT_STREAMING": "rpc-streaming-changed",
    "RPC_SAME_SERVER_STREAMING": "rpc-streaming-changed",
    "RPC_SAME_REQUEST_TYPE": "rpc-request-type-changed",
    "RPC_SAME_RESPONSE_TYPE": "rpc-response-type-changed",
    "RPC_SAME_IDEMPOTENCY_LEVEL": "rpc-idempotency-changed",
    "FIELD_NO_DELETE": "field-removed",
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": "field-removed",
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": "field-removed",
    "FIELD_SAME_NAME": "field-renamed",
    "FIELD_SAME_TYPE": "field-type-changed",
    "FIELD_WIRE_COMPATIBLE_TYPE": "field-type-changed",
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE": "field-type-changed",
    "FIELD_SAME_ONEOF": "field-oneof-changed",
    "FIELD_SAME_CARDINALITY": "field-cardinality-changed",
    "FIELD_WIRE_COMPATIBLE_CARDINALITY": "field-cardinality-changed",
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": "field-cardinality-changed",
    "MESSAGE_SAME_REQUIRED_FIELDS": "required-field-added",
    "FIELD_SAME_JSON_NAME": "field-json-name-changed",
    "FIELD_SAME_DEFAULT": "field-default-changed",
    "FIELD_SAME_JSTYPE": "field-option-changed",
    "FIELD_SAME_UTF8_VALIDATION": "field-option-changed",
    "FIELD_SAME_CPP_STRING_TYPE": "field-option-changed",
    "FIELD_SAME_JAVA_UTF8_VALIDATION": "field-option-changed",
    "ONEOF_NO_DELETE": "oneof-removed",
    "ENUM_VALUE_NO_DELETE": "enum-value-removed",
    "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": "enum-value-removed",
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": "enum-value-removed",
    "ENUM_VALUE_SAME_NAME": "enum-value-renamed",
    "ENUM_SAME_TYPE": "enum-type-changed",
    "ENUM_SAME_JSON_FORMAT": "enum-type-changed",
    "MESSAGE_SAME_JSON_FORMAT": "message-option-changed",
    "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": "message-option-changed",
    "EXTENSION_MESSAGE_NO_DELETE": "extension-range-removed",
    "RESERVED_MESSAGE_NO_DELETE": "reserved-range-removed",
    "RESERVED_ENUM_NO_DELETE": "reserved-range-removed",
}
_ORDER = {rule: place for place, rule in enumerate(RULE_OF)}
_DEFAULTS = regex(r"changed default value from (.{1,1000}?) to (.{1,1000})", re.DOTALL)
_TAIL = regex(r'.*? on (?:message|service|enum) "[^"]*"q? (.*)', re.DOTALL)


class Named(msgspec.Struct, frozen=True):
    """A fault's rule (by name), its message, and the new name of what was renamed."""

    rule: str
    message: str
    renamed_to: str | None = None


def classify(hits: Sequence[Hit], fates: Fates) -> Named:
    """The fault of one element, from all rows about it."""
    ordered = sorted(hits, key=lambda hit: (_ORDER[hit.row.rule], hit.row))
    first = ordered[0]
    rows = [hit.row for hit in ordered]
    match RULE_OF[first.row.rule], first.kind:
        case "package-removed", _:
            return _package(first, fates)
        case "file-removed", _:
            return _file(first)
        case ("message-removed" | "enum-removed" | "service-removed" | "extension-removed") as rule, kind:
            return _declaration(rule, kind, first, fates)
        case "rpc-removed", _:
            return _rpc(first, fates)
        case (("field-removed" | "field-renamed"), _):
            return _field(first, rows, fates)
        case ("enum-value-removed" | "enum-value-renamed") as rule, _:
            return _value(rule, first, fates)
        case "oneof-removed", _:
            return _oneof(first, fates)
        case rule, kind:
            return Named(rule, f"{_title(first, fates)} {changes(rows)}")


def _package(hit: Hit, fates: Fates) -> Named:
    new = fates.packages.get(hit.name)
    if new is None:
        return Named("package-removed", f"package {hit.name} was removed")
    return Named("package-renamed", f"package {hit.name} was renamed to {new or 'no package'}", new)


def _file(hit: Hit) -> Named:
    return Named("file-removed", f"{hit.name} was removed, with all that it declares")


def _declaration(rule: str, kind: str, hit: Hit, fates: Fates) -> Named:
    place = fates.head_place(hit.name)
    before = fates.base_place(hit.name)
    if place is not None:
        source = f" from {before.path}" if before else ""
        return Named("declaration-moved", f"{kind} {hit.name} moved{source} to {place.path}")
    new = fates.renamed.get(hit.name)
    if new is not None and rule != "extension-removed":
        return Named(f"{kind}-renamed", f"{kind} {hit.name} was renamed to {new}", new)
    return Named(rule, f"{kind} {hit.name} was removed")


def _rpc(hit: Hit, fates: Fates) -> Named:
    base, head = fates.sides.base.services.get(hit.owner), fates.sides.head.services.get(hit.owner)
    renamed = renames.renamed_rpcs(base, head, fates.renamed) if base and head else {}
    if new := renamed.get(hit.name):
        return Named("rpc-renamed", f"rpc {hit.element} was renamed to {new}", new)
    return Named("rpc-removed", f"rpc {hit.element} was removed")


def _field(hit: Hit, rows: Sequence[Row], fates: Fates) -> Named:
    base, head = fates.sides.base.messages.get(hit.owner), fates.sides.head.messages.get(hit.owner)
    title = _title(hit, fates)
    before = base.fields.get(hit.name) if base else None
    if head is None or before is None:
        return Named("field-removed", f"{title} was removed")
    same_name = head.fields.get(hit.name)
    if same_name is not None and same_name.number != before.number:
        return Named("field-number-changed", f"{title} changed its number to {same_name.number}")
    now = next((field for field in head.fields.values() if field.number == before.number), None)
    if now is None:
        return Named("field-removed", f"{title} was removed")
    told = [row for row in rows if row.rule not in ("FIELD_SAME_NAME", "FIELD_SAME_JSON_NAME")]
    also = f" and {changes(told)}" if told else ""
    return Named("field-renamed", f"{title} was renamed to {now.name}{also}", now.name)


def _value(rule: str, hit: Hit, fates: Fates) -> Named:
    base, head = fates.sides.base.enums.get(hit.owner), fates.sides.head.enums.get(hit.owner)
    title = _title(hit, fates)
    if base and head and hit.name in base.values:
        number = base.values[hit.name][0]
        if hit.name in head.values and head.values[hit.name][0] != number:
            new_number = head.values[hit.name][0]
            return Named("enum-value-number-changed", f"{title} changed its number to {new_number}")
        names = [name for name, (value, _) in head.values.items() if value == number]
        if rule == "enum-value-renamed" and len(names) == 1:
            return Named(rule, f"{title} was renamed to {names[0]}", names[0])
    return Named("enum-value-removed", f"{title} was removed")


def _oneof(hit: Hit, fates: Fates) -> Named:
    base, head = fates.sides.base.messages.get(hit.owner), fates.sides.head.messages.get(hit.owner)
    if base and head and (new := renames.renamed_oneof(base, head, hit.name)):
        return Named("oneof-renamed", f"oneof {hit.element} was renamed to {new}", new)
    return Named("oneof-removed", f"oneof {hit.element} was removed")


def _title(hit: Hit, fates: Fates) -> str:
    if hit.kind == "field":
        for side in (fates.sides.base, fates.sides.head):
            message = side.messages.get(hit.owner)
            if message and hit.name in message.fields:
                return f"{hit.element} (field {message.fields[hit.name].number})"
    if hit.kind == "value":
        enum = fates.sides.base.enums.get(hit.owner)
        if enum and hit.name in enum.values:
            return f"{hit.element} ({enum.values[hit.name][0]})"
    if hit.kind == "file":
        return f"{hit.name}:"
    return f"{hit.kind} {hit.element}"


def changes(rows: Sequence[Row]) -> str:
    """What buf says of an element, once each, without the element's name and buf's links."""
    return "; ".join(dict.fromkeys(_said(row) for row in rows))


def _said(row: Row) -> str:
    text = row.message.partition(" See https://")[0].rstrip(".")
    if row.rule == "MESSAGE_SAME_REQUIRED_FIELDS":
        return "became required" if '" added' in text else "is no longer required"
    if row.rule in ("RESERVED_MESSAGE_NO_DELETE", "RESERVED_ENUM_NO_DELETE", "EXTENSION_MESSAGE_NO_DELETE"):
        return "no longer has the " + re.sub(r' on (?:message|enum) "[^"]*"', "", text)[19:]
    if row.rule == "FIELD_SAME_DEFAULT" and (found := _DEFAULTS.search(text)):
        told = all(harmless(one.strip('"')) or one == '""' for one in found.groups())
        return found[0] if told else "changed its default value"
    if match := _TAIL.fullmatch(text):
        return match[1]
    for start in ("File ", "Message option "):
        if text.startswith(start):
            return text[len(start) :]
    return re.sub(r'^(?:Enum|Message) "[^"]*" ', "", text)
