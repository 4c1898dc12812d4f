"""The outcome of the verb `stubs`: a report, the stubs that were looked at, and what was written."""

from __future__ import annotations

import msgspec

from workspai_hooks.report.report import Report


class Listed(msgspec.Struct, frozen=True, order=True):
    """A stub as it is told. `contract` is a path, empty where it is not here; `source` is what the stub calls
    it; `sidecars` are the paths beside it; `made_of` is protobuf, openapi or other."""

    path: str
    service: str
    generator: str
    version: str = ""
    contract: str = ""
    source: str = ""
    sidecars: tuple[str, ...] = ()
    made_of: str = "protobuf"


class StubReport(msgspec.Struct, frozen=True):
    """`written` are the paths that changed in the work tree, `removed` those among them that are gone."""

    report: Report
    stubs: tuple[Listed, ...] = ()
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """As a report's; at a commit, what was written has to be staged first: 1."""
        if self.written and self.report.at_commit and self.report.misused is None:
            return 1
        return self.report.exit_code
