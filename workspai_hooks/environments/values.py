"""What is run in one environment, and what a comparison of environments gives."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.findings import Finding
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

# Spring, Micronaut and Quarkus: files of a profile set ports, stores and the like.
_PROFILE = regex(r"(?i)(?:^|_)(?:PROFILES?_ACTIVE|QUARKUS_PROFILE|MICRONAUT_ENVIRONMENTS|ACTIVE_PROFILES?)$")


class Stage(StrEnum):
    """What an environment is for. `DEFAULT`: a cluster's, of which nothing says which; it stands for
    production where nothing else does."""

    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"
    DEFAULT = "default"


class Means(StrEnum):
    """By what an environment is started."""

    COMPOSE = "compose"
    DEVCONTAINER = "devcontainer"
    CHART = "chart"
    KUSTOMIZE = "kustomization"
    MANIFESTS = "manifests"


class ImageUse(msgspec.Struct, frozen=True, order=True):
    """An image as it is written, variables filled in, and the line that says its version."""

    text: str
    location: Location


class Setting(msgspec.Struct, frozen=True, order=True):
    """A variable of a container. `value` None: it is set, and to what is not known here (a Secret).

    `is_firm` is false for what may as well be empty (`${X:-}`, a name that is passed on).
    """

    name: str
    value: str | None
    location: Location
    is_firm: bool = True


class Quantity(msgspec.Struct, frozen=True, order=True):
    """A limit as it is written: `256Mi`, `0.5`."""

    text: str
    location: Location


class Workload(msgspec.Struct, frozen=True):
    """A compose service or a workload of Kubernetes as one environment has it.

    `label` names the environment for a person, `place` is where the workload stands; `service` is filled in
    by `joined.py`, empty where it is nobody's that is known. `is_open`: it may get variables that are not
    known here. `ports` are those of its containers. `files` are texts that it gets as files, `may_set` the
    variables that a chart would set with other values, where nothing says which are production's. `stays`: it
    is no job that ends. Containers that run before the others and end have no image here.
    """

    label: str
    means: Means
    stage: Stage
    name: str
    place: Location
    service: str = ""
    images: tuple[ImageUse, ...] = ()
    variables: Mapping[str, Setting] = {}
    is_open: bool = False
    ports: Mapping[int, Location] = {}
    limits: Mapping[str, Quantity] = {}
    commands: str = ""
    files: tuple[str, ...] = ()
    may_set: tuple[str, ...] = ()
    stays: bool = True

    @property
    def has_profile(self) -> bool:
        """Whether a variable picks a profile of a framework, which may set anything."""
        return any(_PROFILE.search(name) for name in self.variables)

    def tells_port(self, port: int) -> bool:
        """Whether a variable or the command line names a port."""
        number = str(port)
        said = (setting.value or "" for setting in self.variables.values())
        return any(number in text for text in (*said, self.commands))


class Drift(msgspec.Struct, frozen=True):
    """All that differs between environments, sorted, and what could not be compared."""

    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()
