"""Variables that are set in one environment and missing in another, and that the source reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from workspai_hooks.environments.between import environments, lacks
from workspai_hooks.environments.joined import Sides
from workspai_hooks.environments.reads import Need, Reading, readings, telling
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import Setting, Stage, Workload
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.infrastructure import variable_of_telemetry
from workspai_hooks.workspace.service import Kind

_FLAG = regex(
    r"(?i)(?:^|_)(?:feature|features|flag|flags|ff|enable|enabled|disable|disabled|toggle|experiment|experimental)(?:_|$)"
)
# What tools, run times and debuggers read, and what says which environment it is.
_OF_DEVELOPMENT = regex(
    r"(?i)(?:^|_)(?:debug|debugger|e2e|verbose|log|logs|logging|loglevel|hot|reload|watch|polling|usepolling|dev|mock|tz|"
    r"seed|test|testing|local|profiler)(?:_|$)"
    r"|^(?:node_env|app_env|env|environment|flask_env|django_env|rails_env|rack_env|go_env|gin_mode|"
    r"(?:aspnetcore|dotnet)_environment|spring_profiles_active|python\w{1,40}|java_opts|java_tool_options|jvm_opts|node_options|"
    r"path|home|user|hostname|pwd|lang|term|(?:https?|no)_proxy|ci)$"
)


class Missing(msgspec.Struct, frozen=True):
    """`there` sets it, `here` does not; `in_production` tells that `here` is production's, `set_there`
    how many variables are set where this one is missing."""

    service: str
    setting: Setting
    there: Workload
    here: Workload
    reading: Reading | None
    in_production: bool
    set_there: int = 0

    @property
    def is_flag(self) -> bool:
        return _FLAG.search(self.setting.name) is not None


def missing(scene: Scene) -> Iterator[Missing]:
    """What each service's source reads and one side does not set; where the source is elsewhere, only what
    one of a cluster's environments lacks."""
    for sides in scene.sides:
        if sides.service.kind is Kind.INFRASTRUCTURE:
            continue
        yield from _between(scene, sides)
        if sides.service.kind is not Kind.APPLICATION or not sides.local or not sides.production:
            continue
        yield from _lacking(scene, sides, sides.local, sides.production, in_production=True)
        yield from _lacking(scene, sides, sides.production, sides.local, in_production=False)


def _lacking(
    scene: Scene, sides: Sides, there: Sequence[Workload], here: Sequence[Workload], *, in_production: bool
) -> Iterator[Missing]:
    if any(one.is_open for one in here) or scene.is_unknown(sides.service):
        return
    set_there = len({name for one in here for name in one.variables})
    said: dict[str, tuple[Setting, Workload]] = {}
    for one in there:
        for setting in one.variables.values():
            if setting.is_firm and not _is_known(setting.name, here) and not _is_aside(setting.name):
                said.setdefault(setting.name, (setting, one))
    image = scene.image_variables(sides.service)
    read = readings(scene.tree(sides.service), (name for name in said if name not in image))
    for name, rows in sorted(read.items()):
        setting, one = said[name]
        reading = telling(rows)
        if _matters(setting, rows, reading.need, in_production=in_production):
            yield Missing(sides.service.name, setting, one, here[0], reading, in_production, set_there)


def _between(scene: Scene, sides: Sides) -> Iterator[Missing]:
    image = scene.image_variables(sides.service)
    tree = scene.tree(sides.service)
    for group in environments(sides):
        rows = [row for row in lacks(group) if row[0].name not in image and not _is_aside(row[0].name)]
        read = readings(tree, (setting.name for setting, _, _ in rows))
        for setting, there, here in rows:
            lines = read.get(setting.name, ())
            if _is_known(setting.name, [here]) or (tree.is_here and not lines):
                continue
            first = telling(lines) if lines else None
            if first is None or _matters(setting, lines, first.need, in_production=True):
                in_production = here.stage is Stage.PRODUCTION
                yield Missing(sides.service.name, setting, there, here, first, in_production)


def _matters(setting: Setting, rows: Sequence[Reading], need: Need, *, in_production: bool) -> bool:
    """Whether somebody misses the variable. Locally only one without which the service does not start;
    in production not one for which the source has the very value, nor one that it does without."""
    if not in_production:
        return need is Need.REQUIRED
    if need is Need.OPTIONAL:
        return _FLAG.search(setting.name) is not None
    value = (setting.value or "").strip("/\"' ")
    return need is not Need.DEFAULT or not (value and any(value in row.near for row in rows))


def _is_known(name: str, here: Sequence[Workload]) -> bool:
    """Whether a side has it: as a variable, in a file that it gets, in its command line."""
    return any(
        name in one.variables
        or name in one.may_set
        or name in one.commands
        or any(name in text for text in one.files)
        for one in here
    )


def _is_aside(name: str) -> bool:
    return variable_of_telemetry(name) or _OF_DEVELOPMENT.search(name) is not None
