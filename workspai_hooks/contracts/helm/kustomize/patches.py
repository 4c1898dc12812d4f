"""Patches of a kustomization: which resources each is for, and both ways to write one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from workspai_hooks.contracts.helm.kustomize.json_patch import PatchError, apply
from workspai_hooks.contracts.helm.kustomize.kustomization import Kustomization
from workspai_hooks.contracts.helm.kustomize.merge import is_built_in, merge
from workspai_hooks.contracts.helm.kustomize.resources import Resource
from workspai_hooks.contracts.helm.nodes import Node, YamlError, read, read_inside
from workspai_hooks.contracts.helm.objects import texts
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.source import Location

_MOST_PATTERN = 200
_NAME = re.compile(r"[\w.*|()\[\]^$+?-]*")


class Problem(msgspec.Struct, frozen=True, order=True):
    """What stops a build, and where. `whole` is never told: by it, what was there before is known again."""

    place: Location
    why: str
    whole: str = ""


class Patch(msgspec.Struct, frozen=True):
    """A patch as trees; `target` None: each names the resource that it is for."""

    place: Location
    bodies: tuple[Node, ...]
    target: Node | None
    may_rename: bool = False


def patches_of(side: Side, kustomization: Kustomization, problems: list[Problem]) -> Iterator[Patch]:
    """All patches in the order in which they are carried out."""
    for item in kustomization.items("patchesStrategicMerge"):
        text = str(item.value) if isinstance(item.value, str) else ""
        if "\n" in text:
            yield from _patch(side, kustomization, item, item, None, None, problems)
        elif text:
            yield from _patch(side, kustomization, item, None, item, None, problems)
    for item in (*kustomization.items("patches"), *kustomization.items("patchesJson6902")):
        if isinstance(item.value, str):
            yield from _patch(side, kustomization, item, None, item, None, problems)
            continue
        inline, path, target = item.at("patch"), item.at("path"), item.at("target")
        for patch in _patch(side, kustomization, item, inline, path, target, problems):
            yield replace(patch, may_rename=item.text("options", "allowNameChange") == "true")


def _patch(
    side: Side,
    kustomization: Kustomization,
    item: Node,
    inline: Node | None,
    path: Node | None,
    target: Node | None,
    problems: list[Problem],
) -> Iterator[Patch]:
    try:
        if inline is not None and isinstance(inline.value, str):
            found = read_inside(kustomization.file, inline)
        elif path is not None and isinstance(path.value, str):
            named = kustomization.name(side, path)
            if named.path is None or not side.has(named.path):
                problems.append(Problem(item.place, f"patch {named.told} is not there"))
                return
            found = read(named.path, side.bytes_of(named.path))
        else:
            return
    except YamlError as error:
        problems.append(Problem(item.place, f"its patch can't be read: {error} (line {error.line})"))
        return
    yield Patch(item.place, found.documents, target)


def patched(
    resources: Iterable[Resource], patch: Patch, problems: list[Problem], *, lenient: bool
) -> list[Resource]:
    """The resources with a patch; `lenient`: one that is for none of them is no problem."""
    found = list(resources)
    for body in patch.bodies:
        targets = [place for place, one in enumerate(found) if _is_for(one, patch, body)]
        if not targets and not lenient and patch.target is None:
            title = f"{body.text('kind')} {body.text('metadata', 'name')}"
            problems.append(Problem(body.place, f"patches {title}, which is not among its resources"))
        for place in reversed(targets):
            try:
                new = _applied(found[place], body, patch)
            except PatchError as error:
                if not lenient:
                    problems.append(
                        Problem(patch.place, f"its patch of {found[place].kind} {found[place].name}: {error}")
                    )
                continue
            if new is None:
                del found[place]
            else:
                found[place] = new
    return found


def _applied(one: Resource, body: Node, patch: Patch) -> Resource | None:
    if body.items is not None:
        return replace(one, node=apply(one.node, body.items))
    node = merge(one.node, body, by_key=is_built_in(one.api))
    if node is None:
        return None
    if not patch.may_rename:
        for path in (("kind",), ("apiVersion",), ("metadata", "name"), ("metadata", "namespace")):
            old = one.node.at(*path)
            if old is not None:
                node = Resource(node).put(path, old).node
    return replace(one, node=node)


def _is_for(one: Resource, patch: Patch, body: Node) -> bool:
    if patch.target is not None:
        return selected(one, patch.target)
    if body.text("kind") != one.kind or body.text("metadata", "name") not in one.names():
        return False
    if body.text("apiVersion").rpartition("/")[0] != one.api.rpartition("/")[0]:
        return False
    namespace = body.text("metadata", "namespace")
    return not namespace or namespace in {one.namespace, *(old for old, _ in one.before)}


def selected(one: Resource, target: Node) -> bool:
    """Whether a selector (`group`, `version`, `kind`, `name`, `namespace`, labels, annotations) takes it."""
    group, _, version = one.api.rpartition("/")
    for key, values in (
        ("group", {group}),
        ("version", {version}),
        ("kind", {one.kind}),
        ("name", one.names()),
        ("namespace", {one.namespace, *(old for old, _ in one.before)}),
    ):
        wanted = target.text(key)
        if wanted and not any(_matches(wanted, value) for value in values):
            return False
    for key, field in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        wanted = target.text(key)
        node = one.node.at("metadata", field)
        if wanted and not _labels_match(wanted, texts(node.plain() if node is not None else None)):
            return False
    return True


def _matches(pattern: str, value: str) -> bool:
    """Names are regular expressions that must match as a whole; one that is not plain stands for itself."""
    if pattern == value or (pattern in (".*", "*")):
        return True
    if (
        len(pattern) > _MOST_PATTERN
        or not _NAME.fullmatch(pattern)
        or pattern.count("*") + pattern.count("+") > 3
    ):
        return False
    try:
        return re.fullmatch(pattern, value[:300]) is not None
    except re.error:
        return False


def _labels_match(selector: str, labels: dict[str, str]) -> bool:
    for part in filter(None, (each.strip() for each in selector.split(","))):
        if "!=" in part:
            key, _, value = part.partition("!=")
            if labels.get(key.strip()) == value.strip():
                return False
        elif "=" in part:
            key, _, value = part.replace("==", "=").partition("=")
            if labels.get(key.strip()) != value.strip():
                return False
        elif part.startswith("!"):
            if part[1:].strip() in labels:
                return False
        elif part not in labels:
            return False
    return True
