"""The languages whose sources are followed: one table. Everything that differs between them is behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from workspai_hooks.contracts.protobuf.schema import Schema
from workspai_hooks.stubs.descriptors import descriptor
from workspai_hooks.stubs.recognise import generated
from workspai_hooks.workspace.use_sites.csharp import lowering as csharp
from workspai_hooks.workspace.use_sites.csharp.library import CSharpLibrary
from workspai_hooks.workspace.use_sites.csharp.naming import CSharpNaming
from workspai_hooks.workspace.use_sites.go import lowering as go
from workspai_hooks.workspace.use_sites.go import stubs as go_stubs
from workspai_hooks.workspace.use_sites.go import template as go_template
from workspai_hooks.workspace.use_sites.go.library import GoLibrary
from workspai_hooks.workspace.use_sites.go.naming import GoNaming
from workspai_hooks.workspace.use_sites.go.relevance import relevant
from workspai_hooks.workspace.use_sites.go.template_library import TemplateLibrary
from workspai_hooks.workspace.use_sites.infer import Dialect
from workspai_hooks.workspace.use_sites.jinja import lowering as jinja
from workspai_hooks.workspace.use_sites.jinja.library import JinjaLibrary
from workspai_hooks.workspace.use_sites.naming import Layout, StubFile
from workspai_hooks.workspace.use_sites.python import lowering as python
from workspai_hooks.workspace.use_sites.python.library import PythonLibrary
from workspai_hooks.workspace.use_sites.python.naming import PythonNaming
from workspai_hooks.workspace.use_sites.ruby import erb
from workspai_hooks.workspace.use_sites.ruby import lowering as ruby
from workspai_hooks.workspace.use_sites.ruby.library import RubyLibrary
from workspai_hooks.workspace.use_sites.ruby.naming import RubyNaming
from workspai_hooks.workspace.use_sites.rust import crates as rust_crates
from workspai_hooks.workspace.use_sites.rust import lowering as rust
from workspai_hooks.workspace.use_sites.rust import stubs as rust_stubs
from workspai_hooks.workspace.use_sites.rust.library import RustLibrary
from workspai_hooks.workspace.use_sites.rust.naming import RustNaming
from workspai_hooks.workspace.use_sites.syntax import Source

MARKUP = (".html", ".htm", ".tmpl", ".tpl", ".gohtml", ".gotmpl", ".gotxt", ".txt", ".xml", ".md", ".eml")


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Those of one `family` are analysed together: a template with what renders it."""

    name: str
    family: str
    suffixes: tuple[str, ...]
    lower: Callable[[bytes], Source]
    dialect: Callable[[Schema, Layout, Mapping[str, Source]], Dialect]
    marks: tuple[bytes, ...] = ()
    """A file without any of these is none of this language (templates share their suffixes with anything)."""
    relays: Callable[[str, bytes], bool] = lambda path, data: False
    """Whether a file hands on names or values of other files, so that it matters without a word of a
    contract.
    """

    select: Callable[[Mapping[str, bytes], Schema, Layout], Collection[str]] | None = None
    """Which of the language's files can matter, where more is known than words (Go's packages)."""

    def fits(self, data: bytes) -> bool:
        """Whether a file of such a suffix can be of this language."""
        return not self.marks or any(mark in data for mark in self.marks)


def _ruby(schema: Schema, layout: Layout, sources: Mapping[str, Source]) -> Dialect:
    return Dialect(
        RubyNaming(schema, layout, sources),
        RubyLibrary(),
        static=False,
        implicit_self=True,
        pairs=True,
        symbols=True,
        calls_bare=True,
    )


LANGUAGES: tuple[Language, ...] = (
    Language(
        "go",
        "go",
        (".go",),
        go.lower,
        lambda s, at, _: Dialect(GoNaming(s, at), GoLibrary()),
        select=relevant,
    ),
    Language(
        "go-template",
        "go",
        MARKUP,
        go_template.lower,
        lambda s, at, _: Dialect(GoNaming(s, at), TemplateLibrary()),
        (b"{{",),
    ),
    Language(
        "python",
        "python",
        (".py", ".pyi"),
        python.lower,
        lambda s, at, _: Dialect(PythonNaming(s, at), PythonLibrary(), static=False, explicit_self=True),
        relays=lambda path, data: path.endswith("__init__.py") or b"_pb2" in data or b"import *" in data,
    ),
    Language(
        "jinja",
        "python",
        (*MARKUP, ".j2", ".jinja", ".jinja2"),
        jinja.lower,
        lambda s, at, _: Dialect(PythonNaming(s, at), JinjaLibrary(), static=False),
        (b"{{", b"{%"),
        relays=lambda path, data: b"{%" in data,
    ),
    Language(
        "csharp",
        "csharp",
        (".cs",),
        csharp.lower,
        lambda s, at, sources: Dialect(
            CSharpNaming(s, at, sources), CSharpLibrary(), implicit_self=True, pairs=True
        ),
        relays=lambda path, data: b"global using" in data,
    ),
    Language(
        "rust",
        "rust",
        (".rs",),
        rust.lower,
        lambda s, at, sources: Dialect(RustNaming(s, at, sources), RustLibrary(), pairs=True, reexports=True),
        select=rust_crates.relevant,
    ),
    Language(
        "ruby",
        "ruby",
        (".rb", ".ru", ".rake"),
        ruby.lower,
        _ruby,
        relays=lambda path, data: b"_pb" in data or b"erb" in data,
    ),
    Language("erb", "ruby", (".erb", ".rhtml"), erb.lower, _ruby, relays=lambda path, data: b"<%" in data),
)

GENERATED_PATH = re.compile(
    r"\.pb(?:\.gw)?\.go$|_pb2(?:_grpc)?\.pyi?$|\.(?:g|designer)\.cs$|_(?:services_)?pb\.rb$|\.pb\.exs?$"
    r"|_generated\.\w+$",
    re.I,
)
GENERATED_HEAD = re.compile(
    rb"[cC]ode generated|@generated|DO NOT EDIT|<auto-?generated|Generated by the protocol"
    rb"|protoc_gen_elixir_version"
)
HEAD = 4096


def language_of(path: str) -> Language | None:
    """The language that a path is source of; None for templates, too, whose suffix says little."""
    return next((one for one in LANGUAGES if not one.marks and path.endswith(one.suffixes)), None)


def is_generated(path: str, data: bytes) -> bool:
    """Whether a file is generated: it gives no sites. By name, or by what its head says."""
    if path.endswith(".go"):
        return go_stubs.is_generated(data)
    if path.endswith(".rs") and rust_stubs.is_generated(data):
        return True
    return bool(GENERATED_PATH.search(path)) or bool(GENERATED_HEAD.search(data[:HEAD]))


def stub_of(path: str, data: bytes) -> StubFile | None:
    """What a generated protobuf stub says of itself; None for anything else."""
    if path.endswith(".go"):
        return go_stubs.stub_of(data)
    if path.endswith(".rs"):
        return rust_stubs.stub_of(path, data)
    known = generated(data, path)
    if known is None:
        return None
    carried = descriptor(data, path)
    name, package = (carried.name, carried.package) if carried is not None else ("", "")
    return StubFile(known.generator, known.source or name, package)
