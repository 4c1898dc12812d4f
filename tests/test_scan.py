"""What is read off a .proto file's text before it is compiled: the right names, in linear time."""

from __future__ import annotations

import time

import pytest

from workspai_hooks.contracts.protobuf.scan import scan

COUNT = 20_000


def test_comments_and_texts_are_no_declarations() -> None:
    text = b"""\
syntax /* package x; */ = "proto3";
package /* a */ a /* b */ . /* c */ b // d
;
import /**/ public /**//**/ "q/\\"x\\".proto"; import 'z.proto';
option a = "message Hidden { import \\"none.proto\\"; }"; // message Gone {
message /* import "none.proto"; */ Cart { string import = 1; message Inner {} }
"""
    found = scan(text)
    assert [(one.name, one.line, one.public) for one in found.imports] == [
        ('q/"x".proto', 4, True),
        ("z.proto", 4, False),
    ]
    assert found.package == "a.b"
    assert found.symbols == {"a.b.Cart"}


def test_a_value_of_an_enum_is_declared_beside_it() -> None:
    """So that two files of one package that both say UNKNOWN can't be compiled together (as in thanos)."""
    text = b"""\
package a;
enum Health { option allow_alias = true; UNKNOWN = 0; DOWN = -1; }
message Kind { enum Inner { NONE = 0; } string name = 1; }
extend Other { string more = 7; }
"""
    assert scan(text).symbols == {"a.Health", "a.UNKNOWN", "a.DOWN", "a.Kind", "a.more"}


@pytest.mark.parametrize(
    "text",
    [
        b"import " + b"/**/" * COUNT + b" x",
        b"message " + b"/**/" * COUNT + b" 1",
        b"message A" + b"/**/" * COUNT + b" 1",
        b"package " + b"/**/" * COUNT + b" 1",
        b'"' + b'\\"' * COUNT,
        b"'" + b"\\'" * COUNT,
        b'import "' + b'\\"' * COUNT,
        b'import "\\"\n' * COUNT,
        b"import /*" * COUNT,
        b"extend A {" + b"a = " * COUNT,
        b"enum A {" + b"a = -" * COUNT + b"}",
        b"package a" + b" " * COUNT,
        b"package a " * COUNT,
        b"package a" + b"/**/" * COUNT,
    ],
    ids=lambda text: text[:12].decode(),
)
def test_hostile_text_takes_linear_time(text: bytes) -> None:
    started = time.process_time()
    scan(text)
    assert time.process_time() - started < 1
