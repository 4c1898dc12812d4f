"""The verdicts on consumers in other repositories, by the facts that these exported.

They run today and will be built again as they are, so that a line of theirs counts for both sides. Ways lead
through repositories: who calls an rpc that is served in another one is an edge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import pairwise

from workspai_hooks.contracts.protobuf.elements import FILE, declaring_files, package_of, types_of
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.findings import RUNNING, Consumer, HeldStub, Hop, Site, Surface, Verdict
from workspai_hooks.impact import hops as local
from workspai_hooks.source import Location
from workspai_hooks.stubs.holding import HeldKind
from workspai_hooks.workspace.elsewhere.known import Elsewhere, UseElsewhere
from workspai_hooks.workspace.workspace import Workspace


class Outside:
    """One break as the other repositories meet it. Without facts files it knows nobody."""

    def __init__(
        self,
        elsewhere: Elsewhere,
        workspace: Workspace,
        schema: Schema,
        touched: Collection[str],
        rpcs: Collection[str],
    ) -> None:
        self._elsewhere = elsewhere
        self._workspace = workspace
        self._schema = schema
        self._touched = touched
        self._rpcs = frozenset(rpcs)
        self._hops: dict[tuple[str, str], Hop] = {}

    @cached_property
    def _names(self) -> frozenset[str]:
        """The elements as they are known elsewhere: files by the path that they are imported by."""
        files = self._schema.files
        return frozenset(
            FILE + files[path].import_path if path in files else element
            for element in self._touched
            for path in (element.removeprefix(FILE) if element.startswith(FILE) else "",)
        )

    @cached_property
    def packages(self) -> frozenset[str]:
        """The packages that the break is in."""
        return frozenset(package_of(self._schema, element) for element in self._touched)

    @cached_property
    def _uses(self) -> Mapping[int, list[UseElsewhere]]:
        return self._elsewhere.uses(self.packages, self._names) if self._elsewhere else {}

    @cached_property
    def _held(self) -> Mapping[int, HeldStub | None]:
        if not self._elsewhere:
            return {}
        held = self._elsewhere.holders(self.packages, self._names)
        kinds = (HeldKind.STUB, HeldKind.COPY)
        return {one: HeldStub(it.path) if it.kind in kinds else None for one, it in held.items()}

    @cached_property
    def _unknown(self) -> Mapping[int, str]:
        if not self._elsewhere:
            return {}
        names = self._names | types_of(self._schema, self._touched)
        found = self._elsewhere.unfollowed(self.packages, names)
        files = declaring_files(self._schema, self._touched)
        imported = {self._schema.files[path].import_path for path in files}
        opaque = self._elsewhere.opaque(imported)
        unknown = {one: why for one, why in found.items() if one in self._held} | opaque
        return {one: why for one, why in unknown.items() if one not in self._uses}

    @property
    def breaking(self) -> set[str]:
        """The services that use what broke."""
        return {self._name(one) for one in self._uses}

    def _name(self, service: int) -> str:
        return self._elsewhere.merged.names[service]

    def has(self, service: str) -> bool:
        """Whether a service is one of another repository."""
        return self._elsewhere.number_of(service) is not None

    def exposed(self, breaking: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Each service, here or elsewhere, that calls a breaking one, also through others, and the way."""
        if not self._elsewhere:
            return self._workspace.callers.exposed(breaking)
        ways: dict[str, tuple[str, ...]] = {name: (name,) for name in breaking}
        level = sorted(ways)
        asked: set[str] = set()
        while level:
            reached: list[str] = []
            for provider in level:
                for consumer in self._callers(provider, asked):
                    if consumer not in ways:
                        ways[consumer] = (consumer, *ways[provider])
                        reached.append(consumer)
            level = sorted(reached)
        return {name: ways[name] for name in sorted(ways) if name not in breaking}

    def _callers(self, name: str, asked: set[str]) -> list[str]:
        """Who calls a service. `asked` are contract services whose callers are all reached by now."""
        merged = self._elsewhere.merged
        at = self._elsewhere.number_of(name)
        found = (
            set(self._workspace.callers.of_one(name))
            if at is None
            else {self._name(c) for c in merged.callers.at(at)}
        )
        for fqn in self._serves(name) - asked:
            asked.add(fqn)
            found.update(self._name(one) for one in merged.called.get(fqn))
            found.update(self._called_here.get(fqn, ()) if at is not None else ())
        return sorted(found - {name})

    def _serves(self, name: str) -> set[str]:
        at = self._elsewhere.number_of(name)
        return set(self._workspace.served_by(name) if at is None else self._elsewhere.serves(at))

    @cached_property
    def _called_here(self) -> dict[str, set[str]]:
        """Contract services that are called here and served elsewhere only -> who calls them."""
        found = self._workspace.found
        own = {one.service for one in found.implementations if not one.in_test}
        called: dict[str, set[str]] = {}
        for use in found.calls:
            fqn = use.element.partition("/")[0]
            if not use.in_test and fqn not in own:
                called.setdefault(fqn, set()).add(self._workspace.consumer_at(use.path))
        return called

    def hops(self, path: tuple[str, ...]) -> tuple[Hop, ...]:
        """One hop for each pair on a way (see hops.py); across repositories the call is the evidence."""
        return tuple(self._hop(consumer, provider) for consumer, provider in pairwise(path))

    def _hop(self, consumer: str, provider: str) -> Hop:
        """Ways to the same service share their ends."""
        pair = (consumer, provider)
        if pair not in self._hops:
            self._hops[pair] = self._found_hop(consumer, provider)
        return self._hops[pair]

    def _found_hop(self, consumer: str, provider: str) -> Hop:
        start, end = self._elsewhere.number_of(consumer), self._elsewhere.number_of(provider)
        if start is None and end is None:
            return local.hop(consumer, provider, self._rpcs, self._workspace)
        protocols: tuple[str, ...] = ("grpc",)
        evidence: tuple[Location, ...] = ()
        if start is not None and end is not None and self._elsewhere.together(start, end):
            protocols, evidence = self._elsewhere.evidence(start, end)
        carried = any(
            rpc.partition("/")[0] in self._serves(provider) and self._calls(consumer, rpc)
            for rpc in self._rpcs
        )
        return Hop(consumer, provider, protocols, carried, evidence)

    def _calls(self, name: str, rpc: str) -> bool:
        at = self._elsewhere.number_of(name)
        if at is None:
            return rpc in self._workspace.calling(frozenset((rpc,))).get(name, ())
        return at in self._elsewhere.merged.rpcs.get(rpc)

    def verdicts(
        self, surfaces: Collection[Surface], ways: Mapping[str, tuple[str, ...]]
    ) -> Iterable[Consumer]:
        """One for each service of another repository that meets the break. `ways`: of all the exposed."""
        running = ("running",) if RUNNING & set(surfaces) else ()
        hits = (*running, *(("build",) if Surface.SOURCE in surfaces else ()))
        for one, uses in self._uses.items():
            yield self._consumer(
                one, Verdict.BREAKS, hits=hits, sites=_sites(uses), path=self._to_provider(one)
            )
        for one, why in self._unknown.items():
            yield self._consumer(one, Verdict.UNKNOWN, hits=hits, why=why)
        told = self._uses.keys() | self._unknown.keys()
        reached = {at for name in ways if (at := self._elsewhere.number_of(name)) is not None} - told
        self._elsewhere.look_at(reached)
        for one in sorted(reached):
            path = ways[self._name(one)]
            yield self._consumer(one, Verdict.EXPOSED, hits=("running",), path=path, hops=self.hops(path))
        for one in self._held:
            if one not in told and one not in reached:
                yield self._consumer(one, Verdict.REGENERATES)

    def _consumer(
        self,
        service: int,
        verdict: Verdict,
        *,
        hits: tuple[str, ...] = (),
        path: tuple[str, ...] = (),
        sites: tuple[Site, ...] = (),
        why: str = "",
        hops: tuple[Hop, ...] = (),
    ) -> Consumer:
        name = self._name(service)
        return Consumer(
            service=name,
            role=self._role(service),
            verdict=verdict,
            hits=hits,
            path=path or (name,),
            owners=self._elsewhere.owners(service),
            stub=self._held.get(service),
            sites=sites,
            why=why,
            hops=hops,
            repository=self._elsewhere.repository_of(service),
        )

    def _role(self, service: int) -> str:
        mine = set(self._elsewhere.serves(service))
        if not any(rpc.partition("/")[0] in mine for rpc in self._rpcs):
            return "consumer"
        others = (rpc for rpc in self._rpcs if rpc.partition("/")[0] not in mine)
        return "both" if any(self._calls(self._name(service), rpc) for rpc in others) else "provider"

    def _to_provider(self, service: int) -> tuple[str, ...]:
        """The way to the nearest service that serves what carries the element; itself without."""
        name = self._name(service)
        return (name,) if self._role(service) == "provider" else self._ways_to_providers.get(name, (name,))

    @cached_property
    def _ways_to_providers(self) -> Mapping[str, tuple[str, ...]]:
        merged = self._elsewhere.merged
        services = {rpc.partition("/")[0] for rpc in self._rpcs}
        away = {self._name(one) for fqn in services for one in merged.served.get(fqn)}
        return self.exposed(away | self._workspace.providers(self._rpcs))


def _sites(uses: Iterable[UseElsewhere]) -> tuple[Site, ...]:
    return tuple(
        sorted(
            Site(use.location, use.symbol, side, use.confidence, use.kind == "template", use.writes)
            for use in uses
            for side in ("base", "head")
        )
    )
