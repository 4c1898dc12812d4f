"""Feature flags among the values of a chart: keys that one environment lacks and all others have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from workspai_hooks.contracts.helm.nodes import Plain
from workspai_hooks.contracts.helm.values import Keys, dotted
from workspai_hooks.environments.values import Stage
from workspai_hooks.patterns import regex
from workspai_hooks.source import Location

Values = Mapping[Keys, tuple[Location, Plain]]

# Other keys differ on purpose: hosts, sizes, what a cluster has and another has not.
_FLAGS = regex(r"(?i)(?:feature|features|featureflags?|flags?|toggles?)")


class Gap(msgspec.Struct, frozen=True, order=True):
    """A key that is set `at` a line with the values of `there`, and with those of `here` nowhere."""

    chart: str
    key: str
    at: Location
    there: str
    here: str
    lacking: Location
    stage: Stage


class Given(msgspec.Struct, frozen=True):
    """The values of one environment, all layers laid over each other, the chart's own included."""

    label: str
    place: Location
    stage: Stage
    values: Values


def gaps(chart: str, given: Sequence[Given], templates: Sequence[bytes]) -> Iterator[Gap]:
    """The flags that one environment lacks. `templates` are the chart's: a flag counts whose last name stands
    in one of them."""
    for number, here in enumerate(given):
        others = [one for each, one in enumerate(given) if each != number]
        if not others:
            return
        for key in sorted(set.intersection(*(_flags(one.values) for one in others)) - set(here.values)):
            if any(other[: len(key)] == key for other in here.values):
                continue  # it is a mapping there
            name = key[-1].encode("utf-8", "replace")
            if any(name in text for text in templates):
                first = others[0]
                yield Gap(
                    chart, dotted(key), first.values[key][0], first.label, here.label, here.place, here.stage
                )


def _flags(values: Values) -> set[Keys]:
    return {
        key
        for key, (_, value) in values.items()
        if not isinstance(value, (dict, list)) and any(_FLAGS.fullmatch(part) for part in key[:-1])
    }
