"""What the generator knows of the repositories that it makes, and the oracle builds on."""

from __future__ import annotations

from dataclasses import dataclass, field

from histories.repository import Files


@dataclass(frozen=True)
class Workspace:
    """Import roots that are compiled together. `use` and `without` are its policy: buf's categories or
    rules."""

    roots: tuple[str, ...]
    use: tuple[str, ...] = ("FILE", "PACKAGE", "WIRE_JSON", "WIRE")
    without: tuple[str, ...] = ()
    top: str = ""
    """The folder that is moved, edited and looked at as this workspace; "" for all roots."""

    def holds(self, path: str) -> bool:
        return path.endswith(".proto") and any(not root or path.startswith(root + "/") for root in self.roots)


@dataclass(frozen=True)
class Chart:
    """A chart by its folder, and the values files that it is installed with beside its own."""

    folder: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The contracts of a repository. Descriptions of HTTP interfaces are known by their content.

    `consumers`: sources of the repository read the descriptions, so that a warning may become an error.
    `manifests` are folders of raw manifests, `kustomizations` folders of those that nobody takes in.
    """

    name: str
    workspaces: tuple[Workspace, ...] = ()
    charts: tuple[Chart, ...] = ()
    manifests: tuple[str, ...] = ()
    kustomizations: tuple[str, ...] = ()
    consumers: bool = False


@dataclass(frozen=True)
class Base:
    """What a history begins with."""

    layout: Layout
    files: Files = field(repr=False)
