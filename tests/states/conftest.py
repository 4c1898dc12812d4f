"""Managers and the prepared repository, once a worker; after the run, docs/states.md where that is wanted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from states import page
from states.managers import Kit, Unavailable
from states.proof import watching
from states.site import Site

WRITE = os.environ.get("WORKSPAI_STATES") == "write"
ALL = os.environ.get("WORKSPAI_STATES") in ("all", "write")


@pytest.fixture(scope="session")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kit]:
    """A manager's kit by its name; skips where this machine can't have it."""
    folder = tmp_path_factory.mktemp("kits")
    made: dict[str, Kit | str] = {}
    watched = watching(folder / "watched")

    def kit(manager: str) -> Kit:
        if manager not in made:
            try:
                made[manager] = Kit(manager, folder, watched)
            except Unavailable as error:
                made[manager] = str(error)
        got = made[manager]
        if isinstance(got, str):
            pytest.skip(got)
        return got

    return kit


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, kits: Callable[[str], Kit]) -> Path:
    """The folder that every state begins with, as it is copied."""
    folder = tmp_path_factory.mktemp("prepared") / "site"
    Site.prepared(folder, kits("git"))
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if WRITE:
        reports = terminalreporter.stats.get("passed", [])
        page.write([value for one in reports for name, value in one.user_properties if name == "cell"])
