"""A small system in memory, and what of it drifts."""

from __future__ import annotations

from collections.abc import Mapping

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.environments.drift import drift_of
from workspai_hooks.environments.values import Drift
from workspai_hooks.findings import Finding
from workspai_hooks.workspace.services import discover

MAIN = "import os\n\nqueue = os.environ['PAYMENT_QUEUE']\n"


def drift(files: Mapping[str, str]) -> Drift:
    snapshot = Snapshot.of(files)
    return drift_of(snapshot, discover(snapshot))


def findings(files: Mapping[str, str], rule: str = "") -> list[Finding]:
    return [one for one in drift(files).findings if rule in ("", one.rule)]


def rows(files: Mapping[str, str], rule: str = "") -> list[str]:
    """Each finding as `ED01 warning db:image/postgresql compose.yaml:4 k8s/db.yaml:17`."""
    return [
        " ".join((one.rule, one.severity.value, one.element, str(one.location), *map(str, one.related)))
        for one in findings(files, rule)
    ]


def deployment(name: str, image: str, container: str = "") -> str:
    """A Deployment; `container` are further lines of its container. Its name stands on line 4, the image
    on 17."""
    more = "".join(f"          {line}\n" for line in container.splitlines())
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      # what runs
      containers:
        - name: {name}
          image: {image}
{more}"""


def compose(name: str, *lines: str) -> str:
    """A compose file with one service; its lines begin on line 3."""
    head = f"services:\n  {name}:\n"
    return head + "".join(f"    {line}\n" for line in lines)


def built(
    name: str, dockerfile: str = "FROM python:3.12-slim\nCOPY . .\n", main: str = MAIN
) -> dict[str, str]:
    """A service of Python with a Dockerfile in a folder of its own."""
    return {f"{name}/Dockerfile": dockerfile, f"{name}/main.py": main}
