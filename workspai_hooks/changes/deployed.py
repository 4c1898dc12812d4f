"""Which files charts and kustomizations are made of, or are installed with, whatever they are called.

On the path of many commits, so that it loads next to nothing. It may name a file for nothing; what it does
not name is read by no chart and by no kustomization.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath

from workspai_hooks.contract_files import CHART, KUSTOMIZATIONS, LFS_MARK, SOURCE_SUFFIXES

TYPE_CHECKING = False  # as in typing, which takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Read = Callable[[Iterable[str]], Mapping[str, bytes | None] | Mapping[str, bytes]]
    """Object names -> contents; those that are not here are None, or left out."""

INSTALLERS = (
    *(".yaml", ".yml", ".sh", ".bash", ".zsh", ".bat", ".mk", ".toml", ".groovy", ".ps1", ".py", ".rb"),
    *(".gotmpl", "Makefile", "Jenkinsfile", "justfile", "Justfile", "Taskfile", "Earthfile", "Tiltfile"),
    "Dockerfile",
)
"""Files that may say with which values a chart is installed."""
HINTS = (
    *(b"helm ", b"helm3 ", b"kind: Application", b'"Application', b"kind: HelmRelease", b'"HelmRelease"'),
    *(b"releases:", b"skaffold/"),
)
"""One of these stands in every file that does."""

_NEVER = (*SOURCE_SUFFIXES, ".md")
"""Nobody keeps values for charts in these."""
_LINK = "120000"


def may_be_values(path: str) -> bool:
    """Whether somebody may give a chart values from a file that lies anywhere, by its name."""
    return not path.endswith(_NEVER)


def may_install(path: str, texts: Iterable[bytes]) -> bool:
    """Whether a file says how a chart is installed; `texts` are its contents, before and after."""
    return path.endswith(INSTALLERS) and any(sign in text for text in texts for sign in (*HINTS, LFS_MARK))


class Homes:
    """The charts and kustomizations of a tree, and its symbolic links."""

    __slots__ = ("_kustomizations", "_links", "charts")

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """`rows` are mode, object name and path of its files: at least those named as `HOMES`, all links."""
        self.charts: set[str] = set()
        self._kustomizations: list[str] = []
        self._links: dict[str, str] = {}
        for mode, blob, path in rows:
            folder, _, name = path.rpartition("/")
            if mode == _LINK:
                self._links[path] = blob
            if name == CHART:
                self.charts.add(folder)
            elif name in KUSTOMIZATIONS:
                self._kustomizations.append(blob)

    def read(self) -> list[str]:
        """The names of the objects that `inputs` may read."""
        return [*self._kustomizations, *self._links.values()]

    def inputs(self, paths: Iterable[str], read: Read) -> set[str]:
        """Those of `paths` that lie in a chart, behind a link, or are named by a kustomization."""
        if not self.charts and not self._kustomizations:
            return set()
        found = {path for path in paths if self._is_in_chart(path)}
        rest = [path for path in paths if path not in found]
        if rest and self._links and (self._kustomizations or any(map(self._is_in_chart, self._links))):
            targets = self._targets(read)
            found |= {path for path in rest if any(place in targets for place in _places(path))}
        if rest and self._kustomizations:
            texts = read(self._kustomizations)
            told = (texts.get(blob) for blob in self._kustomizations)
            text = b"\n".join(LFS_MARK if one is None else one for one in told)
            found |= {path for path in rest if LFS_MARK in text or _is_named(path, text)}
        return found

    def _is_in_chart(self, path: str) -> bool:
        return any(place in self.charts for place in _places(path))

    def _targets(self, read: Read) -> set[str]:
        """What the links lead to. A way over several ends at the last one's."""
        texts = read(self._links.values())
        found = set()
        for path, blob in self._links.items():
            target = normpath(
                join(dirname(path), (texts.get(blob) or b"").decode("utf-8", "surrogateescape"))
            )
            found.add("" if target == "." else target)
        return found


def _places(path: str) -> Iterator[str]:
    """A path and the folders that hold it, the repository's top (`""`) last."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def _is_named(path: str, text: bytes) -> bool:
    """Whether a text may name a file; YAML can write unusual names in many ways."""
    name = path.rpartition("/")[2]
    plain = name.isascii() and name.isprintable() and not any(sign in name for sign in "\\'\"")
    return not plain or name.encode() in text
