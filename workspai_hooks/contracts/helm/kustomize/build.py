"""A kustomization built: what `kustomize build` gives, as far as it is followed here.

Order and meaning are kustomize's (api/internal/target/kusttarget.go): resources, generators, components,
then the transformers. What it would fetch or run is not followed; that is said in the build's `unfollowed`.
"""

from __future__ import annotations

import msgspec

from workspai_hooks.contracts.helm.kustomize import generators, patches, replacements, transformers
from workspai_hooks.contracts.helm.kustomize.kustomization import (
    NOT_FOLLOWED,
    Kustomization,
    Named,
    folder_of,
    read_kustomization,
)
from workspai_hooks.contracts.helm.kustomize.patches import Problem
from workspai_hooks.contracts.helm.kustomize.resources import Resource, expand
from workspai_hooks.contracts.helm.nodes import YamlError, read
from workspai_hooks.contracts.helm.objects import Build, objects_of
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.disclosure import reference
from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location

MOST_RESOURCES = 20_000
_MOST_DEPTH = 30
BUILDS = "run `kustomize build {}` and mend what it says"


class Built(msgspec.Struct, frozen=True):
    """The build, what stops kustomize from making it, and what was not followed (place and text of each)."""

    build: Build
    problems: tuple[Problem, ...]
    unfollowed: tuple[Problem, ...]


def build(side: Side, folder: str) -> Built:
    """Build the kustomization in a folder."""
    builder = _Builder(side)
    resources = transformers.references(builder.target(folder, (), []))
    objects = tuple(one for each in resources for one in objects_of(each.node))
    return Built(
        Build(f"kustomization {folder or '.'}", objects),
        tuple(dict.fromkeys(builder.problems)),
        tuple(dict.fromkeys(builder.unfollowed)),
    )


def undecided(problem: Problem, folder: str) -> Undecided:
    return Undecided(
        str(problem.place), f"kustomization {folder or '.'}: {problem.why}", BUILDS.format(folder or ".")
    )


class _Builder:
    def __init__(self, side: Side) -> None:
        self._side = side
        self.problems: list[Problem] = []
        self.unfollowed: list[Problem] = []
        self._count = 0

    def target(self, folder: str, way: tuple[str, ...], given: list[Resource]) -> list[Resource]:
        """One kustomization on what it is given (a component gets its taker's resources)."""
        one = read_kustomization(self._side, folder)
        if one is None:
            file = self._side.kustomizations.get(folder, folder)
            question = self._side.problems.get(file)
            if question is not None:
                path, _, line = question.what.rpartition(":")
                place = Location(path, int(line)) if line.isdigit() else Location(file)
                self.problems.append(Problem(place, question.why))
            return given
        found = list(given)
        for named in one.resources(self._side):
            found += self._resource(one, named, (*way, folder))
            if len(found) > MOST_RESOURCES:
                self.problems.append(Problem(named.place, f"has more than {MOST_RESOURCES} resources"))
                return found[:MOST_RESOURCES]
        found = generators.generated(self._side, one, found, self.problems)
        for named in one.components(self._side):
            inner = self._folder(one, named, (*way, folder))
            found = found if inner is None else self.target(inner, (*way, folder), found)
        return self._transformed(one, found, lenient=one.is_component and not way)

    def _transformed(self, one: Kustomization, found: list[Resource], *, lenient: bool) -> list[Resource]:
        node = one.node
        lenient = lenient or bool(self.unfollowed)  # what it patches may come from there
        for patch in patches.patches_of(self._side, one, self.problems):
            found = patches.patched(found, patch, self.problems, lenient=lenient)
        if (name := node.at("namespace")) is not None and name.value:
            found = transformers.namespace(found, str(name.value), name)
        if node.text("namePrefix") or node.text("nameSuffix"):
            found = transformers.affixes(one, found)
        found = transformers.labels(one, found)
        if (pairs := node.at("commonAnnotations")) is not None:
            found = transformers.annotated(found, pairs)
        found = transformers.images(one, transformers.replicas(one, found))
        found = replacements.replaced(self._side, one, found, self.unfollowed)
        for key in NOT_FOLLOWED:
            for item in one.items(key):
                what = reference(item.text("name") or item.text())
                self.unfollowed.append(
                    Problem(item.place, f"{key} are not followed: {what}", str(item.plain()))
                )
        return transformers.references(found) if node.text("namePrefix") or node.text("nameSuffix") else found

    def _resource(self, one: Kustomization, named: Named, way: tuple[str, ...]) -> list[Resource]:
        inner = folder_of(self._side, named.path) if named.path is not None else None
        if inner is not None:
            return self._inner(named, inner, way)
        if named.is_remote or named.path is None:
            why = "is fetched from elsewhere" if named.is_remote else "leads out of the repository"
            self.unfollowed.append(Problem(named.place, f"{named.told} {why}", named.text))
            return []
        if not self._side.has(named.path):
            self.problems.append(Problem(named.place, f"resource {named.told} is not there"))
            return []
        data = self._side.bytes_of(named.path)
        if not data and (problem := self._side.problems.get(named.path)) is not None:
            self.problems.append(Problem(named.place, f"{named.path}: {problem.why}"))
            return []
        try:
            return expand(read(named.path, data).documents)
        except YamlError as error:
            self.problems.append(Problem(named.place, f"{named.path}:{error.line} can't be read: {error}"))
            return []

    def _inner(self, named: Named, folder: str, way: tuple[str, ...]) -> list[Resource]:
        if folder in way or len(way) > _MOST_DEPTH:
            self.problems.append(Problem(named.place, f"{named.told} takes itself in"))
            return []
        self._count += 1
        if self._count > 500:
            self.problems.append(Problem(named.place, "is made of more than 500 kustomizations"))
            return []
        return self.target(folder, way, [])

    def _folder(self, one: Kustomization, named: Named, way: tuple[str, ...]) -> str | None:
        if named.is_remote or named.path is None:
            why = f"component {named.told} is fetched from elsewhere"
            self.unfollowed.append(Problem(named.place, why, named.text))
            return None
        inner = folder_of(self._side, named.path)
        if inner is None:
            self.problems.append(Problem(named.place, f"component {named.told} is not there"))
        elif inner in way:
            self.problems.append(Problem(named.place, f"{named.told} takes itself in"))
            return None
        return inner
