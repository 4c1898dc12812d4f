"""The verb `stubs`: which stubs there are, what they say differently than their contracts, what goes beside
them.

A person's run looks at the work tree and writes into it; `--check` writes nothing; the hook looks at the
index and at what the commit under way touches, writes, and stages nothing. Nothing generated is edited in
place, and what is not ours is never written over.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

import msgspec
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from msgspec.structs import replace

from workspai_hooks import rules
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.changes.worktree import of_worktree
from workspai_hooks.configuration import Settings, may_fetch, settings_of
from workspai_hooks.contract_files import SOURCE_SUFFIXES
from workspai_hooks.enrichment.plans import Refusal
from workspai_hooks.enrichment.sidecars import Enriched, Sidecar, enriched, is_ours
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.findings import Finding
from workspai_hooks.inspection.shared import by_severity
from workspai_hooks.inspection.stubs import cosmetic, findings_of, open_questions, skews, unread_options
from workspai_hooks.inspection.touched_stubs import Touched
from workspai_hooks.report.report import Report
from workspai_hooks.report.stubs import Listed, StubReport
from workspai_hooks.resilience.sources.service_config import SUFFIX
from workspai_hooks.source import Location
from workspai_hooks.stubs.installed import installed_in
from workspai_hooks.stubs.inventory import Other, Stub
from workspai_hooks.stubs.openapi_clients import Client
from workspai_hooks.stubs.recognise import may_be_generated
from workspai_hooks.stubs.seen import Owners, Seen, look
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
        settings, at_commit = self._settings, self._request.at_commit
        every = self._look(self._snapshot, others=not at_commit)
        made = enriched(every, settings.policies, settings.templates)
        questions = {*open_questions(every), *made.undecided}
        wanted = {one.path for one in made.sidecars}
        seen = self._touched.of(every) if at_commit else every
        if at_commit:
            made = _cut(made, seen.files, self._touched.paths)
        findings = [*self._skew(seen), *_impossible(made), *_vetoed(made)]
        stale = self._stale(made.sidecars)
        orphans = [] if made.refused or questions else self._orphans(wanted)
        in_the_way = self._in_the_way(stale)
        questions |= set(in_the_way)
        blocked = {one.what for one in in_the_way}
        stale = [one for one in stale if one.path not in blocked]
        written = () if self._request.check else self._write(stale, orphans)
        if self._request.check or at_commit:
            findings += [*_stale_findings(stale, self._snapshot.entries), *_orphan_findings(orphans)]
        report = Report(
            how=self._snapshot.name,
            head=self._snapshot.name,
            findings=by_severity(findings),
            undecided=tuple(sorted(questions)),
            fail_on=settings.fail_on,
            at_commit=at_commit,
        )
        return StubReport(report, _listed(seen, made), written, tuple(orphans) if written else ())

    def _look(self, snapshot: Snapshot, *, others: bool = False) -> Seen:
        owners = Owners(self._service_at, self._holder_at)
        return look(snapshot, self._buf, owners, self._is_excluded, others=others)

    def _service_at(self, path: str) -> str | None:
        service = self._services.service_of(path)
        return service.name if service else None

    def _holder_at(self, path: str) -> str:
        """The service that a stub belongs to, or is built into; else its library's folder."""
        builders = self._services.builders_of(path)
        library = posixpath.dirname(path) or "."
        return self._service_at(path) or (builders[0].name if len(builders) == 1 else library)

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
    def _touched(self) -> Touched:
        return Touched(self._before, self._snapshot, self._settings)

    def _skew(self, seen: Seen) -> Iterator[Finding]:
        """What differs; at a commit, what differed before it is no doing of it."""
        known: dict[str, frozenset[Difference]] = {}
        if self._request.at_commit and (seen.stubs or seen.clients):
            known = {one.stub.path: frozenset(one.differences) for one in skews(self._look(self._before))}

        def version(contract: str, file: FileDescriptorProto) -> str | None:
            tip = self._repository.head()
            return spoken_version(self._repository, self._snapshot, self._buf, contract, file, tip)

        every = skews(seen)
        for skew in every:
            before = known.get(skew.stub.path, frozenset())
            yield from findings_of(skew, version, self._settings.pinned_stubs, before)
        yield from cosmetic(every)
        yield from unread_options(every, seen.known)

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
            gone = [path for path in self._touched.paths if path not in self._snapshot.entries]
            folders = {posixpath.dirname(path) for path in gone}
        paths = [
            path
            for path in self._snapshot.paths()
            if path not in wanted and _may_be_sidecar(path) and not self._is_excluded(path)
            if not self._request.at_commit or posixpath.dirname(path) in folders
        ]
        return [path for path, data in sorted(self._snapshot.read_many(paths).items()) if is_ours(data)]


def _cut(made: Enriched, files: Collection[str], changed: Collection[str]) -> Enriched:
    """What belongs to files that the commit touches, and sidecars that it changes itself."""
    contracts = {one.contract for one in made.sidecars if one.stub in files}
    mine = tuple(
        one
        for one in made.sidecars
        if one.stub in files or (not one.stub and one.contract in contracts) or one.path in changed
    )
    return replace(made, sidecars=mine)


def _listed(seen: Seen, made: Enriched) -> tuple[Listed, ...]:
    beside: dict[str, list[str]] = {}
    for one in made.sidecars:
        beside.setdefault(one.stub, []).append(one.path)

    def listed(path: str, held: Stub | Client | Other, contract: str, source: str, *files: str) -> Listed:
        sidecars = tuple(side for file in files for side in beside.get(file, ()))
        made_of = "protobuf" if isinstance(held, Stub) else "openapi" if isinstance(held, Client) else "other"
        return Listed(path, held.service, held.generator, held.version, contract, source, sidecars, made_of)

    stubs = (
        listed(one.path, one, seen.known.matches[one.path].contract, one.source, one.path)
        for one in seen.stubs
    )
    clients = (
        listed(one.root or ".", one, seen.description_of(one), one.title, *one.files) for one in seen.clients
    )
    others = (listed(one.path, one, "", one.named) for one in seen.others)
    return tuple(sorted((*stubs, *clients, *others)))


def _matters(path: str) -> bool:
    """Whether the state of a file in the work tree can change the answer."""
    suffixes = (".proto", ".yaml", ".yml", ".json", ".j2", "/FILES", "/VERSION", *SOURCE_SUFFIXES)
    return may_be_generated(path) or _may_be_sidecar(path) or path.endswith(suffixes)


def _may_be_sidecar(path: str) -> bool:
    name = path.rpartition("/")[2]
    return "resilien" in name.lower() or name.endswith(SUFFIX)


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
