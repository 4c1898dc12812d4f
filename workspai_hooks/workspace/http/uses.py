"""Consumers of HTTP operations: the lines that call an operation, read its response, set its request.

    from workspai_hooks.workspace.http.uses import http_uses

    uses = http_uses(workspace, "orders", operations)

`workspace` is the survey of a snapshot (workspace/workspace.py), `operations` are all that the provider's
description has, for a path means the one that fits it best. What can't be followed comes as uses of the kind
`unknown`, which speak for all that is below their pointer (`covers`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Edge, Tier
from workspai_hooks.workspace.evidence import MAX_BYTES
from workspai_hooks.workspace.files import CODE
from workspai_hooks.workspace.http.by_name import operations_named, paths_in
from workspai_hooks.workspace.http.events import DYNAMIC, PAGE
from workspai_hooks.workspace.http.gather import find_facts
from workspai_hooks.workspace.http.languages import HTTP_LANGUAGES
from workspai_hooks.workspace.http.match import Match, begins, body_of, fits, may_mean, operations_of, steps
from workspai_hooks.workspace.http.mentions import PAGES, find_mentions
from workspai_hooks.workspace.http.routes import Route, routes_of
from workspai_hooks.workspace.http.targets import Target, Targets
from workspai_hooks.workspace.http.values import Fact, HttpUse, Kind, Operation, Part
from workspai_hooks.workspace.service import Service
from workspai_hooks.workspace.workspace import Workspace

NOT_HTTP = frozenset({"grpc", "redis", "mongodb", "mysql", "postgres", "amqp", "nats", "thrift", "memcached"})
LEADING = frozenset({"route", "fronts", "label"})
"""Kinds of evidence of a gateway that hands requests on."""
SILENT = "it reaches the provider, but none of its calls is found"
OPEN = "which operation it calls is known when it runs: its path is put together"
SUFFIXES = tuple(suffix for one in HTTP_LANGUAGES for suffix in one.suffixes)


def http_uses(workspace: Workspace, provider: str, operations: Iterable[Operation]) -> tuple[HttpUse, ...]:
    """What the consumers of a provider do with its operations, sorted."""
    described = tuple(operations)
    if not described or workspace.services.named(provider) is None:
        return ()
    found = set(_Consumers(workspace, provider, described).uses())
    proven = {replace(use, confidence="likely") for use in found if use.confidence == "proven"}
    return tuple(sorted(_without_lesser(found - proven)))


def _without_lesser(uses: Collection[HttpUse]) -> Iterator[HttpUse]:
    """The uses without what is unknown below something that the same line makes unknown as well."""
    unknown: dict[tuple[str, str, int, int], list[HttpUse]] = {}
    for use in uses:
        if use.kind is Kind.UNKNOWN:
            unknown.setdefault((use.consumer, use.path, use.line, use.column), []).append(use)
    for use in uses:
        around = unknown.get((use.consumer, use.path, use.line, use.column), ())
        if use.kind is not Kind.UNKNOWN or not any(
            use.element.startswith((f"{one.element}.", f"{one.element}[", f"{one.element}#"))
            and (one.confidence == "proven" or use.confidence != "proven")
            for one in around
        ):
            yield use


def covers(use: HttpUse, element: str) -> bool:
    """Whether an unknown use speaks for an element: what is below its own, of any status."""
    operation, _, pointer = element.partition("#")
    mine, _, own = use.element.partition("#")
    if operation != mine or use.kind is not Kind.UNKNOWN:
        return False
    if not own:
        return True  # the operation itself
    body = body_of(pointer)
    side = "request" if own.startswith("request") else "response"
    if body is None or (body[0] == "request") is not (side == "request"):
        return False
    return begins(steps(own.removeprefix(side)), steps(body[1]))


class _Consumers:
    """Everything that is asked of one provider."""

    def __init__(self, workspace: Workspace, provider: str, operations: tuple[Operation, ...]) -> None:
        self._workspace = workspace
        self._provider = provider
        self._operations = operations
        self._paths: dict[str, frozenset[str]] = {}
        """The paths that generated files name."""
        self._pages: dict[str, bytes] = {}
        """The templates of consumers."""
        self._described = any(operation.properties for operation in operations)

    @cached_property
    def _edges(self) -> tuple[Edge, ...]:
        return tuple(
            edge
            for edge in self._workspace.edges
            if edge.tier is not Tier.ORDERING and edge.protocol.partition(":")[0] not in NOT_HTTP | {"kafka"}
        )

    @cached_property
    def _gateways(self) -> Mapping[str, tuple[Route, ...]]:
        """The gateways that lead to the provider, with the rules of their routes as far as they are known."""
        found = {}
        for edge in self._edges:
            if edge.provider == self._provider:
                routes = routes_of(self._workspace, edge)
                if routes or any(one.kind in LEADING for one in edge.evidence):
                    found[edge.consumer] = routes
        return found

    @cached_property
    def _consumers(self) -> frozenset[str]:
        """Who calls the provider, itself or through a gateway."""
        ends = {self._provider, *self._gateways}
        return frozenset(edge.consumer for edge in self._edges if edge.provider in ends) - {self._provider}

    def uses(self) -> Iterator[HttpUse]:
        mine = {
            path: names
            for path in self._workspace.snapshot.paths(*SUFFIXES, *CODE, *PAGES)
            if (names := self._of_consumers(path))
        }
        spoken = set()
        for use in self._found(mine):
            if not use.in_test:
                spoken.add(use.consumer)
            yield use
        yield from self._silent(spoken)

    def _silent(self, spoken: Collection[str]) -> Iterator[HttpUse]:
        """Consumers of which no call is found call in a way that is not followed."""
        for edge in self._edges:
            if (
                edge.provider != self._provider
                or edge.consumer in spoken
                or edge.protocol not in ("http", "https", "tcp")
                or edge.consumer in self._gateways
            ):
                continue
            for place in [one.location for one in edge.evidence[:1]]:
                path, line = place.path, place.line or 1
                for operation in self._operations:
                    yield HttpUse(
                        edge.consumer,
                        operation.element,
                        Kind.UNKNOWN,
                        path,
                        line,
                        1,
                        "",
                        "likely",
                        why=SILENT,
                    )

    def _found(self, mine: Mapping[str, tuple[str, ...]]) -> Iterator[HttpUse]:
        """What the files of consumers say."""
        yield from find_mentions(self._workspace.snapshot, mine, self._operations)
        paths = {path: names for path, names in mine.items() if path.endswith(SUFFIXES)}
        if not paths:
            return
        targets = Targets(Scene.of(self._workspace.snapshot, self._workspace.services), self._edges)
        known: dict[tuple[str, str, str, tuple[Part, ...]], list[tuple[Match, bool]]] = {}
        facts = list(_settled(find_facts(self._workspace.snapshot, paths.keys())))
        sent = {(fact.method, fact.url) for fact in facts if fact.kind is Kind.CALLS and fact.sure}
        for fact in facts:
            if (fact.method, fact.url) not in sent:
                fact = replace(fact, sure=False)  # what is only likely a request gives likely answers
            for name in paths.get(fact.place.path, ()):
                key = (name, fact.place.path, fact.method, fact.url)
                if key not in known:
                    known[key] = list(self._matches(fact, name, targets))
                for match, sure in known[key]:
                    yield from self._used(fact, name, match, sure)

    def _of_consumers(self, path: str) -> tuple[str, ...]:
        return tuple([name for name in self._workspace.consumers_at(path) if name in self._consumers])

    # -- operations

    def _matches(self, fact: Fact, name: str, targets: Targets) -> Iterator[tuple[Match, bool]]:
        """The operations that a request means, and whether it is known to go to the provider."""
        consumer = self._workspace.services.named(name)
        if consumer is None:
            return
        if fact.url and fact.url[0].kind == "operation":
            yield from self._by_name(fact.url)
            return
        best: dict[str, tuple[Match, bool]] = {}
        for target in targets.of(fact.url, consumer, fact.place.path):
            for match, sure in self._of_target(fact.method, target, consumer):
                before = best.get(match.operation.element)
                if before is None or (sure and not before[1]):
                    best[match.operation.element] = (match, sure)
        yield from best.values()

    def _by_name(self, url: tuple[Part, ...]) -> Iterator[tuple[Match, bool]]:
        """What a function of a generated client asks for: sure where its file names the path."""
        name, file = url[0], url[1].text if len(url) > 1 else ""
        if file not in self._paths:
            snapshot = self._workspace.snapshot
            data = snapshot.read(file) if file in snapshot.entries else b""
            self._paths[file] = paths_in(data, self._operations)
        for operation in operations_named(name.text, name.default or "", self._operations):
            yield Match((), operation, True), operation.path in self._paths[file]

    def _of_target(self, method: str, target: Target, consumer: Service) -> Iterator[tuple[Match, bool]]:
        if target.service == self._provider:
            found = operations_of(method, target.path, self._operations, target.open)
            for match in found or may_mean(method, target.path, self._operations):
                yield match, match.sure
            return
        if target.service in self._gateways:
            yield from self._through(method, target.path, self._gateways[target.service])
            return
        if target.service and not self._leads(target.service):
            return
        own = self._gateways.get(consumer.name) if target.relative else None
        if own:  # a page that the gateway hands out itself
            yield from self._through(method, target.path, own)
            return
        for name in self._between(consumer.name):
            for match, _ in self._through(method, target.path, self._gateways[name]):
                yield match, False
        if self._calls(consumer.name):
            for match in operations_of(method, target.path, self._operations, target.open):
                yield match, False

    def _leads(self, service: str) -> bool:
        """Whether requests to a service that is not the provider may end there all the same."""
        return any(edge.consumer == service and edge.provider in self._gateways for edge in self._edges)

    def _through(self, method: str, path: str, routes: Sequence[Route]) -> Iterator[tuple[Match, bool]]:
        """A path as a gateway hands it on; where its rules are not known, as it is or shorter."""
        for route in routes:
            inner = route.handed_on(path)
            if inner is not None:
                for match in operations_of(method, inner, self._operations):
                    yield match, match.sure
                return  # the longest prefix wins
        if not routes:
            for match in operations_of(method, path, self._operations):
                yield match, False

    def _between(self, consumer: str) -> Iterator[str]:
        """The gateways to the provider that a consumer calls."""
        for edge in self._edges:
            if edge.consumer == consumer and edge.provider in self._gateways:
                yield edge.provider

    def _calls(self, consumer: str) -> bool:
        return any(edge.consumer == consumer and edge.provider == self._provider for edge in self._edges)

    def _in_page(self, consumer: str, function: str) -> bool:
        """Whether a template of a consumer calls a function by its name."""
        if consumer not in self._pages:
            snapshot = self._workspace.snapshot
            paths = [
                path for path in snapshot.paths(*PAGES) if consumer in self._workspace.consumers_at(path)
            ]
            self._pages[consumer] = b"\n".join(
                data for data in snapshot.read_many(paths).values() if len(data) <= MAX_BYTES
            )
        return f"{function}(".encode() in self._pages[consumer]

    # -- properties

    def _used(self, fact: Fact, name: str, match: Match, sure: bool) -> Iterator[HttpUse]:
        operation = match.operation
        sure = sure and fact.sure
        if match.open:
            if fact.kind is Kind.CALLS and not fact.place.in_test:
                yield replace(_use(fact, name, operation.element, sure, OPEN), kind=Kind.UNKNOWN)
        elif fact.kind is Kind.CALLS:
            yield _use(fact, name, operation.element, sure)
        elif fact.kind is Kind.UNKNOWN:
            yield from self._unknown(fact, name, operation, sure)
        else:
            yield from self._properties(fact, name, operation, sure)

    def _properties(self, fact: Fact, name: str, operation: Operation, sure: bool) -> Iterator[HttpUse]:
        """The properties that a pointer means: those of good answers before those of errors."""
        given = steps(fact.pointer)
        wanted = fact.kind is Kind.WRITES
        found: list[tuple[bool, bool, str]] = []
        for pointer in operation.properties:
            body = body_of(pointer)
            if body is None or (body[0] == "request") is not wanted:
                continue
            alike = fits(given, steps(body[1]))
            if alike is not None:
                good = body[0][:1] in ("2", "r") or body[0] == "default"
                found.append((good, alike, pointer))
        if not self._described and given:
            side = "request" if wanted else "response"
            yield _use(fact, name, f"{operation.element}#{_joined(side, given)}", sure)
        for good, alike, pointer in found:
            if good == any(each[0] for each in found) and alike == max(
                each[1] for each in found if each[0] == good
            ):
                yield _use(fact, name, f"{operation.element}#{pointer}", sure and alike and good, fact.why)

    def _unknown(self, fact: Fact, name: str, operation: Operation, sure: bool) -> Iterator[HttpUse]:
        """What goes out of sight is of interest where something is below it."""
        if fact.why.startswith(PAGE) and not self._in_page(name, fact.why.removeprefix(PAGE)):
            return
        given = steps(fact.pointer)
        bodies = [
            body
            for body in map(body_of, operation.properties)
            if body is not None and (body[0] == "request") is fact.request
        ]
        described = [steps(body[1]) for body in bodies]
        below = [each for each in described if begins(given, each)]
        if self._described and not below:
            return
        if fact.why == DYNAMIC and below and all(each[len(given)] == "[]" for each in below):
            return  # a list's item
        side = "request" if fact.request else "response"
        given = below[0][: len(given)] if below else given  # as the description spells it
        why = "its properties are asked for by computed names" if fact.why == DYNAMIC else fact.why
        if why.startswith(PAGE):
            why = f"a page that is not followed calls {why.removeprefix(PAGE)}"
        yield _use(fact, name, f"{operation.element}#{_joined(side, given)}", sure, why)


def _joined(side: str, given: Sequence[str]) -> str:
    pointer = side
    for step in given:
        pointer += step if step == "[]" else f".{step.lstrip('~')}"
    return pointer


def _use(fact: Fact, consumer: str, element: str, sure: bool, why: str = "") -> HttpUse:
    place = fact.place
    return HttpUse(
        consumer,
        element,
        fact.kind,
        place.path,
        place.line,
        place.column,
        fact.symbol,
        "proven" if sure else "likely",
        place.in_test,
        why,
    )


def _settled(facts: Collection[Fact]) -> Iterator[Fact]:
    """Facts without those whose URL is known better: what a value was before more was learnt of it."""
    better: dict[tuple[object, ...], bool] = {}
    for fact in facts:
        key = (fact.kind, fact.place, fact.pointer)
        better[key] = better.get(key, False) or _begins_known(fact)
    for fact in facts:
        if _begins_known(fact) or not better[fact.kind, fact.place, fact.pointer]:
            yield fact


def _begins_known(fact: Fact) -> bool:
    return bool(fact.url) and fact.url[0].kind != "hole"
