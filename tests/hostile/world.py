"""A small repository with a contract of each kind and those who use them, on a topic branch."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from conftest import Scratch

from hostile.answers import FACTS
from hostile.measuring import Ran, measured
from workspai_hooks.workspace.elsewhere.layout import encode

PROTO = """\
syntax = "proto3";
package a.v1;

import "a/v1/b.proto";

message A {
  string x = 1;
  int32 y = 2;
  B b = 3;
}

service Carts {
  rpc Get(A) returns (B);
}
"""
OTHER = 'syntax = "proto3";\npackage a.v1;\n\nmessage B {\n  string z = 1;\n  map<string, int32> m = 2;\n}\n'
OPENAPI = """\
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getOrder
      responses:
        "200":
          description: An order
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "parts/order.yaml#/Change"}}}}
      responses: {"204": {description: Done}}
components:
  schemas:
    Order:
      type: object
      required: [total]
      properties:
        total: {type: integer}
        next: {$ref: "#/components/schemas/Order"}
"""
PART = "Change:\n  type: object\n  properties:\n    total: {type: integer}\n    note: {type: string}\n"
MANIFESTS = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          env: [{name: ORDERS_ADDR, value: "orders:80"}]
"""
PYTHON = """\
import grpc
from a.v1 import a_pb2, a_pb2_grpc

def total(channel):
    stub = a_pb2_grpc.CartsStub(channel)
    got = stub.Get(a_pb2.A(x="1", y=2))
    return got.z
"""
TYPESCRIPT = """\
export async function total(id: string) {
  const answer = await fetch(`http://orders:80/orders/${id}`);
  const order = await answer.json();
  return order.total;
}
"""
FILES: Mapping[str, str | bytes] = {
    "protos/a/v1/a.proto": PROTO,
    "protos/a/v1/b.proto": OTHER,
    "protos/buf.yaml": "version: v1\nbreaking:\n  use: [FILE]\n",
    "api/openapi.yaml": OPENAPI,
    "api/parts/order.yaml": PART,
    "chart/Chart.yaml": "apiVersion: v2\nname: orders\nversion: 0.1.0\n",
    "chart/values.yaml": "port: 80\nname: orders\nlabels: {}\n",
    "chart/templates/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\nspec:\n"
        "  selector: {app: orders}\n  ports:\n    - port: {{ .Values.port }}\n"
    ),
    "k/web.yaml": MANIFESTS,
    "overlay/kustomization.yaml": "resources: [../k/web.yaml]\nnamePrefix: dev-\n",
    "compose.yaml": "services:\n  orders: {build: ./orders}\n  web: {build: ./web}\n",
    "CODEOWNERS": "* @all\n/web/ @web\n",
    ".workspai.yaml": "default_branch: main\nfacts: [{path: facts.json}]\n",
    ".workspai/approvals.yaml": (
        '- {rule: WSP101, element: "a.v1.B.gone", reason: "old", owner: "@all", expires: 2099-01-31}\n'
    ),
    "facts.json": encode(FACTS),
    "orders/go.mod": "module example.com/orders\n",
    "orders/main.go": 'package main\nimport "net/http"\nfunc main() { http.ListenAndServe(":80", nil) }\n',
    "orders/Dockerfile": "FROM scratch\n",
    "web/Dockerfile": "FROM scratch\n",
    "web/app.py": PYTHON,
    "web/src/total.ts": TYPESCRIPT,
    "web/package.json": '{"name": "web", "dependencies": {"react": "1"}}\n',
}
BREAK = {"protos/a/v1/a.proto": PROTO.replace("  int32 y = 2;\n", "")}
"""What is staged beside a hostile file that is no contract, so that it is read."""


class World:
    """The repository, a home, a folder for temporary files; all that is written is known.

    `starts`: whether a check really starts the program, or forks it from one that is loaded.
    """

    def __init__(self, root: Path, files: Mapping[str, str | bytes] = FILES, *, starts: bool = True) -> None:
        self.starts = starts
        self.root = root / "repository"
        self.home, self.temporary = root / "home", root / "tmp"
        for folder in (self.home, self.temporary):
            folder.mkdir(parents=True)
        self.made = Scratch.init(self.root)
        for name, value in (("user.name", "Test"), ("user.email", "test@bookshop.example"), ("gc.auto", "0")):
            self.made.repo.git.config(name, value)
        self.made.write(files)
        self.base = self.made.commit("base")
        self.made.branch("topic")
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_"))},
            **{name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")},
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def stage(self, files: Mapping[bytes, bytes]) -> None:
        """Write files under names of any bytes, and stage them."""
        for path, data in files.items():
            file = os.path.join(os.fsencode(self.root), path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as written:
                written.write(data)
        self.git("add", "--all", "--force", ".")

    def reset(self) -> None:
        """As it was before anything was staged; the index of facts stays."""
        for name in self.left_over():
            shutil.rmtree(self.temporary / name)
        self.git("reset", "--quiet", "--hard", self.base)
        self.git("clean", "--quiet", "-dffx")

    def git(self, *arguments: str) -> bytes:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=self.env, capture_output=True, check=True
        )
        return done.stdout

    def check(self, *arguments: str, stdin: bytes = b"", **environment: str) -> Ran:
        argv = ["check", "--format", "json", *arguments]
        return measured(argv, self.root, {**self.env, **environment}, stdin, starts=self.starts)

    def state(self) -> dict[str, str]:
        """All that a run may not touch, by path: the repository but for our own folder, and the home."""
        found = {}
        for top in (self.root, self.home):
            for folder, folders, names in os.walk(os.fsencode(top)):
                if folder.endswith(b"/.git") and b"workspai-hooks" in folders:
                    folders.remove(b"workspai-hooks")
                for name in (*names, *folders):
                    path = os.path.join(folder, name)
                    found[os.fsdecode(path)] = _content(path)
        return found

    def left_over(self) -> list[str]:
        """What a run has left among temporary files."""
        return sorted(os.listdir(self.temporary))

    def exported(self, revision: str) -> tempfile.TemporaryDirectory[str]:
        """A folder with the files of a revision, or of the index (an empty text)."""
        folder = tempfile.TemporaryDirectory()
        if revision:
            archive = subprocess.run(
                ["git", "archive", revision], cwd=self.root, env=self.env, capture_output=True, check=True
            ).stdout
            subprocess.run(["tar", "-x", "-C", folder.name], input=archive, check=True)
        else:
            self.git("checkout-index", "--all", f"--prefix={folder.name}/")
        return folder

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


def _content(path: bytes) -> str:
    state = os.lstat(path)
    if os.path.islink(path):
        return f"link {os.fsdecode(os.readlink(path))}"
    if not os.path.isfile(path):
        return f"{state.st_mode:o}"
    with open(path, "rb") as file:
        return f"{state.st_mode:o} {hashlib.sha256(file.read()).hexdigest()}"
