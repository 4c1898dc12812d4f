"""Which contract files a `require` of generated Ruby code stands for.

The stubs need not be committed: `shop/v1/cart_pb` is what protoc makes of `shop/v1/cart.proto`.
"""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.contracts.protobuf.schema import File

SUFFIXES = ("_services_pb", "_pb", "_twirp")


def required(written: str, path: str, files: Mapping[str, File]) -> tuple[str, ...]:
    """The contract files behind what a file at `path` requires; copies that are further away are left out."""
    stem = written.removesuffix(".rb")
    suffix = next((each for each in SUFFIXES if stem.endswith(each)), None)
    if suffix is None:
        return ()
    words = [word for word in stem.removesuffix(suffix).split("/") if word not in (".", "..")]
    fitting = [
        file for file in files.values() if _fits(words, file.import_path.removesuffix(".proto").split("/"))
    ]
    nearest = min((distance(file.path, path) for file in fitting), default=0)
    return tuple(sorted(file.path for file in fitting if distance(file.path, path) == nearest))


def _fits(words: list[str], proto: list[str]) -> bool:
    """One of the two is the end of the other."""
    count = min(len(words), len(proto))
    return count > 0 and words[-count:] == proto[-count:]


def distance(one: str, other: str) -> int:
    """Steps through folders from one file to another."""
    left, right = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return len(left) + len(right) - 2 * shared
