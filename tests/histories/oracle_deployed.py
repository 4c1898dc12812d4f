"""What is deployed, compared object by object: charts by real `helm template`, raw manifests as they are, and
kustomizations of the few features that the generator uses.

It looks for the classes of breaks that the generator plants: Services and their ports, types and targets,
selectors, keys of ConfigMaps that pods read, hosts and paths of routes, references by a port's name, keys of
a chart's values.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from histories.bare import tool
from histories.facts import Fact, Verdict
from histories.layout import Chart, Layout
from histories.repository import Files, write_tree

Object = dict[str, Any]
Objects = dict[tuple[str, str, str], Object]
_rendered: dict[tuple[tuple[tuple[str, bytes], ...], str], tuple[list[Object], str]] = {}


def compare(base: Files, head: Files, layout: Layout) -> Verdict:
    verdict = Verdict()
    for chart in layout.charts:
        verdict |= _compare_chart(base, head, chart)
    for folder in layout.manifests:
        mine, theirs = _below(base, folder), _below(head, folder)
        if mine != theirs:
            verdict |= Verdict(frozenset(_breaks(_read(mine), _read(theirs))))
    for folder in layout.kustomizations:
        top = folder.partition("/overlays/")[0]
        mine, theirs = _below(base, top), _below(head, top)
        if mine != theirs and f"{folder}/kustomization.yaml" in theirs:
            before, after = _built(mine, folder), _built(theirs, folder)
            if after is None:
                verdict |= Verdict(open=frozenset({folder}))
            elif before is None:
                verdict |= Verdict(base_open=frozenset({folder}))
            else:
                verdict |= Verdict(frozenset(_breaks(before, after)))
    return verdict


def _below(files: Files, folder: str) -> Files:
    return {path: text for path, text in files.items() if path.startswith(f"{folder}/")}


def _read(files: Files) -> list[Object]:
    return [
        one
        for path, text in sorted(files.items())
        if path.endswith(".yaml")
        for one in yaml.safe_load_all(text)
        if isinstance(one, dict) and "kind" in one
    ]


def _built(files: Files, folder: str) -> list[Object] | None:
    """An overlay of `resources`, `namespace`, `namePrefix` and one patch of a Service's type; None where that
    patches what is not there, which kustomize refuses (`no matches for Id`)."""
    top = yaml.safe_load(files[f"{folder}/kustomization.yaml"])
    base = folder.partition("/overlays/")[0] + "/base"
    listed = yaml.safe_load(files[f"{base}/kustomization.yaml"])["resources"]
    objects = [one for name in listed for one in _read({f"{base}/{name}": files.get(f"{base}/{name}", b"")})]
    for one in top.get("patches", ()):
        patch = yaml.safe_load(files[f"{folder}/{one['path']}"])
        meant = [one for one in objects if one["kind"] == patch["kind"] and _called(one) == _called(patch)]
        if not meant:
            return None
        for each in meant:
            each["spec"] |= patch["spec"]
    for each in objects:
        each["metadata"]["name"] = top.get("namePrefix", "") + each["metadata"]["name"]
    return objects


def _called(one: Object) -> str:
    return str(one["metadata"]["name"])


# Charts


def _compare_chart(base: Files, head: Files, chart: Chart) -> Verdict:
    mine, theirs = _below(base, chart.folder), _below(head, chart.folder)
    if (
        mine == theirs
        or f"{chart.folder}/Chart.yaml" not in mine
        or f"{chart.folder}/Chart.yaml" not in theirs
    ):
        return Verdict()
    facts: set[Fact] = set(_lost_keys(mine, theirs, chart))
    for values in ("", *chart.values):
        if values and values not in mine and values not in theirs:
            continue
        before, failed = _render(mine, chart.folder, values)
        if failed:
            continue
        after, failed = _render(theirs, chart.folder, values)
        if failed:
            name = f"chart:{_name(mine, chart)}:values"
            facts.add(Fact("helm", "values-refused", failed, frozenset({name})))
        else:
            facts |= set(_breaks(before, after))
    return Verdict(frozenset(facts))


def _name(files: Files, chart: Chart) -> str:
    return str(yaml.safe_load(files[f"{chart.folder}/Chart.yaml"])["name"])


def _render(files: Files, folder: str, values: str) -> tuple[list[Object], str]:
    key = (tuple(sorted(files.items())), values)
    if key not in _rendered:
        with tempfile.TemporaryDirectory() as place:
            write_tree(files, Path(place))
            more = [f"--values={place}/{values}"] if values in files else []
            done = subprocess.run(
                [tool("helm"), "template", "release", f"{place}/{folder}", *more],
                capture_output=True,
                check=False,
            )
        objects = [one for one in yaml.safe_load_all(done.stdout) if one] if done.returncode == 0 else []
        _rendered[key] = objects, "" if done.returncode == 0 else done.stderr.decode().replace(place, "")
    return _rendered[key]


def _lost_keys(base: Files, head: Files, chart: Chart) -> Iterator[Fact]:
    """Keys of the values that templates read and no template reads any more: Helm ignores them without a
    word."""
    before, after = _reads(base, chart), _reads(head, chart)
    declared = set(_leaves(_values(base, chart)))

    def is_read(key: str, by: set[str]) -> bool:
        return any(f"{key}.".startswith(f"{one}.") or f"{one}.".startswith(f"{key}.") for one in by)

    for key in sorted(declared | before):
        # A key that values.yaml never named and that nobody sets is a warning (values_keys.py).
        counts = key in declared or is_read(key, set(_set_elsewhere(head, chart)))
        if counts and is_read(key, before) and not is_read(key, after):
            parts = key.split(".")
            outer = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
            names = frozenset(f"chart:{_name(base, chart)}:values.{one}" for one in outer)
            yield Fact("helm", "values-key", key, names)


def _reads(files: Files, chart: Chart) -> set[str]:
    texts = [text.decode() for path, text in files.items() if path.startswith(f"{chart.folder}/templates/")]
    return {match for text in texts for match in re.findall(r"\.Values\.([\w.]+)", text)}


def _values(files: Files, chart: Chart) -> Any:
    return yaml.safe_load(files.get(f"{chart.folder}/values.yaml", b"")) or {}


def _set_elsewhere(files: Files, chart: Chart) -> set[str]:
    return {key for path in chart.values for key in _leaves(yaml.safe_load(files.get(path, b"")) or {})}


def _leaves(value: Any, prefix: str = "") -> Iterator[str]:
    if not isinstance(value, dict):
        yield prefix
        return
    for key, each in value.items():
        yield from _leaves(each, f"{prefix}.{key}" if prefix else str(key))


# Objects


def _keyed(objects: list[Object]) -> Objects:
    return {
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in objects
    }


def _breaks(before: list[Object], after: list[Object]) -> Iterator[Fact]:
    old, new = _keyed(before), _keyed(after)
    for key, one in old.items():
        kind, _, name = key
        title = f"{kind}/{name}"
        if key not in new:
            if kind == "Service" or (kind == "ConfigMap" and any(_reads_map(each, name) for each in after)):
                yield _fact("object-gone", title)
            continue
        if kind == "Service":
            yield from _service(one, new[key], title, before, after)
        elif kind == "Deployment":
            if _selector(one) != _selector(new[key]):
                yield _fact("selector-changed", f"{title}:selector", title)
            if _misses_own(new[key]) and not _misses_own(one):
                yield _fact("selector-misses", f"{title}:selector", title)
        elif kind == "ConfigMap":
            gone = (one.get("data") or {}).keys() - (new[key].get("data") or {}).keys()
            for each in sorted(gone):
                if any(_reads_map(pod, name, each) for pod in after):
                    yield _fact("config-key", f"{title}:key/{each}", title)
    yield from _routes(before, after)
    yield from _dangling(before, after)


def _fact(rule: str, element: str, *others: str, key: str = "") -> Fact:
    return Fact("helm", rule, f"{rule} {element} {key}", frozenset({element, *others}))


def _ports(service: Object) -> list[Object]:
    return list(service["spec"].get("ports") or ())


def _service(
    one: Object, now: Object, title: str, before: list[Object], after: list[Object]
) -> Iterator[Fact]:
    numbers = {port["port"] for port in _ports(now)}
    for port in _ports(one):
        if port["port"] not in numbers:
            yield _fact("service-port", f"{title}:port/{port['port']}", title, key=str(sorted(numbers)))
    outside = ("LoadBalancer", "NodePort")
    if one["spec"].get("type") in outside and now["spec"].get("type", "ClusterIP") not in outside:
        yield _fact("service-type", f"{title}:type", title)
    was, pods = _behind(one, before), _behind(now, after)
    if was and not pods:
        yield _fact("selects-nothing", f"{title}:selector", title)
    by_number = {port["port"]: port for port in _ports(now)}
    for port in _ports(one):
        mate = by_number.get(port["port"]) or (_ports(now)[0] if len(_ports(now)) == 1 else None)
        if mate is None or not was or not pods or not _listen(was, port):
            continue
        if not _listen(pods, mate) and (
            isinstance(_target(mate), str) or any(_container_ports(one) for one in pods)
        ):
            yield _fact("service-target", f"{title}:port/{port['port']}", title, key=str(_target(mate)))


def _target(port: Object) -> Any:
    return port.get("targetPort", port["port"])


def _listen(pods: list[Object], port: Object) -> bool:
    wanted = _target(port)
    return any(
        wanted in (each.get("name"), each["containerPort"]) for one in pods for each in _container_ports(one)
    )


def _container_ports(workload: Object) -> list[Object]:
    containers = workload["spec"]["template"]["spec"]["containers"]
    return [port for container in containers for port in container.get("ports") or ()]


def _labels(workload: Object) -> Object:
    return workload["spec"]["template"]["metadata"].get("labels") or {}


def _behind(service: Object, objects: list[Object]) -> list[Object]:
    wanted = (service["spec"].get("selector") or {}).items()
    return [
        one
        for one in objects
        if wanted
        and one["kind"] in ("Deployment", "StatefulSet", "DaemonSet")
        and wanted <= _labels(one).items()
    ]


def _selector(workload: Object) -> Object:
    return (workload["spec"].get("selector") or {}).get("matchLabels") or {}


def _misses_own(workload: Object) -> bool:
    return not _selector(workload).items() <= _labels(workload).items()


def _containers(one: Object) -> list[Object]:
    spec = (one.get("spec") or {}).get("template") or {}
    return list((spec.get("spec") or {}).get("containers") or ())


def _reads_map(one: Object, name: str, key: str = "") -> bool:
    """Whether pods can't do without a ConfigMap, or without one of its keys."""
    for container in _containers(one):
        for variable in container.get("env") or ():
            ref = (variable.get("valueFrom") or {}).get("configMapKeyRef") or {}
            if ref.get("name") == name and (not key or ref.get("key") == key):
                return True
        for source in container.get("envFrom") or ():
            if (source.get("configMapRef") or {}).get("name") == name:
                return True
    return False


def _rules(objects: list[Object]) -> dict[tuple[str, str, str], Object]:
    """(Ingress, host, path) -> backend."""
    return {
        (one["metadata"]["name"], rule.get("host", "*"), path["path"]): path["backend"]["service"]
        for one in objects
        if one["kind"] == "Ingress"
        for rule in one["spec"]["rules"]
        for path in rule["http"]["paths"]
    }


def _routes(before: list[Object], after: list[Object]) -> Iterator[Fact]:
    now = _rules(after)
    hosts, paths = {host for _, host, _ in now}, {(host, path) for _, host, path in now}
    for name, host, path in _rules(before):
        element = f"Ingress/{name}:host/{host}"
        if host not in hosts:
            yield _fact("route-host", element)
        elif (host, path) not in paths:
            yield _fact("route-path", f"{element}{path}", element)


def _dangling(before: list[Object], after: list[Object]) -> Iterator[Fact]:
    """Backends of routes whose Service or port is gone: told by the Service's own break, or as a
    reference."""
    was = {str(backend) for backend in _rules(before).values() if not _answers(backend, before)}
    for key, backend in _rules(after).items():
        if str(backend) not in was and not _answers(backend, after):
            service = f"Service/{backend['name']}"
            port = backend["port"].get("name", backend["port"].get("number"))
            numbers = [one["port"] for each in before if each["kind"] == "Service" for one in _ports(each)]
            names = {f"{service}:port/{number}" for number in numbers}
            element = f"Ingress/{key[0]}:backend/{backend['name']}/{port}"
            yield _fact("backend", element, service, *names, key=str(key))


def _answers(backend: Object, objects: list[Object]) -> bool:
    for one in objects:
        if one["kind"] == "Service" and one["metadata"]["name"] == backend["name"]:
            wanted = backend["port"].get("name", backend["port"].get("number"))
            return any(wanted in (port.get("name"), port["port"]) for port in _ports(one))
    return False
