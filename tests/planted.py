"""Repositories with a recognisable secret in every place where a value can stand.

In fixtures/planted, `$S` stands for a secret of its own, `$B` for one in base64. A secret is `Zq7sEcReT` and
a number: a leak says which one it was. It is made of letters and digits, so that it may stand anywhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from conftest import FIXTURES

MARK = "Zq7sEcReT"
FOLDER = FIXTURES / "planted"
_SECRET = re.compile(MARK + r"\d*[a-z]?")
_HOLE = re.compile(r"\$[SB](?![\w{])")
_ENCODED = tuple(base64.b64encode(b"\0" * shift + MARK.encode()).decode()[4:12] for shift in range(3))

# Beside each kind of value something breaks: what is told of it is a key, a type, a port.
BREAKING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "deploy/shop/values.yaml": (
        ("replicas: 2", "replicas: two"),
        ("extra: {gone:", "extra: {other:"),
        ("list: [", "list: [1, "),
    ),
    "deploy/shop/values.schema.json": (
        ('"number": {', '"number": {"pattern": "^[a-c]+$", "maxLength": 4, '),
    ),
    "deploy/shop/templates/app.yaml": (
        ("  plain:", "  renamed:"),
        ("port: 80,", "port: 81,"),
        ("  file.properties: |", "  other.properties: |"),
    ),
    "k8s/base/app.yaml": (
        ("gone: ", "other: "),
        ("secretKey: gone", "secretKey: other"),
        ("old.example", "new.example"),
        ("serviceName: db", "serviceName: database"),
        ("PeriodSeconds: 60", "PeriodSeconds: 5"),
    ),
    "k8s/base/kustomization.yaml": ((", other=", ", another="),),
    "api/orders.yaml": (
        ("total: {type: integer}", "total: {type: string}"),
        ("default: 10}", "default: 20}"),
    ),
    "protos/shop/v1/shop.proto": (
        ("optional int32 total = 4", "optional string total = 4"),
        ("[default = 7, json", "[json"),
    ),
}


def secrets_in(text: str) -> set[str]:
    """Secrets of a text: as they are, wrapped over lines, in base64, and as bytes in hexadecimal."""
    unwrapped = re.sub(r"\s+", "", text)
    found = set(_SECRET.findall(text)) | set(_SECRET.findall(unwrapped))
    if any(encoded in unwrapped for encoded in _ENCODED):
        found.add(f"{MARK} in base64")
    if MARK.encode().hex() in re.sub(r"0x|\\x|[,:]", "", unwrapped).lower():
        found.add(f"{MARK} in hexadecimal")
    return found


def planted(files: Mapping[str, str], ending: str = "") -> dict[str, str]:
    """A secret of its own for each hole; with another `ending`, another one in the same place."""
    number = 0

    def secret(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        text = f"{MARK}{number:03}{ending}"
        return base64.b64encode(text.encode()).decode() if found[0] == "$B" else text

    return {path: _HOLE.sub(secret, text) for path, text in files.items()}


def base() -> dict[str, str]:
    """The repository as it was."""
    return planted(_files())


def head() -> dict[str, str]:
    """All secrets are others, and something breaks beside each kind of them."""
    files = planted(_files(), "n")
    for path, edits in BREAKING.items():
        for old, new in edits:
            assert old in files[path], (path, old)
            files[path] = files[path].replace(old, new)
    return files


def _files() -> dict[str, str]:
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return {path.relative_to(FOLDER).as_posix(): path.read_text() for path in paths}
