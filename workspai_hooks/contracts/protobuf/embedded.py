"""Reads the descriptor that a generated stub carries, without running anything.

The descriptor is the version of the contract that the stub's service really speaks (shared/STUBS.md).
"""

from __future__ import annotations

import ast
import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator, Mapping

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.message import DecodeError

from workspai_hooks.patterns import regex

MAX_BYTES = 16 * 1024 * 1024

_GO_START = regex(
    rb"\b(?:file_\w+_rawDesc|fileDescriptor\w*)\s*=\s*(?:string\()?\s*(\[\]byte\s*\{|\[\]byte\(|\"\"|\"|`)"
)
_GO_STRING = regex(rb'\s*\+?\s*(?:"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)')
_GO_ESCAPE = regex(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.S)
_GO_BYTE = regex(rb"0x([0-9a-fA-F]{1,2})|(?<![\w/])(\d{1,3})(?=\s*[,}])")
_SIMPLE = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_JAVA_START = regex(rb"descriptorData\s*=\s*\{")
_JAVA_STRING = regex(rb'"((?:[^"\\\n]|\\.)*)"')
_JAVA_ESCAPE = regex(rb"\\(?:u+([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2})|(.))", re.S)
_BASE64 = regex(
    rb"(?:fileDesc\(|FromBase64String\(\s*(?:string\.Concat\()?)\s*((?:\"[A-Za-z0-9+/=_-]*\"[\s,+]*)+)"
)


def descriptor(data: bytes, path: str) -> pb.FileDescriptorProto | None:
    """The first descriptor in a stub that can be read; None where there is none."""
    if len(data) > MAX_BYTES:
        return None
    for suffix, reader in _READERS.items():
        if path.endswith(suffix):
            for raw in reader(data):
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
    for start in _GO_START.finditer(data):
        if b"{" in start[1]:
            end = data.find(b"}", start.end())
            body = re.sub(rb"//[^\n]*", b"", data[start.end() : end + 1])
            yield bytes(
                value
                for one in _GO_BYTE.finditer(body)
                if (value := int(one[1], 16) if one[1] else int(one[2])) < 256
            )
        else:
            quote = start.start(1) if start[1] != b"[]byte(" else start.end()
            yield b"".join(_go_strings(data, quote))


def _go_strings(data: bytes, at: int) -> Iterator[bytes]:
    """The literals that are joined by `+` from here on."""
    while literal := _GO_STRING.match(data, at):
        if literal[2] is not None:
            yield literal[2]
        else:
            yield _GO_ESCAPE.sub(_go_escape, literal[1])
        at = literal.end()
        if not re.compile(rb"\s*\+").match(data, at):
            return


def _go_escape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes.fromhex(match[1].decode())
    if match[2] or match[3]:
        code = int(match[2] or match[3], 16)
        return chr(code).encode("utf-8", "replace") if code < 0x110000 else b"?"
    if match[4]:
        return bytes([int(match[4], 8) & 0xFF])
    return _SIMPLE.get(match[5], match[5])


def _python(data: bytes) -> Iterator[bytes]:
    if b"AddSerializedFile" not in data and b"serialized_pb" not in data:
        return
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
                if isinstance(value.value, bytes):
                    yield value.value
                elif isinstance(value.value, str):
                    yield value.value.encode("latin-1", "replace")


def _java(data: bytes) -> Iterator[bytes]:
    for start in _JAVA_START.finditer(data):
        end = data.find(b"};", start.end())
        body = data[start.end() : end if end >= 0 else len(data)]
        yield b"".join(_JAVA_ESCAPE.sub(_java_escape, one[1]) for one in _JAVA_STRING.finditer(body))


def _java_escape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return chr(int(match[1], 16)).encode("latin-1", "replace")
    if match[2]:
        return bytes([int(match[2], 8) & 0xFF])
    return _SIMPLE.get(match[3], match[3])


def _base64(data: bytes) -> Iterator[bytes]:
    for start in _BASE64.finditer(data):
        text = b"".join(re.findall(rb"\"([^\"]*)\"", start[1]))
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
    ".cs": _base64,
    ".ts": _base64,
    ".js": _base64,
    ".mjs": _base64,
}
