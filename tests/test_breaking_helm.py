"""Breaks planted into manifests, a class each with a change beside it that breaks nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from deployed import (
    CART,
    CART_FILE,
    CRD_FILE,
    DB_FILE,
    EDGE_FILE,
    MANIFESTS,
    Edit,
    between,
    edited,
    line_of,
    name_of,
    told,
)

from workspai_hooks import rules, rules_helm
from workspai_hooks.source import Location

ERROR, WARNING, NOTE = "error", "warning", "note"
GRPC = "    - name: grpc\n      port: 7070\n"
SECOND = GRPC + "      targetPort: grpc\n    - name: metrics\n      port: 9090\n"
SELECTOR = "spec:\n  selector:\n    matchLabels:\n      app: cart\n"
ADDRESS = "  REDIS_ADDR: redis:6379\n"
OLD_HOST = """\
    - host: old.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: cart
                port:
                  number: 7070
"""
METRICS_PATH = """\
          - path: /metrics
            pathType: Exact
            backend:
              service:
                name: cart
                port:
                  number: 9090
"""
SERVICE = CART[
    CART.index("apiVersion: v1\nkind: Service\n") : CART.index("---\napiVersion: v1\nkind: ServiceAcc")
]
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: cart\n"

PLANTED: list[tuple[str, list[Edit], set[tuple[str, str, str]]]] = [
    (
        "a port is removed",
        [(CART_FILE, "    - name: metrics\n      port: 9090\n---", "---")],
        {("service-port-removed", "Service/cart:port/9090", ERROR)},
    ),
    (
        "a port gets another number",
        [(CART_FILE, GRPC, GRPC.replace("7070", "7071"))],
        {("service-port-changed", "Service/cart:port/7070", ERROR)},
    ),
    (
        "a port that a route names is renamed",
        [(CART_FILE, GRPC, GRPC.replace("grpc", "rpc"))],
        {("service-port-renamed", "Service/cart:port/7070", ERROR)},
    ),
    (
        "a port that nobody here names is renamed",
        [
            (
                CART_FILE,
                "    - name: metrics\n      port: 9090\n---",
                "    - name: stats\n      port: 9090\n---",
            )
        ],
        {("service-port-renamed", "Service/cart:port/9090", WARNING)},
    ),
    (
        "a port speaks another protocol",
        [(CART_FILE, GRPC, GRPC + "      protocol: UDP\n")],
        {("service-port-protocol-changed", "Service/cart:port/7070", ERROR)},
    ),
    (
        "the container's port gets another name than the Service leads to",
        [(CART_FILE, "            - name: grpc\n", "            - name: rpc\n")],
        {("service-target-missing", "Service/cart:port/7070", ERROR)},
    ),
    (
        "the container listens elsewhere than the Service leads to",
        [(CART_FILE, "              containerPort: 9090", "              containerPort: 9091")],
        {("service-target-missing", "Service/cart:port/9090", ERROR)},
    ),
    (
        "a load balancer is taken away",
        [(EDGE_FILE, "type: LoadBalancer", "type: ClusterIP")],
        {("service-type-narrowed", "Service/cart-outside:type", ERROR)},
    ),
    (
        "a node port changes",
        [(EDGE_FILE, "nodePort: 30080", "nodePort: 30081")],
        {("service-node-port-changed", "Service/cart-outside:nodePort/30080", ERROR)},
    ),
    (
        "a Service's selector takes no pods any more",
        [(CART_FILE, "  selector:\n    app: cart\n", "  selector:\n    app: carts\n")],
        {("service-selects-nothing", "Service/cart:selector", ERROR)},
    ),
    (
        "a budget selects nothing any more",
        [
            (
                DB_FILE,
                "  minAvailable: 1\n  selector:\n    matchLabels:\n      app: db",
                "  minAvailable: 1\n  selector:\n    matchLabels:\n      app: dbs",
            )
        ],
        {("selector-matches-nothing", "PodDisruptionBudget/db:selector", WARNING)},
    ),
    (
        "a workload's selector changes with its labels",
        [
            (CART_FILE, SELECTOR, SELECTOR.replace("cart", "carts")),
            (CART_FILE, "        app: cart\n        tier: back", "        app: carts\n        tier: back"),
            (CART_FILE, "  selector:\n    app: cart\n", "  selector:\n    tier: back\n"),
            (EDGE_FILE, "  selector:\n    app: cart\n", "  selector:\n    tier: back\n"),
        ],
        {("selector-changed", "Deployment/cart:selector", ERROR)},
    ),
    (
        "a selector gets one more label",
        [(CART_FILE, SELECTOR, SELECTOR + "      tier: back\n")],
        {("selector-changed", "Deployment/cart:selector", ERROR)},
    ),
    (
        "a workload does not select its own pods",
        [(CART_FILE, "        app: cart\n        tier: back", "        app: basket\n        tier: back")],
        {
            ("selector-misses-own-pods", "Deployment/cart:selector", ERROR),
            ("service-selects-nothing", "Service/cart-outside:selector", ERROR),
            ("service-selects-nothing", "Service/cart:selector", ERROR),
        },
    ),
    (
        "a claim template asks for more",
        [(DB_FILE, "            storage: 1Gi", "            storage: 2Gi")],
        {("immutable-field-changed", "StatefulSet/db:spec.volumeClaimTemplates", ERROR)},
    ),
    (
        "a StatefulSet's service changes",
        [(DB_FILE, "serviceName: db", "serviceName: db-pods")],
        {
            ("immutable-field-changed", "StatefulSet/db:spec.serviceName", ERROR),
            ("reference-missing", "StatefulSet/db:serviceName/db-pods", ERROR),
        },
    ),
    (
        "a headless Service gets an address",
        [(DB_FILE, "clusterIP: None", "clusterIP: 10.0.0.7")],
        {("immutable-field-changed", "Service/db:spec.clusterIP", ERROR)},
    ),
    (
        "a claim changes its class",
        [(DB_FILE, "storageClassName: fast", "storageClassName: slow")],
        {("immutable-field-changed", "PersistentVolumeClaim/backup:spec.storageClassName", ERROR)},
    ),
    (
        "a claim shrinks",
        [(DB_FILE, "storage: 10Gi", "storage: 5Gi")],
        {("immutable-field-changed", "PersistentVolumeClaim/backup:spec.resources.requests.storage", ERROR)},
    ),
    (
        "a host is no longer answered",
        [(EDGE_FILE, OLD_HOST, "")],
        {("route-host-removed", "Ingress/shop:host/old.example", ERROR)},
    ),
    (
        "a path is no longer answered",
        [(EDGE_FILE, METRICS_PATH, "")],
        {("route-path-removed", "Ingress/shop:host/shop.example/metrics", ERROR)},
    ),
    (
        "a path of a route of the Gateway API moves",
        [(EDGE_FILE, "value: /v1", "value: /v2")],
        {("route-path-removed", "HTTPRoute/api:host/api.example/v1", ERROR)},
    ),
    (
        "a gateway no longer listens",
        [(EDGE_FILE, "    - name: http\n      port: 80\n", "")],
        {("gateway-listener-removed", "Gateway/edge:listener/80", ERROR)},
    ),
    (
        "a key is removed that pods take with all others",
        [(CART_FILE, ADDRESS, "")],
        {("config-key-removed", "ConfigMap/cart:key/REDIS_ADDR", ERROR)},
    ),
    (
        "a key that a pod names is renamed",
        [(CART_FILE, "  password: secret", "  secret: secret")],
        {("config-key-renamed", "Secret/cart:key/password", ERROR)},
    ),
    (
        "a reference leads to a key that is not there",
        [(CART_FILE, "key: password", "key: passwort")],
        {("reference-missing", "Deployment/cart:env/cart/passwort", ERROR)},
    ),
    (
        "a route leads to a port that the Service does not have",
        [
            (
                EDGE_FILE,
                "                port:\n                  number: 9090",
                "                port:\n                  number: 9091",
            )
        ],
        {("reference-missing", "Ingress/shop:backend/cart/9091", ERROR)},
    ),
    (
        "a Service is removed",
        [(CART_FILE, SERVICE + "---\n", "")],
        {("object-removed", "Service/cart", ERROR)},
    ),
    (
        "an account that pods run as is removed",
        [(CART_FILE, ACCOUNT + "---\n", "")],
        {("object-removed", "ServiceAccount/cart", ERROR)},
    ),
    (
        "a job that nothing refers to is removed",
        [(DB_FILE, "apiVersion: batch/v1\n" + "kind: CronJob", "apiVersion: batch/v1\nkind: Nothing")],
        {("object-removed", "CronJob/backup", WARNING)},
    ),
    (
        "a Service is renamed",
        [(DB_FILE, "kind: Service\nmetadata:\n  name: db", "kind: Service\nmetadata:\n  name: database")],
        {("object-renamed", "Service/db", ERROR)},
    ),
    (
        "a Service moves to another namespace",
        [
            (
                DB_FILE,
                "kind: Service\nmetadata:\n  name: db\n",
                "kind: Service\nmetadata:\n  name: db\n  namespace: data\n",
            )
        ],
        {("object-namespace-changed", "Service/db", ERROR)},
    ),
    (
        "a Deployment becomes a StatefulSet",
        [(CART_FILE, "kind: Deployment", "kind: StatefulSet")],
        {("object-kind-changed", "Deployment/cart", WARNING)},
    ),
    (
        "an API that is gone comes into use",
        [(DB_FILE, "apiVersion: batch/v1\n", "apiVersion: batch/v1beta1\n")],
        {("api-version-removed", "CronJob/backup:apiVersion", ERROR)},
    ),
    (
        "a version of a definition is no longer served",
        [(CRD_FILE, "served: true", "served: false")],
        {("crd-version-removed", "CustomResourceDefinition/carts.shop.example:v1", ERROR)},
    ),
    (
        "a definition takes fewer values",
        [(CRD_FILE, "maximum: 100", "maximum: 10"), (CRD_FILE, "[fast, slow]", "[fast]")],
        {
            ("crd-schema-tightened", "CustomResourceDefinition/carts.shop.example:v1.spec.mode", ERROR),
            ("crd-schema-tightened", "CustomResourceDefinition/carts.shop.example:v1.spec.size", ERROR),
        },
    ),
    (
        "a probe is removed",
        [(CART_FILE, "          readinessProbe:\n            grpc:\n              port: 7070\n", "")],
        {("probe-removed", "Deployment/cart:server.readinessProbe", WARNING)},
    ),
    (
        "limits are removed",
        [(CART_FILE, "          resources:\n            limits:\n              memory: 256Mi\n", "")],
        {("resources-removed", "Deployment/cart:server.resources.limits", WARNING)},
    ),
    (
        "a timeout is removed",
        [(EDGE_FILE, "      timeouts:\n        request: 5s\n", "")],
        {("timeout-removed", "HTTPRoute/api:rules.0.timeouts", WARNING)},
    ),
    (
        "pods get less time to end",
        [(CART_FILE, "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 10")],
        {("timeout-shortened", "Deployment/cart:terminationGracePeriodSeconds", WARNING)},
    ),
]

QUIET: list[tuple[str, list[Edit]]] = [
    (
        "a port more",
        [(CART_FILE, GRPC, "    - name: more\n      port: 7071\n      targetPort: grpc\n" + GRPC)],
    ),
    (
        "ports in another order",
        [(CART_FILE, SECOND, "    - name: metrics\n      port: 9090\n" + GRPC + "      targetPort: grpc\n")],
    ),
    ("the target by its number", [(CART_FILE, "targetPort: grpc", "targetPort: 7070")]),
    (
        "both ends of a target move",
        [
            (CART_FILE, "            - name: grpc\n", "            - name: rpc\n"),
            (CART_FILE, "targetPort: grpc", "targetPort: rpc"),
        ],
    ),
    (
        "both ends of a numbered target move",
        [
            (CART_FILE, "              containerPort: 9090", "              containerPort: 9091"),
            (CART_FILE, "      port: 9090\n---", "      port: 9090\n      targetPort: 9091\n---"),
        ],
    ),
    ("a Service opens to the outside", [(CART_FILE, "type: ClusterIP", "type: LoadBalancer")]),
    ("the default protocol, written", [(CART_FILE, GRPC, GRPC + "      protocol: TCP\n")]),
    ("a label of pods that nobody selects", [(CART_FILE, "tier: back", "tier: rear")]),
    (
        "a selector written in another way",
        [(CART_FILE, SELECTOR, 'spec:\n  selector: {"matchLabels": {"app": "cart"}}\n')],
    ),
    ("another image", [(CART_FILE, "shop/cart:1", "shop/cart:2")]),
    ("a claim grows", [(DB_FILE, "storage: 10Gi", "storage: 20Gi")]),
    (
        "a default of a claim template, written",
        [
            (
                DB_FILE,
                "        accessModes: [ReadWriteOnce]\n        resources",
                "        accessModes: [ReadWriteOnce]\n        volumeMode: Filesystem\n        resources",
            )
        ],
    ),
    ("a job's image", [(DB_FILE, "shop/backup:1", "shop/backup:2")]),
    (
        "a host that moves to another route",
        [
            (EDGE_FILE, OLD_HOST, ""),
            (EDGE_FILE, "[api.example]", "[api.example, old.example]"),
            (
                EDGE_FILE,
                "        - path:\n            value: /v1\n",
                "        - path:\n            value: /v1\n        - path:\n            value: /\n",
            ),
        ],
    ),
    (
        "a wider path to the same place",
        [
            (
                EDGE_FILE,
                "          - path: /metrics\n            pathType: Exact",
                "          - path: /\n            pathType: Prefix",
            )
        ],
    ),
    ("a wildcard host that takes the old one", [(EDGE_FILE, "host: old.example", 'host: "*.example"')]),
    ("a key more", [(CART_FILE, ADDRESS, ADDRESS + "  MORE: x\n")]),
    ("another value of a key", [(CART_FILE, "redis:6379", "valkey:6379")]),
    (
        "an API that takes the place of a gone one",
        [(DB_FILE, "apiVersion: policy/v1\n", "apiVersion: policy/v1\n# as it should be\n")],
    ),
    (
        "an optional field of a definition",
        [
            (
                CRD_FILE,
                "                mode:\n",
                "                more:\n                  type: string\n                mode:\n",
            )
        ],
    ),
    ("a definition that takes more", [(CRD_FILE, "maximum: 100", "maximum: 1000")]),
    (
        "another probe",
        [
            (
                CART_FILE,
                "            grpc:\n              port: 7070",
                "            tcpSocket:\n              port: 7070",
            )
        ],
    ),
    ("more memory", [(CART_FILE, "256Mi", "512Mi")]),
    ("a longer end", [(CART_FILE, "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 90")]),
    ("comments and blank lines", [(CART_FILE, "kind: Deployment\n", "# the cart\n\nkind: Deployment\n")]),
]


@pytest.mark.parametrize(("edits", "expected"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_a_planted_break_is_found_and_named(edits: list[Edit], expected: set[tuple[str, str, str]]) -> None:
    answer = between(MANIFESTS, edited(MANIFESTS, edits))
    assert told(answer) == expected
    assert answer.undecided == answer.base_errors == ()


@pytest.mark.parametrize("edits", [row[1] for row in QUIET], ids=[row[0] for row in QUIET])
def test_a_change_that_breaks_nobody_says_nothing(edits: list[Edit]) -> None:
    answer = between(MANIFESTS, edited(MANIFESTS, edits))
    assert told(answer) == set()
    assert answer.undecided == answer.base_errors == ()


def test_every_class_of_break_is_planted() -> None:
    of_charts = {
        *(rule.name for rule in rules.RULES if "WSP401" <= rule.id <= "WSP408"),
        *("chart-version-not-raised", "service-external-name-changed"),
    }
    planted = {rule for _, _, expected in PLANTED for rule, _, _ in expected}
    assert planted | of_charts == {rule.name for rule in rules.RULES if rule.contract == "helm"}
    assert len(PLANTED) >= 30


def test_objects_of_a_file_that_use_a_gone_api_are_one_finding() -> None:
    old = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: %s}\n"
    (one,) = between({}, {"k8s/jobs.yaml": "---\n".join(old % name for name in "abc")}).breaks
    assert one.reaches == ("CronJob/a:apiVersion", "CronJob/b:apiVersion", "CronJob/c:apiVersion")
    assert [place.line for place in one.related] == [5, 9]


def test_the_table_in_the_documentation_is_that_of_the_rules() -> None:
    page = (Path(__file__).parents[1] / "docs/helm.md").read_text()
    assert rules_helm.render_table() in page, "python -m workspai_hooks.rules_helm"


def test_a_break_is_told_at_the_lines_of_both_sides() -> None:
    head = edited(MANIFESTS, [(CART_FILE, GRPC, GRPC.replace("7070", "7071"))])
    (one,) = between(MANIFESTS, head).breaks
    assert line_of(head, one) == "port: 7071"
    assert one.base_location == Location(CART_FILE, 51, 7)
    assert one.renamed_to == "Service/cart:port/7071"
    assert [place.path for place in one.related] == [EDGE_FILE] * 3


def test_what_is_gone_is_told_at_the_nearest_line_that_survives() -> None:
    head = edited(MANIFESTS, [(CART_FILE, "    - name: metrics\n      port: 9090\n---", "---")])
    (one,) = between(MANIFESTS, head).breaks
    assert line_of(head, one) == "ports:"
    assert one.base_location == Location(CART_FILE, 54, 7)


def test_readers_of_a_key_are_related() -> None:
    head = edited(MANIFESTS, [(CART_FILE, ADDRESS, "")])
    (one,) = between(MANIFESTS, head).breaks
    assert "Deployment/cart (envFrom) still reads it" in one.message
    assert [head[place.path].splitlines()[place.line - 1].strip() for place in one.related] == ["name: cart"]


def test_a_key_that_its_only_reader_gives_up_is_a_note() -> None:
    reader = """\
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: cart
                  key: password
"""
    head = edited(
        MANIFESTS,
        [
            (CART_FILE, reader, ""),
            (CART_FILE, "stringData:\n  password: secret\n", "stringData:\n  other: x\n"),
        ],
    )
    assert told(between(MANIFESTS, head)) == {("config-key-removed", "Secret/cart:key/password", NOTE)}


def test_a_file_that_moves_breaks_nobody() -> None:
    head = {path.replace("k8s/shop/cart", "deploy/carts/all"): text for path, text in MANIFESTS.items()}
    assert told(between(MANIFESTS, head)) == set()


def test_an_object_that_moves_to_another_file_is_compared_there() -> None:
    rest = CART.replace(SERVICE + "---\n", "")
    head = {
        **MANIFESTS,
        CART_FILE: rest,
        "k8s/shop/service.yaml": SERVICE.replace("port: 7070", "port: 7071"),
    }
    (one,) = between(MANIFESTS, head).breaks
    assert (name_of(one), one.location.path) == ("service-port-changed", "k8s/shop/service.yaml")


def test_copies_that_change_alike_are_one_finding() -> None:
    base = {**MANIFESTS, "release/all.yaml": CART}
    edits = [(path, GRPC, GRPC.replace("7070", "7071")) for path in (CART_FILE, "release/all.yaml")]
    (one,) = between(base, edited(base, edits)).breaks
    assert {place.path for place in one.related} >= {CART_FILE}


def test_copies_for_other_places_are_compared_each_with_itself() -> None:
    other = CART.replace("app: cart", "app: basket")
    base = {"k8s/dev/cart.yaml": CART, "k8s/prod/cart.yaml": other}
    edit = ("k8s/dev/cart.yaml", "  selector:\n    app: cart\n", "  selector:\n    app: carts\n")
    (one,) = between(base, edited(base, [edit])).breaks
    assert (name_of(one), one.location.path) == ("service-selects-nothing", "k8s/dev/cart.yaml")


def test_the_default_namespace_is_no_move() -> None:
    head = edited(
        MANIFESTS,
        [(DB_FILE, "kind: Service\nmetadata:\n", "kind: Service\nmetadata:\n  namespace: default\n")],
    )
    assert told(between(MANIFESTS, head)) == set()


def test_a_job_of_plain_manifests_may_be_gone_by_the_next_apply() -> None:
    job = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: load}\nspec:\n  template:\n"
        "    spec:\n      containers: [{name: a, image: b}]\n"
    )
    answer = between({"k8s/job.yaml": job}, {"k8s/job.yaml": job.replace("image: b", "image: c")})
    assert told(answer) == {("immutable-field-changed", "Job/load:spec.template", WARNING)}


def test_what_is_made_anew_at_each_sync_may_change() -> None:
    job = (
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: load\n"
        "  annotations: {argocd.argoproj.io/hook: PreSync}\nspec:\n"
        "  completionMode: Indexed\n"
    )
    answer = between({"k8s/job.yaml": job}, {"k8s/job.yaml": job.replace("Indexed", "NonIndexed")})
    assert told(answer) == set()


def test_files_of_tools_are_no_objects_of_a_cluster() -> None:
    base = {
        "skaffold.yaml": "apiVersion: skaffold/v3\nkind: Config\nmetadata: {name: app}\n",
        "catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: app}\n",
        "local.yaml": (
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n"
            "  annotations: {config.kubernetes.io/local-config: 'true'}\n"
        ),
        "k8s/testdata/x.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: y}\n",
    }
    assert told(between(base, {})) == set()


def test_a_stand_in_of_another_name_is_told() -> None:
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
        "spec: {type: ExternalName, externalName: one.example}\n"
    )
    answer = between({"k8s/db.yaml": service}, {"k8s/db.yaml": service.replace("one.", "two.")})
    assert told(answer) == {("service-external-name-changed", "Service/db:externalName", WARNING)}
