"""What every finder of edges looks at: the services, their sources, and what was sighted in those."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.workspace.addresses import LOCAL, Address, Hosts, parsed, private_in
from workspai_hooks.workspace.edges.dotnet import launched
from workspai_hooks.workspace.edges.given import Given
from workspai_hooks.workspace.edges.shared import (
    by_name,
    shared_addresses,
    shared_constants,
    shared_files,
    shared_messaging,
)
from workspai_hooks.workspace.edges.taken import Taken
from workspai_hooks.workspace.environment import started_with
from workspai_hooks.workspace.evidence import sighted, sighted_texts
from workspai_hooks.workspace.evidence.parameters import REFERENCE, referred
from workspai_hooks.workspace.evidence.sightings import Clue, Role, Setting, Sightings
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.infrastructure import is_registry, is_telemetry, names_telemetry
from workspai_hooks.workspace.manifests.facts import Dockerfile, Variable
from workspai_hooks.workspace.reading import NO_SOURCE, SourceTree, source_trees
from workspai_hooks.workspace.services import Service, Services

_REFERENCE = regex(r"\$\{([\w.-]+)(?::([^{}]*))?\}|#\{([\w.]+)\}|" + REFERENCE)
_SETTINGS = regex(r"(?i)(?:propert\w*|props|config\w*|settings?)$")
MOST_TEXTS = 16
"""A text with references can mean so many: one for each value that a setting has in some profile."""
BROWSER = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".vue", ".svelte", ".html", ".json")
_SERVER = regex(r"(?:^|(?<!wwwroot)/)(?:appsettings|launchSettings)[\w.-]*\.json$")
_DOTENV = regex(r"(?:^|/)\.env(?:\.(?:local|prod|production|docker|development|dev))?$")
_LOADS = regex(
    rb"dotenv|\"(?:next|nuxt|vite|react-scripts|gatsby|@nestjs/config|@vue/cli-service|@sveltejs/kit)\"\s*:"
)
_USUAL_PORTS = frozenset({80, 3000, 5000, 8000, 8080})
"""Where servers listen that nothing else is said of: who says it is not the only one."""
_PORTS = ("server.port", "quarkus.http.port", "micronaut.server.port")
MOST_ROUNDS = 4
"""A value may hold references itself, so many levels deep."""


class Scene(msgspec.Struct, frozen=True, dict=True):
    """One snapshot's services with their sources."""

    services: Services
    trees: dict[str, SourceTree]
    hosts: Hosts
    _sighted: dict[str, dict[str, Sightings]]
    _snapshot: Snapshot | None = None

    @staticmethod
    def of(snapshot: Snapshot, services: Services) -> Scene:
        """Everything that finders need, read once."""
        trees = source_trees(snapshot, services)
        known = sighted(snapshot, {path for tree in trees.values() for path in tree.paths})
        seen = {
            name: {path: known[path] for path in tree.paths if path in known}
            | sighted_texts(snapshot.store, tree.given)
            for name, tree in trees.items()
        }
        return Scene(services, trees, Hosts(services), seen, snapshot)

    def tree(self, service: Service) -> SourceTree:
        """A service's own source; empty where it is not here."""
        return self.trees.get(service.name, NO_SOURCE)

    @cached_property
    def partners(self) -> tuple[Service, ...]:
        """The services that can be an end of an edge: collectors, registries and monitors are not."""
        return tuple(one for one in self.services.all if not self.is_aside(one))

    def is_aside(self, service: Service) -> bool:
        """Telemetry, service registries, configuration servers and monitors: nobody's business partner."""
        return _collects(service) or _is_registry(service) or service.name in self._platform

    @cached_property
    def _platform(self) -> frozenset[str]:
        roles: dict[str, set[str]] = {}
        for name, _, clue in self._clues:
            if clue.role is Role.PLATFORM:
                roles.setdefault(name, set()).add(clue.text)
        # An application that also shows a dashboard is no monitor.
        busy = {name for name, _, clue in self._clues if clue.role in (Role.SERVES, Role.FRONTS)}
        return frozenset(name for name, said in roles.items() if said - {"dashboard"} or name not in busy)

    def platform(self, text: str) -> list[Service]:
        """The services that are a platform's part of this kind: registry, configuration, monitor."""
        names = {name for name, _, clue in self._clues if clue.role is Role.PLATFORM and clue.text == text}
        return [one for one in self.services.all if one.name in names]

    @cached_property
    def _clues(self) -> tuple[tuple[str, str, Clue], ...]:
        """All clues: for whom it speaks, path, clue."""
        found = []
        for name, files in self._sighted.items():
            for path, each in files.items():
                found += [(self._speaks_for(clue, name), path, clue) for clue in each.clues]
        return tuple(sorted(found))

    @cached_property
    def taken(self) -> Taken:
        """Messaging code of shared folders, for the services that take it in."""
        return Taken(self)

    @cached_property
    def given(self) -> Given:
        """What calls give for parameters."""
        return Given(self)

    def _speaks_for(self, clue: Clue, name: str) -> str:
        named = self.services.named(clue.service) if clue.service else None
        return named.name if named else name

    def clues(self, *roles: Role) -> Iterator[tuple[Service, str, Clue]]:
        """The clues of these roles: service, path, clue."""
        known = {one.name: one for one in self.partners}
        for name, path, clue in self._clues:
            if clue.role in roles and name in known:
                yield known[name], path, clue

    def with_shared(self, *roles: Role) -> Iterator[tuple[Service, str, Clue]]:
        """The clues of these roles, those of shared code that the services use as well."""
        yield from self.clues(*roles)
        known = {one.name for one in self.partners}
        yield from (each for each in self.taken.clues if each[2].role in roles and each[0].name in known)

    def provider(self, found: Service | None, consumer: Service) -> Service | None:
        """The service at the other end, unless it is the consumer itself or nobody's partner."""
        if found is None or found.name == consumer.name or self.is_aside(found):
            return None
        return found

    def reached(self, address: Address, consumer: Service, path: str) -> Service | None:
        """Who is behind an address in a consumer's file.

        A port of this machine is the one service's that takes it: from a browser the one that publishes it,
        else the one that is set to listen on it where services run side by side.
        """
        if address.host in self._machines and address.port:
            return self.publishing(address.port, consumer)
        if address.host not in LOCAL:
            return self.named(address, path, consumer)
        if beside := self.beside(consumer, address.port):
            return beside
        own, published = self._listening
        here: list[str] = []
        its_own = own.get(consumer.name, set())
        if path.endswith(BROWSER) and not _SERVER.search(path) and address.port not in its_own:
            here = [name for name, ports in published.items() if address.port in ports]
        if not here and address.port not in _USUAL_PORTS | its_own:
            here = [name for name, ports in own.items() if address.port in ports]
        return self.provider(self.services.named(here[0]), consumer) if len(here) == 1 else None

    def is_claimed(self, port: int) -> bool:
        """Whether any service is set to listen on a port of this machine, or publishes it."""
        return any(port in ports for each in self._listening for ports in each.values())

    def named(self, address: Address, path: str, consumer: Service) -> Service | None:
        """Who has a host, or publishes a port of the machine that containers run on."""
        found = self.hosts.service(address, path)
        if found is None and address.host in self._container_hosts and address.port not in _USUAL_PORTS:
            return self.publishing(address.port, consumer)
        return self.provider(found, consumer)

    @cached_property
    def _container_hosts(self) -> frozenset[str]:
        """Addresses of private networks in figures at which several ports are asked for that containers of
        the repository publish: of the machine that these run on."""
        known = {port for ports in self._listening[1].values() for port in ports}
        asked: dict[str, set[int]] = {}
        for files in self._sighted.values():
            for each in files.values():
                texts = [one.text for one in each.clues] + [one.value for one in each.settings]
                for host, port in private_in("\n".join(texts)):
                    asked.setdefault(host, set()).update({port} & known)
        return frozenset(host for host, ports in asked.items() if len(ports) > 1)

    def beside(self, consumer: Service, port: int) -> Service | None:
        """The one service that a manifest runs on a port of the machine on which it runs the consumer too."""
        started = self._side_by_side
        names = {
            name
            for one in consumer.declarations
            if one.side_by_side
            for name in started.get((one.location.path, port), ())
        }
        return self.provider(self.services.named(names.pop()), consumer) if len(names) == 1 else None

    @cached_property
    def _side_by_side(self) -> dict[tuple[str, int], set[str]]:
        """Manifest and port -> the services that it runs there."""
        found: dict[tuple[str, int], set[str]] = {}
        for service in self.services.all:
            for one in service.declarations:
                for port in one.published if one.side_by_side else ():
                    found.setdefault((one.location.path, port), set()).add(service.name)
        return found

    def publishing(self, port: int, consumer: Service) -> Service | None:
        """The one service whose container publishes a port of this machine, as a browser sees it; of a port
        that no container publishes the one that is set to listen on it."""
        own, published = self._listening
        here = [name for name, ports in published.items() if port in ports]
        if not here and port not in _USUAL_PORTS:
            here = [name for name, ports in own.items() if port in ports]
        return self.provider(self.services.named(here[0]), consumer) if len(here) == 1 else None

    @cached_property
    def _machines(self) -> frozenset[str]:
        """The machines that Docker runs on, as far as the environment of a service says: whoever calls one of
        them calls a port that a container publishes."""
        said = {
            one.value or ""
            for service in self.services.all
            for one, _ in self.variables(service)
            if one.name == "DOCKER_HOST"
        }
        found = {address.host for text in said if (address := parsed(text)) and address.scheme == "tcp"}
        return frozenset(found - LOCAL)

    @cached_property
    def _listening(self) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
        """Service -> the ports that it is set to listen on, and those that its containers publish."""
        own: dict[str, set[int]] = {}
        published: dict[str, set[int]] = {}
        at_start = launched(self)
        for service in self.services.all:
            keys = (*_PORTS, "port") if any(service.roots) else _PORTS
            texts = [text for key in keys for text in self.texts(service, f"${{{key}}}")]
            ports = {int(text) for text in texts if re.fullmatch(r"\d{2,5}", text)}
            if ports := ports | at_start.get(service.name, set()):
                own[service.name] = ports
            open_ports = {port for one in service.declarations for port in one.published}
            if any(one.on_host for one in service.declarations):
                said = [one.value or "" for one, _ in self.variables(service) if one.name == "PORT"]
                open_ports |= ports | {int(text) for text in said if re.fullmatch(r"\d{2,5}", text)}
            if open_ports:
                published[service.name] = open_ports
        for server in self.services.facts.servers:
            holder = self.services.service_of(server.location.path)
            if holder is not None:
                own.setdefault(holder.name, set()).add(server.port)
        return own, published

    def settings(self, service: Service) -> Iterator[tuple[str, Setting]]:
        """The settings of a service: path, setting."""
        for path, each in sorted(self._sighted.get(service.name, {}).items()):
            yield from ((path, setting) for setting in each.settings)

    def members(self) -> Iterator[tuple[str, str]]:
        """The constants of all code: name, as `Holder.member` where something holds it, and text."""
        own = (each for files in self._sighted.values() for each in files.values())
        constants = (one for each in own for one in each.constants)
        for constant in (*constants, *self._shared_constants):
            yield constant.name, constant.value

    def paths(self, pattern: re.Pattern[str]) -> list[str]:
        """The files of the snapshot whose path fits, in anybody's folder."""
        return [path for path in self._snapshot.paths() if pattern.search(path)] if self._snapshot else []

    def text(self, path: str) -> bytes:
        """A file of the snapshot; empty where it can't be read."""
        return self._snapshot.read_many([path]).get(path, b"") if self._snapshot else b""

    def shared_tree(self, paths: Sequence[str]) -> SourceTree:
        """Files that are no service's own, to be asked what they read."""
        return SourceTree(tuple(paths), {}, self._snapshot) if self._snapshot else NO_SOURCE

    def variables(self, service: Service) -> list[tuple[Variable, str]]:
        """The environment of a service: variable, the file that its value is seen from."""
        images = self._images.get(service.name, ())
        started = started_with(service.declarations, images, self.services.facts)
        names = {variable.name for variable, _ in started}
        return started + [each for each in self._loaded(service) if each[0].name not in names]

    def _loaded(self, service: Service) -> list[tuple[Variable, str]]:
        """What its framework or its code loads from the env files in its folder: `.env.production`."""
        places = {f"{root}/".lstrip("/") for root in service.roots}
        found = [
            (variable, settings.name)
            for settings in self.services.facts.settings
            if settings.name[: settings.name.rfind("/") + 1] in places
            and _DOTENV.search(settings.name)
            and not is_test(settings.name)
            for variable in settings.variables
            if variable.value
        ]
        return found if found and self._loads_files(service) else []

    def _loads_files(self, service: Service) -> bool:
        return any(
            _LOADS.search(data)
            for path, data in self.tree(service).files.items()
            if path.endswith(("package.json", ".py", ".rb", ".go", ".php", ".rs", ".js", ".ts"))
        )

    @cached_property
    def _images(self) -> dict[str, list[Dockerfile]]:
        found: dict[str, list[Dockerfile]] = {}
        for one in self.services.facts.dockerfiles:
            owner = self.services.service_of(one.location.path)
            if owner is not None and one.variables and not is_test(one.location.path):
                found.setdefault(owner.name, []).append(one)
        return found

    def values(self, service: Service, key: str) -> list[str]:
        """The values of a setting, by its name without dashes; a list's items as well."""
        known = self._known(service)
        names = [key, *(name for name in known if name.startswith(f"{key}["))]
        return [value for name in names for value in known.get(name, [])]

    def texts(self, service: Service, text: str) -> list[str]:
        """What a text with references can mean in a service; a reference that nothing fills gives none."""
        known = self._known(service)
        done: list[str] = []
        open_texts = [text]
        for _ in range(MOST_ROUNDS):
            filled = [one for each in open_texts for one in self._filled(service, each, known)][:MOST_TEXTS]
            done += [one for one in filled if not _REFERENCE.search(one)]
            open_texts = [one for one in filled if _REFERENCE.search(one)]
        return list(dict.fromkeys(done))

    def _filled(self, service: Service, text: str, known: dict[str, list[str]]) -> list[str]:
        """With the first reference filled; a constant that the service has not by the shared folders' one."""
        found = _REFERENCE.search(text)
        if found and found[4]:
            given = self.given.of(service, referred(found[4], found[5], found[6]))
            return [text[: found.start()] + value + text[found.end() :] for value in given]
        filled = _once(text, known)
        return filled if filled or "#{" not in text else _once(text, self._shared)

    def shared_constant(self, name: str) -> list[str]:
        """The text of a constant of folders that are no service's; empty where it has none, or several."""
        return self._shared.get(f"#{name}", [])

    @cached_property
    def _shared(self) -> dict[str, list[str]]:
        return by_name(self._shared_constants)

    @cached_property
    def _shared_constants(self) -> list[Setting]:
        return shared_constants(self._snapshot, self.shared_files) if self._snapshot else []

    @cached_property
    def shared_files(self) -> list[str]:
        """The code of folders that are no service's."""
        return shared_files(self._snapshot, self.services) if self._snapshot else []

    @cached_property
    def shared_messaging(self) -> dict[str, tuple[Clue, ...]]:
        """Of these, what writes and reads topics, and where."""
        return shared_messaging(self._snapshot, self.shared_files) if self._snapshot else {}

    @cached_property
    def shared_addresses(self) -> dict[str, tuple[Clue, ...]]:
        """Of these, what calls others by their addresses, and where."""
        return shared_addresses(self._snapshot, self.shared_files) if self._snapshot else {}

    def _known(self, service: Service) -> dict[str, list[str]]:
        """Settings, constants (`#NAME`) and environment of a service: name -> its values."""
        known = self._values.get(service.name)
        if known is None:
            known = self._values[service.name] = self._gathered(service)
        return known

    @cached_property
    def _values(self) -> dict[str, dict[str, list[str]]]:
        return {}

    def _gathered(self, service: Service) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {}
        for each in self._sighted.get(service.name, {}).values():
            for setting in each.settings:
                found.setdefault(relaxed(setting.name), set()).add(setting.value)
            for constant in each.constants:
                found.setdefault(f"#{constant.name}", set()).add(constant.value)
        for variable, _ in self.variables(service):
            found.setdefault(relaxed(variable.name), set()).add(variable.value or "")
        return {name: sorted(values) for name, values in (found | _by_their_ends(found)).items()}


def _by_their_ends(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Settings by their last parts as members of code spell them, `~topicsorders` for `kafka.topics.orders`,
    where only one setting ends so or is called so."""
    ending: dict[str, set[str]] = {}
    for name in found:
        parts = [] if name[:1] in "#@" else name.split(".")
        for start in range(len(parts) - 1):
            ending.setdefault("~" + "".join(parts[start:]), set()).add(name)
    ends = {end: found[min(names)] for end, names in ending.items() if len(names) == 1}
    whole = {f"~{name.replace('.', '')}": values for name, values in found.items() if name[:1] not in "#@"}
    last: dict[str, set[str]] = {}
    for name in found:
        if name[:1] not in "#@" and "." in name:
            last.setdefault("~~" + name.rpartition(".")[2], set()).add(name)
    alone = {
        end: found[min(names)]
        for end, names in last.items()
        if len({frozenset(found[name]) for name in names}) == 1
    }
    return ends | whole | alone


def _constant(parts: list[str], known: dict[str, list[str]]) -> list[str]:
    """What `parts` of an expression stand for: a constant by its holder or its name, else a setting that
    ends with at least two of them, `cfg.Topics.Orders`, or the member of an object of settings."""
    holders = (f"#{'.'.join(parts[-count:])}" for count in (len(parts), 2, 1))
    ends = ("~" + "".join(parts[start:]).lower().replace("_", "") for start in range(len(parts) - 1))
    held = _SETTINGS.search(parts[-2]) if len(parts) == 2 else None
    alone = (f"~~{parts[-1].lower().replace('_', '')}",) if held else ()
    return next((known[name] for name in (*holders, *ends, *alone) if name in known), [])


def relaxed(name: str) -> str:
    """A setting's name as frameworks compare it: `orders.topic-name` is `ORDERS_TOPICNAME`."""
    return name.lower().replace("-", "").replace("_", ".")


def _names(text: str) -> set[str]:
    """The settings that a text refers to."""
    return {relaxed(found[1]) for found in _REFERENCE.finditer(text) if found[1]}


def _once(text: str, known: dict[str, list[str]]) -> list[str]:
    """The text with its first reference filled, in every way."""
    found = _REFERENCE.search(text)
    if found is None:
        return [text]
    if found[3]:
        values = _constant(found[3].split("."), known)
    else:
        # A setting that is filled from the variable of its own name says nothing new.
        itself = {relaxed(found[1])}
        values = [value for value in known.get(relaxed(found[1]), ()) if not _names(value) & itself]
        values = values or ([found[2]] if found[2] is not None else [])
        if not values and found[1].startswith("."):
            values = known.get("~~" + relaxed(found[1][1:]), [])
    return [text[: found.start()] + value + text[found.end() :] for value in values]


def _is_registry(service: Service) -> bool:
    return not any(service.roots) and any(is_registry(image) for image in service.images)


def _collects(service: Service) -> bool:
    # Of one that runs another image too the word is a variant's: `cart-with-tracing`.
    collects = bool(service.images) and all(is_telemetry(image) for image in service.images)
    return (
        names_telemetry(service.name)
        or (not any(service.roots) and collects)
        or (service.kind == "infrastructure" and collects)
    )
