"""RT14: a policy that names an rpc or a service which no contract here has.

Counted: each name of a service config once (a name in two configs is two), and each path of a mesh's route
that is an rpc's, of the rpcs and services that

- belong to a service which a contract here declares, and that has no such rpc; or
- belong to a package in which a contract here declares services; or
- stand in a config beside contracts with services, whose names they should be; or
- are the name of a service here without its package.

A name of anything else may be of a contract that lies elsewhere. Nothing is told of packages and folders of
which a contract could not be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import takewhile
from posixpath import dirname

from workspai_hooks.patterns import regex
from workspai_hooks.resilience.grpc.values import CONVENTION
from workspai_hooks.resilience.layers import Route
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.said import Level
from workspai_hooks.resilience.view import View
from workspai_hooks.source import IN_FILE

RULE = "policy-dangling"
_RPC_PATH = regex(r"/((?:\w{1,200}\.){1,20}\w{1,200})(/)?(\w{1,200})?")
_ALIKE = 0.75
"""How alike two names are that one may be meant for the other (difflib's ratio)."""
_SHARED, _MOST_COMPARED = 3, 200
"""Letters at the begin or the end that such names share; so many are compared at most."""


def find(view: View) -> Iterator[Fault]:
    """One a name."""
    known = _Known(view)
    seen: set[tuple[str, str]] = set()
    for one in view.read.said:
        if one.convention != CONVENTION or one.level is Level.DEFAULT:
            continue
        key = (one.location.path, one.scope)
        why = known.dangles(one.scope, one.location.path)
        if why and key not in seen:
            seen.add(key)
            yield Fault(RULE, f"file:{one.location.path}#{one.scope}", why, one.location)
    yield from _of_configuration(view)
    for layer in view.layers:
        for scope in filter(None, (_named(one, known.names) for one in layer.routes)):
            why = known.dangles(scope, layer.location.path)
            key = (layer.location.path, scope)
            if why and key not in seen:
                seen.add(key)
                yield Fault(RULE, f"file:{layer.location.path}#{scope}", f"a route's {why}", layer.location)


def _of_configuration(view: View) -> Iterator[Fault]:
    """What `.workspai.yaml` speaks of and is not here: there all contracts are meant to be."""
    if view.rpcs.undecided:
        return
    contracts = {one.contract for one in view.operations}
    services = {one.service for one in view.operations}
    for said in view.policies:
        scope = said.scope.rpartition(IN_FILE)[2]
        known = {
            Level.METHOD: scope in view.by_name or scope in view.rpcs.others,
            Level.SERVICE: scope in services or scope in view.rpcs.services,
            Level.FILE: said.scope in contracts or said.scope in view.snapshot.entries,
        }
        if not known.get(said.level, True):
            why = f"no contract here has {said.scope}, which a policy is for"
            yield Fault(RULE, f"file:{said.location.path}#{said.scope}", why, said.location)
    for budget in view.budgets:
        if view.workspace.services.all and not view.entered(budget.entry):
            why = f"no service or operation here is {budget.entry}, which has a timeout_budget"
            yield Fault(RULE, f"file:{budget.location.path}#{budget.entry}", why, budget.location)


def _named(route: Route, rpcs: Collection[str]) -> str:
    """The rpc or service that a route of a mesh names as a whole; empty where it names none for certain. A
    pattern without anything but escaped dots is a name as well, the beginning of an rpc's name is none."""
    path = route.path.replace("\\.", ".") if route.kind == "regex" else route.path
    found = _RPC_PATH.fullmatch(path)
    if found is None or (route.kind == "text" and not found[2]):
        return ""
    service, name = found[1], found[3]
    if not name:
        return service if route.kind in ("prefix", "text") else ""
    whole = f"{service}/{name}"
    return "" if route.kind == "text" and any(one.startswith(whole) for one in rpcs) else whole


class _Known:
    def __init__(self, view: View) -> None:
        self._view, self._rpcs = view, view.rpcs
        self.names = {one.name for one in view.operations if one.is_grpc} | view.rpcs.others
        self._folders = {dirname(one.contract) for one in view.operations if one.is_grpc}
        unread = {dirname(one.what.partition(":")[0]) for one in view.rpcs.undecided}
        self._unread = unread
        self._services = sorted(self._rpcs.services)
        self._nearby: dict[tuple[str, str], str] = {}

    def dangles(self, scope: str, path: str) -> str:
        """Why a name in a file is one of nothing; empty where it is something, or may be something
        elsewhere."""
        service, _, rpc = scope.partition("/")
        folder = dirname(path)
        if service in self._rpcs.services:
            if not rpc or scope in self.names or folder in self._unread:
                return ""
            near = self._near(rpc, self._rpcs_by_service.get(service, ()), service)
            return f"{service} has no rpc {rpc}{near}"
        package, _, name = service.rpartition(".")
        full = self._by_last_name.get(name, ())
        beside = folder in self._folders
        unread = bool(self._unread) and (folder in self._unread or package not in self._rpcs.packages)
        if unread or not (package in self._rpcs.packages or beside or (full and not package)):
            return ""
        if full and (not package or beside or len(full) == 1):
            return f"no contract here has a service {service}; there is {self._nearest(service, full)}"
        mine = [one for one in self._rpcs.services if one.rpartition(".")[0] == package]
        return f"no contract here has a service {service}{self._near(service, mine or self._services)}"

    @cached_property
    def _rpcs_by_service(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.names):
            service, _, rpc = name.partition("/")
            found.setdefault(service, []).append(rpc)
        return found

    @cached_property
    def _by_last_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for service in sorted(self._rpcs.services):
            found.setdefault(service.rpartition(".")[2], []).append(service)
        return found

    @staticmethod
    def _nearest(service: str, full: Iterable[str]) -> str:
        """The one that has most of its first parts."""
        parts = service.split(".")

        def alike(one: str) -> tuple[int, str]:
            pairs = zip(parts, one.split("."), strict=False)
            return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)), one

        return max(full, key=alike)

    def _near(self, name: str, known: Iterable[str], of: str = "") -> str:
        """The nearest of what there is (`of` a service), as a clause."""
        if (of, name) not in self._nearby:
            from difflib import get_close_matches

            wanted = name.lower()
            begin, end = wanted[:_SHARED], wanted[-_SHARED:]
            lower = {one.lower(): one for one in known}
            alike = [one for one in lower if one.startswith(begin) or one.endswith(end)]
            found = get_close_matches(wanted, alike[:_MOST_COMPARED], 1, _ALIKE)
            self._nearby[of, name] = f"; there is {lower[found[0]]}" if found else ""
        return self._nearby[of, name]
