"""Evidence of services, one module per kind. A new kind is a module and a line in the table below."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workspai_hooks.workspace.manifests import (
    applications,
    aspire,
    azure,
    builds,
    cmake,
    compose,
    dapr_run,
    docker_commands,
    dockerfile,
    env_file,
    fronts,
    kubernetes,
    nomad,
    servers,
    skaffold,
    tye,
)
from workspai_hooks.workspace.manifests.facts import Facts
from workspai_hooks.workspace.manifests.helm import Charts


class Kind(msgspec.Struct, frozen=True):
    """A kind of evidence: which paths it is found in, and what one of these files says."""

    name: str
    wanted: Callable[[str], bool]
    read: Callable[[str, bytes, Charts], Facts]


KINDS: tuple[Kind, ...] = (
    Kind("compose", compose.may_be, compose.read),
    Kind("env file", env_file.wanted, env_file.read),
    Kind("kubernetes", kubernetes.wanted, kubernetes.read),
    Kind("nomad", nomad.wanted, nomad.read),
    Kind("aspire", aspire.wanted, aspire.read),
    Kind("dapr", dapr_run.wanted, dapr_run.read),
    Kind("bicep", azure.is_bicep, azure.read_bicep),
    Kind("arm", azure.may_be_arm, azure.read_arm),
    Kind("azd", azure.is_azd, azure.read_azd),
    Kind("tye", tye.wanted, tye.read),
    Kind("dapr run", dapr_run.is_script, dapr_run.read_script),
    Kind("skaffold", skaffold.wanted, skaffold.read),
    Kind("docker commands", docker_commands.wanted, docker_commands.read),
    Kind("dockerfile", dockerfile.wanted, dockerfile.read),
    Kind("build", builds.wanted, builds.read),
    Kind("cmake", cmake.wanted, cmake.read),
    Kind("server", servers.wanted, servers.read),
    Kind("front", fronts.wanted, fronts.read),
    Kind("application", applications.wanted, applications.read),
)
