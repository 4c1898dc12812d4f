"""Names of services: how they are compared, and what folder and image names say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from workspai_hooks.patterns import regex

GENERIC = frozenset(
    """
    admin api app application apps backend build client cmd code container core docker frontend gateway
    interface internal java job jobs main node package pkg server service services source sources src svc
    task ui web worker
    """.split()  # noqa: SIM905
)
"""Folder names that say what kind of thing is inside, not which: the parent's name goes before them."""

_VERSION = regex(r"v\d+(?:(?:alpha|beta)\d*)?")
_SHORTEST_JOINED = 6

_BESIDE = regex(r"-v\d+$")
_KIND = regex(r"(?i)[-_.](?:deployment|deploy|statefulset|daemonset|workload)$")
_DIGEST = regex(r"(?<=\w)-[0-9a-f]{32}$")
_SUFFIX = regex(r"-?(?:service|svc|api|app|server|microservice)$")


@lru_cache(maxsize=100_000)
def plain(name: str) -> str:
    """The form in which names are compared: `Api_Gateway`, `api.gateway` and `api-gateway` are one."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@lru_cache(maxsize=100_000)
def bare(name: str) -> str:
    """A plain name without what only says that it is a service: `buyservice` and `buy-svc` are `buy`."""
    name = plain(name)
    return _SUFFIX.sub("", name) or name


def unversioned(name: str) -> str:
    """A plain name without its version: `buy-v2` runs beside `buy-v1`, of one source."""
    return _BESIDE.sub("", name) or name


def without_kind(name: str) -> str:
    """A workload's name without what only says how it is run."""
    return _KIND.sub("", name) or name


def image_name(image: str) -> str:
    """The last segment of an image without tag and digest, and without the digest that ko puts in it."""
    return _DIGEST.sub("", image.partition("@")[0].rpartition("/")[2].partition(":")[0])


def is_version(segment: str) -> bool:
    """A folder for a version of what its parent is: `v2`, `v1beta1`."""
    return _VERSION.fullmatch(segment) is not None


SOURCE_FOLDERS = frozenset({"app", "code", "java", "main", "source", "sources", "src"})
"""Folders that only hold the source of what their parent is called."""


def folder_name(folder: str) -> str:
    """What a folder is called: its last segment, with the one before where that says nothing; versions
    say nothing at all."""
    segments = [one for one in folder.split("/") if not is_version(one)] or [folder]
    while len(segments) > 1 and segments[-1].lower() in SOURCE_FOLDERS and plain(segments[-2]) not in GENERIC:
        segments.pop()
    name = segments[-1]
    for parent in reversed(segments[:-1]):
        if plain(name.partition("-")[0]) not in GENERIC or plain(parent) in GENERIC:
            break
        return f"{parent}-{name}"
    return name


def folder_names(folder: str) -> list[str]:
    """All names that a folder may be meant by, plain, the shortest first: its last one to three segments."""
    segments = [plain(segment) for segment in folder.split("/") if plain(segment) and not is_version(segment)]
    tails = ["-".join(segments[-count:]) for count in (1, 2, 3) if count <= len(segments)]
    return [tail for tail in tails if tail not in GENERIC]


def _tails(name: str) -> list[str]:
    """`spring-shop-cart` -> `shop-cart`, `cart`: without prefixes that name the system."""
    parts = name.split("-")
    tails = ["-".join(parts[start:]) for start in range(1, len(parts))]
    return [tail for tail in tails if tail not in GENERIC]


class Likeness:
    """Names of things, to find those that are called alike.

    How well: 3 the same, 2 the same but for a prefix that names the system or for where its words part
    (`api-server`, `apiserver`), 1 the same but for a suffix such as `service`.
    """

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._same: dict[str, dict[str, None]] = {}
        self._longer: dict[str, dict[str, None]] = {}
        self._bare: dict[str, dict[str, None]] = {}
        self._joined: dict[str, dict[str, None]] = {}
        for name, thing in rows:
            self._same.setdefault(name, {})[thing] = None
            self._bare.setdefault(bare(name), {})[thing] = None
            self._joined.setdefault(name.replace("-", ""), {})[thing] = None
            for tail in _tails(name):
                self._longer.setdefault(tail, {})[thing] = None

    def fitting(self, name: str, strength: int) -> list[str]:
        """The things whose name fits exactly this well."""
        wanted = plain(name)
        if not wanted:
            return []
        if strength == 3:
            return list(self._same.get(wanted, ()))
        if strength == 2:
            shorter = (thing for tail in _tails(wanted) for thing in self._same.get(tail, ()))
            spelled = (one.replace("-", "") for one in (wanted, *_tails(wanted)))
            joined = (
                thing
                for one in spelled
                if len(one) >= _SHORTEST_JOINED
                for thing in self._joined.get(one, ())
            )
            same = self._same.get(wanted, {})
            found = dict.fromkeys([*self._longer.get(wanted, ()), *shorter, *joined])
            return [thing for thing in found if thing not in same]
        return list(self._bare.get(bare(wanted), ()))


def similar(name: str, candidates: Iterable[str]) -> int:
    """How well a name fits any of some plain names, as `Likeness` grades it; 0 not at all."""
    known = Likeness((candidate, candidate) for candidate in candidates)
    return next((strength for strength in (3, 2, 1) if known.fitting(name, strength)), 0)
