"""RT04: an rpc of which nobody says whether a second try is harmless.

`idempotency_level` (protobuf's MethodOptions), the verb of `google.api.http`, a `request_id` (AIP-155) or
`.workspai.yaml` say it; of HTTP operations the method does (RFC 9110, section 9.2). The fix is offered where
the rpc is a standard method by its very form: Get (AIP-131) and List (AIP-132) have no side effects.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.findings import Severity
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.model import Idempotency
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.reading import Edit, Fault, Fix
from workspai_hooks.resilience.view import View
from workspai_hooks.workspace.files import is_own

RULE = "idempotency-undeclared"
_RPC = regex(r"(\s*)rpc\s+\w+\s*\(\s*[\w.]+\s*\)\s*returns\s*\(\s*[\w.]+\s*\)\s*(;|\{\s*\})(\s*//.*)?")


def find(view: View) -> Iterator[Fault]:
    """One an rpc that answers once: a warning where a retry reaches it, or others of its service declare
    theirs; else a note. Contracts of tests, and those of others that lie here, are left out."""
    retried = {operation for layer, operation in view.acting if layer.tries > 1}
    rows = [one for one in view.operations if one.is_grpc and not one.client_streaming | one.server_streaming]
    partly = {one.service for one in rows if not _is_open(view, one)}
    for one in rows:
        if not (_is_open(view, one) and is_own(one.contract)):
            continue
        matters = one.name in retried or one.service in partly
        yield Fault(
            RULE,
            one.name,
            f"{one.name} declares no idempotency: nobody can tell whether it may be retried",
            one.location,
            None if matters else Severity.NOTE,
            operations=(one.name,),
            fix=_fix(view, one) if _is_standard(one) else None,
        )


def _is_open(view: View, one: Operation) -> bool:
    policy = view.policy(one)
    return policy.idempotency is Idempotency.UNKNOWN and not policy.key


def _is_standard(one: Operation) -> bool:
    """`GetBook(GetBookRequest) returns (Book)`, `ListBooks(ListBooksRequest) returns (ListBooksResponse)`."""
    rpc = one.name.rpartition("/")[2]
    asked, answer = (name.rpartition(".")[2] for name in (one.request_type, one.response_type))
    if asked != f"{rpc}Request":
        return False
    return (rpc.startswith("Get") and answer == rpc[3:]) or (
        rpc.startswith("List") and answer == f"{rpc}Response"
    )


def _fix(view: View, one: Operation) -> Fix | None:
    """Where the rpc stands in one line without options."""
    line = view.line(one.location)
    found = _RPC.fullmatch(line)
    if found is None:
        return None
    indent, comment = found[1], found[3] or ""
    opened = f"{line[: found.start(2)].rstrip()} {{{comment}"
    option = f"{indent}{_step(indent)}option idempotency_level = NO_SIDE_EFFECTS;"
    edit = Edit(one.contract, one.location.line, (line,), (opened, option, f"{indent}}}"))
    what = f"declare that {one.name} has no side effects (a change of it that buf tells: approve WSP137)"
    return Fix(what, (edit,))


def _step(indent: str) -> str:
    return "\t" if "\t" in indent else "  " if len(indent) <= 2 else " " * len(indent)
