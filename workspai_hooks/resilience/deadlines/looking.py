"""Which deadlines the code of services sets where it calls."""

from __future__ import annotations

from collections.abc import Sequence
from re import Pattern

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.deadlines.languages import LANGUAGES, Language, language_of
from workspai_hooks.resilience.deadlines.site import Site, SourceFile
from workspai_hooks.resilience.deadlines.values import NONE, UNKNOWN, Deadline
from workspai_hooks.source import Location
from workspai_hooks.store import Store
from workspai_hooks.workspace.files import is_test
from workspai_hooks.workspace.use_sites.syntax import UnparsableError
from workspai_hooks.workspace.workspace import Workspace

MOST_BYTES = 1024 * 1024
"""Of a file: nobody wrote a longer one."""
_OTHERS = (".rb", ".php", ".rs", ".ex", ".exs", ".cc", ".cpp")
"""Languages whose calls are not looked at: without one of the words in its whole source a service sets no
deadline."""
_WORDS = regex(r"(?i)deadline|time_?out")


class Deadlines:
    """Answers about call sites; files are read and parsed when a site of their service is asked for, and an
    answer is kept until a source of the service changes."""

    def __init__(self, snapshot: Snapshot, workspace: Workspace) -> None:
        self._snapshot, self._workspace = snapshot, workspace
        self._texts: dict[tuple[str, str], dict[str, str]] = {}
        self._files: dict[str, SourceFile | None] = {}
        self._anywhere: dict[tuple[str, str, str], bool] = {}
        self._known: dict[tuple[str, Location, bool], Deadline] = {}
        self._digests: dict[tuple[str, str, tuple[str, ...]], bytes] = {}

    def of_rpc(self, service: str, place: Location) -> Deadline:
        """The deadline at a call of a gRPC stub by a service."""
        return self._of(service, place, rpc=True)

    def of_request(self, service: str, place: Location) -> Deadline:
        """The deadline of an HTTP request."""
        return self._of(service, place, rpc=False)

    def _of(self, service: str, place: Location, *, rpc: bool) -> Deadline:
        key = (service, place, rpc)
        if key not in self._known:
            entry = self._snapshot.entries.get(place.path)
            here = entry.blob if entry is not None else ""
            self._known[key] = self._snapshot.store.once(
                "deadlines",
                Store.key(place, here, rpc, self._sources(service, place.path)),
                Deadline,
                lambda: self._looked(service, place, rpc=rpc),
            )
        return self._known[key]

    def _sources(self, service: str, path: str) -> bytes:
        """A digest of all that an answer about a line of this file may look at."""
        rules, suffixes = _looked_at(path)
        key = (service, rules, suffixes)
        if key not in self._digests:
            entries = self._snapshot.entries
            paths = self._paths_of(service, suffixes)
            self._digests[key] = Store.key(rules, [(path, entries[path].blob) for path in paths])
        return self._digests[key]

    def _looked(self, service: str, place: Location, *, rpc: bool) -> Deadline:
        rules, suffixes = _looked_at(place.path)
        if rpc and place.path.endswith(_OTHERS):
            return UNKNOWN if self._says(service, rules, suffixes, _WORDS) else NONE
        language = language_of(place.path)
        file = self._file(place.path, language) if language else None
        call = file.call_at(place) if file else None
        if language is None or file is None or call is None:
            return UNKNOWN

        def anywhere(pattern: Pattern[str]) -> bool:
            return self._says(service, rules, suffixes, pattern)

        def sources(word: str) -> Sequence[SourceFile]:
            mine = self._of_service(service, rules, suffixes)
            found = [
                self._file(path, language)
                for path, text in sorted(mine.items())
                if word in text and path.endswith(language.suffixes)
            ]
            return [one for one in found if one is not None]

        site = Site(file, call, anywhere, sources)
        return language.of_rpc(site) if rpc else language.of_request(site)

    def _says(self, service: str, kind: str, suffixes: tuple[str, ...], pattern: Pattern[str]) -> bool:
        key = (service, kind, pattern.pattern)
        if key not in self._anywhere:
            texts = self._of_service(service, kind, suffixes).values()
            self._anywhere[key] = any(pattern.search(text) for text in texts)
        return self._anywhere[key]

    def _file(self, path: str, language: Language) -> SourceFile | None:
        if path not in self._files:
            data = self._snapshot.read_many([path]).get(path, b"")
            try:
                parsable = 0 < len(data) <= MOST_BYTES
                self._files[path] = SourceFile(path, data, language.parser()) if parsable else None
            except UnparsableError:
                self._files[path] = None
        return self._files[path]

    def _of_service(self, service: str, rules: str, suffixes: tuple[str, ...]) -> dict[str, str]:
        """The sources of a service in a language, without tests and generated code."""
        if (service, rules) not in self._texts:
            paths = self._paths_of(service, suffixes)
            self._texts[service, rules] = {
                path: data.decode("utf-8", "replace")
                for path, data in self._snapshot.contents(paths)
                if len(data) <= MOST_BYTES
            }
        return self._texts[service, rules]

    def _paths_of(self, service: str, suffixes: tuple[str, ...]) -> list[str]:
        generated = self._snapshot.generated
        return [
            path
            for path in self._snapshot.paths(*suffixes)
            if path not in generated and not is_test(path) and service in self._workspace.consumers_at(path)
        ]


def _looked_at(path: str) -> tuple[str, tuple[str, ...]]:
    """By what rules lines of a file are looked at, and which files of its service are looked at with it."""
    language = language_of(path)
    if language is None:
        suffix = f".{path.rpartition('.')[2]}"
        return suffix, (suffix,)
    rules = language.rules
    mine = tuple(suffix for one in LANGUAGES if one.rules == rules for suffix in one.suffixes)
    return rules, mine + language.settings
