"""What the sources of a snapshot use of a contract: which files can matter, and what following types gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from posixpath import basename, dirname

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.use_sites.found import Found, Use
from workspai_hooks.workspace.use_sites.infer import find_uses
from workspai_hooks.workspace.use_sites.languages import LANGUAGES, Language, is_generated, stub_of
from workspai_hooks.workspace.use_sites.naming import Layout, Naming
from workspai_hooks.workspace.use_sites.rust.crates import crate_of
from workspai_hooks.workspace.use_sites.served_json import SCRIPTED, script_uses, served
from workspai_hooks.workspace.use_sites.syntax import Source

THIRD_PARTY = re.compile(
    r"(?:^|/)(?:vendor|node_modules|site-packages|\.venv|venv|\.tox|obj|bin/(?:Debug|Release))/"
)
MANIFESTS = frozenset({"go.mod", "Cargo.toml"})
"""Files that say how a language's modules are called."""
WORD = re.compile(rb"[A-Za-z_]\w+")


def layout_of(paths: Iterable[str], contents: Mapping[str, bytes]) -> Layout:
    """What import resolution needs: all paths, go.mod files, crates and stubs among `contents`."""
    modules = {}
    crates = {}
    stubs = {}
    for path, data in contents.items():
        if path.endswith("go.mod"):
            found = re.search(rb"^module\s+\"?([^\s\"]+)", data, re.MULTILINE)
            if found:
                modules[dirname(path)] = found.group(1).decode("utf-8", "replace")
        elif path.endswith("Cargo.toml"):
            crates[dirname(path)] = crate_of(data)
        elif is_generated(path, data):
            stub = stub_of(path, data)
            if stub is not None:
                stubs[path] = stub
    return Layout(frozenset(paths), modules, stubs, crates)


def find_everything(snapshot: Snapshot, schema: Schema) -> Found:
    """Uses, implementations, escapes and mentions in all sources of a snapshot, of every followed
    language.
    """
    if not schema.files:
        return Found()
    paths = snapshot.paths()
    suffixes = tuple(suffix for one in LANGUAGES for suffix in one.suffixes)
    wanted = [path for path in paths if path.endswith(suffixes) or basename(path) in MANIFESTS]
    contents = snapshot.read_many(path for path in wanted if not THIRD_PARTY.search(path))
    layout = layout_of(paths, contents)
    sources = _lowered(contents, schema, layout)
    found = [
        _of_family(family, sources, schema, layout) for family in dict.fromkeys(o.family for o in LANGUAGES)
    ]
    scripts = _in_scripts(found, sources, snapshot, schema, layout)
    return Found(
        tuple(sorted([*(use for one in found for use in one.uses), *scripts])),
        tuple(sorted(each for one in found for each in one.implementations)),
        tuple(sorted(escape for one in found for escape in one.escapes)),
        tuple(sorted(mention for one in found for mention in one.mentions)),
    )


def _lowered(contents: Mapping[str, bytes], schema: Schema, layout: Layout) -> dict[str, dict[str, Source]]:
    """The files that can matter, by language; templates only where the language that renders them is
    there.
    """
    found: dict[str, dict[str, Source]] = {}
    for language in LANGUAGES:
        mine = [
            path for path in contents if path.endswith(language.suffixes) and language.fits(contents[path])
        ]
        main = next(one for one in LANGUAGES if one.family == language.family)
        if not mine or (language is not main and not found.get(main.name)):
            continue
        found[language.name] = {
            path: language.lower(contents[path])
            for path in _that_matter(language, {path: contents[path] for path in mine}, schema, layout)
            if not is_generated(path, contents[path])
        }
    return found


def _that_matter(
    language: Language, contents: Mapping[str, bytes], schema: Schema, layout: Layout
) -> Collection[str]:
    """The files that are worth parsing."""
    if language.select is not None:
        return sorted(language.select(contents, schema, layout))
    words = words_of(schema, language.dialect(schema, layout, {}).naming)
    return [path for path, data in contents.items() if can_matter(data, words) or language.relays(path, data)]


def _of_family(
    family: str, lowered: Mapping[str, Mapping[str, Source]], schema: Schema, layout: Layout
) -> Found:
    """What one family's files give. A path can be source of one language of a family only."""
    languages = [one for one in LANGUAGES if one.family == family]
    sources = {path: source for one in languages for path, source in lowered.get(one.name, {}).items()}
    if not sources:
        return Found()
    return find_uses(sources, {one.name: one.dialect(schema, layout, sources) for one in languages}, is_test)


def _in_scripts(
    found: Iterable[Found],
    lowered: Mapping[str, Mapping[str, Source]],
    snapshot: Snapshot,
    schema: Schema,
    layout: Layout,
) -> list[Use]:
    """Fields that scripts read of messages which the same service serves as JSON."""
    sources = {path: source for each in lowered.values() for path, source in each.items()}
    messages = served(tuple(escape for one in found for escape in one.escapes), sources)
    if not messages:
        return []
    roots = {(one, _root_of(one.file, layout)) for one in messages}
    scripts = [path for path in snapshot.paths(*SCRIPTED) if not THIRD_PARTY.search(path)]
    near = [path for path in scripts if any(path.startswith(root) for _, root in roots)]
    uses: list[Use] = []
    for path, data in sorted(snapshot.read_many(near).items()):
        mine = sorted(one for one, root in roots if path.startswith(root) and one.path.encode() in data)
        uses.extend(script_uses(path, data, mine, schema))
    return uses


def _root_of(path: str, layout: Layout) -> str:
    """The folder of the module that a file belongs to: its own folder where no go.mod says."""
    folder = dirname(path)
    above = [root for root in layout.go_modules if not root or f"{folder}/".startswith(f"{root}/")]
    root = max(above, key=len) if above else folder
    return f"{root}/" if root else ""


def words_of(schema: Schema, naming: Naming) -> frozenset[bytes]:
    """The prefilter: a file that has none of these words in it can't use the contract."""
    words = set(naming.accessors())
    for name in (*schema.messages, *schema.enums, *schema.services):
        words.add(name.rpartition(".")[2])
    words.update(value for enum in schema.enums.values() for value in enum.values)
    return frozenset(part.encode() for word in words for part in word.split("_") if part)


def can_matter(data: bytes, words: frozenset[bytes]) -> bool:
    """Whether a file has one of the words, alone or among those that `_` joins, or what makes a client of
    it.
    """
    return any(
        part in words for word in set(WORD.findall(data)) for part in (word, *word.split(b"_"), _core(word))
    )


def _core(word: bytes) -> bytes:
    """`NewOrdersClient` and its like without what generators put around a service's name."""
    core = word
    for before in (b"New", b"Register", b"Unimplemented", b"add_"):
        core = core.removeprefix(before)
    for after in (b"_to_server", b"Servicer", b"Client", b"Server", b"Handler", b"Stub", b"Base"):
        core = core.removesuffix(after)
    return core
