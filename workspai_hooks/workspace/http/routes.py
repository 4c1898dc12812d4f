"""What gateways make of paths: prefixes that they strip, add or rewrite.

Read where the edge's evidence stands: Spring Cloud Gateway's and Zuul's routes (YAML, properties), nginx'
locations, Ocelot's and YARP's routes. Of other gateways the rules are not known; then a path that ends like a
described one is likely it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.edges.values import Edge
from workspai_hooks.workspace.evidence.flat import flat
from workspai_hooks.workspace.evidence.sightings import Setting
from workspai_hooks.workspace.names import plain
from workspai_hooks.workspace.services import Service
from workspai_hooks.workspace.workspace import Workspace

KINDS = frozenset({"route", "fronts", "label"})
_SPRING = regex(r"^(spring\.cloud\.gateway\.(?:server\.\w+\.)?(?:mvc\.)?routes\[\d+\])\.(.+)$")
_ZUUL = regex(r"^zuul\.routes\.([^.]+)(?:\.(.+))?$")
_OCELOT = regex(r"^((?:Routes|ReRoutes)\[\d+\])\.(.+)$", re.I)
_YARP = regex(r"^((?:ReverseProxy\.)?Routes\.[^.]+)\.(.+)$")
_CLUSTER = regex(r"^(?:ReverseProxy\.)?Clusters\.([^.]+)\.Destinations\.")
_STRIP = regex(r"^StripPrefix=(\d)")
_REWRITE = regex(r"^RewritePath=\s*([^,]{1,200}?)\s*,\s*(\S{0,200})")
_PREFIX = regex(r"^PrefixPath=(\S+)")
_SET = regex(r"^SetPath=(\S+)")
_LOCATION = regex(r"\blocation\s{1,20}(?:(=|\^~|~\*?)\s{0,20})?([^\s{]{1,200})\s{0,20}\{")
_PASS = regex(r"\b(?:proxy|grpc|uwsgi)_pass\s{1,20}(?:\w+://)?[^/;\s]{1,200}(/[^;\s]{0,200})?\s{0,20};")
_NGINX_REWRITE = regex(
    r"\brewrite\s{1,20}\^?(/[\w./-]{0,200})[^\s]{0,80}\s{1,20}(/[\w./-]{0,200})[^\s;]{0,40}\s"
)
_LITERAL = regex(r"^\^?(/[\w./-]*)")
MOST_ROUTES = 500


class Route(msgspec.Struct, frozen=True, order=True):
    """One route to the provider. A path that begins with `prefix` is handed on with `instead` there."""

    prefix: str
    instead: str

    def handed_on(self, path: str) -> str | None:
        """The path as the provider gets it; None where the route is not for it."""
        start = self.prefix.rstrip("/")
        if not path.startswith(start):
            return None
        rest = path[len(start) :]
        if rest and not rest.startswith(("/", "?")):
            return None
        return self.instead.rstrip("/") + rest or "/"


def routes_of(workspace: Workspace, edge: Edge) -> tuple[Route, ...]:
    """The rules of a gateway's routes to the provider that an edge leads to; empty where none is known."""
    places: dict[str, set[int]] = {}
    for one in edge.evidence:
        if one.kind in KINDS or one.location.path.endswith(".json"):  # YARP's addresses are settings
            places.setdefault(one.location.path, set()).add(one.location.line)
    found: set[Route] = set()
    provider = workspace.services.named(edge.provider)
    contents = workspace.snapshot.read_many(places)
    for path, data in contents.items():
        rules = _in_settings(flat(data), places[path], provider) or _in_nginx(data, places[path])
        found.update(rule for rule, _ in zip(rules, range(MOST_ROUTES), strict=False))
    if not found and provider is not None and any(one.kind == "fronts" for one in edge.evidence):
        found = {Route(f"/{name}", "") for name in (provider.name, *provider.aliases)}
    return tuple(sorted(found, key=lambda route: (-len(route.prefix), route)))


def _in_settings(settings: Sequence[Setting], lines: Iterable[int], provider: Service | None) -> list[Route]:
    found: list[Route] = []
    clusters = {
        named[1]
        for setting in settings
        if (named := _CLUSTER.match(setting.name)) and _is_to({"": setting}, lines, provider)
    }
    for pattern, rule in ((_SPRING, _spring), (_ZUUL, _zuul), (_OCELOT, _ocelot), (_YARP, _yarp)):
        for name, own in _grouped(settings, pattern).items():
            cluster = own.get("ClusterId") if rule is _yarp else None
            if cluster.value in clusters if cluster is not None else _is_to(own, lines, provider):
                found += rule(name, {key: setting.value for key, setting in own.items()}, settings)
    return found


def _grouped(settings: Sequence[Setting], pattern: re.Pattern[str]) -> dict[str, dict[str, Setting]]:
    groups: dict[str, dict[str, Setting]] = {}
    for setting in settings:
        match = pattern.match(setting.name)
        if match is not None:
            groups.setdefault(match[1], {})[match[2] or ""] = setting
    return groups


def _is_to(own: Mapping[str, Setting], lines: Iterable[int], provider: Service | None) -> bool:
    """Whether a route is the one that the evidence shows: by its lines, else by the provider's name."""
    if {setting.line for setting in own.values()} & set(lines):
        return True
    names = {plain(name) for name in (provider.name, *provider.aliases)} if provider is not None else set()
    words = (word for setting in own.values() for word in re.findall(r"[\w-]{3,80}", setting.value))
    return any(plain(word) in names for word in words)


def _spring(name: str, own: Mapping[str, str], settings: Sequence[Setting]) -> Iterator[Route]:
    """`predicates: - Path=/api/orders/**` with its filters."""
    patterns = [
        part.strip()
        for key, value in own.items()
        if key.startswith("predicates")
        for part in (value.removeprefix("Path=").split(",") if value.startswith("Path=") else ())
    ]
    patterns += [value for key, value in own.items() if re.search(r"predicates\[\d+\]\.args\.", key)]
    filters = [value for key, value in own.items() if key.startswith("filters")]
    for pattern in patterns:
        prefix = _literal(pattern)
        yield _filtered(prefix, filters)


def _filtered(prefix: str, filters: Sequence[str]) -> Route:
    """What Spring Cloud Gateway's filters leave of a prefix."""
    before, instead = prefix, prefix
    for each in filters:
        if strip := _STRIP.match(each):
            instead = _stripped(instead, int(strip[1]))
        elif rewrite := _REWRITE.match(each):
            literal, target = _LITERAL.match(rewrite[1]), re.split(r"\$|\\", rewrite[2], maxsplit=1)[0]
            start = literal[1].rstrip("/") if literal is not None else ""
            if instead.startswith(start):
                instead = target.rstrip("/") + instead[len(start) :]
            elif start.startswith(instead):  # the pattern takes more than the predicate
                before, instead = start, target.rstrip("/")
        elif added := _PREFIX.match(each):
            instead = added[1].rstrip("/") + instead
        elif fixed := _SET.match(each):
            instead = _literal(fixed[1])
    return Route(before, instead)


def _stripped(path: str, count: int) -> str:
    parts = [part for part in path.split("/") if part][count:]
    return "/" + "/".join(parts) if parts else ""


def _zuul(name: str, own: Mapping[str, str], settings: Sequence[Setting]) -> Iterator[Route]:
    """`zuul.routes.orders.path: /orders/**`; the prefix is stripped unless that is said."""
    every = {setting.name.lower().replace("-", ""): setting.value for setting in settings}
    lead = every.get("zuul.prefix", "")
    lead_stays = every.get("zuul.stripprefix", "true").lower() == "false"
    path = own.get("path") or own.get("") or f"/{name}/**"
    literal = _literal(path)
    keeps = any(own.get(key, "true").lower() == "false" for key in ("stripPrefix", "strip-prefix"))
    instead = literal if keeps else ""
    yield Route(lead + literal, (lead if lead_stays else "") + instead)


def _ocelot(name: str, own: Mapping[str, str], settings: Sequence[Setting]) -> Iterator[Route]:
    known = {key.lower(): value for key, value in own.items()}
    upstream, downstream = known.get("upstreampathtemplate"), known.get("downstreampathtemplate")
    if upstream and downstream:
        yield Route(_literal(upstream), _literal(downstream))


def _yarp(name: str, own: Mapping[str, str], settings: Sequence[Setting]) -> Iterator[Route]:
    path = own.get("Match.Path")
    if path is None:
        return
    prefix = instead = _literal(path)
    for key, value in own.items():
        if key.endswith("PathRemovePrefix"):
            instead = instead.removeprefix(value.rstrip("/"))
        elif key.endswith("PathPattern"):
            instead = _literal(value)
        elif key.endswith("PathPrefix"):
            instead = value.rstrip("/") + instead
    yield Route(prefix, instead)


def _literal(pattern: str) -> str:
    """What stands at the beginning of a pattern: `/api/orders` of `/api/orders/**`, `/api/orders/{id}`."""
    parts = []
    for part in pattern.strip().split("/"):
        if any(sign in part for sign in "*{?("):
            break
        if part:
            parts.append(part)
    return "/" + "/".join(parts) if parts else ""


def _in_nginx(data: bytes, lines: Iterable[int]) -> Iterator[Route]:
    """`location /api/orders/ { proxy_pass http://orders:8080/; }`: what stands behind the host replaces
    the location; without anything the path stays as it is. A line of an upstream speaks for all of its
    locations."""
    text = data.decode("latin-1")
    wanted = set(lines)
    found = [*_LOCATION.finditer(text)]
    blocks = []
    for number, location in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        passed = _PASS.search(text, location.end(), end)
        if passed is not None:
            blocks.append((location, passed, text.count("\n", 0, passed.start()) + 1, end))
    told = [block for block in blocks if block[2] in wanted] or blocks
    for location, passed, _, end in told:
        if (location[1] or "").startswith("~"):
            literal = _LITERAL.match(location[2])
            yield Route(literal[1].rstrip("/") if literal else "", literal[1].rstrip("/") if literal else "")
            continue
        prefix = location[2].rstrip("/")
        rewrite = _NGINX_REWRITE.search(text, location.end(), end)
        if rewrite is not None and prefix.startswith(rewrite[1].rstrip("/")):
            rest = prefix[len(rewrite[1].rstrip("/")) :]
            yield Route(prefix, rewrite[2].rstrip("/") + rest)
        else:
            yield Route(prefix, prefix if passed[1] is None else passed[1].rstrip("/"))
