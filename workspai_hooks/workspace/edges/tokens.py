"""Resource servers whose settings are elsewhere: they have tokens checked by the one who gives them out."""

from __future__ import annotations

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.set_elsewhere import is_set_elsewhere
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.sightings import Role
from workspai_hooks.workspace.services import Service

_OWN_KEYS = ("security.oauth2.", "spring.oauth2.", "spring.security.oauth2.")
_OWN_WAY = regex(
    rb"\b(?:JwtAccessTokenConverter|JwtTokenStore|JwtDecoder|NimbusJwt\w{1,20}|InMemoryTokenStore|JdbcTokenStore"
    rb"|RedisTokenStore|setSigningKey|setCheckTokenEndpointUrl)\b"
)
"""It checks tokens by a key or a store of its own, or its code says where."""


def find(scene: Scene) -> list[Hint]:
    """Who needs the only authorization server, and has neither an address of it nor another way here.

    Such a server has to be told the address, so that stands where its settings are: declared.
    """
    giving: dict[str, Evidence] = {}
    for service, path, clue in scene.clues(Role.AUTHORIZES):
        giving.setdefault(service.name, Evidence(Location(path, clue.line), "authorizes"))
    if len(giving) != 1:
        return []
    ((provider, given),) = giving.items()
    hints: dict[str, Hint] = {}
    for service, path, clue in scene.clues(Role.ASKS_TOKENS):
        if service.name != provider and service.name not in hints and _asks(service, scene):
            evidence = (Evidence(Location(path, clue.line), "asks-tokens"), given)
            hints[service.name] = Hint(service.name, provider, "http", Tier.DECLARED, evidence)
    return list(hints.values())


def _asks(service: Service, scene: Scene) -> bool:
    if not is_set_elsewhere(service, scene, *_OWN_KEYS):
        return False
    return not any(_OWN_WAY.search(data) for data in scene.tree(service).files.values())
