"""The figures of a run: how many inputs, the slowest, the largest."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":  # limits of processes, and what they had, are read as Linux tells them
    collect_ignore_glob = ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "hostile" and report.when == "call"
    ]
    if rows:
        slow, large = max(rows, key=lambda row: row[2]), max(rows, key=lambda row: row[3])
        terminalreporter.write_line(
            f"hostile inputs: {sum(row[1] for row in rows)} to {len({row[0] for row in rows})} readers; "
            f"the slowest took {slow[2]:.1f} s ({slow[0]}), the largest {large[3] >> 20} MB ({large[0]})"
        )
