"""A repository full of traps: what its files, its git configuration and an environment that leads into it
would have run, fetched or read by a tool that obeys them.

`snapped` exists once something was executed, `calls` counts what a server on this machine was asked, and what
stands outside of the repository holds a word that no report may have.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
from conftest import Scratch

OUTSIDE = "Zq7outside"
"""Stands in every file outside of the repository."""

PROTO = """syntax = "proto3";
package shop.v1;
message Order { string note = 1; int32 total = 2; }
service Orders { rpc Get(Order) returns (Order); }
"""
API = """openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: object, properties: {total: {type: integer}}}}}
"""
CHART = {
    "deploy/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "deploy/values.yaml": "port: 80\n",
    "deploy/templates/a.yaml": """\
apiVersion: v1
kind: Service
metadata: {name: orders}
spec: {ports: [{port: {{ .Values.port }}}], selector: {app: orders}}
# {{ getHostByName "localhost" }} {{ lookup "v1" "Secret" "x" "y" }} {{ .Files.Get "../../outside/secret" }}
# {{ .Files.Get "/OUTSIDE/secret" }} {{ (.Files.Glob "../../outside/*").AsConfig }} {{ .Files.Get "linked" }}
""",
}
RUN = {
    # Programs that tools of the field run when they read these files.
    "buf.yaml": "version: v2\nplugins: [{plugin: ./bait}]\npolicies: [{policy: ./bait}]\n",
    "buf.gen.yaml": "version: v2\nplugins: [{local: ./bait, out: gen}]\n",
    "helmfile.yaml": """\
hooks: [{events: [prepare], command: ./bait}]
releases: [{name: a, chart: ./deploy, postRenderer: ./bait, values: ['{{ exec "./bait" (list) }}']}]
""",
    "skaffold.yaml": """\
apiVersion: skaffold/v4beta6
kind: Config
build: {artifacts: [{image: x, hooks: {before: [{command: [./bait]}]}, custom: {buildCommand: ./bait}}]}
deploy:
  helm:
    hooks: {before: [{host: {command: [./bait]}}]}
    releases: [{name: a, chartPath: deploy}]
""",
    "install.sh": "#!/bin/sh\n./bait\nhelm upgrade shop ./deploy --post-renderer ./bait --set a=$(./bait)\n",
    "k8s/kustomization.yaml": """\
resources: [app.yaml]
generators: [gen.yaml]
transformers: [gen.yaml]
validators: [gen.yaml]
helmCharts: [{name: shop, releaseName: x}]
helmGlobals: {chartHome: .}
""",
    "k8s/app.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: b}\n",
    "k8s/gen.yaml": """\
apiVersion: v1
kind: Bait
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ../bait}
""",
    "plugins/bait/plugin.yaml": 'name: bait\nversion: 1.0.0\ncommand: "$HELM_PLUGIN_DIR/../../bait"\n',
    "compose.yaml": """\
include: [../outside/compose.yaml]
services:
  web:
    image: web
    command: [./bait]
    environment: {ORDERS: "http://orders:80"}
    env_file: [../outside/secret, /OUTSIDE/secret]
    extends: {file: ../outside/compose.yaml, service: outer}
    build: {context: ../outside}
""",
    "Makefile": "all:\n\t./bait\n",
    "package.json": '{"name": "x", "scripts": {"preinstall": "./bait", "postinstall": "./bait"}}',
    "Tiltfile": "local('./bait')\n",
    "setup.py": "import os; os.system('./bait')\n",
    "conftest.py": "import os; os.system('./bait')\n",
    "page.html.j2": "{{ ''.__class__.__mro__ }}{% include '/OUTSIDE/secret' %}{{ order.total }}\n",
    "gen/order_pb2.py": "import os\nos.system('./bait')\nDESCRIPTOR = _pool.Add(b'\\n\\x01a')\n",
    "go.mod": "module x\n\nreplace outer => ../outside\n",
    "main.go": "package main\n\n//go:generate ./bait\n\nfunc main() {}\n",
    "Dockerfile": "FROM x\nCOPY ../outside/secret /\nADD http://127.0.0.1:PORT/x /\nRUN ./bait\n",
    ".gitattributes": "* filter=trap diff=trap merge=trap\n",
    ".gitmodules": '[submodule "s"]\n\tpath = s\n\turl = http://127.0.0.1:PORT/s.git\n\tupdate = !./bait\n',
}
LED_OUT = {
    # What they name is asked for: something changes in each of them.
    "api/out.yaml": """\
openapi: 3.0.3
info: {title: Out, version: "1"}
servers: [{url: "http://127.0.0.1:PORT/v1"}]
paths:
  /a: {$ref: "../../outside/api.yaml#/paths/a"}
  /b: {$ref: "http://127.0.0.1:PORT/api.yaml#/paths/a"}
  /c: {$ref: "file:///OUTSIDE/api.yaml#/paths/a"}
  /d: {$ref: "/OUTSIDE/api.yaml#/paths/a"}
  /e: {$ref: "linked.yaml#/paths/a"}
  /f: {$ref: "folder/api.yaml#/paths/a"}
""",
    "protos/out.proto": """\
syntax = "proto3";
import "../../outside/outer.proto";
import "/OUTSIDE/outer.proto";
import "linked.proto";
import "127.0.0.1:PORT/a/b.proto";
message Out {}
""",
    "over/kustomization.yaml": """\
resources: [../../outside, ../../outside/object.yaml, /OUTSIDE/object.yaml, linked.yaml, folder,
  "http://127.0.0.1:PORT/object.yaml", "https://127.0.0.1:PORT/x//y?ref=1", "git::http://127.0.0.1:PORT/x"]
secretGenerator:
  - {name: s, files: [../../outside/secret, /OUTSIDE/secret, linked], envs: [../../outside/secret]}
patches: [{path: ../../outside/object.yaml}]
components: [../../outside]
""",
    "second/Chart.yaml": """\
apiVersion: v2
name: second
version: 1.0.0
dependencies:
  - {name: a, version: "1", repository: "http://127.0.0.1:PORT/charts"}
  - {name: b, version: "1", repository: "file://../../outside"}
  - {name: c, version: "1", repository: "oci://127.0.0.1:PORT/charts"}
""",
    "second/values.schema.json": '{"$ref": "http://127.0.0.1:PORT/schema.json", "x": {"$ref": "file:///OUTSIDE/s"}}',
    "second/values.yaml": "a: 1\n",
    "second/templates/b.yaml": '# {{ .Files.Get "linked" }} {{ .Files.Get "folder/secret" }}\n',
}  # fmt: skip
BEFORE = {
    "api/out.yaml": ("#/paths/a", "#/paths/b"),
    "protos/out.proto": ("Out {}", "Out { string a = 1; }"),
    "over/kustomization.yaml": ("resources: [", "resources: [../k8s/app.yaml, "),
    "second/values.yaml": ("a: 1", "a: 1\nb: {c: 2}"),
}
"""What stood in the base instead: text in the head, text in the base."""
LINKS = {
    "api/linked.yaml": "api.yaml",
    "api/folder": "",
    "protos/linked.proto": "outer.proto",
    "over/linked.yaml": "object.yaml",
    "over/linked": "secret",
    "over/folder": "",
    "deploy/linked": "secret",
    "second/linked": "secret",
    "second/folder": "",
    "second/templates/linked.yaml": "object.yaml",
    "second/charts": "",
    "CODEOWNERS": "secret",
    "linked.go": "secret",
    "services": "",
}
"""Symbolic links in the index: to what of the folder outside, or to all of it."""

FILES_OUTSIDE = {
    "secret": f"{OUTSIDE}\n{OUTSIDE}=1\n",
    "api.yaml": f"paths: {{a: {{get: {{operationId: {OUTSIDE}, responses: {{}}}}}}}}\n",
    "outer.proto": f'syntax = "proto3"; message {OUTSIDE} {{}}\n',
    "object.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {OUTSIDE.lower()}}}\n",
    "kustomization.yaml": "resources: [object.yaml]\n",
    "compose.yaml": f"services: {{{OUTSIDE}: {{image: x}}}}\n",
    "Chart.yaml": f"apiVersion: v2\nname: b\nversion: 1.0.0\ndescription: {OUTSIDE}\n",
    "Dockerfile": f"FROM {OUTSIDE}\n",
}  # fmt: skip

HOOKS = (
    *("pre-commit", "pre-push", "post-checkout", "post-commit", "post-merge", "pre-auto-gc", "pre-receive"),
    *("post-index-change", "reference-transaction", "update", "post-rewrite", "prepare-commit-msg"),
)
PROGRAMS = ("git", "buf", "helm", "oasdiff", "gpg", "sh", "ssh", "python", "python3", "kustomize", "protoc")
GIT_CONFIG = (
    *("core.fsmonitor", "core.pager", "core.editor", "core.askPass", "core.sshCommand", "core.gitProxy"),
    *("gpg.program", "gpg.ssh.program", "diff.external", "diff.trap.command", "diff.trap.textconv"),
    *("filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "merge.trap.driver"),
    *("credential.helper", "sequence.editor", "interactive.diffFilter", "pager.log", "pager.grep"),
    *("uploadpack.packObjectsHook", "core.alternateRefsCommand", "remote.origin.uploadpack"),
)
VARIABLES = (
    *(
        "GIT_EXTERNAL_DIFF",
        "GIT_SSH_COMMAND",
        "GIT_SSH",
        "GIT_PAGER",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "LESSOPEN",
    ),
    *("PAGER", "EDITOR", "VISUAL", "BROWSER", "SSH_ASKPASS", "GIT_PROXY_COMMAND", "GIT_SEQUENCE_EDITOR"),
)


class Server(ThreadingHTTPServer):
    """Counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        super().__init__(("127.0.0.1", 0), BaseHTTPRequestHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def verify_request(self, *_: object) -> bool:
        self.calls += 1
        return False


class Trapped(msgspec.Struct, frozen=True):
    """The repository on a branch whose index removes a field, a property and a port, and leads out in every
    way; the variables that lead into it; the file that a bait writes, the server, the folder outside."""

    made: Scratch
    environment: Mapping[str, str]
    snapped: Path
    server: Server
    outside: Path


def lay(folder: Path) -> Trapped:
    """Lay all of it out in a folder."""
    root, snapped, outside, server = folder / "repository", folder / "snapped", folder / "outside", Server()
    outside.mkdir()
    for name, text in FILES_OUTSIDE.items():
        (outside / name).write_text(text)

    def filled(files: Mapping[str, str]) -> dict[str, str | bytes]:
        port = str(server.server_address[1])
        return {
            path: text.replace("/OUTSIDE", str(outside)).replace("PORT", port) for path, text in files.items()
        }

    made = Scratch.init(root)
    before = {path: text.replace(*BEFORE.get(path, ("", ""))) for path, text in LED_OUT.items()}
    made.write(filled({"protos/shop.proto": PROTO, "api/orders.yaml": API, **CHART, **RUN, **before}))
    for path, target in LINKS.items():
        (root / path).symlink_to(outside / target)
    for place in ("", "bin", "node_modules/.bin"):
        for name in PROGRAMS:
            bait(root / place / name, snapped)
    bait(root / "bait", snapped)
    made.repo.git.add("--all")
    made.commit("base")
    made.repo.git.execute(["git", "update-ref", "HEAD", _signed(made)])
    made.branch("topic")
    made.replace("protos/shop.proto", " int32 total = 2;", "")
    made.replace("api/orders.yaml", "total: {type: integer}", "sum: {type: integer}")
    made.replace("deploy/values.yaml", "80", "81")
    made.write(filled(LED_OUT))
    environment = _configured(made, snapped, server)
    snapped.unlink(missing_ok=True)  # git itself runs hooks of a commit
    return Trapped(made, environment, snapped, server, outside)


def _configured(made: Scratch, snapped: Path, server: Server) -> dict[str, str]:
    """Traps in `.git`, which nobody clones and an archive may bring along; variables that lead to them."""
    root = made.root
    command = str(root / "bait")
    for name in HOOKS:
        bait(root / ".git/hooks" / name, snapped)
        bait(root / "hooks" / name, snapped)
    settings = {
        **dict.fromkeys(GIT_CONFIG, command),
        "core.hooksPath": "hooks",
        "log.showSignature": "true",
        "remote.origin.url": f"ext::{command} %S",
        "remote.other.url": f"http://127.0.0.1:{server.server_address[1]}/x.git",
        "remote.other.promisor": "true",
        "protocol.ext.allow": "always",
        "include.path": "../.gitconfig",
        "submodule.recurse": "true",
        "submodule.s.update": f"!{command}",
        "diff.submodule": "diff",
        **{f"alias.{verb}": f"!{command}" for verb in ("log", "grep", "rev-parse", "workspai")},
    }
    for name, value in settings.items():
        made.repo.git.config(name, value)
    (root / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {command}\n")
    leading = [".", "node_modules/.bin", "", str(root), str(root / "bin"), str(root / "node_modules/.bin")]
    return {
        "PATH": os.pathsep.join([*leading, os.environ["PATH"]]),
        **dict.fromkeys(VARIABLES, command),
        "HELM_PLUGINS": str(root / "plugins"),
        "HELM_DATA_HOME": str(root),
        "KUSTOMIZE_PLUGIN_HOME": str(root / "plugins"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": command,
    }


def bait(path: Path, snapped: Path) -> None:
    """A program that tells that it was run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$0 $*" >> {snapped}\n')
    path.chmod(0o755)


def _signed(made: Scratch) -> str:
    """A copy of HEAD that bears a signature: `git log` would have it verified."""
    data = made.repo.git.cat_file("commit", "HEAD", strip_newline_in_stdout=False)
    head, _, message = data.partition("\n\n")
    text = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n{message}"
    argv = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    done = subprocess.run(argv, cwd=made.root, input=text, capture_output=True, text=True, check=True)
    return done.stdout.strip()
