"""Whether a commit has to do with generated stubs at all: a glance at what it stages, with next to nothing
loaded."""

from __future__ import annotations

from workspai_hooks.changes.described import may_be, may_be_described
from workspai_hooks.contract_files import DOCUMENT_SUFFIXES, SOURCE_SUFFIXES

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable

    from workspai_hooks.tools.staged import Git, Staged

HEADER_BYTES = 4096
"""How far a header is looked for: licence texts often come first."""
OF_PROTOBUF = (
    *(b"enerated", b"GENERATED", b"// file:", b"protoc_gen_elixir_version"),
    *(b"protobufPackage", b"$protobuf", b"// Original file:"),
    *(b"::prost::", b"Holder for Kotlin", b"pbandk.", b"DESCRIPTOR: _descriptor"),
)
"""One of these stands in the head of every stub of a protobuf contract (stubs/markers_protobuf.py)."""
OF_OPENAPI = (
    *(b"enerat", b"ENERAT", b"_get_kwargs(", b"A client library for", b"Contains all the data"),
    *(b"_attrs_define", b"openapi::tiny-cpp-client", b"{+baseurl}", b"_discriminator_value"),
)
"""The same of files that are made of an OpenAPI description (stubs/markers_openapi.py)."""
_POLICIES = (".workspai.yaml", ".j2", "_grpc_service_config.json", "/VERSION", "/FILES")


def may_be_of_stubs(git: Git, staged: Iterable[Staged]) -> bool:
    """`staged` is what the commit changes. What git does not say is worth a look."""
    rows = list(staged)
    if any(one.path.endswith(_POLICIES) for one in rows):
        return True
    wanted = [
        one for one in rows if one.path.endswith((*SOURCE_SUFFIXES, *DOCUMENT_SUFFIXES, ".swift", ".dart"))
    ]
    try:
        texts = git.contents(blob for one in wanted for blob in (one.old, one.new))
        if any(may_be(one.path) for one in rows) and may_be_described(git, rows):
            return True
    except (OSError, ValueError):
        return True
    marks = (*OF_PROTOBUF, *OF_OPENAPI)
    return any(mark in text[:HEADER_BYTES] for text in texts.values() for mark in marks)
