"""The verb `stubs`: which stubs there are, what they say differently than their contracts, what goes beside
them.

A person's run looks at the work tree and writes into it; `--check` writes nothing; the hook looks at the
index and at what the commit under way touches, writes, and stages nothing. Nothing generated is edited in
place, and nothing is written unless all that is to be written can be.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

import msgspec
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.changes.changeset import differing
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.configuration import NAME, Settings, may_fetch, settings_of
from workspai_hooks.contracts.openapi.outline import Outline, outlines, reaching
from workspai_hooks.enrichment.plans import Refusal
from workspai_hooks.enrichment.sidecars import Enriched, Sidecar, enriched, is_ours
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.findings import Finding
from workspai_hooks.inspection.shared import by_severity
from workspai_hooks.inspection.stubs import (
    client_skews,
    cosmetic,
    findings_of,
    open_clients,
    open_questions,
    skews,
    unread_options,
)
from workspai_hooks.report.report import Report
from workspai_hooks.report.stubs import Listed, StubReport
from workspai_hooks.resilience.sources.service_config import SUFFIX
from workspai_hooks.source import Location
from workspai_hooks.stubs.contracts import Known, with_contracts
from workspai_hooks.stubs.installed import installed_in
from workspai_hooks.stubs.inventory import Stub, find_stubs
from workspai_hooks.stubs.matching import Match
from workspai_hooks.stubs.openapi_clients import Client, find_clients
from workspai_hooks.stubs.openapi_contracts import Described, with_descriptions
from workspai_hooks.stubs.recognise import may_be_generated
from workspai_hooks.stubs.skew import Difference
from workspai_hooks.stubs.versions import spoken_version
from workspai_hooks.timings import Timings
from workspai_hooks.tools import writing
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository
from workspai_hooks.workspace.services import Services, discover


class Request(msgspec.Struct, frozen=True):
    """What a run was asked. `check`: write nothing; `at_commit`: the hook, which looks at the index."""

    folder: Path
    check: bool = False
    at_commit: bool = False


def care_for_stubs(request: Request) -> StubReport:
    """Answer a request. Never raises for what a repository or its tools may do: the report says it."""
    timings = Timings()
    repository = None
    try:
        repository = Repository.open(request.folder, may_fetch)
        with timings.of("stubs"):
            answer = _Run(repository, request).answer()
    except UndecidedError as error:
        answer = StubReport(Report(undecided=(error.undecided,)))
    except UsageError as error:
        answer = StubReport(Report(misused=str(error)))
    finally:
        if repository is not None:
            repository.close()
    return replace(answer, report=replace(answer.report, timings_ms=timings.all()))


class _Run:
    """One run over one repository."""

    def __init__(self, repository: Repository, request: Request) -> None:
        self._repository, self._request = repository, request
        if repository.top == repository.git_dir:
            raise UsageError("stubs: there is no work tree here (a bare repository)")
        self._snapshot = (
            Snapshot.of_index(repository) if request.at_commit else of_worktree(repository, _matters)
        )
        self._settings: Settings = settings_of(self._snapshot)
        self._services: Services = discover(self._snapshot, self._settings.services)
        self._buf = resolve_buf()

    def answer(self) -> StubReport:
        every = [one for one in self._found(self._snapshot) if not self._is_excluded(one.path)]
        known = with_contracts(self._snapshot, self._buf, every, self._service_at)
        clients = [
            one
            for one in find_clients(self._snapshot, self._holder_at)
            if not self._is_excluded(one.files[0]) and not self._is_excluded(one.root)
        ]
        described = with_descriptions(self._snapshot, clients, self._service_at)
        settings = self._settings
        made = enriched(
            self._snapshot, every, known, clients, described, settings.policies, settings.templates
        )
        questions = {*open_questions(every, known), *open_clients(clients, described), *made.undecided}
        wanted = {one.path for one in made.sidecars}
        if self._request.at_commit:
            every = [one for one in every if self._is_touched(one, known)]
            clients = [one for one in clients if self._is_client_touched(one, described)]
            made = self._touched(
                made, {one.path for one in every} | {p for one in clients for p in one.files}
            )
        findings = [*self._skew(every, known, clients, described), *_impossible(made), *_vetoed(made)]
        stale = self._stale(made.sidecars)
        orphans = [] if made.refused or questions else self._orphans(wanted)
        in_the_way = self._in_the_way(stale)
        questions |= set(in_the_way)
        blocked = {one.what for one in in_the_way}
        stale = [one for one in stale if one.path not in blocked]
        written: tuple[str, ...] = ()
        if not self._request.check:
            written = self._write(stale, orphans)
        if self._request.check or self._request.at_commit:
            findings += [*_stale_findings(stale, self._snapshot.entries), *_orphan_findings(orphans)]
        head = "index" if self._request.at_commit else self._snapshot.name
        report = Report(
            how=self._snapshot.name,
            head=head,
            findings=by_severity(findings),
            undecided=tuple(sorted(questions)),
            fail_on=self._settings.fail_on,
            at_commit=self._request.at_commit,
        )
        told = self._listed(every, known, clients, described, made)
        return StubReport(report, told, written, tuple(orphans) if written else ())

    def _found(self, snapshot: Snapshot) -> tuple[Stub, ...]:
        return find_stubs(snapshot, self._holder_at)

    def _service_at(self, path: str) -> str | None:
        service = self._services.service_of(path)
        return service.name if service else None

    def _holder_at(self, path: str) -> str:
        """The service that a stub belongs to, or is built into; else its library's folder."""
        builders = self._services.builders_of(path)
        return self._service_at(path) or (
            builders[0].name if len(builders) == 1 else posixpath.dirname(path) or "."
        )

    @cached_property
    def _is_installed(self) -> Callable[[str], bool]:
        return installed_in(self._snapshot.paths())

    def _is_excluded(self, path: str) -> bool:
        return self._is_installed(path) or any(
            fnmatchcase(path, pattern) for pattern in self._settings.excluded_stubs
        )

    @cached_property
    def _before(self) -> Snapshot:
        """What the commit under way is made on top of; nothing before the first one."""
        head = self._repository.head()
        return Snapshot.of_commit(self._repository, head) if head else Snapshot.of({}, "nothing")

    @cached_property
    def _changed(self) -> frozenset[str]:
        return frozenset(differing(self._before, self._snapshot))

    @cached_property
    def _changes_all(self) -> bool:
        own = {path for _, path in self._settings.templates}
        return bool(self._changed & {NAME, *own})

    def _is_touched(self, stub: Stub, known: Known) -> bool:
        """Whether the commit changes a stub, its contract or what this imports, or policies for it."""
        if self._changes_all or stub.path in self._changed:
            return True
        contract = known.matches[stub.path].contract
        if not contract:
            return False
        if contract in self._changed or self._imports_changed(contract, known):
            return True
        folder = posixpath.dirname(contract)
        return any(path.endswith(SUFFIX) and posixpath.dirname(path) == folder for path in self._changed)

    def _imports_changed(self, contract: str, known: Known) -> bool:
        seen, waiting = {contract}, [contract]
        while waiting:
            file = known.files.get(waiting.pop())
            for name in file.dependency if file is not None else ():
                if name in self._changed:
                    return True
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return False

    def _is_client_touched(self, client: Client, described: Described) -> bool:
        """The same of a client and its description, whatever this refers to."""
        match = described.matches.get(client.root, Match())
        if self._changes_all or not self._changed.isdisjoint((*client.files, client.carried)):
            return True
        return bool(match.contract) and match.contract in reaching(self._outlines, self._changed)

    @cached_property
    def _outlines(self) -> dict[str, Outline]:
        return outlines(self._snapshot)

    def _touched(self, made: Enriched, paths: Collection[str]) -> Enriched:
        """What belongs to files that the commit touches, and sidecars that it changes itself."""
        contracts = {one.contract for one in made.sidecars if one.stub in paths}
        mine = tuple(
            one
            for one in made.sidecars
            if one.stub in paths or (not one.stub and one.contract in contracts) or one.path in self._changed
        )
        return replace(made, sidecars=mine)

    def _skew(
        self, stubs: Sequence[Stub], known: Known, clients: Sequence[Client], described: Described
    ) -> Iterator[Finding]:
        before = self._skew_before(stubs, clients) if self._request.at_commit else {}

        def version(contract: str, file: FileDescriptorProto) -> str | None:
            return spoken_version(self._repository, self._snapshot, self._buf, contract, file)

        every = [*skews(self._snapshot, stubs, known), *client_skews(clients, described)]
        for skew in every:
            old = before.get(skew.stub.path, frozenset())
            yield from findings_of(skew, version, self._settings.pinned_stubs, old)
        yield from cosmetic(every)
        yield from unread_options(every, known)

    def _skew_before(
        self, stubs: Sequence[Stub], clients: Sequence[Client]
    ) -> Mapping[str, frozenset[Difference]]:
        """What stubs and clients said differently before the commit under way, by path."""
        paths = {stub.path for stub in stubs}
        old = [one for one in self._found(self._before) if one.path in paths]
        known = with_contracts(self._before, self._buf, old, self._service_at)
        found = list(skews(self._before, old, known))
        if clients:
            roots = {one.root for one in clients}
            earlier = [one for one in find_clients(self._before, self._holder_at) if one.root in roots]
            found += client_skews(earlier, with_descriptions(self._before, earlier, self._service_at))
        return {skew.stub.path: frozenset(skew.differences) for skew in found}

    def _stale(self, sidecars: Iterable[Sidecar]) -> list[Sidecar]:
        """Those that are not as they have to be where the run looks; of line ends git takes care."""
        wanted = {one.path: one for one in sidecars}
        there = self._snapshot.read_many(wanted)
        return [one for path, one in sorted(wanted.items()) if not _is_same(there.get(path), one.content)]

    def _in_the_way(self, stale: Iterable[Sidecar]) -> list[Undecided]:
        """Files that somebody else wrote where a sidecar goes, and places where nothing can be written."""
        found = []
        for one in stale:
            remedy = "remove or rename it, or leave the stub out (.workspai.yaml, stubs: exclude)"
            try:
                data = writing.content(self._repository.top, one.path)
            except UsageError as error:
                found.append(Undecided(one.path, str(error).removeprefix(f"{one.path}: "), remedy))
                continue
            if data is not None and not is_ours(data):
                found.append(Undecided(one.path, "stands where a sidecar goes, and is not ours", remedy))
        return found

    def _write(self, stale: Sequence[Sidecar], orphans: Sequence[str]) -> tuple[str, ...]:
        """Write and remove; nothing where something can't be. The paths that changed in the work tree."""
        top = self._repository.top
        changes = [one for one in stale if not _is_same(writing.content(top, one.path), one.content)]
        for path in (*(one.path for one in changes), *orphans):
            if why := writing.unwritable(top, path):
                remedy = "make room for it, or leave the stub out (.workspai.yaml, stubs: exclude)"
                raise UndecidedError(path, f"{why}, so that nothing was written", remedy)
        for one in changes:
            writing.write(top, one.path, one.content)
        for path in orphans:
            writing.remove(top, path)
        return (*(one.path for one in changes), *orphans)

    def _orphans(self, wanted: Collection[str]) -> list[str]:
        """Files of ours that belong to nothing any more."""
        if self._request.at_commit:
            gone = [path for path in self._changed if path not in self._snapshot.entries]
            folders = {posixpath.dirname(path) for path in gone}
        paths = [
            path
            for path in self._snapshot.paths()
            if path not in wanted and _may_be_sidecar(path) and not self._is_excluded(path)
            if not self._request.at_commit or posixpath.dirname(path) in folders
        ]
        return [path for path, data in sorted(self._snapshot.read_many(paths).items()) if is_ours(data)]

    def _listed(
        self,
        stubs: Iterable[Stub],
        known: Known,
        clients: Iterable[Client],
        described: Described,
        made: Enriched,
    ) -> tuple[Listed, ...]:
        beside: dict[str, list[str]] = {}
        for one in made.sidecars:
            beside.setdefault(one.stub, []).append(one.path)
        found = [
            Listed(
                one.path,
                one.service,
                one.generator,
                one.version,
                known.matches[one.path].contract,
                one.source,
                tuple(beside.get(one.path, ())),
            )
            for one in stubs
        ]
        for client in clients:
            files = [path for name in client.files for path in beside.get(name, ())]
            contract = described.matches.get(client.root, Match()).contract
            path, source = client.root or ".", client.title
            found.append(
                Listed(path, client.service, client.generator, client.version, contract, source, tuple(files))
            )
        return tuple(sorted(found))


def _matters(path: str) -> bool:
    """Whether the state of a file in the work tree can change the answer."""
    return (
        may_be_generated(path) or _may_be_sidecar(path) or path.endswith((".proto", ".yaml", ".yml", ".j2"))
    )


def _may_be_sidecar(path: str) -> bool:
    return "_resilience." in path or "Resilience." in path or path.endswith(SUFFIX)


def _is_same(there: bytes | None, wanted: bytes) -> bool:
    return there is not None and there.replace(b"\r\n", b"\n") == wanted


def _impossible(made: Enriched) -> Iterator[Finding]:
    for one in made.refused:
        yield _policy_finding("policy-impossible", one, f"{one.operation}: {one.why}")


def _vetoed(made: Enriched) -> Iterator[Finding]:
    for one in made.vetoes:
        why = f"{one.operation} is retried by its policy, but nobody declared it idempotent: one try is made"
        yield _policy_finding("retry-vetoed", one, why)


def _policy_finding(name: str, one: Refusal, message: str) -> Finding:
    rule = rules.BY_NAME[name]
    return Finding(rule.id, rule.severity, "policy", one.operation, message, one.location, change=one.why)


def _stale_findings(stale: Iterable[Sidecar], there: Collection[str]) -> Iterator[Finding]:
    rule = rules.BY_NAME["sidecar-stale"]
    for one in stale:
        fault = "is not what" if one.path in there else "is missing:"
        message = f"{one.path} {fault} {one.contract} and its policies give" + (
            "" if one.path in there else " one"
        )
        yield Finding(
            rule.id, rule.severity, "stub", f"file:{one.path}", message, Location(one.stub or one.contract)
        )


def _orphan_findings(orphans: Iterable[str]) -> Iterator[Finding]:
    rule = rules.BY_NAME["sidecar-orphaned"]
    for path in orphans:
        message = f"{path} belongs to no stub any more"
        yield Finding(rule.id, rule.severity, "stub", f"file:{path}", message, Location(path))
