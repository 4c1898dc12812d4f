"""Uses of what went from one program to another as JSON: no step of the way is proven by a type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from posixpath import dirname

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.store import Store
from workspai_hooks.workspace.manifests.builds import is_build_file
from workspai_hooks.workspace.use_sites.found import Escape, Found, Use
from workspai_hooks.workspace.use_sites.headers import is_third_party
from workspai_hooks.workspace.use_sites.languages import LANGUAGES
from workspai_hooks.workspace.use_sites.naming import Layout
from workspai_hooks.workspace.use_sites.received_json import (
    RECEIVING,
    Sent,
    received,
    sent,
    sent_by_hand,
)
from workspai_hooks.workspace.use_sites.received_types import DECLARING, declared_uses, home_of, names_route
from workspai_hooks.workspace.use_sites.served_json import SCRIPTED, script_uses, served
from workspai_hooks.workspace.use_sites.syntax import Source
from workspai_hooks.workspace.use_sites.trees import Trees


def uses_across(
    snapshot: Snapshot,
    schema: Schema,
    layout: Layout,
    found: Found,
    followed: Mapping[str, Trees],
    around: bytes,
) -> list[Use]:
    """Fields that are read of messages which a program has sent as JSON, beside what is known already.

    `followed`: the trees that each path is in; `around`: the digest of schema and layout.
    """
    json = tuple(escape for escape in found.escapes if escape.how == "json" and not escape.in_test)
    if not json:
        return []
    folders = {dirname(escape.path) for escape in json}
    near = [path for path in followed if dirname(path) in folders]
    able = [path for path, trees in followed.items() if trees.language(path).family in RECEIVING]
    declaring = [path for path, trees in followed.items() if trees.language(path).family in DECLARING]
    scripts = [path for path in snapshot.paths(*SCRIPTED) if not is_third_party(path)]
    senders = sorted({escape.path for escape in json})

    def once(what: str, paths: Iterable[str], look: Callable[[], list[Use]]) -> list[Use]:
        looked_at = [(path, snapshot.entries[path].blob) for path in sorted(set(paths))]
        return snapshot.store.once("crossing", Store.key(around, what, json, looked_at), list[Use], look)

    uses = [
        *once(
            "scripts",
            [*near, *scripts],
            lambda: _in_scripts(snapshot, schema, layout, json, followed, near, scripts),
        ),
        *once(
            "receivers",
            [*senders, *able],
            lambda: _in_receivers(snapshot, schema, layout, json, followed, able),
        ),
        *once(
            "types",
            [*senders, *declaring],
            lambda: _in_types(snapshot, schema, layout, json, followed, declaring),
        ),
    ]
    places = {(use.path, use.line, use.column, use.element) for use in found.uses}
    return [use for use in uses if (use.path, use.line, use.column, use.element) not in places]


def _in_receivers(
    snapshot: Snapshot,
    schema: Schema,
    layout: Layout,
    json: Sequence[Escape],
    followed: Mapping[str, Trees],
    able: Sequence[str],
) -> list[Use]:
    """Fields that a service reads of messages which another one posts to it, and keys that are sent so."""
    trees_of = _trees_of((escape.path for escape in json), followed)
    messages = sent(json, trees_of)
    routes = [one.route.encode() for one in messages]
    uses = set(sent_by_hand(json, trees_of, schema))
    for path, data in snapshot.contents(sorted(able) if messages else ()):
        if any(route in data for route in routes):
            trees = followed[path]
            family = [one for one in LANGUAGES if one.family == trees.language(path).family]
            dialects = {one.name: one.worker.dialect(schema, layout, trees) for one in family}
            uses.update(received(messages, path, trees, dialects, schema))
    return sorted(uses)


def _in_types(
    snapshot: Snapshot,
    schema: Schema,
    layout: Layout,
    json: Sequence[Escape],
    followed: Mapping[str, Trees],
    declaring: Sequence[str],
) -> list[Use]:
    """Fields of the types that a service declares for messages which another one posts to it."""
    homes = frozenset(dirname(path) for path in layout.paths if is_build_file(path))
    senders: dict[str, list[Escape]] = {}
    for escape in json:
        senders.setdefault(home_of(escape.path, homes), []).append(escape)
    trees = _trees_of((escape.path for escape in json), followed)
    messages = {(one, home) for home, escapes in senders.items() for one in sent(escapes, trees)}
    routes = sorted({one.route for one, _ in messages})
    arriving: dict[str, set[Sent]] = {}
    for path, data in snapshot.read_many(declaring if routes else ()).items():
        named, home = names_route(data, routes), home_of(path, homes)
        arriving.setdefault(home, set()).update(
            one for one, sender in messages if one.route in named and sender != home
        )
    uses: list[Use] = []
    for home, mine in sorted(arriving.items()):
        if mine:
            sources = {path: followed[path][path] for path in declaring if home_of(path, homes) == home}
            uses.extend(declared_uses(sorted(mine), sources, schema))
    return uses


def _trees_of(paths: Iterable[str], followed: Mapping[str, Trees]) -> dict[str, Source]:
    """The trees of these files, and of no others."""
    wanted = sorted(set(paths))
    for trees in {id(followed[path]): followed[path] for path in wanted}.values():
        trees.prepare(wanted)
    return {path: followed[path][path] for path in wanted}


def _in_scripts(
    snapshot: Snapshot,
    schema: Schema,
    layout: Layout,
    json: tuple[Escape, ...],
    followed: Mapping[str, Trees],
    near: Sequence[str],
    scripts: Sequence[str],
) -> list[Use]:
    """Fields that scripts read of messages which the same service serves."""
    messages = served(json, _trees_of(near, followed))
    roots = {(one, _root_of(one.file, layout)) for one in messages}
    close = [path for path in scripts if any(path.startswith(root) for _, root in roots)]
    uses: list[Use] = []
    for path, data in sorted(snapshot.read_many(close).items()):
        mine = sorted(one for one, root in roots if path.startswith(root) and one.path.encode() in data)
        uses.extend(script_uses(path, data, mine, schema))
    return uses


def _root_of(path: str, layout: Layout) -> str:
    """The folder of the module that a file belongs to: its own folder where no go.mod says."""
    folder = dirname(path)
    above = [root for root in layout.go_modules if not root or f"{folder}/".startswith(f"{root}/")]
    root = max(above, key=len) if above else folder
    return f"{root}/" if root else ""
