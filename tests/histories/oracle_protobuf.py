"""Bare buf on two exported trees: `buf build` of each workspace, `buf breaking` with all four categories."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from google.protobuf import descriptor_pb2 as pb

from histories.bare import tool
from histories.facts import BOTH, Fact, Verdict
from histories.layout import Layout, Workspace
from histories.repository import Files, write_tree

CATEGORIES = ["FILE", "PACKAGE", "WIRE_JSON", "WIRE"]
NOTHING = pb.FileDescriptorSet(file=[pb.FileDescriptorProto(name="nothing/nothing.proto", syntax="proto3")])


@dataclass(frozen=True)
class Image:
    """`names` maps a declaration's full name to the import path of its file, for all kinds of declaration."""

    data: bytes
    errors: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict, compare=False)
    tops: dict[str, frozenset[str]] = field(default_factory=dict, compare=False)
    members: dict[tuple[str, int], str] = field(default_factory=dict, compare=False)
    texts: dict[tuple[str, str], str] = field(default_factory=dict, compare=False)
    packages: dict[str, str] = field(default_factory=dict, compare=False)
    maps: dict[str, str] = field(default_factory=dict, compare=False)
    """The message that protobuf makes of a map -> the field."""


_images: dict[str, Image] = {}
_rows: dict[tuple[bytes, bytes], tuple[tuple[str, str, str], ...]] = {}


def compare(base: Files, head: Files, layout: Layout, *, partly: bool = False) -> Verdict:
    """`partly`: of what does not compile as a whole, what does."""
    verdict = Verdict()
    for workspace in layout.workspaces:
        verdict |= _compare(base, head, workspace, partly=partly)
    if len(layout.workspaces) > 1 and not verdict.open and not verdict.base_open:
        verdict |= Verdict(allowed=_drift(head, layout) - _drift(base, layout))
    return verdict


def _drift(files: Files, layout: Layout) -> frozenset[Fact]:
    """Where copies of a contract contradict each other: buf has no word for it, and we tell it (fine print
    14), as an error where nothing else tells of it. Whether a finding on it is due is not held against us
    here: that is what tests/test_breaking_drift.py is for."""
    images = [image(_own(files, workspace)) for workspace in layout.workspaces]
    found = set()
    for one in images:
        for other in images:
            for (owner, number), name in one.members.items():
                mine = one.texts[owner, name]
                theirs = other.members.get((owner, number), name)
                same = other.texts.get((owner, name), mine)
                if owner in other.names and (theirs != name or same != mine):
                    package = one.packages[one.names[owner]]
                    key = f"drift {owner} {number} {name} {theirs} {mine} {same}"
                    found.add(Fact("protobuf", "COPIES_DRIFT", key, frozenset({f"package:{package}"})))
    return frozenset(found)


def _own(files: Files, workspace: Workspace) -> Files:
    """The workspace's files by import path: its roots laid over each other, as a compiler's `-I` does."""
    found: Files = {}
    for root in workspace.roots:
        prefix = f"{root}/" if root else ""
        found |= {
            p[len(prefix) :]: text
            for p, text in files.items()
            if p.startswith(prefix) and p.endswith(".proto")
        }
    return found


def _readable(*sides: Files) -> tuple[Files, ...]:
    """Both sides without the files that do not compile on one of them, and without those that import them."""
    while errors := [error for side in sides for error in image(side).errors]:
        broken = {json.loads(error)["path"] for error in errors}
        sides = tuple({p: text for p, text in side.items() if p not in broken} for side in sides)
    return sides


def _compare(base: Files, head: Files, workspace: Workspace, *, partly: bool = False) -> Verdict:
    mine, theirs = _own(base, workspace), _own(head, workspace)
    if mine == theirs:
        return Verdict()
    if partly:
        mine, theirs = _readable(mine, theirs)
    before, after = image(mine), image(theirs)
    name = ", ".join(workspace.roots)
    if after.errors and after.errors == before.errors:
        return Verdict(open=frozenset({f"{BOTH}{name}: {after.errors[0]}"}))
    if after.errors:
        return Verdict(open=frozenset({f"{name}: {after.errors[0]}"}))
    if before.errors:
        return Verdict(base_open=frozenset({f"{name}: {before.errors[0]}"}))
    facts = _Told(before, after, workspace).facts()
    return Verdict(required=frozenset(facts))


def image(files: Files) -> Image:
    """`buf build` of files below one import root."""
    key = hashlib.sha256(json.dumps({p: t.hex() for p, t in sorted(files.items())}).encode()).hexdigest()
    if key not in _images:
        _images[key] = _built(files) if files else _described(NOTHING.SerializeToString())
    return _images[key]


def _built(files: Files) -> Image:
    with tempfile.TemporaryDirectory() as folder:
        write_tree({**files, "buf.yaml": b"version: v2\n"}, Path(folder))
        done = subprocess.run(
            [tool("buf"), "build", ".", "-o", "-#format=binpb", "--error-format", "json"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
    if done.returncode == 0:
        return _described(done.stdout)
    assert done.returncode == 100, done.stderr.decode()
    return Image(b"", tuple(done.stderr.decode().splitlines()))


def _described(data: bytes) -> Image:
    """Names are read by protobuf's own library."""
    files = pb.FileDescriptorSet.FromString(data).file
    names: dict[str, str] = {}
    members: dict[tuple[str, int], str] = {}
    texts: dict[tuple[str, str], str] = {}
    maps: dict[str, str] = {}

    def add(item: pb.DescriptorProto, prefix: str, path: str) -> None:
        full = f"{prefix}{item.name}"
        names[full] = path
        members.update({(full, one.number): one.name for one in item.field})
        entries = {nested.name for nested in item.nested_type if nested.options.map_entry}
        for one in item.field:
            if one.type_name.rpartition(".")[2] in entries:
                maps[one.type_name.lstrip(".")] = f"{full}.{one.name}"
            texts[full, one.name] = f"{one.label} {one.type} {one.type_name} {one.number}"
        for enum in item.enum_type:
            add_enum(enum, f"{full}.", path)
        for nested in item.nested_type:
            add(nested, f"{full}.", path)

    def add_enum(item: pb.EnumDescriptorProto, prefix: str, path: str) -> None:
        names[f"{prefix}{item.name}"] = path
        members.update({(f"{prefix}{item.name}", one.number): one.name for one in item.value})
        texts.update({(f"{prefix}{item.name}", one.name): str(one.number) for one in item.value})

    tops: dict[str, frozenset[str]] = {}
    packages = {file.name: file.package for file in files}
    for file in files:
        prefix = f"{file.package}." if file.package else ""
        tops[file.name] = frozenset(
            prefix + one.name for group in (file.message_type, file.enum_type, file.service) for one in group
        )
        for message in file.message_type:
            add(message, prefix, file.name)
        for enum in file.enum_type:
            add_enum(enum, prefix, file.name)
        names.update({prefix + one.name: file.name for one in file.service})
    return Image(data, (), names, tops, members, texts, packages, maps)


def rows(head: bytes, base: bytes) -> tuple[tuple[str, str, str], ...]:
    """(rule, path in head, message) of `buf breaking`, without repetitions."""
    if (head, base) not in _rows:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "head.binpb").write_bytes(head)
            Path(folder, "base.binpb").write_bytes(base)
            config = json.dumps({"version": "v2", "breaking": {"use": CATEGORIES}})
            done = subprocess.run(
                [
                    *(tool("buf"), "breaking", "head.binpb", "--against", "base.binpb", "--config", config),
                    *("--exclude-imports", "--error-format", "json"),
                ],
                cwd=folder,
                capture_output=True,
                check=False,
            )
        assert done.returncode in (0, 100), done.stderr.decode()
        told = [json.loads(line) for line in done.stdout.splitlines()]
        _rows[head, base] = tuple(
            sorted({(one["type"], one.get("path", ""), one["message"]) for one in told})
        )
    return _rows[head, base]


@cache
def _rules_of(names: tuple[str, ...]) -> frozenset[str]:
    """The rules that a list of categories and rules means, as bare buf lists them."""
    said = subprocess.run(
        [tool("buf"), "config", "ls-breaking-rules", "--format", "json", "--version", "v2"],
        capture_output=True,
        check=True,
    ).stdout
    listed = [json.loads(line) for line in said.splitlines()]
    return frozenset(one["id"] for one in listed if {one["id"], *one.get("categories", ())} & set(names))


class _Told:
    """One comparison's rows as facts."""

    def __init__(self, before: Image, after: Image, workspace: Workspace) -> None:
        self.before, self.after, self.workspace = before, after, workspace
        self.counted = _rules_of(workspace.use) - _rules_of(workspace.without or ("NONE",))

    def facts(self) -> list[Fact]:
        told = [*rows(self.after.data, self.before.data)]
        # A file under another name is compared under its new one as well (FACTS.md: "a file rename under
        # FILE is a false delete"): so buf tells what changed in its options, for which it pairs files by
        # their paths.
        moved = self._moved()
        if moved:
            told += rows(self.after.data, _renamed(self.before.data, moved))
        kept = [row for row in dict.fromkeys(told) if row[0] in self.counted and not self._lives_on(row)]
        return [self._fact(row, moved) for row in kept]

    def _moved(self) -> dict[str, str]:
        """Files that are gone while one new file holds all that they declared."""
        found: dict[str, str] = {}
        for path, names in sorted(self.before.tops.items()):
            if names and path not in self.after.tops:
                heirs = [
                    other
                    for other, held in sorted(self.after.tops.items())
                    if names <= held and other not in self.before.tops and other not in found.values()
                ]
                found |= dict.fromkeys([path], heirs[0]) if heirs else {}
        return found

    def _lives_on(self, row: tuple[str, str, str]) -> bool:
        """FILE's rows about names that only stand in another file now: we tell them as notes (file-moved,
        declaration-moved), as no client that runs and no generated name changes. What a deleted file took
        with it for good is told by PACKAGE's rows or the file's own."""
        rule, _, message = row
        quoted = re.findall(r'"([^"]*)"', message)
        if rule == "FILE_NO_DELETE":
            names = self.before.tops.get(quoted[0], frozenset())
            return bool(names & self.after.names.keys())
        if rule in ("MESSAGE_NO_DELETE", "ENUM_NO_DELETE", "SERVICE_NO_DELETE"):
            return any(name in self.after.names for name in self._named(quoted[0], row[1]))
        return False

    def _named(self, last: str, path: str) -> list[str]:
        """The full names that a row's name may mean: buf leaves out the package, and of some rows the outer
        message. Where the row's file declares one, it is meant."""
        known = {**self.before.names, **self.after.names}
        fitting = [name for name in known if name == last or name.endswith(f".{last}")]
        near = [name for name in fitting if path in (self.after.names.get(name), self.before.names.get(name))]
        return near or fitting

    def _fact(self, row: tuple[str, str, str], moved: dict[str, str]) -> Fact:
        rule, path, message = row
        quoted = re.findall(r'"([^"]*)"', message)
        own = set(self._elements(rule, path, message, quoted))
        maps = {side.maps[name] for side in (self.before, self.after) for name in own if name in side.maps}
        files = {path, *(old for old, new in moved.items() if new == path)} - {""}
        files |= {quoted[0]} if rule == "FILE_NO_DELETE" else set()
        holders = {outer for name in own for outer in _outer(name)}
        files |= {self.before.names[name] for name in own | holders if name in self.before.names}
        packages = {self.before.packages[file] for file in files if file in self.before.packages}
        holders |= {f"package:{one}" for one in packages}
        if rule == "PACKAGE_NO_DELETE":  # a file that was all of its package is told instead
            files |= {file for file, package in self.before.packages.items() if package == quoted[0]}
        whole = {
            f"file:{self._repository_path(file, root)}" for file in files for root in self.workspace.roots
        }
        if rule.startswith("FILE_"):
            own |= whole
        # What changes where a type is used that has gone or got another name is told by that.
        was = re.search(r' type from "([\w.]+)" to "', message)
        if was and was[1] in self.before.names and was[1] not in self.after.names:
            holders |= {was[1], f"package:{self.before.packages[self.before.names[was[1]]]}"}
        said = message.partition(" See https")[0]
        return Fact(
            "protobuf",
            rule,
            f"{self.workspace.roots} {rule} {sorted(own)} {said}",
            frozenset(own),
            frozenset(holders | whole),
            frozenset(maps),
        )

    def _repository_path(self, file: str, root: str) -> str:
        return f"{root}/{file}" if root else file

    def _elements(self, rule: str, path: str, message: str, quoted: list[str]) -> list[str]:
        """The full names of what a row speaks of."""
        if rule.startswith(("FILE_", "PACKAGE_NO")):
            return [f"package:{quoted[0]}"] if rule == "PACKAGE_NO_DELETE" else []
        if rule.endswith("_NO_DELETE") and rule.startswith("PACKAGE_"):
            package = quoted[1] if len(quoted) > 1 else ""
            return [f"{package}.{quoted[0]}" if package else quoted[0]]
        if rule in ("MESSAGE_NO_DELETE", "ENUM_NO_DELETE", "SERVICE_NO_DELETE"):
            return self._named(quoted[0], path)
        on = re.search(r' on (message|enum|service) "([^"]+)"', message) or re.match(
            r'(Message|Enum) "([^"]+)"', message
        )
        if on is None:
            return []
        owners = self._named(on[2], path)
        if rule.startswith("RPC_"):
            return [f"{owner}/{quoted[0]}" for owner in owners]
        if rule.startswith("ONEOF_"):
            return [f"{owner}.{quoted[0]}" for owner in owners]
        number = re.match(r'(?:Previously present )?(?:field|enum value) "(\d+)"', message, re.IGNORECASE)
        if number is None:
            return owners  # reserved ranges, and what else is said of a whole
        found = []
        for owner in owners:
            for side in (self.before, self.after):
                if (owner, int(number[1])) in side.members:
                    found.append(f"{owner}.{side.members[owner, int(number[1])]}")
        return found or owners


def _outer(name: str) -> list[str]:
    """What holds an element: `a.v1.M.f` is in `a.v1.M`."""
    parts = re.split(r"[./]", name)
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _renamed(data: bytes, moved: dict[str, str]) -> bytes:
    files = pb.FileDescriptorSet.FromString(data)
    for file in files.file:
        file.name = moved.get(file.name, file.name)
        for number, path in enumerate(file.dependency):
            file.dependency[number] = moved.get(path, path)
    return files.SerializeToString()
