"""Who owns a path: CODEOWNERS by GitHub's rules or with GitLab's sections, else the owner that a Backstage
catalog names."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.applications import CATALOG, catalog
from workspai_hooks.workspace.manifests.paths import folder_of, holds

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_MAX_BYTES = 3 * 1024 * 1024  # GitHub's own limit: a larger file is not loaded
_MAX_WILDCARDS = 20
_SECTION = regex(r"\s*\^?\[([^\]\n]+)\](?:\[\d+\])?((?:\s+[^\s@]*@\S+)*)\s*$")


class Rule(msgspec.Struct, frozen=True):
    """Whose the files of a pattern are. `section` is GitLab's, empty for the rules before the first one."""

    pattern: re.Pattern[str]
    owners: tuple[str, ...]
    section: str = ""


class Owners(msgspec.Struct, frozen=True):
    """The rules of a CODEOWNERS file in their order, and what catalogs say where no rule does."""

    rules: tuple[Rule, ...] = ()
    catalogued: tuple[tuple[str, str], ...] = ()
    """Folder and owner, the innermost folder first."""

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file: those of the last rule that matches in each section, which may be none."""
        last: dict[str, tuple[str, ...]] = {}
        for rule in self.rules:
            if rule.pattern.search(path):
                last[rule.section] = rule.owners
        if last:
            return tuple(dict.fromkeys(owner for owners in last.values() for owner in owners))
        return next(((owner,) for folder, owner in self.catalogued if holds(folder, path)), ())

    def of_roots(self, roots: Iterable[str]) -> tuple[str, ...]:
        """The owners of a service's folders, in the order in which the rules name them."""
        # A rule for a folder matches what is in it, so any file in it stands for the folder.
        found = [owner for root in roots for owner in self.of(f"{root}/-" if root else "-")]
        return tuple(dict.fromkeys(found))


def read_owners(snapshot: Snapshot) -> Owners:
    """The rules of the first CODEOWNERS file that there is, and the owners that catalogs name; none of what
    can't be read."""
    catalogs = [path for path in snapshot.paths(".yaml", ".yml") if CATALOG.search(path)]
    contents = snapshot.read_many((*PLACES, *catalogs))
    place = next((place for place in PLACES if place in contents), "")
    data = contents.get(place, b"")
    text = data.decode("utf-8", "replace") if len(data) <= _MAX_BYTES else ""
    rules = parse(text, sections=not place.startswith(".github/")).rules
    named = {folder_of(path): _owner(contents[path]) for path in catalogs if path in contents}
    inner_first = sorted(named.items(), key=lambda row: (-len(row[0]), row[0]))
    return Owners(rules, tuple((folder, owner) for folder, owner in inner_first if owner))


def _owner(data: bytes) -> str:
    """The owner of a catalog file, where all its components have the same one: `group:default/x` is `x`."""
    owners = {owner for _, _, owner in catalog(data)}
    return owners.pop().rpartition("/")[2].rpartition(":")[2] if len(owners) == 1 else ""


def parse(text: str, *, sections: bool = False) -> Owners:
    """The rules of a CODEOWNERS text; lines that GitHub refuses are skipped as it does.

    Where GitLab's `sections` count (`[Name] @default`, `^[Optional]`, `[Name][2]`), a rule without owners
    takes those of its section.
    """
    rules: list[Rule] = []
    section = ""
    default: tuple[str, ...] = ()
    for line in text.splitlines():
        line = re.sub(r"(?<!\\)#.*$", "", line)
        if sections and (header := _SECTION.match(line)):
            section, default = header[1].strip().lower(), tuple(header[2].split())
            continue
        words = line.replace("\\ ", "\0").split()
        if not words or words[0].startswith(("!", "[", "^[")):
            continue
        pattern = _pattern(words[0].replace("\0", " ").replace("\\#", "#"))
        if pattern is not None:
            rules.append(Rule(pattern, tuple(words[1:]) or default, section))
    return Owners(tuple(rules))


def _pattern(glob: str) -> re.Pattern[str] | None:
    """gitignore's rules without negation and character ranges."""
    if glob.count("*") > _MAX_WILDCARDS or "[" in glob:
        return None
    # Written at one level, `docs/*` matches files in docs and not in folders below it.
    shallow = glob.endswith("/*")
    anchored = "/" in glob.rstrip("/")
    folder = glob.endswith("/")
    body = ""
    for part in re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", glob.strip("/")):
        body += _GLOBS.get(part, re.escape(part))
    start = "^" if anchored else "(?:^|/)"
    end = "/" if folder else "$" if shallow else "(?:/|$)"
    return re.compile(start + body + end)


_GLOBS = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
