"""Reads the descriptor that a generated stub carries, without running anything.

The descriptor is the version of the contract that the stub's service really speaks (shared/STUBS.md).
Stubs of ts-proto, protobuf-ts, protobuf.js, google-protobuf's JavaScript, Objective-C, Swift, prost, and of
the plugins that generate services alone have none: see stubs/methods.py.
"""

from __future__ import annotations

import ast
import base64
import binascii
import zlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.contracts.protobuf import literals
from workspai_hooks.patterns import regex

MAX_BYTES = 16 * 1024 * 1024
MAX_PLACES = 64
"""So many places of a file where a descriptor could be are looked at: a stub has one, or one a version."""

_GO = regex(
    rb"\b(?:file_\w+_rawDesc|fileDescriptor\w*)\s*=\s*(?:string\()?\s*(\[\]byte\s*\{|\[\]byte\(|\"\"|\"|`)"
)
_PYTHON = regex(
    rb"(?:\bAddSerializedFile\(|\bserialized_pb\s*=|\bfile_desc\()\s*(?:_b\(\s*)?"
    rb"((?:b?(?:'(?:[^'\\\n]|\\[\s\S])*'|\"(?:[^\"\\\n]|\\[\s\S])*\")\s*)+)"
)
_JAVA = regex(rb"descriptorData\s*=\s*\{")
_CPP = regex(
    rb"\bconst char descriptor(?:_table_protodef)?\w*\[\][^={;]{0,120}=\s*\{"
    rb"|\bInternalAddGeneratedFile\((?=\s*\")"
)
_RUBY = regex(rb"\b(?:descriptor_data\s*=|add_serialized_file\()(?=\s*\")")
_PHP = regex(rb"->internalAddGeneratedFile\(\s*(hex2bin\()?")
_RUST = regex(rb"\bfile_descriptor_proto_data:\s*&'static \[u8\]\s*=\s*b(?=\")")
_BASE64 = regex(
    rb"(?:fileDesc\(|FromBase64String\(\s*(?:string\.Concat\()?|\bEncoding\.fromBase64\((?:[\w.\s]{0,120}\bSeq\()?)"
    rb"(?=\s*\")"
)


def descriptor(data: bytes, path: str) -> pb.FileDescriptorProto | None:
    """The first descriptor in a stub that can be read; None where there is none."""
    if len(data) > MAX_BYTES:
        return None
    for suffix, reader in _READERS.items():
        if path.endswith(suffix):
            for raw in islice(reader(data), MAX_PLACES):
                if (file := _parsed(raw)) is not None:
                    return file
    return None


def _parsed(raw: bytes) -> pb.FileDescriptorProto | None:
    if raw[:2] == b"\x1f\x8b":
        # The size is bounded, for a few kilobytes of gzip can hold gigabytes.
        try:
            raw = zlib.decompressobj(wbits=31).decompress(raw, MAX_BYTES)
        except zlib.error:
            return None
    try:
        file = pb.FileDescriptorProto.FromString(raw)
    except DecodeError:
        return None
    return file if file.name.endswith(".proto") else None


def _go(data: bytes) -> Iterator[bytes]:
    for start in _GO.finditer(data):
        if b"{" in start[1]:
            yield literals.go_bytes(data, start.end())
        else:
            yield literals.go_strings(data, start.start(1) if start[1] != b"[]byte(" else start.end())


def _python(data: bytes) -> Iterator[bytes]:
    """A call with a literal is read as that; parsing the file takes ten times as long."""
    if not any(word in data for word in (b"AddSerializedFile", b"serialized_pb", b"file_desc(")):
        return
    for start in _PYTHON.finditer(data):
        try:
            yield _raw(ast.literal_eval("(" + start[1].decode("utf-8", "replace") + ")"))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    yield from _parsed_python(data)


def _parsed_python(data: bytes) -> Iterator[bytes]:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        values = list(node.args[:1]) if called == "AddSerializedFile" else []
        values += [one.value for one in node.keywords if one.arg == "serialized_pb"]
        for value in values:
            if isinstance(value, ast.Call) and value.args:
                value = value.args[0]  # _b('…') of stubs that ran on Python 2 as well
            if isinstance(value, ast.Constant):
                yield _raw(value.value)


def _raw(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode("latin-1", "replace") if isinstance(value, str) else b""


def _java(data: bytes) -> Iterator[bytes]:
    for start in _JAVA.finditer(data):
        yield literals.strings(data, start.end(), literals.latin1)


def _cpp(data: bytes) -> Iterator[bytes]:
    for start in _CPP.finditer(data):
        yield literals.strings(data, start.end()) or literals.characters(data, start.end())


def _ruby(data: bytes) -> Iterator[bytes]:
    for start in _RUBY.finditer(data):
        yield literals.strings(data, start.end())


def _rust(data: bytes) -> Iterator[bytes]:
    for start in _RUST.finditer(data):
        yield literals.strings(data, start.end())


def _php(data: bytes) -> Iterator[bytes]:
    """PHP's stubs carry a set of files, of which the first is their own."""
    for start in _PHP.finditer(data):
        text = literals.php_strings(data, start.end())
        try:
            files = pb.FileDescriptorSet.FromString(literals.hexadecimal(text) if start[1] else text).file
        except DecodeError:
            continue
        yield from (file.SerializeToString() for file in files)


def _base64(data: bytes) -> Iterator[bytes]:
    for start in _BASE64.finditer(data):
        text = literals.base64_text(data, start.end())
        try:
            yield base64.b64decode(
                text + b"=" * (-len(text) % 4), altchars=b"-_" if b"-" in text or b"_" in text else None
            )
        except (binascii.Error, ValueError):
            continue


_READERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    ".go": _go,
    ".py": _python,
    ".java": _java,
    ".scala": _base64,
    ".cs": _base64,
    ".ts": _base64,
    ".js": _base64,
    ".mjs": _base64,
    ".rb": _ruby,
    ".php": _php,
    ".rs": _rust,
    ".pb.cc": _cpp,
}
