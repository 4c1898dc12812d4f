"""Kustomizations are built as `kustomize build` does it, each field with the line that says it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from deployed import CART, Edit, between, edited, line_of, name_of, told

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.contracts.helm.kustomize.build import Built, build
from workspai_hooks.contracts.helm.nodes import Plain, Step
from workspai_hooks.contracts.helm.objects import Object
from workspai_hooks.contracts.helm.side import Side
from workspai_hooks.source import Location

ERROR, WARNING = "error", "warning"
BASE = {"base/kustomization.yaml": "resources: [cart.yaml]\n", "base/cart.yaml": CART}


def built(kustomization: str, more: Mapping[str, str] | None = None, folder: str = "over") -> Built:
    """The kustomization `over`, on the cart's base."""
    files = {**BASE, **(more or {}), f"{folder}/kustomization.yaml": kustomization}
    return build(Side(Snapshot.of(files)), folder)


def get(found: Built, title: str, *path: Step) -> Plain:
    one = the(found, title)
    return one.get(*path)


def the(found: Built, title: str) -> Object:
    assert found.problems == (), found.problems
    (one,) = (one for one in found.build.objects if one.title == title)
    return one


ON_BASE = "resources: [../base]\n"
CONTAINER = ("spec", "template", "spec", "containers", 0)


def test_resources_of_a_base_and_own_ones() -> None:
    found = built(
        "resources: [../base, own.yaml]\n",
        {"over/own.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: own}\n"},
    )
    assert [one.title for one in found.build.objects] == [
        *(
            "Deployment/cart",
            "Service/cart",
            "ServiceAccount/cart",
            "ConfigMap/cart",
            "Secret/cart",
            "Secret/own",
        ),
    ]


def test_names_and_what_refers_to_them() -> None:
    found = built(ON_BASE + "namePrefix: eu-\nnameSuffix: -1\n")
    cart = the(found, "Deployment/eu-cart-1")
    assert cart.get(*CONTAINER, "envFrom", 0, "configMapRef", "name") == "eu-cart-1"
    assert cart.get(*CONTAINER, "env", 0, "valueFrom", "secretKeyRef", "name") == "eu-cart-1"
    assert cart.get("spec", "template", "spec", "serviceAccountName") == "eu-cart-1"
    assert cart.get("spec", "selector", "matchLabels") == {"app": "cart"}
    assert cart.place("metadata", "name") == Location("over/kustomization.yaml", 2, 1)


def test_a_namespace() -> None:
    found = built(ON_BASE + "namespace: shop\n")
    assert {one.key.namespace for one in found.build.objects} == {"shop"}


def test_labels_go_into_selectors_where_they_are_told_to() -> None:
    common = built(ON_BASE + "commonLabels:\n  team: web\n")
    assert get(common, "Deployment/cart", "spec", "selector", "matchLabels") == {"app": "cart", "team": "web"}
    assert get(common, "Service/cart", "spec", "selector") == {"app": "cart", "team": "web"}
    labels = built(ON_BASE + "labels:\n  - pairs: {team: web}\n    includeTemplates: true\n")
    assert get(labels, "Deployment/cart", "spec", "selector", "matchLabels") == {"app": "cart"}
    assert get(labels, "Deployment/cart", "spec", "template", "metadata", "labels", "team") == "web"
    assert get(labels, "Service/cart", "metadata", "labels") == {"team": "web"}
    selectors = built(ON_BASE + "labels:\n  - pairs: {team: web}\n    includeSelectors: true\n")
    assert get(selectors, "Deployment/cart", "spec", "selector", "matchLabels", "team") == "web"


STRATEGIC = """\
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: cart
      spec:
        replicas: 3
        template:
          spec:
            terminationGracePeriodSeconds: null
            containers:
              - name: server
                ports:
                  - containerPort: 9090
                    name: stats
                env:
                  - name: PASSWORD
                    $patch: delete
                  - name: LEVEL
                    value: debug
              - name: side
                image: side:1
"""


def test_a_strategic_patch_merges_lists_by_their_keys() -> None:
    found = built(ON_BASE + STRATEGIC)
    cart = the(found, "Deployment/cart")
    assert cart.get("spec", "replicas") == 3
    assert cart.get("spec", "template", "spec", "terminationGracePeriodSeconds") is None
    assert cart.get(*CONTAINER, "ports") == [
        {"name": "grpc", "containerPort": 7070},
        {"name": "stats", "containerPort": 9090},
    ]
    assert cart.get(*CONTAINER, "env") == [{"name": "LEVEL", "value": "debug"}]
    assert cart.get(*CONTAINER, "image") == "shop/cart:1"
    assert [one["name"] for one in cart.items("spec", "template", "spec", "containers")] == ["server", "side"]
    assert cart.place("spec", "replicas") == Location("over/kustomization.yaml", 9, 3)
    assert cart.place(*CONTAINER, "image").path == "base/cart.yaml"


def test_a_patch_in_a_file_and_one_that_deletes() -> None:
    patch = "apiVersion: v1\nkind: Secret\nmetadata: {name: cart}\n$patch: delete\n---\n"
    patch += "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cart}\n$patch: replace\ndata: {ONLY: this}\n"
    found = built(ON_BASE + "patchesStrategicMerge: [p.yaml]\n", {"over/p.yaml": patch})
    assert [one.title for one in found.build.objects if one.kind == "Secret"] == []
    assert get(found, "ConfigMap/cart", "data") == {"ONLY": "this"}


def test_lists_of_custom_resources_are_replaced() -> None:
    own = (
        "apiVersion: shop.example/v1\nkind: Cart\nmetadata: {name: c}\nspec:\n"
        "  containers: [{name: a}, {name: b}]\n"
    )
    patch = own.replace("[{name: a}, {name: b}]", "[{name: a, x: y}]").replace("\n", "\n      ")
    found = built(f"resources: [own.yaml]\npatches:\n  - patch: |\n      {patch}", {"over/own.yaml": own})
    assert get(found, "Cart/c", "spec", "containers") == [{"name": "a", "x": "y"}]


def test_a_json_patch() -> None:
    operations = """\
patches:
  - target: {kind: Service, name: c.*}
    patch: |-
      - {op: replace, path: /spec/ports/0/port, value: 7071}
      - {op: add, path: /spec/ports/-, value: {port: 1}}
      - {op: remove, path: /spec/ports/1}
      - {op: add, path: /metadata/annotations, value: {a~b/c: x}}
      - {op: copy, from: /metadata/annotations/a~0b~1c, path: /metadata/labels}
      - {op: move, from: /spec/type, path: /spec/kind}
      - {op: test, path: /spec/kind, value: ClusterIP}
"""
    found = built(ON_BASE + operations)
    service = the(found, "Service/cart")
    assert service.get("spec", "ports") == [{"name": "grpc", "port": 7071, "targetPort": "grpc"}, {"port": 1}]
    assert service.get("metadata") == {"name": "cart", "annotations": {"a~b/c": "x"}, "labels": "x"}
    assert service.get("spec", "kind") == "ClusterIP"
    assert service.place("spec", "ports", 0, "port").line == 5
    one_line = built(
        ON_BASE
        + "patches:\n  - target: {kind: Service}\n    patch: '[{op: replace, path: /spec/type, value: A}]'\n"
    )
    assert the(one_line, "Service/cart").place("spec", "type").line == 4


def test_targets_by_labels_and_older_names() -> None:
    base = "resources: [../base]\nnamePrefix: eu-\nlabels: [{pairs: {team: web}}]\n"
    patch = (
        "patches:\n"
        "  - target: {kind: Deployment, name: cart, labelSelector: 'team=web'}\n"
        "    patch: '[{op: add, path: /spec/replicas, value: 5}]'\n"
    )
    found = built("resources: [../eu]\n" + patch, {"eu/kustomization.yaml": base})
    assert get(found, "Deployment/eu-cart", "spec", "replicas") == 5


def test_images_and_replicas() -> None:
    found = built(
        ON_BASE
        + (
            "images:\n  - name: shop/cart\n    newName: registry.example/cart\n"
            "    newTag: '7'\nreplicas:\n  - name: cart\n    count: 4\n"
        )
    )
    assert get(found, "Deployment/cart", *CONTAINER, "image") == "registry.example/cart:7"
    assert get(found, "Deployment/cart", "spec", "replicas") == 4


def test_generated_maps_have_no_hash_and_their_keys_have_lines() -> None:
    text = """\
configMapGenerator:
  - name: settings
    literals: [A=1, "B=x=y"]
    files: [config.json, other=config.json]
    envs: [some.env]
secretGenerator:
  - name: keys
    literals:
      - token=x
"""
    found = built(text, {"over/config.json": "{}\n", "over/some.env": "# of it\nC=3\n\nD=4\n"})
    settings = the(found, "ConfigMap/settings")
    assert list(settings.mapping("data")) == ["A", "B", "config.json", "other", "C", "D"]
    assert settings.get("data", "B") == "x=y"
    assert settings.place("data", "D") == Location("over/some.env", 4)
    assert get(found, "Secret/keys", "data", "token") == "x"


def test_generated_maps_of_a_base_are_merged_and_replaced() -> None:
    base = {
        "maps/kustomization.yaml": (
            "configMapGenerator:\n  - name: a\n    literals: [X=1, Y=2]\n  - name: b\n"
            "    literals: [X=1, Y=2]\n"
        )
    }
    text = (
        "resources: [../maps]\nconfigMapGenerator:\n  - name: a\n    behavior: merge\n"
        "    literals: [Y=3]\n  - name: b\n    behavior: replace\n    literals: [Z=4]\n"
    )
    found = built(text, base)
    assert get(found, "ConfigMap/a", "data") == {"X": "1", "Y": "3"}
    assert get(found, "ConfigMap/b", "data") == {"Z": "4"}


def test_components_change_what_is_there() -> None:
    component = (
        "kind: Component\npatches:\n  - patch: |\n      apiVersion: v1\n"
        "      kind: Service\n      metadata: {name: cart}\n"
        "      spec: {type: NodePort}\n"
    )
    found = built(ON_BASE + "components: [../outside]\n", {"outside/kustomization.yaml": component})
    assert get(found, "Service/cart", "spec", "type") == "NodePort"


def test_replacements() -> None:
    text = """\
replacements:
  - source: {kind: Service, name: cart, fieldPath: "spec.ports.[name=grpc].port"}
    targets:
      - select: {kind: ConfigMap, name: cart}
        fieldPaths: [data.PORT]
        options: {create: true}
      - select: {kind: ConfigMap}
        fieldPaths: [data.REDIS_ADDR]
        options: {delimiter: ":", index: 1}
"""
    found = built(ON_BASE + text)
    assert get(found, "ConfigMap/cart", "data") == {"REDIS_ADDR": "redis:7070", "LEVEL": "info", "PORT": 7070}


def test_what_is_fetched_or_run_is_said() -> None:
    found = built("resources: [github.com/org/repo//deploy?ref=v1]\ngenerators: [plugin.yaml]\n")
    assert [problem.why.partition(" ")[2][:20] for problem in found.unfollowed] == [
        "is fetched from else",
        "are not followed: pl",
    ]
    assert found.problems == ()


OVERLAYS = {
    **BASE,
    "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\n",
    "prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\n",
}
GRPC = "    - name: grpc\n      port: 7070\n"


def test_one_line_of_a_base_is_one_finding_for_all_overlays() -> None:
    head = edited(OVERLAYS, [("base/cart.yaml", GRPC, GRPC.replace("7070", "7071"))])
    (one,) = between(OVERLAYS, head).breaks
    assert (name_of(one), one.element) == ("service-port-changed", "Service/cart:port/7070")
    assert line_of(head, one) == "port: 7071"


def test_a_base_that_every_overlay_patches_back_breaks_nobody() -> None:
    patch = (
        "patches:\n  - target: {kind: Service}\n"
        "    patch: '[{op: replace, path: /spec/ports/0/port, value: 7070}]'\n"
    )
    base = {path: text + (patch if "base" not in path else "") for path, text in OVERLAYS.items()}
    head = edited(base, [("base/cart.yaml", GRPC, GRPC.replace("7070", "7071"))])
    assert told(between(base, head)) == set()


PLANTED: list[tuple[str, list[Edit], set[tuple[str, str, str]]]] = [
    (
        "common labels change selectors",
        [("prod/kustomization.yaml", "namespace: prod\n", "namespace: prod\ncommonLabels: {team: web}\n")],
        {("selector-changed", "Deployment/cart:selector", ERROR)},
    ),
    (
        "a prefix renames",
        [("prod/kustomization.yaml", "namespace: prod\n", "namespace: prod\nnamePrefix: eu-\n")],
        {
            ("object-renamed", "ConfigMap/cart", WARNING),
            ("object-renamed", "Deployment/cart", WARNING),
            ("object-renamed", "Secret/cart", WARNING),
            ("object-renamed", "Service/cart", ERROR),
            ("object-renamed", "ServiceAccount/cart", WARNING),
        },
    ),
    (
        "another namespace",
        [("prod/kustomization.yaml", "namespace: prod\n", "namespace: live\n")],
        {
            ("object-namespace-changed", "ConfigMap/cart", WARNING),
            ("object-namespace-changed", "Deployment/cart", WARNING),
            ("object-namespace-changed", "Secret/cart", WARNING),
            ("object-namespace-changed", "Service/cart", ERROR),
            ("object-namespace-changed", "ServiceAccount/cart", WARNING),
        },
    ),
    (
        "a patch takes a port away",
        [
            (
                "prod/kustomization.yaml",
                "namespace: prod\n",
                (
                    "namespace: prod\npatches:\n  - target: {kind: Service}\n"
                    "    patch: '[{op: remove, path: /spec/ports/1}]'\n"
                ),
            )
        ],
        {("service-port-removed", "Service/cart:port/9090", ERROR)},
    ),
    (
        "a patch deletes",
        [
            (
                "prod/kustomization.yaml",
                "namespace: prod\n",
                (
                    "namespace: prod\npatches:\n  - target: {kind: Secret}\n"
                    "    patch: '{apiVersion: v1, kind: Secret, metadata: {name: cart}, $patch: delete}'\n"
                ),
            )
        ],
        {("object-removed", "Secret/cart", ERROR)},
    ),
]


@pytest.mark.parametrize(("edits", "expected"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_a_break_by_an_overlay(edits: list[Edit], expected: set[tuple[str, str, str]]) -> None:
    answer = between(OVERLAYS, edited(OVERLAYS, edits))
    assert told(answer) == expected
    assert answer.undecided == ()
    assert {one.location.path for one in answer.breaks} <= {"prod/kustomization.yaml", "base/cart.yaml"}


def test_a_key_that_a_generator_no_longer_makes() -> None:
    generator = "configMapGenerator:\n  - name: cart\n    literals:\n      - A=1\n      - B=2\n"
    workload = CART.split("---\n")[0]
    base = {"o/kustomization.yaml": "resources: [w.yaml]\n" + generator, "o/w.yaml": workload}
    (one,) = between(base, edited(base, [("o/kustomization.yaml", "      - A=1\n", "")])).breaks
    assert (name_of(one), one.element, one.base_location) == (
        "config-key-removed",
        "ConfigMap/cart:key/A",
        Location("o/kustomization.yaml", 5, 9),
    )


def test_a_resource_that_is_no_longer_listed() -> None:
    base = {**BASE, "base/kustomization.yaml": "resources:\n  - cart.yaml\n  - db.yaml\n"}
    base["base/db.yaml"] = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
    (one,) = between(base, edited(base, [("base/kustomization.yaml", "  - db.yaml\n", "")])).breaks
    assert (name_of(one), one.element) == ("object-removed", "Service/db")
    assert one.location == Location("base/db.yaml")


def test_a_component_that_nobody_takes_in_is_compared_by_itself() -> None:
    base = {
        "c/kustomization.yaml": (
            "kind: Component\nresources: [cart.yaml]\npatches:\n  - patch: |\n"
            "      apiVersion: v1\n      kind: Secret\n      metadata: {name: elsewhere}\n"
        ),
        "c/cart.yaml": CART,
    }
    answer = between(base, edited(base, [("c/cart.yaml", GRPC, GRPC.replace("7070", "7071"))]))
    assert (told(answer), answer.undecided) == (
        {("service-port-changed", "Service/cart:port/7070", ERROR)},
        (),
    )
