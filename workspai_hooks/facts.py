"""The verb `facts`, and what a break asks of the facts files that are listed: what leaves this repository for
others, and what of others is read here."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from workspai_hooks.changes.head import committed_head, staged_head
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.configuration import Settings, may_fetch, settings_of, user_facts
from workspai_hooks.contracts.protobuf.declared import schema_of
from workspai_hooks.errors import Undecided, UndecidedError, UsageError
from workspai_hooks.tools.buf import resolve_buf
from workspai_hooks.tools.git import Repository, facts_folder
from workspai_hooks.tools.origins import last_name, parted
from workspai_hooks.workspace.elsewhere.known import Elsewhere
from workspai_hooks.workspace.elsewhere.layout import MAX_BYTES, FactsError, decode, encode
from workspai_hooks.workspace.elsewhere.layout import Repository as Identity
from workspai_hooks.workspace.elsewhere.listed import Listed

AT_ONCE = 8


class Exported(msgspec.Struct, frozen=True):
    """A facts file's bytes, and the contracts that could not be read for it."""

    data: bytes = b""
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """0, 2 for a wrong configuration, 3 where something could not be read: the file says so, too."""
        return 2 if self.misused is not None else 3 if self.undecided else 0


class Fetched(msgspec.Struct, frozen=True):
    """What became of one URL: `sha256` of what it gave, and why that can't be used."""

    listed: Listed
    sha256: str = ""
    problem: str = ""


def elsewhere_of(repository: Repository, snapshot: Snapshot, settings: Settings) -> Elsewhere:
    """What the repository and its user list of other repositories."""
    listed = (*settings.facts, *user_facts())
    own = identity(repository.origin(), "").url if listed else ""
    return Elsewhere(snapshot, facts_folder(repository.common_dir), listed, own)


def identity(origin: str, folder: str) -> Identity:
    """What a repository is called: by its remote, without credentials; a path on a disk tells only a name."""
    host, path = parted(origin)
    return Identity(last_name(path) or folder, f"{host}/{path}" if host else "")


def export(folder: Path, name: str | None = None) -> Exported:
    """The facts of HEAD, under the repository's own name or another one."""
    from workspai_hooks.workspace.elsewhere.export import export as facts_of
    from workspai_hooks.workspace.workspace import survey

    try:
        repository = Repository.open(folder, may_fetch)
    except UndecidedError as error:
        return Exported(undecided=(error.undecided,))
    try:
        head = committed_head(repository, "HEAD").snapshot
        settings = settings_of(head)
        schema, unread = schema_of(head, resolve_buf())
        workspace = survey(head, schema, settings.services, settings.edges)
        called = identity(repository.origin(), repository.top.name)
        mine = Identity(name or called.name, called.url, head.name)
        return Exported(encode(facts_of(mine, workspace, unread)), unread)
    except UndecidedError as error:
        return Exported(undecided=(error.undecided,))
    except UsageError as error:
        return Exported(misused=str(error))
    finally:
        repository.close()


def update(folder: Path, *, pin: bool = False) -> tuple[Fetched, ...]:
    """Fetch what is listed by URL and not here; keep it where it is what is pinned.

    `pin`: fetch all of it and keep nothing, to tell the hashes of what is there now. Raises `UsageError` and
    `UndecidedError`.
    """
    repository = Repository.open(folder, may_fetch)
    try:
        settings = settings_of(staged_head(repository).snapshot)
        kept = facts_folder(repository.common_dir)
        listed = [one for one in dict.fromkeys((*settings.facts, *user_facts())) if one.url]
        if not pin:
            _make(kept, repository.common_dir)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(pool.map(lambda one: _told(one) if pin else _kept(one, kept), listed))
    finally:
        repository.close()


def _kept(listed: Listed, kept: Path) -> Fetched:
    if listed.sha256 and _digest(kept / listed.sha256) == listed.sha256:
        return Fetched(listed, listed.sha256)
    told, data = _fetched(listed)
    if told.problem or told.sha256 == listed.sha256:
        return told if told.problem else _write(told, data, kept)
    pinned = f"{listed.sha256} is pinned" if listed.sha256 else "no sha256 is pinned"
    return Fetched(listed, told.sha256, f"its sha256 is {told.sha256}, but {pinned}: nothing was kept")


def _told(listed: Listed) -> Fetched:
    return _fetched(listed)[0]


def _fetched(listed: Listed) -> tuple[Fetched, bytes]:
    from workspai_hooks.tools.web import WebError, fetch  # every break asks this module what is listed

    try:
        data = fetch(listed.url, MAX_BYTES)
        digest = hashlib.sha256(data).hexdigest()
        if not listed.sha256 or digest == listed.sha256:
            decode(data)
    except (WebError, FactsError) as error:
        return Fetched(listed, "", str(error)), b""
    return Fetched(listed, digest), data


def _make(kept: Path, common_dir: Path) -> None:
    """The folder of what is kept; one that leads elsewhere is refused."""
    if not kept.resolve().is_relative_to(common_dir.resolve()):
        raise UndecidedError(str(kept), "is a link that leads out of the repository", "remove it")
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UndecidedError(str(kept), str(error.strerror), "make it writable") from error


def _write(told: Fetched, data: bytes, kept: Path) -> Fetched:
    """All of it or nothing."""
    try:
        with tempfile.NamedTemporaryFile(dir=kept, prefix=".", delete=False) as file:
            file.write(data)
        os.replace(file.name, kept / told.sha256)
    except OSError as error:
        return Fetched(told.listed, told.sha256, f"can't be kept: {error.strerror}")
    return told


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def told(fetched: Sequence[Fetched], *, pin: bool) -> str:
    """What `facts update` prints: a line a URL, or the entries for `.workspai.yaml`."""
    if pin:
        rows = [
            f"  - url: {one.listed.url}\n    sha256: {one.sha256}\n" for one in fetched if not one.problem
        ]
        return "facts:\n" + "".join(rows) if rows else ""
    here = sum(1 for one in fetched if not one.problem)
    return f"{here} of {len(fetched)} facts files that are listed by URL are here\n"
