"""A scratch folder with everything that a state needs: a bare `origin.git`, a clone of it, and what is added.

Nothing below it knows where it stands but linked worktrees and `file://` remotes, so that a copy that is
moved to the same place behaves the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from states.managers import Kit, committed

CONTRACT, OTHER = "protos/a.proto", "protos/b.proto"
FIELD, ADDED = "int32 y = 2;", "string z = 3;"
MOMENT = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"}
"""Of all commits: the same command makes the same commit twice."""
BARE = "origin.git"


def contract(package: str, *fields: str) -> str:
    """A contract of a message M."""
    body = "".join(f"  {field}\n" for field in ("string x = 1;", *fields))
    return f'syntax = "proto3";\n\npackage {package}.v1;\n\nmessage M {{\n{body}}}\n'


BASE = contract("a", FIELD)
BROKEN = contract("a")
FINE = contract("a", FIELD, ADDED)


def text(breaks: bool) -> str:
    """The contract as a change leaves it."""
    return BROKEN if breaks else FINE


class Act(msgspec.Struct, frozen=True):
    """The command of a state, `git ARGV` in a folder, and where its contracts are afterwards.

    `lands` are (repository, `rev:path`); the change breaks where one of them lacks one of `needs`.
    """

    argv: tuple[str, ...]
    at: Path
    lands: tuple[tuple[Path, str], ...]
    needs: tuple[str, ...] = (FIELD,)
    env: Mapping[str, str] = {}
    stdin: str = ""
    gate: tuple[str, ...] = ("push", "--quiet", "--force", "origin", "HEAD:refs/heads/topic")
    """What pushes the same, where no hook saw it before."""
    branch: str = "topic"
    """What a CI system checks out afterwards."""
    remedy: tuple[tuple[str, ...], ...] = ()
    """Git commands that make an open question decidable, as the answer tells them."""
    allow: Mapping[str, str] = {}
    """An environment that does, as the answer tells it."""


class Site:
    """`work` is a clone that stands on `topic`, one commit behind nothing; hooks run only in the act."""

    def __init__(self, folder: Path, kit: Kit) -> None:
        self.folder, self.kit = folder, kit
        self.work, self.bare = folder / "work", folder / BARE
        self.repositories = [self.work, self.bare]
        self._environment = {
            **MOMENT,
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "WORKSPAI_FETCH": "0",
            "XDG_CONFIG_HOME": str(folder.with_name("no-configuration")),
        }

    @staticmethod
    def prepared(folder: Path, kit: Kit) -> Site:
        """The one that all states begin with; copied, not made anew."""
        site = Site(folder, kit)
        site.git("init", "--quiet", "--bare", "--template=", str(site.bare), at=_made(folder))
        site.git("init", "--quiet", "--template=", str(site.work), at=folder)
        files = {CONTRACT: BASE, OTHER: contract("b", FIELD), "README.md": "A shop.\n", **CONSUMER}
        site.write(files | committed()).save("base")
        site.write({"README.md": "A small shop.\n"}).save("more")
        site.git("remote", "add", "origin", f"../{BARE}")
        site.git("push", "--quiet", "origin", "main")
        site.git("remote", "set-head", "origin", "main")
        site.git("switch", "--quiet", "--create", "topic")
        for repository in site.repositories:  # few files: they are copied and measured often
            site.git("repack", "-adq", at=repository)
            site.git("prune-packed", at=repository)
        return site

    @staticmethod
    def copied(prepared: Path, folder: Path, kit: Kit) -> Site:
        shutil.copytree(prepared, folder, symlinks=True)
        site = Site(folder, kit)
        site.git("update-index", "-q", "--refresh")  # copied files are others to git
        return site

    def git(
        self, *arguments: str, at: Path | None = None, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> str:
        """Run a git command without hooks; what it says."""
        done = self.tried(*arguments, at=at, env=env, stdin=stdin)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def tried(
        self, *arguments: str, at: Path | None = None, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """The same for one that may fail."""
        return self.run(["git", "-c", "core.hooksPath=/dev/null", *arguments], at or self.work, env, stdin)

    def run(
        self, argv: list[str], at: Path, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            cwd=at,
            env={**os.environ, **self._environment, **(env or {})},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
            check=False,
        )

    def write(self, files: Mapping[str, str | bytes], at: Path | None = None) -> Site:
        """Write and stage."""
        self.put(files, at)
        self.git("add", "--", *files, at=at)
        return self

    def put(self, files: Mapping[str, str | bytes], at: Path | None = None) -> Site:
        """Write and stage nothing."""
        for path, content in files.items():
            file = (at or self.work) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def save(self, message: str = "change", at: Path | None = None) -> str:
        """Commit what is staged; the commit's id."""
        self.git("commit", "--quiet", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD", at=at).strip()

    def published(self, files: Mapping[str, str | bytes], at: Path | None = None) -> str:
        """Commit these on main and push it, then go back to `topic`, which stays where it is."""
        self.git("switch", "--quiet", "main", at=at)
        made = self.write(files, at).save("main", at)
        self.git("push", "--quiet", "origin", "main", at=at)
        self.git("switch", "--quiet", "topic", at=at)
        return made

    def from_main(self) -> Site:
        """Let `topic` begin where main stands now."""
        self.git("reset", "--quiet", "--hard", "main")
        return self

    def clone(self, *options: str, name: str = "clone") -> Path:
        """Another clone of the bare repository, by URL, so that depth and filters count."""
        self.git("config", "uploadpack.allowFilter", "true", at=self.bare)
        self.git("config", "uploadpack.allowAnySHA1InWant", "true", at=self.bare)
        made = self.folder / name
        self.git("clone", "--quiet", "--template=", *options, self.bare.as_uri(), str(made), at=self.folder)
        self.repositories.append(made)
        return made

    def hooked(self) -> None:
        """Give every repository that has a work tree the manager's hooks."""
        for folder in self.repositories:
            if folder != self.bare:
                self.hook(folder)

    def hook(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        common = self.git("rev-parse", "--path-format=absolute", "--git-common-dir", at=folder, env=env)
        self.kit.put(lambda *a: self.git(*a, at=folder, env=env), folder, Path(common.strip()) / "hooks")

    def commit(self, *arguments: str, at: Path | None = None, **more: object) -> Act:
        """The act `git commit`, which lands in HEAD."""
        where = at or self.work
        paths = (CONTRACT,) if "needs" in more else (CONTRACT, OTHER)
        lands = tuple((where, f"HEAD:{path}") for path in paths)
        argv = ("commit", "--quiet", "-m", "act", *arguments)
        return msgspec.structs.replace(Act(argv, where, lands), **more)

    def act(self, *argv: str, at: Path | None = None, **more: object) -> Act:
        """Any act that lands in HEAD."""
        return self.commit(at=at, **({"argv": argv} | more))

    def push(self, *arguments: str, to: str = "topic", at: Path | None = None, **more: object) -> Act:
        """The act `git push`, which lands in a branch of the bare repository."""
        lands = tuple((self.bare, f"{to}:{path}") for path in (CONTRACT, OTHER))
        return msgspec.structs.replace(Act(("push", "--quiet", *arguments), at or self.work, lands), **more)


def _descriptor() -> bytes:
    """Of the contract as it is at first."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    file = FileDescriptorProto(name=CONTRACT, package="a.v1", syntax="proto3")
    message = file.message_type.add(name="M")
    message.field.add(name="x", number=1, label=1, type=9, json_name="x")
    message.field.add(name="y", number=2, label=1, type=5, json_name="y")
    return file.SerializeToString()


CONSUMER: Mapping[str, str] = {
    "use/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "app.py"]\n',
    "use/app.py": "from protos import a_pb2\n\n\ndef total(data: bytes) -> int:\n"
    "    return a_pb2.M.FromString(data).y\n",
    "use/protos/a_pb2.py": f"""\
# -*- coding: utf-8 -*-
# Generated by the protocol buffer compiler.  DO NOT EDIT!
# source: protos/a.proto
from google.protobuf import descriptor_pool as _descriptor_pool
from google.protobuf.internal import builder as _builder

DESCRIPTOR = _descriptor_pool.Default().AddSerializedFile({_descriptor()!r})

_globals = globals()
_builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, _globals)
_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, 'protos.a_pb2', _globals)
""",
}
"""A service that reads the field."""
USE = "use/app.py:5"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
