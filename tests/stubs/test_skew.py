"""What differs between a contract and the descriptor in a stub, and how bad it is."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2 as pb

from workspai_hooks.stubs.skew import Grade, canonical, differences
from workspai_hooks.tools.buf import build, resolve_buf

PROTO = """\
syntax = "proto3";
package shop.v1;

message Address {
  string street = 1;
  string city = 2;
  repeated string tag = 3;
  map<string, int32> weights = 4;
  oneof kind {
    string home = 5;
    Kind work = 6;
  }
  optional int32 zip = 7;
}

enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_OFFICE = 1;
}

service Mail {
  rpc Send(Address) returns (Address);
  rpc Watch(Address) returns (stream Address);
}
"""


def compiled(text: str) -> pb.FileDescriptorProto:
    built = build(resolve_buf(), {"a.proto": text.encode()})
    assert not built.errors, built.errors
    (file,) = [one for one in pb.FileDescriptorSet.FromString(built.image).file if one.name == "a.proto"]
    return file


def found(old: str, new: str) -> list[tuple[str, str, str, str]]:
    assert PROTO.count(old) == 1
    said = differences(compiled(PROTO), compiled(PROTO.replace(old, new)))
    return [(one.grade.value, one.element, one.contract, one.stub) for one in said]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            "string city = 2;",
            "string street_address_2 = 2;",
            ("wire", "shop.v1.Address.city", "string city = 2", "string street_address_2 = 2"),
        ),
        ("  string city = 2;\n", "", ("wire", "shop.v1.Address.city", "string city = 2", "")),
        ("string city", "bytes city", ("wire", "shop.v1.Address.city", "string city = 2", "bytes city = 2")),
        (
            "repeated string tag",
            "string tag",
            ("wire", "shop.v1.Address.tag", "repeated string tag = 3", "string tag = 3"),
        ),
        (
            "map<string, int32>",
            "map<string, int64>",
            (
                "wire",
                "shop.v1.Address.weights",
                "map<string, int32> weights = 4",
                "map<string, int64> weights = 4",
            ),
        ),
        (
            "optional int32 zip",
            "int32 zip",
            ("wire", "shop.v1.Address.zip", "optional int32 zip = 7", "int32 zip = 7"),
        ),
        ("OFFICE = 1", "OFFICE = 2", ("wire", "shop.v1.Kind.KIND_OFFICE", "KIND_OFFICE = 1", "")),
        (
            "rpc Send(Address)",
            "rpc Send(stream Address)",
            (
                "wire",
                "shop.v1.Mail/Send",
                "rpc Send(shop.v1.Address) returns (shop.v1.Address)",
                "rpc Send(stream shop.v1.Address) returns (shop.v1.Address)",
            ),
        ),
        (
            "rpc Send(Address) returns (Address);",
            "rpc Send(Address) returns (Address) { option idempotency_level = IDEMPOTENT; }",
            ("policy", "shop.v1.Mail/Send", "", "idempotency_level = 2"),
        ),
        (
            "string city = 2;",
            "string city = 2 [deprecated = true];",
            ("cosmetic", "shop.v1.Address.city", "", "deprecated = True"),
        ),
        (
            "package shop.v1;",
            'package shop.v1;\noption go_package = "shop/v1;shop";',
            ("cosmetic", "file", "", "go_package = shop/v1;shop"),
        ),
        ("  string street = 1;\n", "  string street = 1;\n  reserved 9;\n", None),
    ],
)
def test_what_differs(old: str, new: str, wanted: tuple[str, ...] | None) -> None:
    said = found(old, new)
    if wanted is None:
        assert {grade for grade, *_ in said} == {"cosmetic"}
    else:
        assert wanted in said


@pytest.mark.parametrize(("old", "new"), [("  string city = 2;\n", "  // a comment\n\n  string city = 2;\n")])
def test_what_does_not_differ(old: str, new: str) -> None:
    assert found(old, new) == []


def test_what_goes_with_a_message_is_not_told_again() -> None:
    gone = (
        PROTO.replace("    Kind work = 6;\n", "").partition("enum Kind")[0]
        + PROTO.partition("}\n\nservice")[2]
    )
    stub = gone.replace(" Mail {", "service Mail {", 1)
    said = differences(compiled(PROTO), compiled(stub))
    assert [(one.element, one.contract) for one in said if one.element.startswith("shop.v1.Kind")] == [
        ("shop.v1.Kind", "enum shop.v1.Kind")
    ]


def test_custom_options_are_the_same_in_any_order() -> None:
    first = b"\x0a\x03abc\x12\x04\x08\x01\x10\x02"
    second = b"\x12\x04\x10\x02\x08\x01\x0a\x03abc"
    assert canonical(first) == canonical(second)
    assert canonical(b"\xff\xff") == b"\xff\xff"


def test_numbers_are_the_same_packed_or_not() -> None:
    """As with `(google.api.field_behavior)`, which became `[packed = false]`: compilers before and after
    write the same contract differently."""
    packed = b"\xe2\x41\x02\x02\x03"
    alone = b"\xe0\x41\x02\xe0\x41\x03"
    assert canonical(packed) == canonical(alone)
    assert canonical(packed) != canonical(b"\xe0\x41\x02")
    one, other = compiled(PROTO), compiled(PROTO)
    one.message_type[0].field[0].options.MergeFromString(packed)
    other.message_type[0].field[0].options.MergeFromString(alone)
    assert differences(one, other) == ()


def test_grades_are_ordered() -> None:
    assert sorted(Grade, key=lambda one: one.rank) == [Grade.WIRE, Grade.POLICY, Grade.COSMETIC]
