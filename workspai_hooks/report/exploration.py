"""What `impact` and `graph` print, as JSON and for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Consumer
from workspai_hooks.report.json import consumers as json_consumers
from workspai_hooks.workspace.edges import Edge
from workspai_hooks.workspace.services import Service


@dataclass(frozen=True, slots=True)
class Outlook:
    """Elements and who would be hit; `misused` is wrong usage."""

    verdicts: Mapping[str, tuple[Consumer, ...]]
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """0, 2 for an unknown element, 3 where the contracts or the repository could not be read."""
        return 2 if self.misused else 3 if self.undecided else 0


@dataclass(frozen=True, slots=True)
class Survey:
    """The service map."""

    services: tuple[Service, ...]
    edges: tuple[Edge, ...]
    undecided: tuple[Undecided, ...] = ()
    misused: str | None = None

    @property
    def exit_code(self) -> int:
        """0; 2 for a wrong configuration; 3 where nothing could be read. A part that could not is told."""
        return 2 if self.misused else 3 if self.undecided and not self.services else 0


def outlook_json(outlook: Outlook) -> str:
    """`{"elements": [{"element", "consumers"}], "undecided"}`."""
    value: dict[str, Any] = {
        "elements": [
            {"element": element, "consumers": json_consumers(verdicts)}
            for element, verdicts in outlook.verdicts.items()
        ]
    }
    return _dumped(value, outlook.undecided, outlook.misused)


def survey_json(survey: Survey) -> str:
    """`{"services", "edges", "undecided"}`; `from` is the consumer."""
    value: dict[str, Any] = {
        "services": [
            {
                "name": service.name,
                "kind": service.kind,
                "roots": list(service.roots),
                "aliases": list(service.aliases),
            }
            for service in survey.services
        ],
        "edges": [
            {
                "from": edge.consumer,
                "to": edge.provider,
                "protocol": edge.protocol,
                "tier": edge.tier,
                "evidence": [
                    {"path": one.location.path, "line": one.location.line, "kind": one.kind}
                    for one in edge.evidence
                ],
            }
            for edge in survey.edges
        ],
    }
    return _dumped(value, survey.undecided, survey.misused)


def _dumped(value: dict[str, Any], undecided: tuple[Undecided, ...], misused: str | None) -> str:
    value["undecided"] = [{"what": one.what, "why": one.why, "remedy": one.remedy} for one in undecided]
    if misused is not None:
        value["error"] = misused
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
