"""What tests of sidecars need of other languages: fetched once a run, by those languages' own tools.

Registries and caches are the tools' own configuration of this machine. Who has no toolchain, or no answer
from a registry, gets a test that is skipped by its name.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stubs.server import HERE, PROTOS

FETCH_S = 180
NODE_PACKAGES = {
    "@bufbuild/protobuf": "2.12.0",
    "@bufbuild/protoc-gen-es": "2.12.0",
    "@connectrpc/connect": "2.1.2",
    "@connectrpc/connect-node": "2.1.2",
    "@grpc/grpc-js": "1.14.7",
    "@types/node": "20.19.43",
    "prettier": "3.10.1",
    "ts-proto": "2.18.0",
    "typescript": "7.0.2",
}

GRPC_JAVA, PROTOC_JAVA = "1.80.0", "3.25.8"


class Unavailable(Exception):
    """Why this machine can't have it."""


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills, for whichever worker of the run asks first; skips where it can't."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, reason = root / name, root / f"{name}.unavailable"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists() and not reason.exists():
            begun = root / f"{name}.begun"
            begun.mkdir()
            try:
                make(begun)
            except Unavailable as error:
                reason.write_text(str(error))
            else:
                begun.rename(folder)
    if reason.exists():
        pytest.skip(reason.read_text())
    return folder


def fetch(argv: Sequence[str], folder: Path) -> None:
    """Runs a tool that gets something from a registry."""
    if shutil.which(argv[0]) is None:
        raise Unavailable(f"there is no {argv[0]}")
    try:
        done = subprocess.run(
            argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=FETCH_S
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{argv[0]}: no answer from its registry") from error
    if done.returncode:
        told = " ".join((done.stderr.strip() or done.stdout).split())
        raise Unavailable(f"{argv[0]}: {told[:200]}")


def node_modules(factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of NODE_PACKAGES in its `node_modules`."""
    return once(factory, "node", install_node)


def install_node(folder: Path) -> None:
    if shutil.which("node") is None:
        raise Unavailable("there is no node")
    (folder / "package.json").write_text(json.dumps({"dependencies": NODE_PACKAGES}))
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
    short = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"]
    fetch(["npm", "install", *quiet, *short], folder)


def protoc(out: Path, *flags: str, protos: Path = HERE, names: Sequence[str] = PROTOS) -> None:
    """Makes stubs in `out`, by the compiler of grpcio-tools."""
    argv = [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", *flags, *names]
    subprocess.run(argv, cwd=out, check=True, timeout=60)


def ran(argv: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a tool on what a test has made; whether it liked that is the test's question."""
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=120)


def maven_jars(factory: pytest.TempPathFactory) -> Path:
    """A folder with grpc-java, what it needs, `protoc` and `protoc-gen-grpc-java`."""
    return once(factory, "maven", copy_jars)


def copy_jars(folder: Path) -> None:
    if shutil.which("javac") is None:
        raise Unavailable("there is no javac")
    system, machine = platform.system(), platform.machine().lower()
    machines = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch_64", "arm64": "aarch_64"}
    systems = {"Linux": "linux", "Darwin": "osx"}
    native = f"{systems.get(system, system)}-{machines.get(machine, machine)}"
    artifacts = [
        *(("io.grpc", name, GRPC_JAVA, "") for name in ("grpc-netty-shaded", "grpc-protobuf", "grpc-stub")),
        ("io.grpc", "protoc-gen-grpc-java", GRPC_JAVA, native),
        ("com.google.protobuf", "protoc", PROTOC_JAVA, native),
    ]
    (folder / "pom.xml").write_text(_pom(artifacts))
    fetch(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"], folder)
    for name in ("protoc-gen-grpc-java", "protoc"):
        (program,) = folder.glob(f"{name}-[0-9]*.exe")
        program.chmod(0o755)
        program.rename(folder / name)


def _pom(artifacts: Sequence[tuple[str, str, str, str]]) -> str:
    wanted = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
        + (f"<classifier>{native}</classifier><type>exe</type>" if native else "")
        + "</dependency>"
        for group, name, version, native in artifacts
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>tests</groupId><artifactId>tests</artifactId><version>1</version>"
        f"<dependencies>{wanted}</dependencies></project>"
    )
