"""Edits of charts, raw manifests and kustomizations, and of what is no contract at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from histories.edits import Changes, Edit, Table
from histories.layout import Layout
from histories.repository import Files


def _deployed(files: Files, layout: Layout) -> list[str]:
    """Manifests and templates with objects of Kubernetes."""
    folders = [f"{one.folder}/templates" for one in layout.charts] + [*layout.manifests]
    folders += [f"{one.rpartition('/overlays/')[0]}/base" for one in layout.kustomizations]
    return sorted(
        path
        for path, text in files.items()
        if any(path.startswith(f"{folder}/") for folder in folders) and b"kind: " in text
    )


def _replaced(pattern: str, new: Callable[[Random, re.Match[str]], str], among: str = "") -> Edit:
    """Replace one match in one manifest or template; `among` has to stand in the file."""
    regex = re.compile(pattern, re.MULTILINE)

    def run(rng: Random, files: Files, layout: Layout) -> Changes | None:
        found = [
            (path, match)
            for path in _deployed(files, layout)
            if among.encode() in files[path]
            for match in regex.finditer(files[path].decode())
        ]
        if not found:
            return None
        path, match = rng.choice(found)
        text = files[path].decode()
        return {path: (text[: match.start()] + new(rng, match) + text[match.end() :]).encode()}

    return run


def _in_values(edit: Callable[[Random, str], str | None]) -> Edit:
    def run(rng: Random, files: Files, layout: Layout) -> Changes | None:
        paths = [path for one in layout.charts if (path := f"{one.folder}/values.yaml") in files]
        if not paths:
            return None
        path = rng.choice(paths)
        after = edit(rng, files[path].decode())
        return None if after is None else {path: after.encode()}

    return run


def _some_line(rng: Random, text: str, pattern: str) -> re.Match[str] | None:
    found = list(re.finditer(pattern, text, re.MULTILINE))
    return rng.choice(found) if found else None


def _new_number(rng: Random, text: str) -> str | None:
    """A port or a number of replicas in the values."""
    match = _some_line(rng, text, r"^( *)(port|replicas): (\d+)$")
    if match is None:
        return None
    number = int(match[3]) + rng.randint(1, 5)
    return f"{text[: match.start()]}{match[1]}{match[2]}: {number}{text[match.end() :]}"


def _new_key(rng: Random, text: str) -> str | None:
    return text + f"extra{rng.randrange(1000)}: true\n"


def _values_comment(rng: Random, text: str) -> str | None:
    return text + f"# nothing to see, {rng.randrange(1000)}\n"


def rename_key(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """A key of the values, where templates read it as well: or only there, so that its value is lost."""
    charts = [one for one in layout.charts if f"{one.folder}/values.yaml" in files]
    if not charts:
        return None
    chart = rng.choice(charts)
    path = f"{chart.folder}/values.yaml"
    text = files[path].decode()
    match = _some_line(rng, text, r"^(\w+):")
    if match is None:
        return None
    old, new = match[1], f"{match[1]}New"
    changes: Changes = {path: (text[: match.start()] + f"{new}:" + text[match.end() :]).encode()}
    for other, content in files.items():
        if other.startswith(f"{chart.folder}/templates/"):
            after = re.sub(rf"\.Values\.{old}\b", f".Values.{new}", content.decode()).encode()
            if after != content:
                changes[other] = after
    return changes


def unread_key(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """A template that takes a literal in a key's place."""
    found = [
        (path, match)
        for one in layout.charts
        for path in sorted(files)
        if path.startswith(f"{one.folder}/templates/")
        for match in re.finditer(
            r"\{\{ \.Values\.(?:replicas|image|\w+\.replicas) \}\}", files[path].decode()
        )
    ]
    if not found:
        return None
    path, match = rng.choice(found)
    text = files[path].decode()
    return {path: (text[: match.start()] + "3" + text[match.end() :]).encode()}


def delete_manifest(rng: Random, files: Files, layout: Layout) -> Changes | None:
    paths = [path for path in _deployed(files, layout) if "/base/" not in path]
    return {rng.choice(paths): None} if paths else None


def move_manifest(rng: Random, files: Files, layout: Layout) -> Changes | None:
    paths = [path for path in _deployed(files, layout) if "/base/" not in path]
    if not paths:
        return None
    path = rng.choice(paths)
    new = path.replace(".yaml", "-moved.yaml")
    return None if new in files else {path: None, new: files[path]}


def add_manifest(rng: Random, files: Files, layout: Layout) -> Changes | None:
    paths = [path for path in _deployed(files, layout) if "/base/" not in path]
    if not paths:
        return None
    name = f"added{rng.randrange(1000)}"
    text = f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports:\n    - port: 1\n"
    return {f"{rng.choice(paths).rpartition('/')[0]}/{name}.yaml": text.encode()}


def patched(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """An overlay that gets or loses a patch of a Service's port."""
    if not layout.kustomizations:
        return None
    folder = rng.choice(layout.kustomizations)
    path = f"{folder}/kustomization.yaml"
    if path not in files:
        return None
    text = files[path].decode()
    if "patches:" in text:
        return {path: text[: text.index("patches:")].encode(), f"{folder}/port.yaml": None}
    patch = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: LoadBalancer\n"
    return {path: f"{text}patches:\n  - path: port.yaml\n".encode(), f"{folder}/port.yaml": patch.encode()}


def prefixed(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """An overlay whose objects have other names now."""
    if not layout.kustomizations:
        return None
    path = f"{rng.choice(layout.kustomizations)}/kustomization.yaml"
    if path not in files:
        return None
    text = files[path].decode()
    if text.startswith("namePrefix:"):
        return {path: text.partition("\n")[2].encode()}
    return {path: f"namePrefix: new-\n{text}".encode()}


def touch_source(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """A comment in a source."""
    marks = {".py": "#", ".go": "//", ".ts": "//", ".tsx": "//", ".java": "//", ".cs": "//", ".php": "//"}
    paths = [path for path in files if path[path.rfind(".") :] in marks and "genproto" not in path]
    paths = sorted(path for path in paths if "_pb2" not in path and "/proto/" not in path)
    if not paths:
        return None
    path = rng.choice(paths)
    mark = marks[path[path.rfind(".") :]]
    return {path: files[path] + f"\n{mark} read again on day {rng.randrange(1000)}\n".encode()}


def touch_other(rng: Random, files: Files, layout: Layout) -> Changes | None:
    """A file that is no contract: prose, configuration, data."""
    number = rng.randrange(1000)
    kind = rng.randrange(4)
    if kind == 0:
        return {"README.md": files.get("README.md", b"") + f"\nDay {number}.\n".encode()}
    if kind == 1:
        return {"config/settings.yaml": f"debug: true\nworkers: {number}\n".encode()}
    if kind == 2:
        return {"config/data.json": f'{{"rows": [{number}]}}\n'.encode()}
    return {f"notes/day {number}.txt": f"it rained, {number}\n".encode()}


DEPLOYED: Table = {
    "port changed": (
        3,
        _replaced(r"(?<= port: )\d+$", lambda rng, m: str(int(m[0]) + rng.randint(1, 9)), "kind: Service"),
    ),
    "container port changed": (2, _replaced(r"(?<=containerPort: )\d+$", lambda rng, m: str(int(m[0]) + 1))),
    "image changed": (
        3,
        _replaced(r"(?<=image: )registry\S*:\d+$", lambda rng, m: f"{m[0]}{rng.randrange(10)}"),
    ),
    "replicas changed": (2, _replaced(r"(?<=replicas: )\d+$", lambda rng, m: str(int(m[0]) + 1))),
    "service renamed": (
        1,
        _replaced(r"(?<=kind: Service\nmetadata:\n  name: )[\w-]+$", lambda rng, m: f"{m[0]}-new"),
    ),
    "port renamed": (1, _replaced(r"(?<=- name: )http(?=\n +port:)", lambda rng, m: "web")),
    "service narrowed": (1, _replaced(r"(?<=type: )LoadBalancer$", lambda rng, m: "ClusterIP")),
    "selector changed": (
        1,
        _replaced(r"(?<=matchLabels:\n)( +)app: ([\w-]+)$", lambda rng, m: f"{m[1]}app: {m[2]}-new"),
    ),
    "service selects others": (
        1,
        _replaced(r"(?<=  selector:\n)    app: ([\w-]+)$", lambda rng, m: f"    app: {m[1]}-other"),
    ),
    "annotation added": (
        2,
        _replaced(
            r"^metadata:\n(?!  annotations:)",
            lambda rng, m: f"metadata:\n  annotations:\n    seen: 'day {rng.randrange(99)}'\n",
        ),
    ),
    "manifest comment": (2, _replaced(r"\A", lambda rng, m: f"# looked at on day {rng.randrange(999)}\n")),
    "manifest deleted": (1, delete_manifest),
    "manifest moved": (1, move_manifest),
    "manifest added": (2, add_manifest),
    "host changed": (
        1,
        _in_values(lambda rng, text: re.sub(r"^host: .*$", "host: other.example", text, flags=re.M)),
    ),
    "path of route changed": (1, _replaced(r"(?<=- path: )/\w+$", lambda rng, m: f"{m[0]}s")),
    "values number": (3, _in_values(_new_number)),
    "values key added": (2, _in_values(_new_key)),
    "values comment": (1, _in_values(_values_comment)),
    "values key renamed": (2, rename_key),
    "values key unread": (1, unread_key),
    "overlay patched": (2, patched),
    "overlay prefixed": (1, prefixed),
}
OTHERS: Table = {"source touched": (3, touch_source), "other file": (3, touch_other)}
