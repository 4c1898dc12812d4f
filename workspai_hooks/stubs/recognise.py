"""Recognises files that generators wrote, by the header that each of them leaves.

A generator is a row in the table of its kind: markers_protobuf.py, markers_openapi.py, markers_other.py.
"""

from __future__ import annotations

import re

import msgspec

from workspai_hooks.changes.generated import HEADER_BYTES
from workspai_hooks.stubs import markers_openapi, markers_other, markers_protobuf
from workspai_hooks.stubs.marker import PREAMBLE, Contract, Marker

_TEXTS = (".md", ".mdx", ".rst", ".txt", ".adoc", ".html", ".json", ".yaml", ".yml", ".csv", ".svg", ".lock")
"""They tell of generators; what is made of a contract is source."""


class Generated(msgspec.Struct, frozen=True):
    """A generated file.

    `source` is the .proto as the header names it, `version` the generator's own, `contract_version` that
    which an OpenAPI description gives itself. `named` is what the header of an `unknown` generator calls it.
    """

    generator: str
    version: str = ""
    source: str = ""
    contract: Contract = Contract.PROTOBUF
    contract_version: str = ""
    named: str = ""


def generated(data: bytes, path: str) -> Generated | None:
    """Which generator made a stub of a protobuf contract; None for anything else."""
    header = data[:HEADER_BYTES]
    if not any(word in header for word in markers_protobuf.SAYING_SO):
        return None
    found = _first(markers_protobuf.MARKERS, header, path)
    if found is None:
        return None
    marker, match = found
    source = markers_protobuf.SOURCE.search(header)
    return Generated(_name(marker, match), _version(marker, header), _text(source))


def described(data: bytes, path: str) -> Generated | None:
    """Which generator made a file of an OpenAPI description; None for anything else."""
    header = data[:HEADER_BYTES]
    if not any(word in header for word in markers_openapi.SAYING_SO):
        return None
    found = _first(markers_openapi.MARKERS, header, path)
    if found is None:
        return None
    marker, match = found
    said = markers_openapi.contract_version(header)
    version = _version(marker, header)
    return Generated(_name(marker, match), version, "", Contract.OPENAPI, said[1] if said else "")


def made_by(data: bytes, path: str) -> Generated | None:
    """Which generator made a file of whatever; None where no header says so."""
    return generated(data, path) or described(data, path) or _other(data[:HEADER_BYTES], path)


def may_be_generated(path: str) -> bool:
    """Stubs of protobuf contracts are looked for in files of these names only."""
    scripted = (".py", ".pyi", ".ts", ".js", ".mjs", ".rb", ".php", ".ex", ".exs")
    rare = (".pb.swift", ".grpc.swift", ".connect.swift", ".pb.dart", ".pbgrpc.dart", ".pbobjc.h", ".pbrpc.h")
    return path.endswith((".go", ".java", ".kt", ".cs", ".rs", ".pb.h", ".pb.cc", *scripted, *rare))


def _other(header: bytes, path: str) -> Generated | None:
    if not any(word in header for word in markers_other.SAYING_SO):
        return None
    begins = PREAMBLE.match(header)
    preamble = begins[0] if begins else b""
    found = _first(markers_other.MARKERS, preamble, path)
    if found is None:
        return None
    marker, match = found
    if marker.version is not None:
        return Generated(marker.generator, _version(marker, preamble), "", Contract.OTHER)
    named = markers_other.NAME.match(next((one for one in match.groups() if one), b""))
    name, version = (named[1], named[2]) if named else (b"", None)
    return Generated(marker.generator, _decoded(version), "", Contract.OTHER, "", _decoded(name))


def _first(markers: tuple[Marker, ...], header: bytes, path: str) -> tuple[Marker, re.Match[bytes]] | None:
    low = header.lower()
    for marker in markers:
        if marker.words and not any(word in low for word in marker.words):
            continue
        if path.endswith(marker.suffixes) if marker.suffixes else not path.endswith(_TEXTS):
            match = marker.header.search(low if marker.is_folded else header)
            if match is not None:
                return marker, match
    return None


def _name(marker: Marker, match: re.Match[bytes]) -> str:
    return _decoded(match.groupdict().get("generator")) or marker.generator


def _version(marker: Marker, header: bytes) -> str:
    return _text(marker.version.search(header)) if marker.version else ""


def _text(match: re.Match[bytes] | None) -> str:
    """The first group that matched."""
    return _decoded(next((one for one in match.groups() if one), b"")) if match else ""


def _decoded(text: bytes | None) -> str:
    return (text or b"").decode("ascii", "replace")
