"""The rows of the rule table that are about charts, manifests and kustomizations (WSP4xx).

40x a chart's values, 41x Services, 42x what can't be changed, 43x routes, 44x configuration, 45x objects
and API versions, 46x custom resources, 47x what keeps a service well, 48x versions of charts.
"""

from __future__ import annotations

Row = tuple[str, str, str, str, str, str, str]
"""Id, name, severity, what it finds, why it is bad, an example, what to do instead."""

ROWS: tuple[Row, ...] = (
    (
        "WSP401",
        "values-key-removed",
        "error",
        "a key of a chart's values that neither `values.yaml` nor a template knows any more",
        "Helm ignores keys that it does not know without a word: who sets it believes that it still counts.",
        "-replicaCount: 2",
        "Keep the key beside what takes its place (`{{ .Values.new | default .Values.replicaCount }}`), say "
        "that it goes in NOTES.txt, and remove it with the next major version of the chart; or `fail` where "
        "it is set.",
    ),
    (
        "WSP402",
        "values-key-renamed",
        "error",
        "a key of a chart's values that has another name now",
        "Who sets the old name sets nothing, and Helm says nothing: the default comes back.",
        "-service:\n-  port: 80\n+service:\n+  httpPort: 80",
        "Read both for one major version (`{{ .Values.service.httpPort | default .Values.service.port }}`); "
        "change the files that set it, which the finding lists, in the same change.",
    ),
    (
        "WSP403",
        "values-key-retyped",
        "error",
        "a key of a chart's values whose type changed: a map to a list, a text to a map",
        "What is set with the old type is merged with a warning that nobody reads, or stops the template.",
        "-hosts: shop.example\n+hosts:\n+  - shop.example",
        "Give the new form a new key, or take both (`kindIs`), for one major version of the chart.",
    ),
    (
        "WSP404",
        "values-schema-tightened",
        "error",
        "a `values.schema.json` that refuses values which it took before",
        "`helm upgrade` stops with those values before anything is deployed.",
        '-  "replicas": {"type": ["integer", "string"]}\n+  "replicas": {"type": "integer"}',
        "Take the old form until the next major version of the chart; add keys as optional.",
    ),
    (
        "WSP405",
        "values-refused",
        "error",
        "values in this repository with which the chart rendered and does not any more",
        "The next installation or upgrade with them fails.",
        '+  tenant: {{ required "tenant is needed" .Values.tenant }}',
        "Give the new value a default, or set it in every file that the chart is installed with, in the "
        "same change.",
    ),
    (
        "WSP406",
        "chart-template-removed",
        "error",
        "a named template of a library chart that is gone",
        "Charts that include it no longer render.",
        '-{{- define "common.labels" -}}',
        "Keep the old name as a template that includes the new one, until the next major version.",
    ),
    (
        "WSP407",
        "chart-removed",
        "error",
        "a chart that is gone, or that has another name now",
        "What installs it or depends on it by its name or place finds nothing; with another name, the "
        "objects that are named after it are deleted and made anew.",
        "-name: checkout\n+name: cart",
        "Publish the chart under its old name, marked `deprecated: true`, until nobody installs it.",
    ),
    (
        "WSP408",
        "kubernetes-version-tightened",
        "error",
        "a chart's `kubeVersion` that no longer allows versions of Kubernetes which it allowed",
        "Helm refuses to install the chart into such a cluster.",
        '-kubeVersion: ">=1.22"\n+kubeVersion: ">=1.27"',
        "Raise it with a major version of the chart, once the clusters are there.",
    ),
    (
        "WSP411",
        "service-port-removed",
        "error",
        "a port that a Service no longer has",
        "Clients that call it are refused.",
        "-  - name: grpc\n-    port: 7070",
        "Keep the port beside the new ones until no client asks for it.",
    ),
    (
        "WSP412",
        "service-port-changed",
        "error",
        "a port of a Service that has another number now",
        "Clients have the old number in their addresses, and are refused.",
        "-    port: 7070\n+    port: 7071",
        "Add the new port beside the old one, move the clients, then remove the old one. `targetPort` "
        "changes freely.",
    ),
    (
        "WSP413",
        "service-port-renamed",
        "warning",
        "a port of a Service that has another name now",
        "Routes and monitors refer to ports by name, and meshes tell the protocol by it. An error where one "
        "in these manifests still does.",
        "-  - name: http\n+  - name: web",
        "Keep the name; it can say the protocol in `appProtocol`.",
    ),
    (
        "WSP414",
        "service-port-protocol-changed",
        "error",
        "a port of a Service that speaks another protocol",
        "Clients that run use the old one.",
        "-    protocol: UDP\n+    protocol: TCP",
        "Add a port with the new protocol beside the old one.",
    ),
    (
        "WSP415",
        "service-target-missing",
        "error",
        "a port of a Service that leads to a port which no container behind it has any more",
        "The Service accepts the call, and nobody answers.",
        "   - containerPort: 8080   # Service: targetPort 8080\n-    - containerPort: 8080\n+    - "
        "containerPort: 9090",
        "Change `targetPort` with the container's port; a named port changes in one place only.",
    ),
    (
        "WSP416",
        "service-type-narrowed",
        "error",
        "a Service that is no longer reachable from outside of the cluster",
        "Its external address or node port is given back; who used it finds nothing.",
        "-  type: LoadBalancer\n+  type: ClusterIP",
        "Give another Service or a route the outside first, and move who uses it.",
    ),
    (
        "WSP417",
        "service-selects-nothing",
        "error",
        "a Service whose selector takes no pods any more",
        "It has no endpoints: every call fails.",
        " selector:\n-  app: cart\n+  app: carts",
        "Change the selector and the labels of the pods together.",
    ),
    (
        "WSP418",
        "selector-matches-nothing",
        "warning",
        "a NetworkPolicy, PodDisruptionBudget or monitor that selects nothing any more",
        "The pods are no longer guarded or watched, and nothing says so.",
        " podSelector:\n   matchLabels:\n-    app: cart\n+    app: carts",
        "Change the labels in all places that select by them.",
    ),
    (
        "WSP419",
        "service-node-port-changed",
        "error",
        "a fixed node port of a Service that changed",
        "Load balancers and clients outside of the cluster have the old one.",
        "-    nodePort: 30080\n+    nodePort: 30081",
        "Keep the node port; add a second Service with the new one.",
    ),
    (
        "WSP420",
        "service-external-name-changed",
        "warning",
        "a Service that stands for another outside name now",
        "Its clients talk to somebody else with the next look-up.",
        "-  externalName: db1.example\n+  externalName: db2.example",
        "Make sure that the new one answers as the old one did, certificates included.",
    ),
    (
        "WSP421",
        "selector-changed",
        "error",
        "a workload's `spec.selector` that changed",
        "It can't be changed once the workload exists: the upgrade is refused, and the release stays half "
        "done.",
        " selector:\n   matchLabels:\n-    app: cart\n+    app.kubernetes.io/name: cart",
        "Keep the selector and add the new labels to the pod template only; or make a workload with a new "
        "name and remove the old one.",
    ),
    (
        "WSP422",
        "immutable-field-changed",
        "error",
        "another field that can't be changed once the object exists",
        "The upgrade is refused: `field is immutable`.",
        " volumeClaimTemplates:\n-      storage: 1Gi\n+      storage: 5Gi",
        "Make an object with a new name; or delete the old one by hand first (`--cascade=orphan` keeps "
        "pods).",
    ),
    (
        "WSP423",
        "selector-misses-own-pods",
        "error",
        "a workload whose selector does not match the labels of its own pods",
        "The API server refuses it.",
        " template:\n   metadata:\n     labels:\n-      app: cart\n+      app: carts",
        "Keep the labels that the selector names.",
    ),
    (
        "WSP431",
        "route-host-removed",
        "error",
        "a host that no route answers any more",
        "Who asks for it gets the default backend's 404, or no certificate.",
        "-  - host: shop.example",
        "Keep the host, redirecting, until nobody asks for it.",
    ),
    (
        "WSP432",
        "route-path-removed",
        "error",
        "a path that no route answers as it did",
        "Who asks for it gets 404, or lands at another service.",
        "-      - path: /api/v1",
        "Keep the path beside the new one.",
    ),
    (
        "WSP433",
        "gateway-listener-removed",
        "error",
        "a port or host that a Gateway no longer listens on",
        "All routes through it are gone at once.",
        "-  - port: 443\n-    hostname: shop.example",
        "Keep the listener until no route and no client uses it.",
    ),
    (
        "WSP441",
        "config-key-removed",
        "error",
        "a key of a ConfigMap or Secret that is gone while pods read it",
        "Pods that name it do not start; those that take all keys start without it. A warning where nobody "
        "is known to read it, a note where all known readers stop reading it in the same change.",
        " data:\n-  REDIS_ADDR: redis:6379",
        "Remove what reads the key first, or mark it `optional`.",
    ),
    (
        "WSP442",
        "config-key-renamed",
        "error",
        "a key of a ConfigMap or Secret that has another name now while pods read the old one",
        "Pods that name it do not start; those that take all keys get another variable or file.",
        " data:\n-  REDIS_ADDR: redis:6379\n+  CACHE_ADDR: redis:6379",
        "Keep both keys until every reader takes the new one.",
    ),
    (
        "WSP443",
        "reference-missing",
        "error",
        "a reference that was changed to something that these manifests don't have",
        "The pod does not start, or the route has no backend. A warning where the object may be made "
        "elsewhere.",
        "-            port: {number: 80}\n+            port: {number: 8080}   # the Service has 80",
        "Change the reference together with what it refers to.",
    ),
    (
        "WSP451",
        "object-removed",
        "error",
        "an object that is gone",
        "Helm and pruning tools delete it with the next upgrade. An error for what others depend on "
        "(Services, definitions, storage, namespaces, what pods refer to), a warning for the rest.",
        "-kind: Service\n-metadata: {name: cart}",
        "Remove who uses it first; `helm.sh/resource-policy: keep` keeps what stores data.",
    ),
    (
        "WSP452",
        "object-renamed",
        "error",
        "an object that has another name now",
        "The old one is deleted, and whoever knows its name finds nothing. A warning for what nobody refers "
        "to.",
        " kind: Service\n metadata:\n-  name: cart\n+  name: basket",
        "Keep the old one beside the new one (a Service of type ExternalName is enough) until nobody uses "
        "it.",
    ),
    (
        "WSP453",
        "object-namespace-changed",
        "error",
        "an object that moved to another namespace",
        "Names are looked up in one's own namespace: who used the short name finds nothing.",
        "-  namespace: shop\n+  namespace: checkout",
        "Leave a Service of type ExternalName in the old namespace.",
    ),
    (
        "WSP454",
        "object-kind-changed",
        "warning",
        "a workload that is of another kind now",
        "The old one is deleted while the new one starts; storage and pod names change.",
        "-kind: Deployment\n+kind: StatefulSet",
        "Give the new one its own name, and remove the old one when it serves.",
    ),
    (
        "WSP455",
        "api-version-removed",
        "error",
        "an object that comes to use a version of an API that Kubernetes no longer serves",
        "The cluster refuses it; Helm stops before anything is deployed. The Kubernetes that counts is the "
        "newest that the chart's `kubeVersion` allows.",
        "-apiVersion: policy/v1\n+apiVersion: policy/v1beta1   # gone with 1.25",
        "Use the version that took its place; charts for old clusters choose by `.Capabilities.APIVersions`.",
    ),
    (
        "WSP461",
        "crd-version-removed",
        "error",
        "a version of a CustomResourceDefinition that is gone or no longer served",
        "Resources and clients that use it are refused.",
        "   - name: v1beta1\n-    served: true\n+    served: false",
        "Serve both versions until stored resources are migrated and no client asks for the old one.",
    ),
    (
        "WSP462",
        "crd-schema-tightened",
        "error",
        "a CustomResourceDefinition that refuses resources which it took before",
        "The next write of such a resource is refused, that of its controller included.",
        "+            required: [tenant]",
        "Add fields as optional, with a default; tighten in a new version of the API.",
    ),
    (
        "WSP471",
        "probe-removed",
        "warning",
        "a probe that a container no longer has",
        "Pods get traffic before they are ready, or hang without being restarted.",
        "-        readinessProbe:\n-          grpc: {port: 7070}",
        "Keep a probe, or say in the change why none is needed.",
    ),
    (
        "WSP472",
        "resources-removed",
        "warning",
        "requests or limits that a container no longer has",
        "Its pods are the first to be evicted, and may starve their neighbours.",
        "-        resources:\n-          limits: {memory: 256Mi}",
        "Change the amount rather than removing it.",
    ),
    (
        "WSP473",
        "timeout-removed",
        "warning",
        "a timeout or retry of a route that is gone",
        "A call waits as long as the proxy's default lets it, which may be for ever.",
        "-    timeout: 5s",
        "Keep a timeout on every route.",
    ),
    (
        "WSP474",
        "timeout-shortened",
        "warning",
        "pods that have less time to end than before",
        "Requests that are under way when a pod ends are cut off.",
        "-      terminationGracePeriodSeconds: 60\n+      terminationGracePeriodSeconds: 5",
        "Keep it longer than the longest request plus the time to be taken out of the endpoints.",
    ),
    (
        "WSP481",
        "chart-version-not-raised",
        "warning",
        "a chart that changed and kept its version, or raised it by less than the change asks for",
        "Two different charts have one version: what is cached or published is not what is here. Who pins "
        "`^1.4` takes a breaking change for a harmless one.",
        " version: 1.4.0\n+   # values.yaml lost a key: 2.0.0",
        "Raise `version` in Chart.yaml as the finding says: major for what breaks, minor for what is new, "
        "else patch; before 1.0.0 minor for what breaks.",
    ),
)


def render_table() -> str:
    """The table of docs/helm.md: what breaks, why, an example, what to do instead."""
    lines = ["| rule | what it is | why it breaks | example | instead |", "| --- | --- | --- | --- | --- |"]
    for id, name, severity, summary, why, example, instead in ROWS:
        shown = "<br>".join(f"`{_cell(row)}`" for row in example.split("\n"))
        title = f"[{id}](rules.md#{id.lower()}-{name}) {name}, {severity}"
        lines.append(f"| {title} | {_cell(summary)} | {_cell(why)} | {shown} | {_cell(instead)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(render_table(), end="")
