"""What one file says about the services of a repository: values that every kind of evidence is lowered to.

Facts are what stands in the file. What needs a second file (a ConfigMap, a `.env`, the folder that an
image is built from) is a reference here and is joined in `workspace/services.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import msgspec

from workspai_hooks.errors import Undecided
from workspai_hooks.source import Location


class Naming(IntEnum):
    """Whose name a service takes: the first of these that exists; the others become aliases."""

    WORKLOAD = 1
    COMPOSE = 2
    SCRIPT = 3
    APPLICATION = 4
    IMAGE = 5
    FOLDER = 6


class Variable(msgspec.Struct, frozen=True, order=True):
    """An environment variable as written. `value` None: passed through from the surrounding environment."""

    name: str
    value: str | None
    location: Location


class Reference(msgspec.Struct, frozen=True):
    """Variables that stand elsewhere: a ConfigMap (`map`) or an env file (`file`, path in the repository).

    With `key` it is the value of the variable `name`; without, everything in it is taken.
    """

    map: str = ""
    file: str = ""
    key: str = ""
    name: str = ""
    location: Location = msgspec.field(default_factory=lambda: Location(""))


class Build(msgspec.Struct, frozen=True):
    """How an image is built; paths in the repository. `hints` are build arguments and targets."""

    context: str
    dockerfile: str = ""
    hints: tuple[str, ...] = ()


class Declaration(msgspec.Struct, frozen=True):
    """Something that is run: a workload or a compose service.

    `hosts` are names that it is reached by, `published` its ports on the machine that runs it,
    `labels` those that Kubernetes Services select on, `after` what it waits for, `commands` the text of its
    commands and arguments, and `interpolate` the `.env` that fills the `${X}` in its texts. `mounts` are the
    files and folders of the repository that it gets to see, `volumes` the ConfigMaps. `binds` are the
    folders with their places in the container, `working_dir` is where it starts there. `extends` is what it
    takes over from another file: its path and the name there, `namespace` Kubernetes' own. `bears` are the
    labels of a container, and one that is `on_host` listens on the machine's own network. `side_by_side`: it
    runs on one machine with the others of its file, so that each reaches the ports of all.
    """

    naming: Naming
    name: str
    location: Location
    images: tuple[str, ...] = ()
    build: Build | None = None
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    published: tuple[int, ...] = ()
    labels: Mapping[str, str] | None = None
    variables: tuple[Variable, ...] = ()
    references: tuple[Reference, ...] = ()
    after: tuple[tuple[str, Location], ...] = ()
    commands: str = ""
    interpolate: str | None = None
    mounts: tuple[str, ...] = ()
    binds: tuple[tuple[str, str], ...] = ()
    working_dir: str = ""
    volumes: tuple[str, ...] = ()
    extends: tuple[str, str] | None = None
    namespace: str = ""
    bears: tuple[tuple[str, str], ...] = ()
    on_host: bool = False
    side_by_side: bool = False


class Endpoint(msgspec.Struct, frozen=True):
    """A DNS name in front of the workloads that `selector` selects. `ports`: port -> protocol or empty;
    `target` the DNS name that it stands for, where it selects nothing."""

    name: str
    namespace: str
    selector: Mapping[str, str]
    ports: Mapping[int, str]
    location: Location
    target: str = ""


class Renaming(msgspec.Struct, frozen=True):
    """Kustomize's `namePrefix` and `nameSuffix` for what stands in some files and folders."""

    places: tuple[str, ...]
    prefix: str
    suffix: str


class Settings(msgspec.Struct, frozen=True):
    """Named variables: a ConfigMap (`name`) or an env file (its path). `files`: what a generator puts in."""

    name: str
    variables: tuple[Variable, ...]
    files: tuple[str, ...] = ()


class Artifact(msgspec.Struct, frozen=True):
    """An image and what it is built from (skaffold and the like)."""

    image: str
    build: Build
    location: Location


class Source(msgspec.Struct, frozen=True):
    """A folder that something is built in. `entry`: it has an entry point; `names`: registered ones."""

    folder: str
    location: Location
    names: tuple[str, ...] = ()
    entry: bool = False


class Dockerfile(msgspec.Struct, frozen=True):
    """A Dockerfile. `base` is its last stage's image, `mentions` the paths that its instructions name,
    `variables` the environment that the image starts with where nobody says otherwise, `working_dir` where
    it starts."""

    location: Location
    base: str = ""
    ports: tuple[int, ...] = ()
    mentions: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    working_dir: str = ""


class Registered(msgspec.Struct, frozen=True):
    """A name that an application registers itself under; it belongs to the service that holds the file."""

    name: str
    location: Location


class Server(msgspec.Struct, frozen=True):
    """A file that starts a server on a `port`; `calls` are the ports of this machine that it calls."""

    location: Location
    port: int
    calls: tuple[int, ...] = ()


class Front(msgspec.Struct, frozen=True):
    """A file that configures a proxy to lead to `ports` of this machine; `program` is its image's name."""

    location: Location
    program: str
    ports: tuple[int, ...]


class Executable(msgspec.Struct, frozen=True):
    """A native program that a build makes of a `folder`; a manifest says whether anybody runs it."""

    name: str
    folder: str
    location: Location


class OpenApp(msgspec.Struct, frozen=True):
    """An application of a cloud template, its texts with places, `${name}`, that parameters fill. `symbol` is
    what the template itself calls it, `names` what it may be called, the first that is known; `lists` are the
    parameters that hold more of its environment, `port` is where it listens."""

    symbol: str
    names: tuple[str, ...]
    declaration: Declaration
    port: str = ""
    lists: tuple[str, ...] = ()


class ModuleCall(msgspec.Struct, frozen=True):
    """A template that fills another one (`path`): texts, and lists of variables, by its parameters' names."""

    symbol: str
    path: str
    values: Mapping[str, str]
    lists: Mapping[str, tuple[Variable, ...]]


class Blueprint(msgspec.Struct, frozen=True):
    """A cloud template (Bicep, ARM): its own texts and lists by name, its applications, whom it fills."""

    path: str
    values: Mapping[str, str]
    lists: Mapping[str, tuple[Variable, ...]]
    apps: tuple[OpenApp, ...]
    calls: tuple[ModuleCall, ...] = ()


class Facts(msgspec.Struct, frozen=True):
    """All that was found in one file, or in many."""

    declarations: tuple[Declaration, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    settings: tuple[Settings, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    sources: tuple[Source, ...] = ()
    dockerfiles: tuple[Dockerfile, ...] = ()
    registered: tuple[Registered, ...] = ()
    namespaces: tuple[str, ...] = ()
    renamings: tuple[Renaming, ...] = ()
    servers: tuple[Server, ...] = ()
    fronts: tuple[Front, ...] = ()
    executables: tuple[Executable, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    left_out: tuple[str, ...] = ()
    """Folders that a workspace of packages says are none of it."""
    unread: tuple[Undecided, ...] = ()


def joined(many: list[Facts]) -> Facts:
    """The facts of several files as one."""
    return Facts(
        declarations=tuple(one for facts in many for one in facts.declarations),
        endpoints=tuple(one for facts in many for one in facts.endpoints),
        settings=tuple(one for facts in many for one in facts.settings),
        artifacts=tuple(one for facts in many for one in facts.artifacts),
        sources=tuple(one for facts in many for one in facts.sources),
        dockerfiles=tuple(one for facts in many for one in facts.dockerfiles),
        registered=tuple(one for facts in many for one in facts.registered),
        namespaces=tuple(one for facts in many for one in facts.namespaces),
        renamings=tuple(one for facts in many for one in facts.renamings),
        servers=tuple(one for facts in many for one in facts.servers),
        fronts=tuple(one for facts in many for one in facts.fronts),
        executables=tuple(one for facts in many for one in facts.executables),
        left_out=tuple(one for facts in many for one in facts.left_out),
        blueprints=tuple(one for facts in many for one in facts.blueprints),
        unread=tuple(one for facts in many for one in facts.unread),
    )
