"""Verdicts on breaks of OpenAPI descriptions: who calls the operation, reads the property, sends the request.

The provider is the service that a description speaks for; its consumers' lines come from workspace/http.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from posixpath import basename, dirname

from msgspec.structs import replace

from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.openapi.description import Description, members
from workspai_hooks.contracts.openapi.library import Library
from workspai_hooks.errors import UndecidedError
from workspai_hooks.findings import RUNNING, Consumer, Severity, Site, Verdict
from workspai_hooks.impact.described import described
from workspai_hooks.impact.hops import hops
from workspai_hooks.impact.sides import Sides
from workspai_hooks.patterns import regex
from workspai_hooks.rules import BY_ID
from workspai_hooks.source import IN_FILE, Location
from workspai_hooks.workspace.http.uses import covers, http_uses
from workspai_hooks.workspace.http.values import HttpUse, Kind
from workspai_hooks.workspace.workspace import Workspace

GENERIC = frozenset(
    ("openapi", "swagger", "api", "apis", "api-docs", "spec", "schema", "index", "main", "service", "rest")
)
"""File names, folders and words of titles that name no service."""
VERDICT_OF_CALLS = frozenset(
    (
        *("required-property-added", "property-became-required", "request-body-removed"),
        *("request-body-became-required", "request-media-type-removed"),
    )
)
"""Rules about requests that hit who sends one at all: what must be in it now, nobody writes yet."""
ONLY_READERS = frozenset({"property-removed"})
"""Rules whose fault nobody meets but who reads the property."""

_WORD = regex(r"[A-Za-z0-9]+")
_PART = regex(r"^(request|response\.[^.]+)(?:\.(?!media:|header:)|$)")

Judged = Iterator[tuple[Break, tuple[Consumer, ...]]]


def judge(faults: Sequence[Break], sides: Sides) -> Judged:
    """Each fault, at the severity that its consumers give it, with the verdicts on them: the worst first."""
    by_contract: dict[str, list[Break]] = {}
    for fault in faults:
        by_contract.setdefault(fault.contract, []).append(fault)
    known = {path: _Consumers(path, ones, sides) for path, ones in by_contract.items()}
    for fault in faults:
        consumers = known[fault.contract].of(fault)
        yield known[fault.contract].weighed(fault, consumers), consumers


class _Consumers:
    """Everything that is asked of one description. `path` is where base has it, else head."""

    def __init__(self, path: str, faults: Sequence[Break], sides: Sides) -> None:
        self._sides = sides
        operations = {_operation(one) for fault in faults for one in _elements(fault)}
        self.uses: dict[str, tuple[HttpUse, ...]] = {}
        self.provider: str | None = None
        for side, workspace in (("base", sides.base), ("head", sides.head)):
            provider, uses = _uses(workspace, path, operations)
            self.provider = self.provider or provider
            self.uses[side] = uses

    def of(self, fault: Break) -> tuple[Consumer, ...]:
        """The verdicts on one fault."""
        if self.provider is None:
            return ()
        sites: dict[str, set[Site]] = {}
        unknown: dict[str, str] = {}
        for side, uses in self.uses.items():
            for use in uses:
                if _is_hit(use, fault):
                    sites.setdefault(use.consumer, set()).add(_site(use, side))
                elif any(covers(use, _plain(one)) for one in _elements(fault)):
                    unknown.setdefault(use.consumer, f"{use.why or 'hands it on'} ({use.path}:{use.line})")
        running = bool(RUNNING & set(fault.surfaces))
        ways = self._sides.head.callers.exposed(set(sites)) if running else {}
        verdicts = [
            *(
                self._consumer(fault, name, Verdict.BREAKS, sites=tuple(sorted(sites[name])))
                for name in sites
            ),
            *(
                self._consumer(fault, name, Verdict.UNKNOWN, why=why)
                for name, why in unknown.items()
                if name not in sites
            ),
            *(
                replace(
                    self._consumer(fault, name, Verdict.EXPOSED, path=path),
                    hops=hops(path, frozenset(), self._sides.head),
                )
                for name, path in ways.items()
                if name not in sites and name not in unknown and name != self.provider
            ),
        ]
        return tuple(sorted(verdicts, key=lambda one: (one.verdict.rank, one.service)))

    def _consumer(
        self,
        fault: Break,
        service: str,
        verdict: Verdict,
        *,
        path: tuple[str, ...] = (),
        why: str = "",
        sites: tuple[Site, ...] = (),
    ) -> Consumer:
        assert self.provider is not None
        way = path or self._sides.head.way(service, {self.provider}) or (service, self.provider)
        return Consumer(
            service=service,
            role="consumer",
            verdict=verdict,
            hits=("running",) if RUNNING & set(fault.surfaces) else ("build",),
            path=way,
            owners=self._sides.head.owners(service),
            why=why,
            sites=sites,
        )

    def weighed(self, fault: Break, consumers: Sequence[Consumer]) -> Break:
        """The fault as bad as it is for those who are known to consume it; the change is said. Of a
        description that no service is known to serve, nobody is."""
        rule = BY_ID[fault.rule].name if fault.rule in BY_ID else ""
        if self.provider is None or rule not in ONLY_READERS or "#response" not in fault.element:
            return fault
        readers = [one.service for one in consumers if one.verdict is Verdict.BREAKS]
        if readers and fault.severity is not Severity.ERROR:
            who = f"{_listed(readers)} {'reads' if len(readers) == 1 else 'read'} it"
            said = f"an error and no {fault.severity.value}, because {who}"
            return replace(fault, severity=Severity.ERROR, message=f"{fault.message}; {said}")
        unknown = any(one.verdict is Verdict.UNKNOWN for one in consumers)
        if not readers and not unknown and fault.severity is Severity.WARNING and self._all_followed(fault):
            said = "a note and no warning, because none of its consumers reads it"
            return replace(fault, severity=Severity.NOTE, message=f"{fault.message}; {said}")
        return fault

    def _all_followed(self, fault: Break) -> bool:
        """Whether all that call the provider are known to call these operations, and were followed."""
        assert self.provider is not None
        operations = {_operation(one) for one in _elements(fault)}
        calling = {
            use.consumer
            for use in self.uses["head"]
            if use.kind is Kind.CALLS and use.confidence == "proven" and use.element in operations
        }
        return bool(calling) and calling >= set(self._sides.head.callers.of_one(self.provider))


def _uses(
    workspace: Workspace, path: str, operations: Collection[str]
) -> tuple[str | None, tuple[HttpUse, ...]]:
    """The service that the description at `path` speaks for on one side, and what its consumers do."""
    if path not in workspace.snapshot.entries or not workspace.services.all:
        return None, ()
    try:
        description = Description(Library(workspace.snapshot), path)
    except UndecidedError:
        return None, ()  # the comparison says so
    provider = provider_of(workspace, path, description)
    if provider is None:
        return None, ()
    return provider, http_uses(workspace, provider, described(description, operations))


def provider_of(workspace: Workspace, path: str, description: Description) -> str | None:
    """The service that serves what a description describes: the one that its file or title names (consumers
    keep copies), else the one whose folder it is in, else the one that builds it in."""
    named = {
        known.name
        for name in _names(path, str(members(description.top.get("info")).get("title", "")))
        if (known := workspace.services.named(name)) is not None
    }
    if len(named) == 1:
        return named.pop()
    own = workspace.services.service_of(path)
    if own is not None:
        return own.name
    builders = workspace.services.builders_of(path)
    return builders[0].name if len(builders) == 1 else None


def _names(path: str, title: str) -> Iterator[str]:
    """What the service may be called."""
    stem = basename(path).partition(".")[0]
    folder = basename(dirname(path))
    words = [word.lower() for word in _WORD.findall(title)]
    said = [word for word in words if word not in GENERIC]
    for name in (stem.lower(), folder.lower(), "-".join(said), "-".join(words)):
        short = "-".join(part for part in _WORD.findall(name) if part not in GENERIC)
        for each in dict.fromkeys((name, short)):
            if each and each not in GENERIC:
                yield from (each, f"{each}-service", f"{each}service", f"{each}-api", each.replace("-", ""))


def _elements(fault: Break) -> tuple[str, ...]:
    return fault.reaches or (fault.element,)


def _plain(element: str) -> str:
    """Without the description's path in front."""
    return element.rpartition(IN_FILE)[2]


def _operation(element: str) -> str:
    return _plain(element).partition("#")[0]


def _is_hit(use: HttpUse, fault: Break) -> bool:
    """Whether a line meets the fault: it uses the element, or a part of it."""
    rule = BY_ID[fault.rule].name if fault.rule in BY_ID else ""
    mine, _, own = use.element.partition("#")
    for element in _elements(fault):
        operation, _, pointer = _plain(element).partition("#")
        if mine != operation or use.kind is Kind.UNKNOWN:
            continue
        if not pointer:
            return True
        body = _PART.match(pointer)
        if body is None or rule in VERDICT_OF_CALLS:  # parameters, headers, media types: part of each request
            if use.kind is Kind.CALLS:
                return True
            continue
        if pointer in ("request", body[1]) and use.kind is Kind.CALLS and pointer == body[0]:
            return True
        wanted = Kind.WRITES if pointer.startswith("request") else Kind.READS
        if use.kind is wanted and _is_within(own, pointer):
            return True
    return False


def _is_within(own: str, pointer: str) -> bool:
    """Whether a property is the broken one, or inside of it; positions in lists do not count."""
    mine, broken = (one.replace("[]", "").replace('"', "") for one in (own, pointer))
    return mine == broken or mine.startswith(f"{broken}.")


def _site(use: HttpUse, side: str) -> Site:
    return Site(
        Location(use.path, use.line, use.column),
        use.symbol or use.element,
        side,
        use.confidence,
        writes=use.kind is Kind.WRITES,
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
