"""Nomad's jobs: a task with an image is a service; Consul finds it by the names in `service`."""

from __future__ import annotations

import re

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Declaration, Facts, Naming, Variable
from workspai_hooks.workspace.manifests.hcl import Row, rows
from workspai_hooks.workspace.manifests.helm import Charts

_NAME = regex(r"[\w.-]+")
_Place = tuple[str, int]


def wanted(path: str) -> bool:
    return path.endswith((".nomad", ".nomad.hcl", ".hcl", ".nomad.tpl"))


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """The tasks of a job that run an image."""
    text = data.decode("utf-8", "replace")
    if not re.search(r"(?m)^[ \t]*task\s+\"", text) or not re.search(r"(?m)^[ \t]*job\s+\"", text):
        return Facts()
    found = list(rows(text))
    tasks: dict[_Place, list[Row]] = {}
    for row in found:
        if task := row.within("task"):
            tasks.setdefault((task[1], task[2]), []).append(row)
    declarations = [_task(path, place, inside, found) for place, inside in tasks.items()]
    return Facts(declarations=tuple(one for one in declarations if one))


def _task(path: str, place: _Place, inside: list[Row], found: list[Row]) -> Declaration | None:
    name, line = place
    images = tuple(row.text for row in inside if row.kinds[-1] == "config" and row.key == "image")
    if not images or "$" in images[0] or not _NAME.fullmatch(name):
        return None
    if any("lifecycle" in row.kinds for row in inside):
        return None  # a helper beside the task
    group = inside[0].within("group")
    around = [row for row in found if row.within("group") == group and row.within("task") is None]
    here = [row for row in (*inside, *around) if row.kinds[-1] == "service" and row.key == "name"]
    ports = [row.text for row in (*inside, *around) if row.kinds[-1] == "port" and row.key == "to"]
    job = inside[0].within("job")
    # A task is often called after what runs it: `server` in the group and job `cart`.
    named = name if name not in _PLAIN or not job else job[1]
    return Declaration(
        naming=Naming.WORKLOAD,
        name=named if _NAME.fullmatch(named) else name,
        location=Location(path, line),
        images=images[:1],
        hosts=tuple(dict.fromkeys(row.text for row in here if _NAME.fullmatch(row.text))),
        ports=tuple(int(port) for port in ports if re.fullmatch(r"\d{2,5}", port)),
        variables=tuple(
            Variable(row.key, row.text, Location(path, row.line)) for row in inside if row.kinds[-1] == "env"
        ),
    )


_PLAIN = frozenset({"api", "app", "main", "server", "service", "task", "web", "worker"})
