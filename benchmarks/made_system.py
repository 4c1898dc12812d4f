"""A made system of any size, as files: services in Python that call each other by gRPC stubs, each with its
contract, its Dockerfile and a manifest that says whom it calls. Every site is real code that is really read.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from grpc_tools import protoc

CALLS = 10
"""Other services that each one calls."""
FIELDS = 10
"""Fields of an answer that each caller reads, of every service that it calls."""


def contract(number: int) -> str:
    fields = "".join(f"  string field{i} = {i + 2};\n" for i in range(FIELDS))
    return (
        f'syntax = "proto3";\npackage s{number}.v1;\n'
        f"message Ask {{ string id = 1; }}\nmessage Answer {{\n  string id = 1;\n{fields}}}\n"
        f"service S{number} {{ rpc Get(Ask) returns (Answer); }}\n"
    )


def called(number: int, services: int) -> list[int]:
    """Whom a service calls: near and far, the same for the same number."""
    found: list[int] = []
    step = 1
    while len(found) < min(CALLS, services - 1):
        other = (number * 7919 + step * step * 104_729 + step) % services
        if other != number and other not in found:
            found.append(other)
        step += 1
    return found


def code(number: int, services: int) -> str:
    others = called(number, services)
    lines = ["import os", "import grpc", "from concurrent import futures"]
    for other in sorted({number, *others}):
        lines.append(f"from gen.s{other}.v1 import s{other}_pb2, s{other}_pb2_grpc")
    lines += [
        f"class S{number}(s{number}_pb2_grpc.S{number}Servicer):",
        "    def Get(self, request, context):",
        f"        return s{number}_pb2.Answer(id=request.id)",
        "server = grpc.server(futures.ThreadPoolExecutor())",
        f"s{number}_pb2_grpc.add_S{number}Servicer_to_server(S{number}(), server)",
    ]
    for other in others:
        lines += [
            f'channel{other} = grpc.insecure_channel(os.environ["S{other}_ADDR"])',
            f"stub{other} = s{other}_pb2_grpc.S{other}Stub(channel{other})",
            f"def load{other}(key):",
            f"    answer = stub{other}.Get(s{other}_pb2.Ask(id=key))",
        ]
        lines += [f"    print(answer.field{i})" for i in range(FIELDS)]
    return "\n".join(lines) + "\n"


def manifest(number: int, services: int) -> str:
    env = "".join(
        f"            - name: S{other}_ADDR\n              value: s{other}:50051\n"
        for other in called(number, services)
    )
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: s{number}}}
spec:
  selector: {{matchLabels: {{app: s{number}}}}}
  template:
    metadata: {{labels: {{app: s{number}}}}}
    spec:
      containers:
        - name: s{number}
          image: registry.example.test/s{number}:1
          env:
{env}---
apiVersion: v1
kind: Service
metadata: {{name: s{number}}}
spec:
  selector: {{app: s{number}}}
  ports: [{{port: 50051}}]
"""


def files(services: int) -> Iterator[tuple[str, str]]:
    """Path and text of everything but the stubs."""
    for number in range(services):
        yield f"protos/s{number}/v1/s{number}.proto", contract(number)
        yield f"services/s{number}/main.py", code(number, services)
        yield f"services/s{number}/Dockerfile", "FROM python:3.13\nCOPY . .\nCMD python main.py\n"
        yield f"deploy/s{number}.yaml", manifest(number, services)


def write(root: Path, services: int) -> None:
    """The system, with the stubs that the real protoc makes of its contracts."""
    for path, text in files(services):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    made = root / "gen"
    made.mkdir()
    names = [f"s{number}/v1/s{number}.proto" for number in range(services)]
    for start in range(0, services, 500):
        some = names[start : start + 500]
        ways = (f"--proto_path={root / 'protos'}", f"--python_out={made}", f"--grpc_python_out={made}")
        if protoc.main(["protoc", *ways, *some]) != 0:
            raise RuntimeError("protoc")


def commit(root: Path) -> None:
    """One commit of all of it, packed."""
    who = ["-c", "gc.auto=0", "-c", "user.name=bench", "-c", "user.email=bench@example.test"]
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "--all"],
        ["commit", "-q", "-m", "base"],
        ["gc", "-q"],
    ):
        subprocess.run(["git", *who, *arguments], cwd=root, check=True)
