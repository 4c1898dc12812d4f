"""What OpenShift adds to Kubernetes: templates with parameters, routes, builds of images from folders."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.manifests.facts import Artifact, Build, Endpoint, Facts
from workspai_hooks.workspace.manifests.paths import inside
from workspai_hooks.workspace.manifests.yaml_tree import Node

KINDS = ("Template", "Route", "BuildConfig")
_PLACE = regex(rb"\$\{\{?([A-Za-z_]\w{0,80})\}?\}")
_HOST = regex(r"[\w.-]{1,253}")
_WORD = rb"[\w.-]"


def filled(text: bytes, template: Node) -> bytes:
    """A template's text with its parameters. One without a value (whoever deploys gives it) stands in a
    longer name by its own, so that a route and the addresses that mean it stay alike; alone it is left."""
    given: dict[bytes, bytes] = {}
    unset: dict[bytes, bytes] = {}
    for one in template.at("parameters").items:
        name, value = one.at("name").text, one.at("value").text
        if name and value and "\n" not in value:
            given[name.encode()] = value.encode()
        elif name:
            unset[name.encode()] = name.lower().replace("_", "-").encode()

    def value_of(match: re.Match[bytes]) -> bytes:
        if match[1] in given:
            return given[match[1]]
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        beside = re.fullmatch(_WORD, before) or re.fullmatch(_WORD, after)
        return unset.get(match[1], match[0]) if beside else match[0]

    return _PLACE.sub(value_of, text)


def images_of_triggers(node: Node) -> tuple[str, ...]:
    """The image streams that a DeploymentConfig takes its images from: its pod may name none."""
    sources = (one.at("imageChangeParams", "from") for one in node.at("spec", "triggers").items)
    return tuple(
        one.at("name").text
        for one in sources
        if one.at("kind").text in ("ImageStreamTag", "ImageStreamImage")
    )


def route(path: str, node: Node) -> Facts:
    """The host name outside of the cluster that leads to a Service."""
    host, target = node.at("spec", "host").text.lower(), node.at("spec", "to", "name").text
    if not target or not _HOST.fullmatch(host):
        return Facts()
    location = Location(path, node.at("spec", "host").line)
    empty: Mapping[str, str] = {}
    return Facts(endpoints=(Endpoint(host, "", empty, {}, location, target),))


def build(path: str, node: Node) -> Facts:
    """The image that a folder of the repository is built into."""
    image = node.at("spec", "output", "to", "name").text
    source, strategy = node.at("spec", "source"), node.at("spec", "strategy")
    context = inside("", source.at("contextDir").text or ".")
    if not image or context is None or not source.at("git"):
        return Facts()
    dockerfile = strategy.at("dockerStrategy", "dockerfilePath").text
    place = (inside(context, dockerfile) or "") if dockerfile else ""
    location = Location(path, node.at("metadata", "name").line)
    return Facts(artifacts=(Artifact(image, Build(context, place), location),))
