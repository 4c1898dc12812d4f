"""Ours beside the bare tools, in one run: the table of docs/performance.md.

    python benchmarks/performance.py [NAME…] [--runs 10] [--inputs FOLDER] [--write]

A NAME is a module of benchmarks/speed/; without one all of them run. `--inputs` is a folder with clones of
public repositories (each module says which it looks for). `--write` puts the table into docs/performance.md,
between its marks, in place of the rows of the modules that ran. Exits with 1 where a goal was not met.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import speed
from speed.measure import Bench, Row, UnmeasuredError, environment

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD = "| work | ours | bare | measured | goal | met | runs |\n|---|---|---|---|---|---|---|\n"
NOT_MODULES = {"measure", "peak"}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    modules = sorted(one.name for one in pkgutil.iter_modules(speed.__path__) if one.name not in NOT_MODULES)
    parser.add_argument("names", nargs="*", choices=[*modules, []], metavar="NAME")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--inputs", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    missed = False
    print(machine())
    for name in given.names or modules:
        print(f"{name} …", file=sys.stderr, flush=True)
        begun = time.monotonic()
        made = _rows(name, given.runs, given.inputs)
        missed |= any(row.met is False for row in made)
        text = section(name, made, time.monotonic() - begun)
        print(text, flush=True)
        if given.write:
            _write(name, text)
    return 1 if missed else 0


def _rows(name: str, runs: int, inputs: Path | None) -> list[Row]:
    module = importlib.import_module(f"speed.{name}")
    with tempfile.TemporaryDirectory(prefix="workspai-speed-") as folder:
        bench = Bench(Path(folder), runs, inputs.resolve() if inputs else None)
        made: list[Row] = []
        try:
            made.extend(module.rows(bench))
        except UnmeasuredError as error:
            made.append(Row(name, "–", "–", f"not measured: {error}", "", None))
        return made


def section(name: str, rows: list[Row], seconds: float) -> str:
    """A table with what the module says of itself, and when it was measured."""
    module = importlib.import_module(f"speed.{name}")
    lines = [f"<!-- {name} -->", f"### {name}", "", (module.__doc__ or "").strip(), "", HEAD.rstrip()]
    for row in rows:
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        cells = (row.work, row.ours, row.bare, row.measured, row.goal, met, str(row.runs or ""))
        lines.append("| " + " | ".join(cells) + " |")
    details = [f"- {row.work}: {row.detail}" for row in rows if row.detail]
    lines += ["", *details] if details else []
    lines += ["", f"{date.today()}, {seconds:.0f} s, `python benchmarks/performance.py {name}`; {machine()}"]
    return "\n".join(lines) + f"\n<!-- end {name} -->"


def machine() -> str:
    """The hardware, the load, and the programs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model, memory = platform.machine(), ""
    if (info := Path("/proc/cpuinfo")).exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
        total = Path("/proc/meminfo").read_text().split()[1]
        memory = f", {int(total) / 2**20:.0f} GiB"
    git = subprocess.run(
        ["git", "--version"], capture_output=True, text=True, env=environment()
    ).stdout.strip()
    load = os.getloadavg()[0]
    return f"{model}, {cores} cores{memory}, load {load:.1f}; Python {platform.python_version()}, {git}"


def _write(name: str, text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    if begin in page:
        before, _, rest = page.partition(begin)
        page = before + text + rest.partition(end)[2]
    else:
        page = page.rstrip() + "\n\n" + text + "\n"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
