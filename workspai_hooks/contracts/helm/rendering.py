"""Charts rendered by the real helm, with every set of values that they are installed with."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from workspai_hooks.contracts.helm.charts import Chart, inputs, parts, within
from workspai_hooks.contracts.helm.documents import split
from workspai_hooks.contracts.helm.installations import Installation
from workspai_hooks.contracts.helm.kubernetes import installed
from workspai_hooks.contracts.helm.layout import lay_out
from workspai_hooks.contracts.helm.nodes import Node, Plain, Step, YamlError, as_text, read
from workspai_hooks.contracts.helm.objects import Build, Locate, Object, objects_of
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.contracts.helm.template_lines import TemplateText
from workspai_hooks.contracts.helm.values import Keys, dotted, merged, nested
from workspai_hooks.disclosure import texts_of, without
from workspai_hooks.errors import Undecided, UndecidedError
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.store import Store
from workspai_hooks.tools.helm import Document, Fault, Helm, template
from workspai_hooks.tools.scratch import Scratch

MOST_INSTALLATIONS = 40
"""So many sets of values of one chart are rendered, 0.05 to 0.1 s each and side."""

_AT_ONCE = 2
_DEFINITION = regex(r"^kind:\s*CustomResourceDefinition\b", re.MULTILINE)
_RELEASE = regex(r"[a-z0-9](?:[a-z0-9.-]{0,50}[a-z0-9])?")
_MOST_SAID = 400
RENDERED = "(rendered)"
"""The path of what stands in no file."""

Values = Mapping[Keys, tuple[Location, Plain]]


class Rendering(msgspec.Struct, frozen=True):
    """One chart with one set of values: helm's documents, or why there are none."""

    installation: Installation
    documents: tuple[Document, ...]
    faults: tuple[Fault, ...]
    values: Values


class Rendered(msgspec.Struct, frozen=True):
    """A chart with all its sets of values. `folders` says for the way to each chart inside, by what helm
    calls it, which folder of the repository that is."""

    chart: Chart
    folders: Mapping[tuple[str, ...], str]
    renderings: tuple[Rendering, ...]

    def place_of(self, source: str) -> str:
        """The file of a template by the name that helm gives it (`shop/charts/db/templates/x.yaml`)."""
        way, names = way_of(source)
        folder = self.folders.get(way)
        if folder is None:  # a packed chart: its archive has no lines
            return self.chart.path
        return within(folder, "/".join(names))


def way_of(source: str) -> tuple[tuple[str, ...], list[str]]:
    """The charts on the way to a template by what they are called, and its path in the last of them."""
    names = source.split("/")[1:]
    way: tuple[str, ...] = ()
    while len(names) > 2 and names[0] == "charts":
        way, names = (*way, names[1]), names[2:]
    return way, names


class Output(msgspec.Struct, frozen=True):
    """What helm gave, as it is kept in the index."""

    documents: tuple[Document, ...]
    faults: tuple[Fault, ...]


def render(helm: Helm, side: Side, chart: Chart, installations: Sequence[Installation]) -> Rendered:
    """Render a chart with each of these; raises `UndecidedError` where it can't even be laid out.

    What was rendered from the same contents before is not rendered again.
    """
    defaults = list(_defaults(side, chart))
    values = [merged([*defaults, *one.layers(side)], one.settings) for one in installations]
    contents = sorted((name, side.blob(name)) for name in inputs(side, chart))
    keys = {
        number: Store.key(helm.version, contents, chart.folder, *_asked(side, chart, one))
        for number, one in enumerate(installations)
    }
    outputs = side.snapshot.store.each(
        "rendered chart", keys, Output, lambda numbers: _run(helm, side, chart, installations, numbers)
    )
    return Rendered(
        chart,
        {way: part.folder for way, part in parts(side, chart)},
        tuple(
            Rendering(
                one, outputs[number].documents, _plain(outputs[number].faults, values[number]), values[number]
            )
            for number, one in enumerate(installations)
        ),
    )


def _plain(faults: Sequence[Fault], values: Values) -> tuple[Fault, ...]:
    """Faults in helm's words, without the values that it was given."""
    if not faults:
        return ()
    given = [text for _, value in values.values() for text in texts_of(value)]
    return tuple(msgspec.structs.replace(one, message=without(one.message, given)) for one in faults)


def _asked(side: Side, chart: Chart, one: Installation) -> tuple[object, ...]:
    """All that helm is told beside the chart."""
    files = [(side.blob(path), path.endswith(".gotmpl")) for path in one.files]
    inline = [json.dumps(node.plain()) for node in one.inline]
    settings = json.dumps(nested(one.settings))
    return files, inline, settings, release_of(chart, one), one.namespace, installed(chart.kube_version)


def _run(
    helm: Helm, side: Side, chart: Chart, installations: Sequence[Installation], numbers: Sequence[int]
) -> dict[int, Output]:
    with Scratch() as folder:
        place = folder / "chart"
        lay_out(side, chart, place)
        values = {
            number: list(_written(side, installations[number], folder / f"values-{number}"))
            for number in numbers
        }

        def one(number: int) -> Output:
            installation = installations[number]
            namespace = installation.namespace
            found = template(
                helm,
                place,
                values[number],
                release=release_of(chart, installation),
                namespace=namespace if _RELEASE.fullmatch(namespace) else "default",
                kube_version=installed(chart.kube_version),
            )
            return Output(found.documents, found.faults)

        pool = ThreadPoolExecutor(max_workers=_AT_ONCE)
        try:
            return dict(zip(numbers, pool.map(one, numbers), strict=True))
        except UndecidedError as error:  # of helm, not of the chart: it may work next time
            side.snapshot.store.is_partial = True
            told = error.undecided
            raise UndecidedError(chart.path, f"can't be rendered: {told.why}", told.remedy) from error
        finally:  # where one takes too long, the others would, too
            pool.shutdown(cancel_futures=True)


def release_of(chart: Chart, installation: Installation) -> str:
    """The release's name; the chart's, where nobody says: then objects are named after the chart alone."""
    for name in (installation.release, chart.name):
        if _RELEASE.fullmatch(name):
            return name
    return "release"


def _defaults(side: Side, chart: Chart) -> Iterator[Node]:
    """The chart's own values, and those of charts inside under what they are called."""
    for way, part in reversed(list(parts(side, chart))):
        path = within(part.folder, "values.yaml")
        tree = side.tree(path) if side.has(path) else None
        if tree is not None:
            for name in reversed(way):
                tree = Node(tree.place, None, {name: (tree.place, tree)})
            yield tree


def _written(side: Side, installation: Installation, folder: Path) -> Iterator[Path]:
    """The values as files, in the order in which the later one wins."""
    try:
        folder.mkdir()
        for number, path in enumerate(installation.files):
            yield _file(folder / f"{number}.yaml", side.values(path))
        for number, node in enumerate(installation.inline):
            yield _file(folder / f"inline-{number}.json", json.dumps(node.plain()).encode())
        if installation.settings:
            yield _file(folder / "set.json", json.dumps(nested(installation.settings)).encode())
    except OSError as error:
        why = f"its values could not be written to a temporary folder: {error.strerror}"
        raise UndecidedError(str(installation.place), why, "make room") from error


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


class Reader:
    """Documents of helm read into objects; equal texts, on either side and with any values, are read once."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[Node, ...] | YamlError] = {}
        self._templates: dict[tuple[int, str], TemplateText] = {}

    def build(
        self,
        side: Side,
        rendered: Rendered,
        rendering: Rendering,
        moved: Mapping[Keys, Location],
        same: Collection[Document],
    ) -> Build:
        """What one set of values gives. `moved` are keys of values that differ between the sides, and where
        this side says them: a line that reads one is told as that place. `same` are both sides' documents."""
        objects: list[Object] = []
        unread: list[Undecided] = []
        texts: dict[str, str] = {}
        for document in rendering.documents:
            if document in same and _DEFINITION.search(document.text):
                continue  # large, and nothing refers to it
            path = rendered.place_of(document.source)
            nodes = self._read(document)
            if isinstance(nodes, YamlError):
                why = f"renders to what is no YAML, in line {nodes.line} of the object: {nodes}"
                unread.append(Undecided(path, why, f"helm template {rendered.chart.folder or '.'} shows it"))
                continue
            way, _ = way_of(document.source)
            locate = self._locate(side, path, rendering, _seen_from(way, moved), texts)
            for node in nodes:
                objects += objects_of(node, locate, rendering.installation.namespace, path)
        return Build(rendering.installation.label, tuple(objects), tuple(unread))

    def _read(self, document: Document) -> tuple[Node, ...] | YamlError:
        if document.text not in self._nodes:
            try:
                parts = split(document.text.encode())
                found = tuple(
                    node for part in parts for node in read(RENDERED, part.text, part.line).documents
                )
            except YamlError as error:
                self._nodes[document.text] = error
            else:
                self._nodes[document.text] = found
        return self._nodes[document.text]

    def _locate(
        self,
        side: Side,
        path: str,
        rendering: Rendering,
        moved: Mapping[Keys, Location],
        known: dict[str, str],
    ) -> Locate:
        def locate(node: Node, steps: tuple[Step, ...]) -> Location:
            if not known:
                known.update({"": "", **_texts(rendering.values)})
            template = self._template(side, path)
            line = template.line(node, steps, known)
            if steps and moved:
                for name in template.expression(line):
                    key = tuple(name.split("."))
                    for other, place in moved.items():
                        if other[: len(key)] == key:
                            return place
            return Location(path, line)

        return locate

    def _template(self, side: Side, path: str) -> TemplateText:
        key = (id(side), path)
        if key not in self._templates:
            text = side.bytes_of(path).decode("utf-8", "replace") if side.has(path) else ""
            self._templates[key] = TemplateText(text.replace("\r\n", "\n"))
        return self._templates[key]


def _seen_from(way: tuple[str, ...], moved: Mapping[Keys, Location]) -> Mapping[Keys, Location]:
    """The keys as the templates of a chart inside call them."""
    if not way:
        return moved
    size = len(way)
    inner = {key[size:]: place for key, place in moved.items() if key[:size] == way}
    return {**inner, **{key: place for key, place in moved.items() if key[0] == "global"}}


def _texts(values: Values) -> dict[str, str]:
    return {
        dotted(key): as_text(value)
        for key, (_, value) in values.items()
        if not isinstance(value, (dict, list))
    }


_PLACE = regex(
    r"(?:\(|template: |error on |error converting YAML[^:]{0,40}: )"
    r"([\w.-]{1,100}/[\w./-]{1,300}?)(?::(\d{1,9}))?(?::\d{1,9})?[:)]"
)


def told(rendered: Rendered, fault: Fault) -> Undecided:
    """Why a chart does not render, with the place in the repository."""
    match = _PLACE.search(fault.message)
    line = ""
    if fault.path == "values.schema.json":
        path = rendered.chart.file(fault.path)
    elif match is not None:
        path, line = rendered.place_of(match[1]), match[2] or ""
    else:
        path = rendered.chart.path
    where = f"{path}:{line}" if line else path
    message = " ".join(fault.message.split())
    if len(message) > _MOST_SAID:  # a recursion says where it began and where it ended
        message = f"{message[: _MOST_SAID // 2]} … {message[-_MOST_SAID // 2 :]}"
    return Undecided(
        where, f"does not render: {message}", f"helm template {rendered.chart.folder or '.'} shows it"
    )
