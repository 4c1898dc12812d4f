"""The bundled shop against its hand- and compiler-made truth: every use site, every edge, no trap."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import SHOP, Scratch

from workspai_hooks.exploration import what_if
from workspai_hooks.service_map import map_services

TRUTH: dict[str, Any] = json.loads((SHOP / "truth.json").read_text())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth") / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", "truth.json"))
    Scratch.init(folder).repo.git.add("--all")
    return folder


def wanted(element: str) -> set[str]:
    known = TRUTH["elements"][element]
    sites = {
        f"{TRUTH['services'][service]}/{line}" for service, lines in known["sites"].items() for line in lines
    }
    return sites | set(TRUTH.get("beyond_the_compiler", {}).get(element, []))


def neutral(element: str) -> set[str]:
    rows = TRUTH["elements"][element].get("neutral", {})
    return {f"{TRUTH['services'][service]}/{line}" for service, lines in rows.items() for line in lines}


@pytest.fixture(scope="module")
def found(root: Path) -> dict[str, set[str]]:
    """Lines by element."""
    outlook = what_if(root, list(TRUTH["elements"]), [])
    assert outlook.exit_code == 0
    return {
        element: {str(site.location) for consumer in consumers for site in consumer.sites}
        for element, consumers in outlook.verdicts.items()
    }


@pytest.mark.parametrize("service", [name for name in TRUTH["services"] if name != "loadgen"])
def test_use_sites_of_every_language(service: str, found: dict[str, set[str]]) -> None:
    """A service's share, so that a language that is not followed is not lost in the sum."""
    folder = TRUTH["services"][service] + "/"
    right = wrong = missing = 0
    for element, lines in found.items():
        here = {line for line in lines if line.startswith(folder)}
        want = {line for line in wanted(element) if line.startswith(folder)}
        right += len(here & want)
        wrong += len(here - want - neutral(element))
        missing += len(want - here)
    assert right >= 30
    assert right >= 0.97 * (right + missing), missing
    assert right >= 0.95 * (right + wrong), wrong


def test_every_use_site_and_no_other(found: dict[str, set[str]]) -> None:
    missing, extra, right = [], [], 0
    for element, lines in found.items():
        right += len(lines & wanted(element))
        missing += [f"{element} {line}" for line in sorted(wanted(element) - lines)]
        extra += [f"{element} {line}" for line in sorted(lines - wanted(element) - neutral(element))]
    assert right > 450
    assert extra == []
    assert len(missing) <= 0.03 * (right + len(missing)), missing


def test_every_edge_and_no_trap(root: Path) -> None:
    edges = {(edge.consumer, edge.provider) for edge in map_services(root).edges if edge.tier != "ordering"}
    known = {(consumer, provider) for consumer, provider, _ in (*TRUTH["edges"], *TRUTH["infra_edges"])}
    assert edges == known
    assert not {(consumer, provider) for consumer, provider, _ in TRUTH["trap_false_edges"]} & edges
