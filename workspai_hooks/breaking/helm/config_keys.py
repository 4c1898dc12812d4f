"""Keys of ConfigMaps and Secrets that are gone, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.faults import fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.references import ALL, Reference
from workspai_hooks.findings import Severity

HOLDERS = ("ConfigMap", "ExternalSecret", "SealedSecret", "Secret")
_PARTS: tuple[tuple[str, ...], ...] = (
    ("data",),
    ("binaryData",),
    ("stringData",),
    ("spec", "encryptedData"),
    ("spec", "template", "data"),
)


def keys_of(one: Object) -> dict[str, tuple[tuple[Step, ...], Plain]]:
    """The keys that a ConfigMap or Secret has, or that a Secret made from it will: where each stands."""
    found: dict[str, tuple[tuple[Step, ...], Plain]] = {}
    if one.kind == "ExternalSecret":
        for number, item in enumerate(one.items("spec", "data")):
            if key := item.get("secretKey"):
                found[str(key)] = (("spec", "data", number, "secretKey"), item.get("remoteRef"))
        return found
    for part in _PARTS:
        found.update({key: ((*part, key), value) for key, value in one.mapping(*part).items()})
    return found


def made(one: Object) -> tuple[str, str]:
    """Kind and name of what pods refer to."""
    if one.kind == "ExternalSecret":
        return "Secret", one.text("spec", "target", "name") or one.name
    return ("ConfigMap" if one.kind == "ConfigMap" else "Secret"), one.name


def find(change: Change) -> Iterator[Break]:
    for pair in change.pairs_of(*HOLDERS):
        before, after = keys_of(pair.before), keys_of(pair.after)
        new = {key: value for key, (_, value) in after.items() if key not in before}
        for key, (path, value) in before.items():
            if key not in after and not _takes_all(pair.after):
                renamed = [other for other, told in new.items() if told == value and value not in (None, "")]
                yield _gone(pair, key, path, after, renamed[0] if len(renamed) == 1 else None, change)


def _takes_all(one: Object) -> bool:
    return one.kind == "ExternalSecret" and bool(one.items("spec", "dataFrom"))


def _gone(
    pair: Pair,
    key: str,
    path: tuple[Step, ...],
    after: dict[str, tuple[tuple[Step, ...], Plain]],
    renamed: str | None,
    change: Change,
) -> Break:
    kind, name = made(pair.before)
    read = [use for use in change.used.of(kind, name) if use.key in (key, ALL)]
    still = [use for use in change.uses.of(*made(pair.after)) if use.key in (key, ALL) and not use.optional]
    how = f"was renamed to {renamed}" if renamed else "was removed"
    return fault(
        "config-key-renamed" if renamed else "config-key-removed",
        f"{kind}/{name}:key/{key}",
        f"{kind}/{name}: key {key} {how}",
        pair.after.place(*after[renamed][0]) if renamed else pair.after.place(*path),
        pair.before.place(*path),
        renamed_to=renamed,
        severity=None if still else Severity.NOTE if read else Severity.WARNING,
        related=[use.place for use in still or read],
        users=_readers(still),
    )


def _readers(still: list[Reference]) -> str:
    if not still:
        return ""
    names = sorted({f"{use.source.title} ({use.how})" for use in still})
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"; {', '.join(names[:3])}{more} still read{'s' if len(names) == 1 else ''} it"
