"""Seeded edits of all kinds that this tool tells apart, in a clone of a public system: `edits`."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

SOURCES = (".go", ".py", ".java", ".kt", ".ts", ".js", ".cs", ".rb", ".rs", ".php", ".scala", ".ex")
SETTINGS = (".yaml", ".yml", ".json", ".properties")
WORD = re.compile(r"[tT]imeout|[rR]etry|[rR]etries|[dD]eadline|[bB]ackoff|Attempts")
ASIDE = re.compile(r"vendor/|node_modules/|\.pb\.|_pb2|package-lock|(^|/)\.git")
FIELD = re.compile(r"^\s*(?:repeated\s+|optional\s+|required\s+)?([\w.]+)\s+(\w+)\s*=\s*\d+")
RPC = re.compile(
    r"^\s*rpc\s+(\w+)\s*\(\s*(?:stream\s+)?([\w.]+)\s*\)\s*returns\s*\(\s*(?:stream\s+)?([\w.]+)"
)
MANIFEST = re.compile(r"(?m)^kind:\s*\w+")
DESCRIPTION = re.compile(r'(?m)^\s*["\']?(openapi|swagger)["\']?\s*:')
METHODS = ("get", "put", "post", "delete", "patch", "options", "head")
LARGEST = 20_000_000  # characters of a description in JSON
LARGEST_YAML = 6_000_000  # takes ten times as long

Edit = dict[str, str | None]  # path -> its new text, None where it is gone


class Tree:
    """The tracked texts of a clone's work tree, read when asked for."""

    def __init__(self, root: Path, paths: list[str], rng: random.Random) -> None:
        self.root = root
        self.every = paths
        self.paths = [path for path in paths if not ASIDE.search(path)]
        self.rng = rng

    def text(self, path: str) -> str:
        """A file's text; empty where it is none."""
        try:
            place = self.root / path
            return "" if place.is_symlink() else place.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            return ""

    def some(
        self, *suffixes: str, where: Callable[[str], object] = bool, most: int = 3000
    ) -> tuple[str, str] | None:
        """A file by chance whose name ends so and whose text is so: path and text."""
        mine = [path for path in self.paths if path.endswith(suffixes)]
        self.rng.shuffle(mine)
        for path in mine[:most]:
            text = self.text(path)
            if text and where(text):
                return path, text
        return None

    def line(self, found: tuple[str, str] | None, regex: re.Pattern[str], new: Callable[..., str]) -> Edit:
        """One line by chance that the regex is found in, made anew by `new(line, match)`."""
        if found is None:
            return {}
        lines = found[1].splitlines(keepends=True)
        at = self.rng.choice([at for at, line in enumerate(lines) if regex.search(line)])
        lines[at] = new(lines[at], regex.search(lines[at]))
        return {found[0]: "".join(lines)}


def _any(regex: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: any(regex.search(line) for line in text.splitlines())


def _proto(new: Callable[..., str], regex: re.Pattern[str] = FIELD) -> Callable[[Tree], Edit]:
    return lambda tree: tree.line(tree.some(".proto", where=_any(regex)), regex, new)


def _retyped(line: str, match: re.Match[str]) -> str:
    return line.replace(match[1], "int64" if match[1] != "int64" else "string", 1)


def _rpc_gone(tree: Tree) -> Edit:
    found = tree.some(".proto", where=_any(RPC))
    if found is None:
        return {}
    lines = found[1].splitlines(keepends=True)
    at = tree.rng.choice([at for at, line in enumerate(lines) if RPC.search(line)])
    end, depth = at, 0
    for end in range(at, len(lines)):
        bare = re.sub(r'"[^"]*"|//.*', "", lines[end])
        depth += bare.count("{") - bare.count("}")
        if depth <= 0 and re.search(r"[;}]\s*$", bare):
            break
    return {found[0]: "".join(lines[:at] + lines[end + 1 :])}


def _rpc_more(line: str, match: re.Match[str]) -> str:
    return f"  rpc AddedByEdit({match[2]}) returns ({match[3]});\n{line}"


def _message_more(tree: Tree) -> Edit:
    found = tree.some(".proto", where=_any(FIELD))
    return {found[0]: f"{found[1]}\nmessage AddedByEdit {{ string name = 1; }}\n"} if found else {}


STUB = re.compile(
    r"(_grpc)?(\.pb\.go|_pb2(_grpc)?\.pyi?|_pb\.(js|d\.ts|rb)|\.pb\.(cc|h)|_pb\.ts|Grpc\.cs|\.cs)$"
)


def _with_stubs(edit: Callable[[Tree], Edit]) -> Callable[[Tree], Edit]:
    """A contract, and a line more in all that seems to be a stub of it."""

    def both(tree: Tree) -> Edit:
        made = edit(tree)
        names = {re.sub(r"\W|_", "", Path(path).stem).lower() for path in made}
        for path in tree.every:
            name = STUB.sub("", path.rpartition("/")[2])
            if STUB.search(path) and re.sub(r"\W|_", "", name).lower() in names and tree.text(path):
                comment = "#" if path.endswith((".py", ".pyi", ".rb")) else "//"
                made[path] = f"{tree.text(path)}{comment} made anew {tree.rng.randrange(1000)}\n"
        return made if len(made) > 1 else {}

    return both


IMPORT = re.compile(r'^import\s+(?:public\s+|weak\s+)?"([^"]+)"')
OPTION = re.compile(r'^option\s+\w+\s*=\s*"')
PACKAGE = re.compile(r"^package\s+[\w.]+")


def _hub(new: Callable[..., str]) -> Callable[[Tree], Edit]:
    """A field of one of the contracts that most others import."""

    def made(tree: Tree) -> Edit:
        texts = {path: tree.text(path) for path in tree.paths if path.endswith(".proto")}
        many: dict[str, int] = {}
        for text in texts.values():
            for line in text.splitlines():
                if match := IMPORT.search(line):
                    many[match[1]] = many.get(match[1], 0) + 1
        mine = {path: name for path in texts for name in many if path == name or path.endswith(f"/{name}")}
        hubs = sorted((path for path in mine if _any(FIELD)(texts[path])), key=lambda path: -many[mine[path]])
        if not hubs:
            return {}
        path = tree.rng.choice(hubs[:8])
        return tree.line((path, texts[path]), FIELD, new)

    return made


def _described(change: Callable[[random.Random, dict], bool], *suffixes: str) -> Callable[[Tree], Edit]:
    """An edit of a description, by change(rng, document) in place, which says whether there was one."""

    def made(tree: Tree) -> Edit:
        most = LARGEST if suffixes == (".json",) else LARGEST_YAML
        found = tree.some(*suffixes, where=lambda text: len(text) < most and DESCRIPTION.search(text[:4000]))
        if found is None:
            return {}
        is_json = found[0].endswith(".json")
        try:
            document = json.loads(found[1]) if is_json else yaml.load(found[1], yaml.CSafeLoader)
            if not isinstance(document, dict) or not change(tree.rng, document):
                return {}
        except (ValueError, yaml.YAMLError, TypeError, AttributeError, IndexError):
            return {}
        if is_json:
            return {found[0]: json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"}
        return {found[0]: yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)}

    return made


def _operations(document: dict) -> list[tuple[dict, str]]:
    return [(item, way) for item in document["paths"].values() for way in METHODS if way in item]


def _schemas(document: dict) -> list[dict]:
    places = document.get("components", {}).get("schemas") or document.get("definitions") or {}
    return [one for one in places.values() if one.get("properties")]


def _operation_gone(rng: random.Random, document: dict) -> bool:
    item, way = rng.choice(_operations(document))
    return item.pop(way) is not None


def _operation_more(rng: random.Random, document: dict) -> bool:
    item, way = rng.choice(_operations(document))
    document["paths"]["/added-by-edit"] = {way: {**item[way], "operationId": "addedByEdit", "parameters": []}}
    return True


def _parameter(rng: random.Random, document: dict) -> bool:
    item, way = rng.choice(_operations(document))
    parameters = item[way].setdefault("parameters", [])
    if parameters and rng.random() < 0.5:
        parameters.pop(rng.randrange(len(parameters)))
        return True
    kind = {"type": "string"} if "swagger" in document else {"schema": {"type": "string"}}
    parameters.append({"name": "addedByEdit", "in": "query", "required": True, **kind})
    return True


def _property_gone(rng: random.Random, document: dict) -> bool:
    schema = rng.choice(_schemas(document))
    return schema["properties"].pop(rng.choice(list(schema["properties"]))) is not None


def _property_retyped(rng: random.Random, document: dict) -> bool:
    schema = rng.choice(_schemas(document))
    name = rng.choice(list(schema["properties"]))
    is_text = schema["properties"][name].get("type") == "string"
    schema["properties"][name] = {"type": "integer" if is_text else "string"}
    return True


def _property_required(rng: random.Random, document: dict) -> bool:
    schema = rng.choice(_schemas(document))
    schema["required"] = sorted({*schema.get("required", ()), rng.choice(list(schema["properties"]))})
    return True


def _security(rng: random.Random, document: dict) -> bool:
    item, way = rng.choice(_operations(document))
    item[way]["security"] = [] if item[way].get("security") else [{"addedByEdit": []}]
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key"}
    if "swagger" in document:
        document.setdefault("securityDefinitions", {})["addedByEdit"] = scheme
    else:
        document.setdefault("components", {}).setdefault("securitySchemes", {})["addedByEdit"] = scheme
    return True


NUMBER = re.compile(r"^\s*[\w.-]+:\s*\d+\s*$")
KEY = re.compile(r"^\s+([\w-]+):\s*\S")
PLACE = re.compile(r"^\s*-?\s*(?:\w*[pP]ort|name|value|host|path|image|replicas|app):\s*\S")


def _more(line: str, _match: object = None) -> str:
    return re.sub(r"\d+", lambda one: str(int(one[0]) * 3 + 1), line, count=1)


def _renamed(line: str, match: re.Match[str]) -> str:
    return line[: match.start(1)] + match[1] + "Edited" + line[match.end(1) :]


def _gone(_line: str, _match: object) -> str:
    return ""


def _twice(line: str, _match: object) -> str:
    return line + line


def _settings(regex: re.Pattern[str], new: Callable[..., str], ending: str) -> Callable[[Tree], Edit]:
    return lambda tree: tree.line(tree.some(ending, where=_any(regex)), regex, new)


def _template(tree: Tree) -> Edit:
    found = tree.some(
        ".yaml", ".yml", ".tpl", where=lambda text: "{{" in text and _any(PLACE)(text) and "kind:" in text
    )
    return tree.line(found, PLACE, tree.rng.choice((_gone, _twice, _more)))


def _manifest(tree: Tree) -> Edit:
    found = tree.some(
        ".yaml", ".yml", where=lambda text: MANIFEST.search(text) and "{{" not in text and _any(PLACE)(text)
    )
    return tree.line(found, PLACE, tree.rng.choice((_gone, _more, _more)))


def _policy(tree: Tree) -> Edit:
    found = tree.some(*tree.rng.choice((SOURCES, SOURCES, SETTINGS)), where=_any(WORD))
    return tree.line(found, WORD, tree.rng.choice((_more, _gone, _twice)))


def _comment(tree: Tree) -> Edit:
    found = tree.some(*SOURCES)
    if found is None:
        return {}
    mark = "#" if found[0].endswith((".py", ".rb", ".ex")) else "//"
    return {found[0]: f"{found[1].rstrip()}\n{mark} said by an edit\n"}


def _names(tree: Tree) -> re.Pattern[str]:
    found = tree.some(".proto", where=_any(FIELD))
    names = {match[2] for line in found[1].splitlines() if (match := FIELD.search(line))} if found else set()
    words = {form for name in names for form in (name, "".join(part.title() for part in name.split("_")))}
    return re.compile(rf"\b(?:Get|get|set)?(?:{'|'.join(sorted(words)) or 'name|id|email'})\b")


def _use(new: Callable[..., str]) -> Callable[[Tree], Edit]:
    def made(tree: Tree) -> Edit:
        regex = _names(tree)
        return tree.line(tree.some(*SOURCES, where=_any(regex)), regex, new)

    return made


def _moved(*suffixes: str) -> Callable[[Tree], Edit]:
    def made(tree: Tree) -> Edit:
        found = tree.some(*suffixes)
        if found is None:
            return {}
        path = Path(found[0])
        return {found[0]: None, (path.parent / "moved" / path.name).as_posix(): found[1]}

    return made


def _service_config(tree: Tree) -> Edit:
    found = tree.some(".json", ".go", ".py", ".yaml", where=lambda text: "methodConfig" in text)
    regex = re.compile(r"\d")
    return tree.line(found, regex, _more) if found and _any(regex)(found[1]) else {}


def _configured(tree: Tree) -> Edit:
    return {
        ".workspai.yaml": tree.rng.choice(
            ("fail_on: warning\n", "severities: {RT01: warning}\n", 'unstable: {packages: ["*"]}\n')
        )
    }


def _attributes(tree: Tree) -> Edit:
    found = tree.some(*SOURCES)
    return {".gitattributes": f"{found[0]} linguist-generated=true\n"} if found else {}


def _readme(tree: Tree) -> Edit:
    return {"README.md": f"{tree.text('README.md')}\nSaid by an edit {tree.rng.randrange(1000)}.\n"}


KINDS: dict[str, Callable[[Tree], Edit]] = {
    "field gone": _proto(_gone),
    "hub field gone": _hub(_gone),
    "hub field more": _hub(lambda line, _: f"  string added_by_edit = 9177;\n{line}"),
    "hub field retyped": _hub(_retyped),
    "hub comment": _hub(lambda line, _: f"  // said by an edit\n{line}"),
    "field gone, stubs made anew": _with_stubs(_proto(_gone)),
    "field more, stubs made anew": _with_stubs(
        _proto(lambda line, _: f"  string added_by_edit = 9178;\n{line}")
    ),
    "rpc gone, stubs made anew": _with_stubs(_rpc_gone),
    "proto option": _proto(lambda line, _: line.replace('= "', '= "edited/', 1), OPTION),
    "proto package": _proto(lambda line, match: line.replace(match[0], match[0] + ".edited", 1), PACKAGE),
    "proto import gone": _proto(_gone, IMPORT),
    "use gone": _use(_gone),
    "manifest": _manifest,
    "json property gone": _described(_property_gone, ".json"),
    "yaml property gone": _described(_property_gone, ".yaml", ".yml"),
    "policy": _policy,
    "readme": _readme,
    "attributes": _attributes,
    "template": _template,
    "rpc gone": _rpc_gone,
    "value number": _settings(NUMBER, _more, "values.yaml"),
    "field retyped": _proto(_retyped),
    "json operation gone": _described(_operation_gone, ".json"),
    "yaml operation gone": _described(_operation_gone, ".yaml", ".yml"),
    "source moved": _moved(*SOURCES),
    "comment": _comment,
    "configured": _configured,
    "use more": _use(_twice),
    "field renamed": _proto(lambda line, match: line.replace(match[2], match[2] + "_edited", 1)),
    "value gone": _settings(KEY, _gone, "values.yaml"),
    "service config": _service_config,
    "json parameter": _described(_parameter, ".json"),
    "yaml parameter": _described(_parameter, ".yaml", ".yml"),
    "proto moved": _moved(".proto"),
    "rpc more": _proto(_rpc_more, RPC),
    "message more": _message_more,
    "policy again": _policy,
    "json security": _described(_security, ".json"),
    "yaml security": _described(_security, ".yaml", ".yml"),
    "value renamed": _settings(KEY, _renamed, "values.yaml"),
    "json property retyped": _described(_property_retyped, ".json"),
    "yaml property required": _described(_property_required, ".yaml", ".yml"),
    "json operation more": _described(_operation_more, ".json"),
    "yaml moved": _moved(".yaml", ".yml"),
    "proto comment": lambda tree: {
        path: f"{text}\n// said by an edit\n" for path, text in [tree.some(".proto") or ("", "")] if path
    },
}


def edits(
    root: Path, paths: Callable[[], list[str]], name: str, most: int, wanted: str = ""
) -> Iterator[tuple[str, Edit]]:
    """Kinds and edits in an order of chance, each of the work tree as it is then; a kind that the clone has
    no place for is left out. The same for the same name. `wanted`: a part of the kinds' names."""
    rng = random.Random(name)
    kinds = [kind for kind in KINDS if wanted in kind]
    rng.shuffle(kinds)
    done = 0
    for kind in kinds:
        if done == most:
            return
        tree = Tree(root, paths(), rng)
        edit = KINDS[kind](tree)
        if any(text is None or text != tree.text(path) for path, text in edit.items()):
            done += 1
            yield kind, edit
