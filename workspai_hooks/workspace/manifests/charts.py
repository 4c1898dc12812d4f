"""The charts of a repository: which values each is installed with, and under which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.manifests.helm import CHART_NAME, Charts
from workspai_hooks.workspace.manifests.paths import folder_of, holds, inside

Values = Mapping[str, str]

_VALUES = regex(r"(?:^|/)(?:values[._-][\w.-]+|(?:values|environments?|envs?|config)/[\w.-]+)\.ya?ml$")
_MOST_SETS = 24
_MOST_ROUNDS = 4
"""Charts in charts, so many levels deep."""


def is_chart_file(path: str) -> bool:
    """A file that tells of a chart and its values: its description, its values, those of an environment."""
    name = path.rpartition("/")[2]
    return name in ("Chart.yaml", "values.yaml") or (
        path.endswith((".yaml", ".yml")) and _VALUES.search(path) is not None and "/templates/" not in path
    )


def charts_of(files: Mapping[str, Values]) -> Charts:
    """The charts of these files (path -> dotted keys); a values file belongs to the chart that holds it."""
    folders = sorted(folder_of(path) for path in files if path.rpartition("/")[2] == "Chart.yaml")
    own: dict[str, Values] = {}
    extra: dict[str, list[Values]] = {folder: [] for folder in folders}
    for folder in folders:
        described = files[f"{folder}/Chart.yaml".lstrip("/")]
        values = files.get(f"{folder}/values.yaml".lstrip("/"), {})
        own[folder] = {CHART_NAME: described.get("name", ""), **values}
    for path, values in sorted(files.items()):
        if not _VALUES.search(path):
            continue
        holder = max((one for one in folders if holds(one, path)), key=len, default=None)
        if holder is not None and values:
            extra[holder].append(values)
    further = {folder: [{**own[folder], **one} for one in extra[folder]] for folder in folders}
    sets: dict[str, list[Values]] = {folder: [own[folder], *further[folder]] for folder in folders}
    for _ in range(_MOST_ROUNDS):
        grown = {
            folder: _unique([*(_given(folder, own[folder], files, sets) or [own[folder]]), *further[folder]])
            for folder in folders
        }
        if grown == sets:
            break
        sets = grown
    return Charts(
        {folder: each[0] for folder, each in sets.items()},
        {folder: tuple(each[1:]) for folder, each in sets.items() if len(each) > 1},
    )


def _unique(sets: Sequence[Values]) -> list[Values]:
    found: list[Values] = []
    for one in sets:
        if one not in found:
            found.append(one)
    return found[:_MOST_SETS]


def _given(
    folder: str, own: Values, files: Mapping[str, Values], sets: Mapping[str, Sequence[Values]]
) -> list[Values]:
    """A chart's values with what each set of a chart around it says under its name, or its alias there."""
    found: list[Values] = []
    for parent in sets:
        for name in _names(parent, folder, files) if parent != folder else ():
            head = f"{name}."
            for outer in sets[parent]:
                said = {key[len(head) :]: text for key, text in outer.items() if key.startswith(head)}
                shared = {key: text for key, text in outer.items() if key.startswith("global.")}
                found.append({**own, CHART_NAME: name, **shared, **said})
    return found


def _names(parent: str, folder: str, files: Mapping[str, Values]) -> list[str]:
    """What a chart calls another that it takes in: its alias, else its name."""
    described = files[f"{parent}/Chart.yaml".lstrip("/")]
    own = files[f"{folder}/Chart.yaml".lstrip("/")].get("name", "") or folder.rpartition("/")[2]
    within = folder_of(folder) == f"{parent}/charts".lstrip("/")
    found = []
    for number in range(100):
        at = f"dependencies.{number}."
        if f"{at}name" not in described:
            break
        place = described.get(f"{at}repository", "").removeprefix("file://")
        here = inside(parent, place) == folder if place.startswith(".") else within
        if here and described[f"{at}name"] == own:
            found.append(described.get(f"{at}alias") or own)
    return found or ([own] if within else [])
