"""Browser apps that are told an address of this machine: a port that somebody's container publishes."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.addresses import LOCAL, addresses_in, protocol_of
from workspai_hooks.workspace.edges.scene import BROWSER, Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.infrastructure import variable_of_telemetry
from workspai_hooks.workspace.reading import reads
from workspai_hooks.workspace.services import Service

_FOR_BROWSERS = regex(
    r"^(?:REACT_APP|VITE|VUE_APP|NEXT_PUBLIC|NUXT_PUBLIC|NUXT_ENV|GATSBY|PUBLIC|EXPO_PUBLIC|NG_APP|STORYBOOK)_"
)
"""What bundlers put into a page's code; no other variable of theirs gets there."""
_FRAMEWORK = regex(
    rb"\"(?:react-dom|vue|@angular/core|svelte|solid-js|preact|ember-source|lit|backbone)\"\s*:"
)
_SERVER = regex(rb"\"(?:express|koa|fastify|@nestjs/core|@hapi/hapi|restify)\"\s*:")
_NOT_CALLED = regex(
    r"CORS|ORIGIN|REDIRECT|CALLBACK|RETURN|LOGOUT|ALLOWED|(?:^|_)(?:SITE|PUBLIC|SELF)_UR[IL]$"
)
"""Where the page itself is, who may call, and ways back."""


def find(scene: Scene) -> list[Hint]:
    """Addresses of this machine in variables that a page's code reads."""
    return [hint for service in scene.partners for hint in _of(service, scene)]


def _of(service: Service, scene: Scene) -> list[Hint]:
    given = [
        (variable, address)
        for variable, _ in scene.variables(service)
        if not variable_of_telemetry(variable.name) and not _NOT_CALLED.search(variable.name)
        for address in addresses_in(variable.name, variable.value or "")
        if address.host in LOCAL and address.port and not address.is_health_check
    ]
    if not given:
        return []
    is_page = _is_page(service, scene)
    given = [each for each in given if is_page or _FOR_BROWSERS.match(each[0].name)]
    read = reads(scene.tree(service).only(BROWSER), [variable.name for variable, _ in given]) if given else {}
    hints = []
    for variable, address in given:
        place = read[variable.name].location if variable.name in read else None
        provider = scene.reached(address, service, place.path) if place else None
        # Another page is linked to and not called.
        if place and provider and not _is_page(provider, scene):
            evidence = (Evidence(variable.location, "address"), Evidence(place, "reads"))
            protocol = protocol_of(address, provider) or "http"
            hints.append(Hint(service.name, provider.name, protocol, Tier.PROVEN, evidence))
    return hints


def _is_page(service: Service, scene: Scene) -> bool:
    """Whether a service is a browser's code alone, by its package."""
    texts = [data for path, data in scene.tree(service).files.items() if path.endswith("package.json")]
    return any(_FRAMEWORK.search(data) for data in texts) and not any(_SERVER.search(data) for data in texts)
