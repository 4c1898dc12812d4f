"""Which keys of values the templates of a chart read: enough to say that one is read no more, never that it
is.

Templates are not carried out here. A key counts as read as soon as anything may read it: by its whole path,
by a path above it that is passed on whole (`toYaml`, `range`), or by names that stand somewhere in actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspai_hooks.contracts.helm.charts import Chart, parts, within
from workspai_hooks.contracts.helm.side import Side, holds
from workspai_hooks.contracts.helm.values import Keys
from workspai_hooks.patterns import regex

_ACTION = regex(
    r"\{\{-?((?:[^{}\"`]|\"(?:[^\"\\]|\\.){0,2000}\"|`[^`]{0,4000}`|\{(?!\{)|\}(?!\})){0,8000})-?\}\}"
)
_COMMENT = regex(r"^\s*/\*")
_PATH = regex(r"\.Values((?:\.[A-Za-z_][\w-]{0,200}){0,20})(?![\w-])")
_FIELD = regex(r"\.([A-Za-z_][\w-]{0,200})")
_TEXT = regex(r"\"((?:[^\"\\]|\\.){1,200})\"")
_WHOLE = regex(
    r"\b(?:toYaml|toJson|toPrettyJson|toRawJson|toToml|tpl|range|merge|mergeOverwrite|mustMerge|omit|pick|deepCopy|concat|values|keys)\b"
)
_PASSED_ON = regex(
    r"\b(?:toYaml|toJson|toPrettyJson|tpl|range|merge|mergeOverwrite|omit|deepCopy)\s+\(?\s*(?:\.|\$\w+)(?:\s|\)|$)|(?:^|\|)\s*(?:\.|\$\w+)\s*\|\s*(?:toYaml|toJson|tpl)"
)
_OPENS = regex(r"\s*(?:with|range|else\s+with)\b")
_DEFINE = regex(r"\{\{-?\s*define\s+\"([^\"]{1,300})\"")
_MOST_BYTES = 8 * 1024 * 1024


class Reads:
    """What the templates of one chart read, those of charts inside that it may include from taken along."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.paths: set[Keys] = set()
        self._whole: set[Keys] = set()
        self._names: set[str] = set()
        self._bare = self._everything = False
        for text in texts:
            self._add(text)
        self._above = {path[:size] for path in self.paths for size in range(1, len(path) + 1)}

    def _add(self, text: str) -> None:
        actions = [match[1] for match in _ACTION.finditer(text) if not _COMMENT.match(match[1])]
        passes_on = any(_PASSED_ON.search(action) for action in actions)
        for action in actions:
            self._names.update(_FIELD.findall(action))
            self._names.update(_TEXT.findall(action))
            for match in _PATH.finditer(action):
                path = tuple(match[1].split(".")[1:])
                if path:
                    self.paths.add(path)
                    if _WHOLE.search(action) or (_OPENS.match(action) and passes_on):
                        self._whole.add(path)
                else:
                    self._bare = True
                    self._everything = self._everything or _WHOLE.search(action) is not None

    def may_read(self, key: Keys) -> bool:
        """Whether something may read a key, one above it, or one below it."""
        if key in self._above:
            return True
        for size in range(len(key)):
            above = key[:size]
            if above in self._whole:
                return True
            passed = above in self.paths if above else self._bare
            if passed and all(part in self._names for part in key[size:]):
                return True
        return self._everything

    def reads(self, key: Keys) -> bool:
        """Whether its whole path, or one below, stands in an action."""
        return key in self._above


def templates_of(side: Side, chart: Chart) -> Iterator[str]:
    """Paths of the templates of a chart, without those of charts inside; what only tells a person is none."""
    for path in side.below(within(chart.folder, "templates")):
        wanted = path.endswith((".yaml", ".yml", ".tpl", ".txt", ".json")) and not path.endswith("/NOTES.txt")
        if wanted and side.has(path):
            yield path


def reads_of(side: Side, chart: Chart, *, widely: bool) -> Reads:
    """What a chart's own templates and those of libraries read; `widely`: and those of all charts that it
    takes in, whose named templates may be included from it."""
    paths = [
        path
        for way, part in parts(side, chart)
        for path in (templates_of(side, part) if widely or not way or part.type == "library" else ())
    ]
    return Reads(_texts(side, paths))


def _texts(side: Side, paths: list[str]) -> Iterator[str]:
    side.load(paths)
    size = 0
    for path in paths:
        data = side.bytes_of(path)
        size += len(data)
        if size <= _MOST_BYTES:
            yield data.decode("utf-8", "replace")


def defined(side: Side, chart: Chart) -> dict[str, tuple[str, int]]:
    """The named templates of a chart: file and line."""
    found: dict[str, tuple[str, int]] = {}
    for path in templates_of(side, chart):
        text = side.bytes_of(path).decode("utf-8", "replace")
        for match in _DEFINE.finditer(text):
            found.setdefault(match[1], (path, text.count("\n", 0, match.start()) + 1))
    return found


def is_packaged(chart: Chart, path: str) -> bool:
    """Whether a change of a file changes what the chart is: not its documentation, tests, values for CI."""
    if not holds(chart.folder, path):
        return True
    inner = path[len(chart.folder) :].lstrip("/")
    name = inner.rpartition("/")[2]
    if name in (
        "README.md",
        "README.md.gotmpl",
        "CHANGELOG.md",
        ".helmignore",
        "OWNERS",
        "LICENSE",
        "NOTES.txt",
    ):
        return False
    return not inner.startswith(("ci/", "tests/", "docs/", "examples/", "unittests/", "templates/tests/"))
