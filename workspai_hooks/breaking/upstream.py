"""buf's breaking rules: their categories, and the surfaces that each one hits."""

from __future__ import annotations

from collections.abc import Iterable

from workspai_hooks.findings import Surface

# FILE and PACKAGE say source, WIRE_JSON says json, WIRE says wire. A deleted rpc, service, file or
# package, and a deleted field even where its number is reserved, hit running clients too: they get
# UNIMPLEMENTED, or the zero value. buf's categories don't say that.
_TABLE = {
    "ENUM_NO_DELETE": ("FILE CSR", "source"),
    "ENUM_SAME_JSON_FORMAT": ("FILE PACKAGE WIRE_JSON CSR", "source json"),
    "ENUM_SAME_TYPE": ("FILE PACKAGE", "source"),
    "ENUM_VALUE_NO_DELETE": ("FILE PACKAGE CSR", "source"),
    "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": ("WIRE_JSON CSR", "json"),
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": ("WIRE_JSON WIRE CSR", "json wire"),
    "ENUM_VALUE_SAME_NAME": ("FILE PACKAGE WIRE_JSON CSR", "source json"),
    "EXTENSION_MESSAGE_NO_DELETE": ("FILE PACKAGE CSR", "source"),
    "EXTENSION_NO_DELETE": ("FILE", "source"),
    "FIELD_NO_DELETE": ("FILE PACKAGE CSR", "source json wire"),
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": ("WIRE_JSON CSR", "json"),
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": ("WIRE_JSON WIRE CSR", "json wire"),
    "FIELD_SAME_CARDINALITY": ("FILE PACKAGE", "source"),
    "FIELD_SAME_CPP_STRING_TYPE": ("FILE PACKAGE", "source"),
    "FIELD_SAME_DEFAULT": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "FIELD_SAME_JAVA_UTF8_VALIDATION": ("FILE PACKAGE", "source"),
    "FIELD_SAME_JSON_NAME": ("FILE PACKAGE WIRE_JSON CSR", "source json"),
    "FIELD_SAME_JSTYPE": ("FILE PACKAGE", "source"),
    "FIELD_SAME_NAME": ("FILE PACKAGE WIRE_JSON CSR", "source json"),
    "FIELD_SAME_ONEOF": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "FIELD_SAME_TYPE": ("FILE PACKAGE CSR", "source"),
    "FIELD_SAME_UTF8_VALIDATION": ("FILE PACKAGE", "source"),
    "FIELD_WIRE_COMPATIBLE_CARDINALITY": ("WIRE", "wire"),
    "FIELD_WIRE_COMPATIBLE_TYPE": ("WIRE", "wire"),
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": ("WIRE_JSON CSR", "json"),
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE": ("WIRE_JSON CSR", "json"),
    "FILE_NO_DELETE": ("FILE CSR", "source json wire"),
    "FILE_SAME_CC_ENABLE_ARENAS": ("FILE PACKAGE", "source"),
    "FILE_SAME_CC_GENERIC_SERVICES": ("FILE PACKAGE", "source"),
    "FILE_SAME_CSHARP_NAMESPACE": ("FILE PACKAGE", "source"),
    "FILE_SAME_GO_PACKAGE": ("FILE PACKAGE", "source"),
    "FILE_SAME_JAVA_GENERIC_SERVICES": ("FILE PACKAGE", "source"),
    "FILE_SAME_JAVA_MULTIPLE_FILES": ("FILE PACKAGE", "source"),
    "FILE_SAME_JAVA_OUTER_CLASSNAME": ("FILE PACKAGE", "source"),
    "FILE_SAME_JAVA_PACKAGE": ("FILE PACKAGE", "source"),
    "FILE_SAME_OBJC_CLASS_PREFIX": ("FILE PACKAGE", "source"),
    "FILE_SAME_OPTIMIZE_FOR": ("FILE PACKAGE", "source"),
    "FILE_SAME_PACKAGE": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "FILE_SAME_PHP_CLASS_PREFIX": ("FILE PACKAGE", "source"),
    "FILE_SAME_PHP_METADATA_NAMESPACE": ("FILE PACKAGE", "source"),
    "FILE_SAME_PHP_NAMESPACE": ("FILE PACKAGE", "source"),
    "FILE_SAME_PY_GENERIC_SERVICES": ("FILE PACKAGE", "source"),
    "FILE_SAME_RUBY_PACKAGE": ("FILE PACKAGE", "source"),
    "FILE_SAME_SWIFT_PREFIX": ("FILE PACKAGE", "source"),
    "FILE_SAME_SYNTAX": ("FILE PACKAGE CSR", "source"),
    "MESSAGE_NO_DELETE": ("FILE CSR", "source"),
    "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": ("FILE PACKAGE CSR", "source"),
    "MESSAGE_SAME_JSON_FORMAT": ("FILE PACKAGE WIRE_JSON CSR", "source json"),
    "MESSAGE_SAME_REQUIRED_FIELDS": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "ONEOF_NO_DELETE": ("FILE PACKAGE CSR", "source"),
    "PACKAGE_ENUM_NO_DELETE": ("PACKAGE", "source"),
    "PACKAGE_EXTENSION_NO_DELETE": ("PACKAGE", "source"),
    "PACKAGE_MESSAGE_NO_DELETE": ("PACKAGE", "source"),
    "PACKAGE_NO_DELETE": ("PACKAGE", "source json wire"),
    "PACKAGE_SERVICE_NO_DELETE": ("PACKAGE", "source json wire"),
    "RESERVED_ENUM_NO_DELETE": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "RESERVED_MESSAGE_NO_DELETE": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "RPC_NO_DELETE": ("FILE PACKAGE", "source json wire"),
    "RPC_SAME_CLIENT_STREAMING": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "RPC_SAME_IDEMPOTENCY_LEVEL": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "RPC_SAME_REQUEST_TYPE": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "RPC_SAME_RESPONSE_TYPE": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "RPC_SAME_SERVER_STREAMING": ("FILE PACKAGE WIRE_JSON WIRE CSR", "source json wire"),
    "SERVICE_NO_DELETE": ("FILE", "source json wire"),
}
"""Rule: (categories, surfaces). A test holds it against `buf config ls-breaking-rules`."""

CATEGORIES: dict[str, frozenset[str]] = {
    rule: frozenset(categories.split()) for rule, (categories, _) in _TABLE.items()
}
SURFACES: dict[str, frozenset[Surface]] = {
    rule: frozenset(map(Surface, surfaces.split())) for rule, (_, surfaces) in _TABLE.items()
}

REPLACED: dict[str, tuple[str, ...]] = {
    "FIELD_SAME_CTYPE": ("FIELD_SAME_CPP_STRING_TYPE",),
    "FIELD_SAME_LABEL": (
        "FIELD_SAME_CARDINALITY",
        "FIELD_WIRE_COMPATIBLE_CARDINALITY",
        "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
    ),
    "FILE_SAME_JAVA_STRING_CHECK_UTF8": ("FIELD_SAME_JAVA_UTF8_VALIDATION",),
}
"""Deprecated ids that a configuration may still name."""


def expand(names: Iterable[str]) -> frozenset[str]:
    """The rules that a list of rule and category names means; unknown names mean none."""
    rules: set[str] = set()
    for name in names:
        rules.update(REPLACED.get(name, (name,) if name in CATEGORIES else ()))
        rules.update(rule for rule, categories in CATEGORIES.items() if name in categories)
    return frozenset(rules)


def surfaces_of(rules: Iterable[str]) -> tuple[Surface, ...]:
    """All surfaces that the rules hit, in the order source, json, wire."""
    hit = {surface for rule in rules for surface in SURFACES[rule]}
    return tuple(surface for surface in Surface if surface in hit)
