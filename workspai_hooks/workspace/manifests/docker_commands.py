"""Containers that scripts start and images that they build: `docker run --name cart -p 8081:80 shop/cart`.

Podman and nerdctl take the same commands. A container without a name, one that is thrown away after it ran in
the foreground (`--rm`), and other people's programs are nobody's deployment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import normpath

from workspai_hooks.patterns import regex
from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_for_show, is_for_tests
from workspai_hooks.workspace.infrastructure import is_infrastructure
from workspai_hooks.workspace.manifests.facts import (
    Artifact,
    Build,
    Declaration,
    Facts,
    Naming,
    Reference,
    Variable,
)
from workspai_hooks.workspace.manifests.helm import Charts
from workspai_hooks.workspace.manifests.paths import folder_of, inside

_FILE = regex(r"(?i)\.(?:sh|bash|bat|cmd|ps1|mk)$|(?:^|/)(?:GNU)?Makefile$|(?:^|/)justfile$")
_COMMAND = regex(
    r"\b(?:docker|podman|nerdctl)(?:\.exe)?[ \t]{1,4}(?:(?:container|image|buildx)[ \t]{1,4})?"
    r"(run|build|service[ \t]{1,4}create)\b([^\n]{0,4000})"
)
_CONTINUED = regex(r"[ \t](?:\\|`|\^)[ \t]*\r?\n")
_TOKEN = regex(r"(?:[^\s\"']|\"[^\"\n]*\"|'[^'\n]*'){1,1000}")
_ASSIGNED = regex(r"^\s{0,8}(?:export\s|set\s)?\s{0,4}([A-Za-z_]\w{0,60})=([\"']?)([\w./:@-]{1,200})\2\s*$")
_MOVES = regex(r"^\s{0,20}(?:cd|pushd)\s{1,4}[\"']?([\w./-]{1,200})[\"']?\s*$")
_FLAGS = frozenset(
    """
    -d --detach -i --interactive -t --tty --rm --init --privileged -P --publish-all --read-only -q --quiet
    --no-healthcheck --with-registry-auth --no-resolve-image --oom-kill-disable --no-cache --pull --push
    --load --squash --force-rm --sig-proxy
    """.split()  # noqa: SIM905
)
_SHORT = {
    "p": "publish",
    "e": "env",
    "l": "label",
    "v": "volume",
    "w": "workdir",
    "h": "hostname",
    "f": "file",
}
_HOME = regex(r"(?:^|/)(?:scripts?|bin|hack|tools?|build|deploy(?:ment)?s?|ci)$")
_NAME = regex(r"[A-Za-z0-9][\w.-]{0,99}")
_MAX_BYTES = 128 * 1024
_JOINT = "\0"
"""Where a line was continued, so that lines keep their numbers."""

Options = dict[str, list[str]]


def wanted(path: str) -> bool:
    return _FILE.search(path) is not None and not is_for_tests(path) and not is_for_show(path)


def read(path: str, data: bytes, charts: Charts) -> Facts:
    """What a script runs and builds."""
    if len(data) > _MAX_BYTES or not any(word in data for word in (b"docker", b"podman", b"nerdctl")):
        return Facts()
    declarations: list[Declaration] = []
    artifacts: list[Artifact] = []
    for line, verb, tokens, folder in _commands(path, data.decode("utf-8", "replace")):
        location = Location(path, line)
        options, rest = _options(tokens, verb)
        if verb == "build":
            artifacts += _built(options, rest, folder, location)
        elif one := _run(verb, options, rest, folder, location):
            declarations.append(one)
    return Facts(declarations=tuple(declarations), artifacts=tuple(artifacts))


def _commands(path: str, text: str) -> Iterator[tuple[int, str, list[str], str]]:
    """Line, verb, arguments, and the folder that the script stands in by then."""
    folder = folder_of(path)
    folder = folder_of(folder) if _HOME.search(folder) else folder
    known: dict[str, str] = {}
    number = 1
    for line in _CONTINUED.sub(f" {_JOINT}", text).split("\n"):
        if assigned := _ASSIGNED.match(line):
            known[assigned[1]] = assigned[3]
        for part in re.split(r"&&|;|\|\|", line) if not line.lstrip().startswith(("#", "REM", "::")) else ():
            if moves := _MOVES.match(part):
                folder = normpath(f"{folder}/{moves[1]}".lstrip("/"))
                folder = "" if folder == "." or folder.startswith("..") else folder
            if command := _COMMAND.search(part.replace(_JOINT, "")):
                tokens = [re.sub(r"[\"']", "", one) for one in _TOKEN.findall(_filled(command[2], known))]
                yield number, command[1].split()[0], tokens, folder
        number += 1 + line.count(_JOINT)


def _filled(text: str, known: dict[str, str]) -> str:
    """With the script's own plain assignments; what it gets from elsewhere is left as it stands."""
    return re.sub(
        r"\$\{?([A-Za-z_]\w{0,60})\}?|\$\(([A-Za-z_]\w{0,60})\)",
        lambda match: known.get(match[1] or match[2], match[0]),
        text,
    )


def _options(tokens: Sequence[str], verb: str) -> tuple[Options, list[str]]:
    """The options by their long names without dashes, and what stands after them."""
    found: Options = {}
    at = 0
    while at < len(tokens) and tokens[at].startswith("-"):
        name, equals, value = tokens[at].partition("=")
        at += 1
        # `-t` is a terminal of `run` and a tag of `build`.
        if (name in _FLAGS or re.fullmatch(r"-[ditPq]{1,4}", name)) and (name, verb) != ("-t", "build"):
            found.setdefault("detach" if "d" in name.strip("-")[:1] else name.strip("-"), []).append("")
            continue
        if not equals and re.match(r"-[a-z][^-]", name):  # -p8080:80
            name, value = name[:2], name[2:]
        elif not equals and at < len(tokens):
            value, at = tokens[at], at + 1
        key = name.lstrip("-")
        found.setdefault(_SHORT.get(key, key) if not name.startswith("--") else key, []).append(value)
    return found, list(tokens[at:])


def _built(options: Options, rest: Sequence[str], folder: str, location: Location) -> list[Artifact]:
    context = inside(folder, rest[0]) if rest and "$" not in rest[0] else None
    if context is None:
        return []
    written = options.get("file", [""])[0]
    dockerfile = (inside(folder, written) or "") if written and "$" not in written else ""
    names = [
        name for key in ("t", "tag") for name in options.get(key, []) if name and not name.startswith("$")
    ]
    return [Artifact(name, Build(context, dockerfile), location) for name in names]


def _run(
    verb: str, options: Options, rest: Sequence[str], folder: str, location: Location
) -> Declaration | None:
    name, image = options.get("name", [""])[0], rest[0] if rest else ""
    if not _NAME.fullmatch(name) or not image or "$" in image or is_infrastructure(image):
        return None
    if "rm" in options and "detach" not in options:
        return None
    binds = [one.split(":") for one in options.get("volume", [])]
    places = [(inside(folder, _here(one[0])), one[1]) for one in binds if len(one) > 1]
    given = [one.partition("=") for one in options.get("env", [])]
    labels = [one.partition("=") for one in options.get("label", [])]
    networks = [*options.get("net", []), *options.get("network", [])]
    return Declaration(
        naming=Naming.SCRIPT,
        name=name,
        location=location,
        images=(image,),
        hosts=(*options.get("hostname", []), *options.get("network-alias", [])),
        ports=tuple(port for one in options.get("publish", []) if (port := _port(one.rpartition(":")[2]))),
        published=tuple(port for one in options.get("publish", []) if (port := _published(one))),
        variables=tuple(
            Variable(key, value if equals else None, location) for key, equals, value in given if key
        ),
        references=tuple(
            Reference(file=file, location=location)
            for one in options.get("env-file", [])
            if (file := inside(folder, one))
        ),
        after=tuple((one.partition(":")[0], location) for one in options.get("link", [])),
        commands=" ".join(rest[1:]),
        mounts=tuple(place for place, _ in places if place),
        binds=tuple((place, target) for place, target in places if place is not None),
        working_dir=options.get("workdir", [""])[0],
        bears=tuple((key, value) for key, _, value in labels if key),
        on_host="host" in networks,
    )


def _here(place: str) -> str:
    return re.sub(r"^(?:\$\{?PWD\}?|\$\(pwd\)|`pwd`|%cd%)", ".", place)


def _published(written: str) -> int:
    """Of `8081:80`, `127.0.0.1:8081:80` and `published=8081,target=80` the port on the machine."""
    if named := re.search(r"published=(\d{2,5})", written):
        return int(named[1])
    parts = written.split(":")
    return _port(parts[-2]) if len(parts) > 1 else 0


def _port(text: str) -> int:
    digits = text.partition("/")[0]
    return int(digits) if digits.isdigit() and 1 < len(digits) <= 5 else 0
