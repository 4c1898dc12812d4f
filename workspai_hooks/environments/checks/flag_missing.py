"""ED07: a feature flag that is set in one environment and missing in the other."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.environments.found import finding, lacking
from workspai_hooks.environments.missing import missing
from workspai_hooks.environments.scene import Scene
from workspai_hooks.environments.values import Stage
from workspai_hooks.findings import Finding, Severity


def find(scene: Scene) -> Iterator[Finding]:
    """Flags that the source reads as variables, and flags among the values of charts; of a whole environment
    that lacks, `variable_missing.py` has one finding."""
    yield from (lacking("ED07", one) for one in missing(scene) if one.is_flag)
    for gap in scene.gaps:
        yield finding(
            "ED07",
            Severity.WARNING if gap.stage is Stage.PRODUCTION else Severity.NOTE,
            f"chart:{gap.chart}:values.{gap.key}",
            f"chart {gap.chart} reads the flag {gap.key}; {gap.there} sets it, {gap.here} does not, nor "
            "does the chart",
            gap.at,
            (gap.lacking,),
            f"{gap.key} set in {gap.there} -> missing in {gap.here}",
        )
