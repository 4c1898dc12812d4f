"""The repositories that histories begin with: the bundled fixtures, and small ones made of parts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from histories import parts
from histories.layout import Base, Chart, Layout, Workspace
from histories.repository import Files

FIXTURES = Path(__file__).parents[2] / "fixtures"
WEIGHTS = {"shop": 2, "depot": 2, "plain": 3, "modules": 3, "workspace": 2, "copies": 2, "flat": 2}
"""How often each is taken."""


def choose(rng: Random) -> Base:
    name = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return _MADE[name](rng)


@cache
def _fixture(name: str) -> Files:
    folder = FIXTURES / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "truth.json" and "__pycache__" not in path.parts
    }


def _shop(_: Random) -> Base:
    layout = Layout(
        "shop",
        (Workspace(("protos",)), Workspace(("services/warehouse/src/Protos",))),
        (Chart("deploy/chart"),),
        manifests=("deploy/k8s",),
        consumers=True,
    )
    return Base(layout, dict(_fixture("shop")))


def _depot(_: Random) -> Base:
    return Base(Layout("depot", consumers=True), dict(_fixture("depot")))


def _plain(rng: Random) -> Base:
    """No buf.yaml; a description in YAML over three files, a chart, raw manifests."""
    files = {
        **parts.protos(rng, "api/", "acme", 4),
        **parts.description(rng, "http/openapi.yaml", split=True),
        **parts.chart("chart/", "acme"),
        **parts.manifests("k8s/acme/"),
        **parts.others(),
    }
    layout = Layout(
        "plain", (Workspace(("api",)),), (Chart("chart", ("chart/values-prod.yaml",)),), ("k8s/acme",)
    )
    return Base(layout, files)


def _modules(rng: Random) -> Base:
    """buf.yaml of two modules that import each other's files; a description in JSON; a kustomization."""
    files = {
        "buf.yaml": b"version: v2\nmodules:\n  - path: proto/core\n  - path: proto/edge\n",
        **parts.protos(rng, "proto/core/", "core", 3),
        **parts.description(rng, "services/orders/openapi.json", split=True),
        **parts.kustomized("deploy/"),
        **parts.others(),
    }
    files |= parts.protos(rng, "proto/edge/", "edge", 2, uses=files)
    layout = Layout(
        "modules", (Workspace(("proto/core", "proto/edge")),), kustomizations=("deploy/overlays/prod",)
    )
    return Base(layout, files)


def _workspace(rng: Random) -> Base:
    """buf.work.yaml, with a policy of its own in each module; a description in one YAML file."""
    policy = rng.choice((("WIRE_JSON",), ("FILE",), ("PACKAGE",), ("WIRE", "FILE_SAME_PACKAGE")))
    without = rng.choice(((), ("FIELD_SAME_JSON_NAME",), ("FILE_SAME_GO_PACKAGE", "RPC_NO_DELETE")))
    config = "version: v1\nbreaking:\n  use:\n" + "".join(f"    - {one}\n" for one in policy)
    if without:
        config += "  except:\n" + "".join(f"    - {one}\n" for one in without)
    files = {
        "buf.work.yaml": b"version: v1\ndirectories:\n  - protos\n",
        "protos/buf.yaml": config.encode(),
        **parts.protos(rng, "protos/", "hub", 4),
        **parts.description(rng, "docs/api.yaml", split=False),
        **parts.manifests("k8s/hub/"),
        **parts.others(),
    }
    layout = Layout("workspace", (Workspace(("protos",), policy, without),), manifests=("k8s/hub",))
    return Base(layout, files)


def _copies(rng: Random) -> Base:
    """Two services, each with its copy of the same contracts and no buf.yaml."""
    made = parts.protos(rng, "", "shared", 2)
    files = {f"{owner}/proto/{path}": text for owner in ("cart", "till") for path, text in made.items()}
    layout = Layout("copies", (Workspace(("cart/proto",)), Workspace(("till/proto",))))
    return Base(layout, {**files, **parts.others()})


def _flat(rng: Random) -> Base:
    """Everything at the repository's top, the contracts without folders for their packages."""
    files = {
        **parts.protos(rng, "", "", 3),
        **parts.description(rng, "openapi.yaml", split=rng.random() < 0.5),
        **parts.others(),
    }
    return Base(Layout("flat", (Workspace(("",)),)), files)


_MADE = {
    "shop": _shop,
    "depot": _depot,
    "plain": _plain,
    "modules": _modules,
    "workspace": _workspace,
    "copies": _copies,
    "flat": _flat,
}
