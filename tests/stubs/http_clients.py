"""Clients that the real openapi-generator makes of our description, and calls that are made through them."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stubs import http_policies
from stubs.toolchain import Unavailable, once
from workspai_hooks.enrichment.kinds import Kind
from workspai_hooks.enrichment.rendering import render
from workspai_hooks.resilience.model import Breaker


class Outcome(NamedTuple):
    """What the caller saw: `status` 0 where no answer came, `error` the exception's text."""

    status: int
    error: str
    elapsed_s: float


CLIENTS: Mapping[str, Mapping[str, object]] = {
    "axios": {"generatorName": "typescript-axios"},
    "fetch": {"generatorName": "typescript-fetch"},
    "go": {
        "generatorName": "go",
        "additionalProperties": {"packageName": "bench", "withGoMod": "false"},
    },
    "java": {"generatorName": "java"},
    "python": {"generatorName": "python", "additionalProperties": {"packageName": "bench_client"}},
}


def clients(factory: pytest.TempPathFactory) -> Path:
    """A folder with all CLIENTS, to be copied: one start of the generator gives them, once a run."""
    return once(factory, "http-clients", lambda folder: generate(folder, CLIENTS))


def generate(
    folder: Path,
    generators: Mapping[str, Mapping[str, object]],
    description: Mapping[str, object] | None = None,
) -> None:
    """Runs openapi-generator once for all: `generators` by output folder, its name and its options."""
    found = importlib.util.find_spec("openapi_generator_cli")
    if found is None or found.origin is None:
        raise Unavailable("openapi-generator-cli is not installed")
    need("java")
    contract = folder / "bench.json"
    contract.write_text(json.dumps(description or http_policies.description()))
    configs = []
    for name, options in generators.items():
        config = folder / f"{name}.config.json"
        quiet = dict.fromkeys(("apiTests", "modelTests", "apiDocs", "modelDocs"), "false")
        config.write_text(
            json.dumps(
                {
                    "inputSpec": str(contract),
                    "outputDir": str(folder / name),
                    "globalProperties": quiet,
                    **options,
                }
            )
        )
        configs.append(str(config))
    jar = Path(found.origin).parent / "openapi-generator.jar"
    run(["java", "-XX:TieredStopAtLevel=1", "-jar", str(jar), "batch", "--fail-fast", *configs], folder)


def need(*programs: str) -> None:
    """Raises `Unavailable` where this machine has not one of them."""
    for program in programs:
        if shutil.which(program) is None:
            raise Unavailable(f"there is no {program}")


def enrich(kind: Kind, root: Path, anchor: str, *, breaker: Breaker | None = None) -> list[Path]:
    """Writes the sidecars of a client: what the verb does, with policies of our own."""
    facts = kind.facts(anchor, (root / anchor).read_bytes())
    assert facts is not None, f"{anchor} is no anchor of {kind.name}"
    written = []
    for path, template in kind.outputs(anchor, facts).items():
        (root / path).write_text(render(template, http_policies.plan(dict(facts), breaker=breaker)))
        written.append(root / path)
    return written


def variants(kind: Kind, root: Path, anchor: str) -> dict[str, str]:
    """Sidecars of other shapes, which are not run: compilers and formatters have to take them."""
    facts = kind.facts(anchor, (root / anchor).read_bytes())
    assert facts is not None
    (template,) = kind.outputs(anchor, facts).values()
    plans = http_policies.variants(dict(facts))
    return {name: render(template, plan) for name, plan in plans.items()}


def named(kind: Kind, anchor: str, **facts: object) -> str:
    """A sidecar of a client with other names."""
    (template,) = kind.outputs(anchor, facts).values()
    return render(template, http_policies.plan(facts, breaker=http_policies.BREAKER))


def run(command: Sequence[str], folder: Path, timeout_s: float = 120, **environment: str) -> str:
    """Standard output of a command that ends well."""
    ran = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert ran.returncode == 0, f"{command[0]} …: {ran.stdout[-3000:]}{ran.stderr[-3000:]}"
    return ran.stdout


def call(operation: str, call_id: str, behaviour: str, **more: Any) -> dict[str, Any]:
    """One call for a program: `timeout_s` is the caller's own limit, `key` the caller's own key, `sleep_s`
    waited before, `stream` reads the body itself."""
    return {"op": operation, "id": call_id, "behaviour": behaviour, **more}


def lane(*calls: dict[str, Any] | list[dict[str, Any]], plain: bool = False, **more: Any) -> dict[str, Any]:
    """Calls one after the other through a client of their own; those of a list at the same time. All lanes
    run at the same time. `plain`: the client as it was generated."""
    return {"plain": plain, "calls": [one if isinstance(one, list) else [one] for one in calls], **more}


def outcomes(printed: str) -> dict[str, list[Outcome]]:
    """The lines of JSON that a program printed, by id of the call."""
    found: dict[str, list[Outcome]] = {}
    for line in printed.splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            found.setdefault(row["id"], []).append(Outcome(row["status"], row["error"], row["elapsed_s"]))
    return found
