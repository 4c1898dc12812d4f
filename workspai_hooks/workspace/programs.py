"""Services without a build of their own: programs that call each other on ports of one machine.

One file that starts a server is no service yet: tutorials and tools do so. Those of which one calls the
port of another are a system, and each is a service: by its folder, or by its file where several lie in one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from workspai_hooks.workspace.files import is_code
from workspai_hooks.workspace.manifests.facts import Facts, Server, Source
from workspai_hooks.workspace.manifests.paths import folder_of, holds
from workspai_hooks.workspace.manifests.servers import imported

_NATIVE = ".go"
"""All files of a folder are one program."""


def programs(facts: Facts, texts: Callable[[str], Mapping[str, bytes]]) -> list[Source]:
    """The sources that servers are: a folder, or the path of a file. `texts` reads the code in a folder."""
    linked = _linked(facts.servers)
    by_folder: dict[str, list[Server]] = {}
    for server in facts.servers:
        by_folder.setdefault(folder_of(server.location.path), []).append(server)
    found = []
    for folder, servers in sorted(by_folder.items()):
        told = [one for one in servers if one.location.path in linked]
        if not told or _is_built(folder, facts):
            continue
        if len(servers) == 1:
            if folder:
                found.append(Source(folder, servers[0].location, (), entry=True))
        elif len(told) > 1 and _are_apart(servers, texts(folder), folder):
            places = [one.location for one in servers]
            found += [Source(one.path, one, (stem(one.path),), entry=True) for one in places]
    return found


def stem(path: str) -> str:
    """`cart` for `services/cart.py`."""
    return path.rpartition("/")[2].rpartition(".")[0]


def _linked(servers: Iterable[Server]) -> set[str]:
    """The files of which one calls the port that only the other listens on."""
    servers = list(servers)
    times = Counter(one.port for one in servers)
    at = {one.port: one.location.path for one in servers if times[one.port] == 1}
    found: set[str] = set()
    for one in servers:
        for port in one.calls:
            if port != one.port and port in at:
                found.update((one.location.path, at[port]))
    return found


def _is_built(folder: str, facts: Facts) -> bool:
    """Whether an image is made of what holds the folder: then that says what runs."""
    made = [folder_of(one.location.path) for one in facts.dockerfiles]
    made += [one.build.context for one in facts.declarations if one.build]
    return any(holds(one, folder) for one in made)


def _are_apart(servers: Collection[Server], texts: Mapping[str, bytes], folder: str) -> bool:
    """Whether each file of a folder is started for itself: on its own port, and none takes in another."""
    if len({one.port for one in servers}) < len(servers):
        return False
    if any(one.location.path.endswith(_NATIVE) for one in servers):
        return False
    taken = {
        name
        for path, data in texts.items()
        if folder_of(path) == folder and is_code(path)
        for name in imported(data.decode("latin-1"))
    }
    return not taken & {stem(one.location.path) for one in servers}
