"""Pages that a gateway hands out: the relative paths that they request come back to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.edges.pages import is_page
from workspai_hooks.workspace.edges.scene import Scene
from workspai_hooks.workspace.edges.values import Evidence, Hint, Tier
from workspai_hooks.workspace.evidence.text import in_comment, line_of
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service

_LEADS = frozenset({"fronts", "route"})
_PAGE = regex(
    r"(?:^|/)(?:public|static|assets|www|wwwroot|webapp|resources|templates|client|frontend|ui|src/app)/.*"
    r"\.(?:js|mjs|ts|jsx|tsx|vue|svelte|html)$"
)
_SCRIPT = regex(r"\.(?:js|mjs|ts|jsx|tsx|vue|svelte)$")
_OF_ITS_SERVER = regex(
    r"(?:^|/)(?:pages|app)/api/|(?:^|/)(?:server|bff|backend)/|(?:^|/)(?:server|middleware|setupProxy|proxy|index\.server)\.\w+$"
    r"|[.-]config\.\w+$|\.server\.\w+$"
)
"""Files of a package of pages that run on its own server, or say what that does."""
_ANSWERS = regex(
    rb"\b(?:app|router|server|fastify|route)\.(?:get|post|put|patch|delete|use|all|route)\(\s{0,20}[\"'`]/"
)
_OWN_ROUTES = regex(r"(?:^|/)(?:pages|app)/api/")
_REQUESTS = regex(
    rb"\b\w{0,30}(?:[cC]lient|[hH]ttp|[aA]pi|[sS]ervice)\w{0,30}\.(?:get|post|put|patch|delete)\("
    rb"|\$http\b|\$resource\b|\bfetch\(|\baxios\b|XMLHttpRequest|\$\.(?:ajax|get|post|getJSON)\b|\bHttpClient\b"
    rb"|\bsuperagent\b|\bWebSocket\(|\bSockJS\("
)
_PATH = regex(rb"[\"'`]/([A-Za-z][\w-]{0,60})(?:/[\w${}./-]{0,200})?(?:\?[^\"'`\n]{0,100})?[\"'`]")
_FILE = regex(rb"\.(?:html?|js|css|png|jpe?g|svg|gif|ico|json|woff2?|map)[\"'`]$")
_INTERFACE = regex(rb"(?:api|rest|graphql|gateway|services?|v\d)$", re.IGNORECASE)
_LIBRARY = regex(r"(?:^|/)(?:lib|libs|vendor|vendors|bower_components|plugins|third-?party)/|[.-]min\.js$")


def find(scene: Scene, hints: Iterable[Hint]) -> list[Hint]:
    """Page -> the one gateway that leads to it, where the page requests a path that it doesn't answer itself.

    The path begins like an interface (`/api`) or with the name of something that the gateway leads to.
    """
    leads: dict[str, dict[str, Evidence]] = {}
    for hint in hints:
        routing = [one for one in hint.evidence if one.kind in _LEADS]
        if routing and hint.tier is Tier.PROVEN:
            leads.setdefault(hint.consumer, {}).setdefault(hint.provider, routing[0])
    known = {service.name: service for service in scene.partners}
    found = []
    for page in known.values():
        gateways = [name for name, providers in leads.items() if page.name in providers]
        if len(gateways) != 1 or gateways[0] not in known:
            continue
        gateway = gateways[0]
        names = {
            plain(each).encode()
            for name in leads[gateway]
            if name in known and name != page.name
            for each in (name, *known[name].aliases)
        }
        if place := requested(page, scene, names):
            evidence = (Evidence(place, "relative"), leads[gateway][page.name])
            found.append(Hint(page.name, gateway, "http", Tier.PROVEN, evidence))
    return found


def requested(page: Service, scene: Scene, names: set[bytes], *, linked: bool = False) -> Location | None:
    """The first request of a page for what somebody else answers. `linked`: its host hands such paths on."""
    files = scene.tree(page).files
    pages = is_page(scene.tree(page))
    browser = {
        path: data
        for path, data in files.items()
        if (_in_package(path, data) if pages else _PAGE.search(path))
    }
    own = {path: data for path, data in files.items() if path not in browser}
    if pages and any(_OWN_ROUTES.search(path) for path in files):
        own[""] = b"/api/"
    own = {} if linked else own
    for path, data in sorted(browser.items()):
        if (_LIBRARY.search(path) and not pages) or not _REQUESTS.search(data):
            continue
        for match in _PATH.finditer(data):
            first = match[1]
            if not (_INTERFACE.match(first) or first.lower() in names) or _FILE.search(match[0]):
                continue
            if not in_comment(data, match.start()) and not _answers(first, own):
                return Location(path, line_of(data, match.start()))
    return None


def _in_package(path: str, data: bytes) -> bool:
    """Whether a file of a package of pages runs in a browser: what its server runs is told by names and
    routes. Other people's code is in `node_modules`, and `lib` its own."""
    if _OF_ITS_SERVER.search(path) or path.endswith("min.js"):
        return False
    return path.endswith(".html") or (_SCRIPT.search(path) is not None and not _ANSWERS.search(data))


def _answers(first: bytes, own: Mapping[str, bytes]) -> bool:
    """Whether the page's own server, or its proxy, knows the path."""
    known = re.compile(rb"(?<![\w.])/?" + re.escape(first) + rb"(?=[/\"'`{\s;*]|$)")
    return any(known.search(data) for data in own.values())
