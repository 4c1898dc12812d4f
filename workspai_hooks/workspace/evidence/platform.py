"""What a Spring application is by its annotations and dependencies: a registry, a gateway, a client."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Sightings
from workspai_hooks.workspace.evidence.text import in_comment, line_of

MARKS = (b"@Enable", b"@Rest", b"@RepositoryRest", b"@Feign", b"discovery", b"eureka")
REGISTRY = "registry"
_ROLES: tuple[tuple[re.Pattern[bytes], Role, str], ...] = (
    (regex(rb"@EnableEurekaServer\b"), Role.PLATFORM, REGISTRY),
    (regex(rb"@EnableConfigServer\b"), Role.PLATFORM, "configuration"),
    (regex(rb"@Enable(?:AdminServer|Zipkin\w*Server)\b"), Role.PLATFORM, "monitor"),
    (regex(rb"@Enable(?:HystrixDashboard|Turbine\w*)\b"), Role.PLATFORM, "dashboard"),
    # A sidecar is a Zuul as well.
    (regex(rb"@Enable(?:ZuulProxy|Sidecar)\b"), Role.FRONTS, ""),
    (regex(rb"@EnableEurekaClient\b"), Role.REGISTERS, "eureka"),
    (regex(rb"@EnableDiscoveryClient\b"), Role.REGISTERS, ""),
    (regex(rb"@(?:RestController|RepositoryRestResource|FeignClient)\b"), Role.SERVES, ""),
    (
        regex(rb"spring-cloud-(?:starter-)?(?:netflix-)?eureka(?:-client)?(?![\w-])"),
        Role.REGISTERS,
        "eureka",
    ),
    (regex(rb"spring-cloud-starter-consul-(?:discovery|all)"), Role.REGISTERS, "consul"),
    (regex(rb"spring-cloud-starter-zookeeper-(?:discovery|all)"), Role.REGISTERS, "zookeeper"),
    (regex(rb"nacos-discovery"), Role.REGISTERS, "nacos"),
    (regex(rb"micronaut-discovery-client"), Role.REGISTERS, ""),
)
_COMMENTS = ((b"<!--", b"-->"), (b"/*", b"*/"))


def wanted(path: str) -> bool:
    return path.endswith((".java", ".kt", ".groovy", ".scala", "pom.xml", ".gradle", ".gradle.kts"))


def read(data: bytes) -> Sightings:
    """The first line of each role."""
    for opening, closing in _COMMENTS:
        data = _blanked(data, opening, closing)
    return Sightings(tuple(_clues(data)))


def _blanked(data: bytes, opening: bytes, closing: bytes) -> bytes:
    """Without comments of several lines; lines keep their numbers. One that nothing closes is none."""
    parts = []
    at = 0
    while (start := data.find(opening, at)) >= 0 and (end := data.find(closing, start)) >= 0:
        parts += [data[at:start], b"\n" * data.count(b"\n", start, end)]
        at = end + len(closing)
    return b"".join((*parts, data[at:]))


def _clues(data: bytes) -> Iterator[Clue]:
    for pattern, role, text in _ROLES:
        for match in pattern.finditer(data):
            if not in_comment(data, match.start()):
                yield Clue(line_of(data, match.start()), "annotation", text, role)
                break
