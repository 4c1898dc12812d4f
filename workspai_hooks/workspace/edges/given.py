"""What a service's code gives for a parameter: the arguments of the calls, in any of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.patterns import regex
from workspai_hooks.workspace.evidence.expressions import File
from workspai_hooks.workspace.evidence.parameters import Parameter
from workspai_hooks.workspace.files import is_code, is_test
from workspai_hooks.workspace.services import Service

if TYPE_CHECKING:
    from workspai_hooks.workspace.edges.scene import Scene

MOST = 60
"""A helper that is called with more texts than this sends everywhere: it says nothing."""
_TELLING = regex(
    r"(?i)^_?\w{2,60}(?:topic|queue|channel|exchange|subject|stream|routing_?key)\w{0,10}$|^_?(?:topic|queue|channel|exchange|subject|stream|routing_?key)_?name$"
)
_HOLDS = regex(r"(?i)^_?(?:topic|queue|channel|exchange|subject|stream|routing_?key)(?:_?name)?$")


class Given:
    """Looked up once for each service and parameter."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known: dict[tuple[str, Parameter], list[str]] = {}
        self._files: dict[str, list[tuple[str, bytes]]] = {}

    def of(self, service: Service, one: Parameter) -> list[str]:
        """The texts, that may hold references themselves."""
        key = (service.name, one)
        if key not in self._known:
            self._known[key] = []  # a function that calls itself gives nothing new
            self._known[key] = self._by_calls(service, one) or self._by_name(service, one.name)
        return self._known[key]

    def _by_calls(self, service: Service, one: Parameter) -> list[str]:
        found: dict[str, None] = {}
        called = one.function.encode()
        for _, data in self._code(service):
            if called not in data:
                continue
            file = File(data.decode("latin-1"))
            for expression in file.given_to(one):
                found |= dict.fromkeys(file.values(expression))
        found.pop(one.reference, None)
        return list(found) if len(found) <= MOST else []

    def _by_name(self, service: Service, name: str) -> list[str]:
        """A name that says what it holds (`orderQueue`) and that all files of the service give one text;
        a setting that is called so."""
        found: dict[str, None] = {}
        if _TELLING.search(name):
            word = name.lstrip("_").encode()
            for _, data in self._code(service):
                if word in data:
                    values = File(data.decode("latin-1")).values(name.lstrip("_"))
                    found |= {value: None for value in values if "(" not in value}
        if not found and _HOLDS.search(name):
            found = dict.fromkeys(self._scene.texts(service, f"${{.{name.lstrip('_')}}}"))
        return list(found) if len(found) == 1 else []

    def _code(self, service: Service) -> list[tuple[str, bytes]]:
        """The code of a service and of the shared folders that it takes in."""
        if service.name not in self._files:
            own = self._scene.tree(service).files.items()
            taken = [(path, self._scene.text(path)) for path in self._scene.taken.files(service)]
            self._files[service.name] = [
                (path, data) for path, data in (*own, *taken) if is_code(path) and not is_test(path)
            ]
        return self._files[service.name]
