"""What a chart says of itself: the Kubernetes that it takes, the templates that it lends, its version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspai_hooks.breaking.helm.both import Both
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.kubernetes import minors
from workspai_hooks.contracts.helm.reads import defined, templates_of
from workspai_hooks.contracts.helm.semver import Version, parse
from workspai_hooks.source import Location

OLDEST = 16
"""Kubernetes before 1.16 is not counted as lost: its last patch is of 2020."""

MAJOR, MINOR, PATCH = "major", "minor", "patch"


def kubernetes_version(both: Both) -> Iterator[Break]:
    before, after = both.before.chart, both.after.chart
    lost = sorted(set(minors(before.kube_version)) - set(minors(after.kube_version)))
    lost = [minor for minor in lost if minor >= OLDEST]
    if lost and before.kube_version != after.kube_version:
        span = f"1.{lost[0]}" if len(lost) == 1 else f"1.{lost[0]} to 1.{lost[-1]}"
        yield fault(
            "kubernetes-version-tightened",
            f"chart:{both.name}:kubeVersion",
            f"chart {both.name} no longer installs into Kubernetes {span} ({after.kube_version})",
            after.node.nearest("kubeVersion"),
            before.node.nearest("kubeVersion"),
            surfaces=NEXT,
        )


def library_templates(both: Both) -> Iterator[Break]:
    """Named templates of a library chart: they are all that it has."""
    if both.before.chart.type != "library":
        return
    now = defined(both.after.side, both.after.chart)
    for name, (path, line) in sorted(defined(both.before.side, both.before.chart).items()):
        if name not in now:
            there = both.after.chart.file(path[len(both.before.chart.folder) :].lstrip("/"))
            users = list(_includes(both, name))
            files = sorted({place.path for place in users})
            who = f"; {', '.join(files[:3])} include{'s' if len(files) == 1 else ''} it" if files else ""
            yield fault(
                "chart-template-removed",
                f"chart:{both.name}:template.{name}",
                f"template {name} of library chart {both.name} was removed{who}",
                Location(there if both.after.side.has(there) else both.after.chart.path),
                Location(path, line),
                surfaces=NEXT,
                related=users,
            )


def _includes(both: Both, name: str) -> Iterator[Location]:
    after = both.after
    for taker, _ in after.takers:
        for path in templates_of(after.side, taker):
            text = after.side.bytes_of(path).decode("utf-8", "replace")
            for number, row in enumerate(text.split("\n"), 1):
                if f'"{name}"' in row and ("include" in row or "template" in row):
                    yield Location(path, number)


def asked_bump(breaks: Iterable[Break], *, grown: bool) -> str:
    """What a chart's change asks of its version: major for an error, minor for what is new, else patch."""
    if any(one.severity == "error" for one in breaks):
        return MAJOR
    return MINOR if grown else PATCH


def version(both: Both, asked: str) -> Iterator[Break]:
    """A chart that changed and kept its version, or raised it by too little."""
    before, after = both.before.chart, both.after.chart
    old, new = parse(before.version), parse(after.version)
    if old is None or new is None or before.folder != after.folder and before.version != after.version:
        return
    wanted = raised(old, asked)
    if new >= wanted or (new > old and not new.release):
        return
    kept = f"is still {before.version}" if new == old else f"became {after.version}"
    yield fault(
        "chart-version-not-raised",
        f"chart:{both.name}:version",
        f"the version of chart {both.name} {kept}: the change asks for {_named(old, asked)}, {wanted} or newer",
        after.node.nearest("version"),
        before.node.nearest("version"),
        surfaces=NEXT,
    )


def raised(old: Version, asked: str) -> Version:
    """The lowest version that says what the change does. Before 1.0.0 minor says that something breaks
    (https://semver.org/#spec-item-4, and how `^0.4` is read by Helm)."""
    major, minor, patch = old.triple
    if not old.release:  # 2.0.0-rc1 comes before 2.0.0, which may still break
        return Version(old.triple)
    if asked == MAJOR and major:
        return Version((major + 1, 0, 0))
    if asked in (MAJOR, MINOR) and (major or asked == MAJOR):
        return Version((major, minor + 1, 0))
    return Version((major, minor, patch + 1))


def _named(old: Version, asked: str) -> str:
    if asked == MAJOR and not old.triple[0]:
        return "a minor one, as before 1.0.0 that says that something breaks"
    return f"a {asked} one"
