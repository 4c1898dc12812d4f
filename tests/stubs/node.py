"""Sidecars of TypeScript's stubs: made, compiled and formatted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from stubs.toolchain import protoc, ran
from workspai_hooks.enrichment.kind import Kind
from workspai_hooks.enrichment.rendering import render
from workspai_hooks.enrichment.values import Plan

Planned = Callable[[str, Mapping[str, object]], Plan]


class Project(msgspec.Struct, frozen=True):
    """A folder with stubs, sidecars and a `node_modules`. `module` is the compiler's kind of modules."""

    folder: Path
    module: str

    @staticmethod
    def init(folder: Path, packages: Path, module: str) -> Project:
        folder.mkdir(exist_ok=True)
        (folder / "node_modules").symlink_to(packages / "node_modules")
        kind = "commonjs" if module == "node16" else "module"
        (folder / "package.json").write_text(f'{{"private": true, "type": "{kind}"}}')
        return Project(folder, module)

    def bin(self, name: str) -> str:
        return str(self.folder / "node_modules" / ".bin" / name)

    def generate(self, plugin: str, options: str, **where: object) -> None:
        """Stubs by a plugin of protoc: `es` or `ts_proto`."""
        program = self.bin(f"protoc-gen-{plugin}")
        protoc(
            self.folder,
            f"--plugin=protoc-gen-{plugin}={program}",
            f"--{plugin}_out=.",
            f"--{plugin}_opt={options}",
            **where,  # type: ignore[arg-type]
        )

    def enrich(self, kinds: Sequence[Kind], stub: str, planned: Planned) -> None:
        """Writes a stub's sidecar."""
        for kind in kinds:
            facts = kind.facts(stub, (self.folder / stub).read_bytes())
            assert facts is not None
            for path, template in kind.outputs(stub, facts).items():
                (self.folder / path).write_text(render(template, planned(stub, facts)), "utf-8")

    def compile(self, *files: str) -> str:
        """What the strict compiler says against files (and what they import), into `out/`; empty: nothing."""
        flags = ["--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--types", "node"]
        flags += ["--noUnusedLocals", "--noUnusedParameters", "--exactOptionalPropertyTypes"]
        flags += ["--target", "es2022", "--module", self.module, "--outDir", "out"]
        return ran([self.bin("tsc"), *flags, *files], self.folder).stdout

    def unformatted(self, *files: Path) -> str:
        """What prettier would change; empty: nothing."""
        names = [str(one.relative_to(self.folder)) for one in files]
        done = ran([self.bin("prettier"), "--list-different", *names], self.folder)
        return done.stdout + done.stderr
