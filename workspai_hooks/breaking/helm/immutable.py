"""Fields that an object can't change once it exists: an upgrade with another value is refused.

Sources: the update validation of each kind in kubernetes/kubernetes, the functions named beside the rows, in
`pkg/apis/<group>/validation/validation.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from workspai_hooks.breaking.helm.change import Change, Pair
from workspai_hooks.breaking.helm.faults import NEXT, fault
from workspai_hooks.breaking.values import Break
from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Object, texts
from workspai_hooks.findings import Severity

Told = Callable[[Object], Plain]


class Field(msgspec.Struct, frozen=True):
    """A field that must stay. `told` gives what of an object is compared: equal means the same to the API.

    `set_only`: leaving it out, or setting it for the first time, is allowed.
    """

    path: tuple[Step, ...]
    told: Told
    set_only: bool = False


def _at(*path: str, default: Plain = None, set_only: bool = False) -> Field:
    def told(one: Object) -> Plain:
        value = one.get(*path)
        return default if value is None else value

    return Field(path, told, set_only)


def _selector(one: Object) -> Plain:
    """A selector in one form; without one, extensions/v1beta1 and apps/v1beta1 took the template's labels."""
    selector = one.get("spec", "selector")
    if not isinstance(selector, dict):
        return {"labels": dict(sorted(texts(one.get("spec", "template", "metadata", "labels")).items()))}
    rules = selector.get("matchExpressions")
    told = sorted(
        (str(rule.get("key")), str(rule.get("operator")), sorted(map(str, _list(rule.get("values")))))
        for rule in _list(rules)
        if isinstance(rule, dict)
    )
    labels: Plain = dict(sorted(texts(selector.get("matchLabels")).items()))
    return {"labels": labels, "rules": repr(told)} if told else {"labels": labels}


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []


def _claims(one: Object) -> Plain:
    """Claim templates without what the API server fills in."""
    return [_claim(claim) for claim in one.items("spec", "volumeClaimTemplates")]


def _claim(claim: Mapping[str, Plain]) -> Plain:
    metadata, spec = claim.get("metadata"), claim.get("spec")
    inside = dict(spec) if isinstance(spec, dict) else {}
    inside.setdefault("volumeMode", "Filesystem")
    named = (
        {k: v for k, v in metadata.items() if k != "creationTimestamp"} if isinstance(metadata, dict) else {}
    )
    return {"metadata": named, "spec": inside}


def _without(*left_out: str) -> Told:
    def told(one: Object) -> Plain:
        return {key: value for key, value in one.mapping("spec").items() if key not in left_out}

    return told


def _cluster_ip(one: Object) -> Plain:
    return None if one.text("spec", "type") == "ExternalName" else one.get("spec", "clusterIP")


def _data(one: Object) -> Plain:
    return {key: one.get(key) for key in ("data", "binaryData", "stringData")}


SELECTOR = Field(("spec", "selector"), _selector)
FIELDS: Mapping[str, tuple[Field, ...]] = {
    # apps: ValidateDeploymentUpdate, ValidateDaemonSetUpdate, ValidateReplicaSetUpdate,
    # ValidateStatefulSetUpdate
    "Deployment": (SELECTOR,),
    "DaemonSet": (SELECTOR,),
    "ReplicaSet": (SELECTOR,),
    "StatefulSet": (
        SELECTOR,
        _at("spec", "serviceName"),
        _at("spec", "podManagementPolicy", default="OrderedReady"),
        Field(("spec", "volumeClaimTemplates"), _claims),
    ),
    # batch: ValidateJobSpecUpdate
    "Job": (
        SELECTOR,
        _at("spec", "template"),
        _at("spec", "completionMode", default="NonIndexed"),
        _at("spec", "podFailurePolicy"),
        _at("spec", "backoffLimitPerIndex"),
    ),
    # core: ValidatePersistentVolumeClaimUpdate, ValidatePersistentVolumeUpdate, ValidateServiceUpdate,
    # ValidateSecretUpdate, ValidateConfigMapUpdate
    "PersistentVolumeClaim": (
        Field(("spec",), _without("resources", "volumeAttributesClassName", "volumeName")),
    ),
    "PersistentVolume": (
        Field(
            ("spec",),
            _without(
                *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "storageClassName"),
                *("persistentVolumeReclaimPolicy", "volumeAttributesClassName"),
            ),
        ),
    ),
    "Service": (Field(("spec", "clusterIP"), _cluster_ip, set_only=True),),
    "Secret": (_at("type", default="Opaque"),),
    # storage: ValidateStorageClassUpdate
    "StorageClass": (
        _at("provisioner"),
        _at("parameters"),
        _at("reclaimPolicy", default="Delete"),
        _at("volumeBindingMode", default="Immediate"),
    ),
    # rbac: ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate
    "RoleBinding": (_at("roleRef"),),
    "ClusterRoleBinding": (_at("roleRef"),),
    # networking: ValidateIngressClassUpdate
    "IngressClass": (_at("spec", "controller"),),
    # scheduling: ValidatePriorityClassUpdate
    "PriorityClass": (_at("value"), _at("preemptionPolicy", default="PreemptLowerPriority")),
    # node: ValidateRuntimeClassUpdate
    "RuntimeClass": (_at("handler"),),
    # discovery: ValidateEndpointSliceUpdate
    "EndpointSlice": (_at("addressType"),),
    # apiextensions: validateCustomResourceDefinitionSpecUpdate
    "CustomResourceDefinition": (_at("spec", "scope"), _at("spec", "group"), _at("spec", "names", "kind")),
}
"""Kind -> the fields that it can't change."""


def find(change: Change) -> Iterator[Break]:
    for pair in change.pairs:
        if not _made_anew(pair.after):
            yield from _changed(pair, is_release=change.is_release)
            yield from _frozen(pair)
            yield from _shrunk(pair)


def _changed(pair: Pair, *, is_release: bool) -> Iterator[Break]:
    for field in FIELDS.get(pair.before.kind, ()):
        old, new = field.told(pair.before), field.told(pair.after)
        if old == new or (field.set_only and new is None):
            continue
        path = _deeper(field.path, old, new)
        told = _fault(pair, path, "can't be changed once it exists: the upgrade is refused")
        if pair.before.kind == "Job" and (not is_release or _ends_by_itself(pair.after)):
            told = replace(told, severity=Severity.WARNING)  # it may be gone by then, by hand or by itself
        yield told


def _fault(pair: Pair, path: tuple[Step, ...], why: str) -> Break:
    is_selector = path[:2] == ("spec", "selector")
    inner = _difference(pair.before.get(*path), pair.after.get(*path))
    dotted = ".".join(map(str, path))
    return fault(
        "selector-changed" if is_selector else "immutable-field-changed",
        f"{pair.title}:selector" if is_selector else f"{pair.title}:{dotted}",
        f"{pair.title}: {dotted} changed, which {why}",
        pair.after.place(*path, *inner),
        pair.before.place(*path, *inner),
        surfaces=NEXT,
    )


def _ends_by_itself(one: Object) -> bool:
    """A Job that is removed some time after its end."""
    return one.get("spec", "ttlSecondsAfterFinished") is not None


def _deeper(path: tuple[Step, ...], old: Plain, new: Plain) -> tuple[Step, ...]:
    """The one key below that differs, where it is one."""
    if len(path) > 1 or not isinstance(old, dict) or not isinstance(new, dict):
        return path
    differing = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return (*path, differing[0]) if len(differing) == 1 else path


def _difference(old: Plain, new: Plain) -> tuple[Step, ...]:
    """The way to the first thing that differs, changed or new ones first: its line says why."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*(key for key in new if key not in old), *(key for key in old)]:
            if old.get(key) != new.get(key):
                return (key, *_difference(old.get(key), new.get(key)))
    if isinstance(old, list) and isinstance(new, list):
        for number, (one, other) in enumerate(zip(old, new, strict=False)):
            if one != other:
                return (number, *_difference(one, other))
    return ()


def _frozen(pair: Pair) -> Iterator[Break]:
    """ConfigMaps and Secrets that say of themselves that they stay as they are."""
    if pair.before.kind in ("ConfigMap", "Secret") and pair.before.get("immutable") is True:
        if pair.after.get("immutable") is not True:
            yield _fault(pair, ("immutable",), "can't be taken back: the upgrade is refused")
        elif _data(pair.before) != _data(pair.after):
            yield _fault(pair, ("data",), "an immutable one can't: the upgrade is refused")


def _shrunk(pair: Pair) -> Iterator[Break]:
    """Claims may grow only (ValidatePersistentVolumeClaimUpdate)."""
    if pair.before.kind != "PersistentVolumeClaim":
        return
    path = ("spec", "resources", "requests", "storage")
    old, new = quantity(pair.before.text(*path)), quantity(pair.after.text(*path))
    if old and new and new < old:
        yield _fault(pair, path, "can only grow: the upgrade is refused")


_UNITS = {"k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def quantity(text: str) -> float:
    """A quantity of Kubernetes (`1Gi`, `500M`) as a number; 0 for what is none."""
    number = text.rstrip("iKkMGTPEm")
    unit = text[len(number) :]
    try:
        value = float(number)
    except ValueError:
        return 0.0
    if unit.endswith("i"):
        return value * 1024.0 ** (" KMGTPE".find(unit[0]))
    if unit == "m":
        return value / 1000
    return value * 10.0 ** _UNITS.get(unit, 0)


def _made_anew(one: Object) -> bool:
    """Objects that are deleted and made again at each upgrade: hooks, and what is told to be replaced
    (https://helm.sh/docs/topics/charts_hooks/, Argo CD's resource hooks and sync options)."""
    if one.annotation("helm.sh/hook") or one.annotation("argocd.argoproj.io/hook"):
        return True
    options = {text.strip() for text in one.annotation("argocd.argoproj.io/sync-options").split(",")}
    return bool(options & {"Replace=true", "Force=true"}) or bool(one.node.at("metadata", "generateName"))
