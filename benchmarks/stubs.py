"""How many generated stubs of published packages are recognised, and how many give their descriptor.

    python benchmarks/stubs.py [--folder FOLDER] > rows.md

Downloads PyPI packages and Go modules with the tools' own configuration of the machine into a folder (a
temporary one, unless given) and reads every `_pb2.py` and `.pb.go` in them; nothing of them is run. One row a
package: files, those recognised, those of generators that write messages, those whose descriptor was read and
has the name that the header gives, milliseconds a file for both (mean, longest). What is not recognised, or
should carry a descriptor and gives none, is listed below. See benchmarks/stubs.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from workspai_hooks.contracts.protobuf.embedded import descriptor
from workspai_hooks.stubs.recognise import made_by

PYTHON = (
    *("protobuf", "googleapis-common-protos", "opentelemetry-proto", "grpc-google-iam-v1", "modal"),
    *(
        "grpcio-health-checking",
        "google-cloud-audit-log",
        "mlflow-skinny",
        "temporalio",
        "streamlit",
        "wandb",
    ),
    *("tensorboard", "onnx", "grpcio-reflection", "pymilvus", "xds-protos", "etcd3==0.12.0"),
)
"""The most-installed of PyPI that ship stubs (of those under 50 MB), and one of 2020 with an old form."""
GO = (
    *("google.golang.org/genproto", "google.golang.org/genproto/googleapis/api", "k8s.io/api@v0.31.0"),
    *("k8s.io/api", "github.com/envoyproxy/go-control-plane/envoy", "go.opentelemetry.io/proto/otlp"),
    *(
        "cloud.google.com/go/aiplatform",
        "cloud.google.com/go/spanner",
        "github.com/containerd/containerd/api",
    ),
    *("go.etcd.io/etcd/api/v3", "istio.io/api", "github.com/cosmos/cosmos-sdk", "go.temporal.io/api"),
    *("google.golang.org/grpc", "google.golang.org/protobuf", "github.com/golang/protobuf@v1.3.5"),
    *("github.com/cosmos/gogoproto",),
)
MESSAGES = (
    "protoc-python",
    "protoc-gen-go",
    "protoc-gen-gogo",
    "protoc-gen-gogofaster",
    "protoc-gen-gocosmos",
)
"""Generators that write a descriptor; other plugins write services or helpers beside it."""


def python_files(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    for name in PYTHON:
        target = folder / name.partition("=")[0]
        call = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(target), name]
        subprocess.run(call, check=True)
        for archive in sorted(target.iterdir()):
            for path, data in _members(archive):
                if path.endswith("_pb2.py"):
                    yield "-".join(archive.name.removesuffix(".tar.gz").split("-")[:2]), path, data


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
    else:
        with tarfile.open(archive) as source:
            for member in source:
                if (file := source.extractfile(member)) is not None:
                    yield member.name, file.read()


def go_files(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    folder.mkdir(exist_ok=True)
    (folder / "go.mod").write_text("module stubs\n")
    environment = {**os.environ, "GOMODCACHE": str(folder / "cache"), "GOFLAGS": "-modcacherw"}
    for name in GO:
        call = ["go", "mod", "download", "-json", name if "@" in name else f"{name}@latest"]
        told = subprocess.run(call, cwd=folder, env=environment, capture_output=True, check=True).stdout
        module = json.loads(told)
        for path in sorted(Path(module["Dir"]).rglob("*.pb.go")):
            yield f"{module['Path']} {module['Version'][:24]}", path.name, path.read_bytes()


class Row:
    def __init__(self) -> None:
        self.files = self.known = self.messages = self.read = 0
        self.took: list[float] = []
        self.missed: list[str] = []

    def add(self, path: str, data: bytes) -> None:
        start = time.perf_counter()
        header, file = made_by(data, path), descriptor(data, path)
        self.took.append(1000 * (time.perf_counter() - start))
        self.files += 1
        self.known += header is not None
        if header is None:
            self.missed.append(f"{path} ({len(data)} bytes): no header")
        elif header.generator in MESSAGES:
            self.messages += 1
            agrees = file is not None and (not header.source or file.name.endswith(header.source))
            self.read += agrees
            if not agrees:
                self.missed.append(f"{path}: {header.generator}, {file.name if file else 'no descriptor'}")

    def __str__(self) -> str:
        mean = sum(self.took) / len(self.took)
        shares = f"{self.files} | {self.known} | {self.messages} | {self.read}"
        return f"{shares} | {mean:.2f} | {max(self.took):.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        rows: dict[str, Row] = {}
        for files in (python_files(folder / "python"), go_files(folder / "go")):
            for name, path, data in files:
                rows.setdefault(name, Row()).add(path, data)
        print("| package | files | recognised | with messages | descriptor read | ms | longest |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        whole = Row()
        for name, row in rows.items():
            print(f"| {name} | {row}")
            for field in ("files", "known", "messages", "read"):
                setattr(whole, field, getattr(whole, field) + getattr(row, field))
            whole.took += row.took
        print(f"| all | {whole}\n")
        for name, row in rows.items():
            for one, times in Counter(row.missed).items():
                print(f"- {name}: {one}{f', {times} times' if times > 1 else ''}")


if __name__ == "__main__":
    main()
