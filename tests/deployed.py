"""A small shop as it is deployed: manifests of the kinds that matter, edits of them, what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workspai_hooks import rules
from workspai_hooks.breaking.helm.comparison import compare
from workspai_hooks.breaking.values import Break, Compared
from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.store import Store

_STORE = Store()
"""What helm rendered once in a test run."""

Edit = tuple[str, str, str]
"""A path, a text that stands there exactly once, and what takes its place."""

CART = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  selector:
    matchLabels:
      app: cart
  template:
    metadata:
      labels:
        app: cart
        tier: back
    spec:
      serviceAccountName: cart
      terminationGracePeriodSeconds: 60
      containers:
        - name: server
          image: shop/cart:1
          ports:
            - name: grpc
              containerPort: 7070
            - name: metrics
              containerPort: 9090
          envFrom:
            - configMapRef:
                name: cart
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: cart
                  key: password
          readinessProbe:
            grpc:
              port: 7070
          resources:
            limits:
              memory: 256Mi
---
apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  type: ClusterIP
  selector:
    app: cart
  ports:
    - name: grpc
      port: 7070
      targetPort: grpc
    - name: metrics
      port: 9090
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: cart
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: cart
data:
  REDIS_ADDR: redis:6379
  LEVEL: info
---
apiVersion: v1
kind: Secret
metadata:
  name: cart
type: Opaque
stringData:
  password: secret
"""

EDGE = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - path: /cart
            pathType: Prefix
            backend:
              service:
                name: cart
                port:
                  name: grpc
          - path: /metrics
            pathType: Exact
            backend:
              service:
                name: cart
                port:
                  number: 9090
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
---
apiVersion: v1
kind: Service
metadata:
  name: cart-outside
spec:
  type: LoadBalancer
  selector:
    app: cart
  ports:
    - port: 80
      targetPort: 7070
      nodePort: 30080
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: edge
spec:
  gatewayClassName: any
  listeners:
    - name: https
      port: 443
      hostname: shop.example
    - name: http
      port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: api
spec:
  hostnames: [api.example]
  rules:
    - matches:
        - path:
            value: /v1
      timeouts:
        request: 5s
      backendRefs:
        - name: cart
          port: 7070
"""

DATABASE = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector:
    matchLabels:
      app: db
  template:
    metadata:
      labels:
        app: db
    spec:
      containers:
        - name: db
          image: postgres:16
          ports:
            - containerPort: 5432
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: 1Gi
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
  ports:
    - port: 5432
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: backup
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fast
  resources:
    requests:
      storage: 10Gi
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: db
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: db
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: backup
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: backup
              image: shop/backup:1
"""

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: carts.shop.example
spec:
  group: shop.example
  scope: Namespaced
  names:
    kind: Cart
    plural: carts
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size:
                  type: integer
                  maximum: 100
                mode:
                  type: string
                  enum: [fast, slow]
"""

MANIFESTS: Mapping[str, str] = {
    "k8s/shop/cart.yaml": CART,
    "k8s/shop/edge.yaml": EDGE,
    "k8s/shop/db.yaml": DATABASE,
    "k8s/shop/crd.yaml": DEFINITION,
}
CART_FILE, EDGE_FILE, DB_FILE, CRD_FILE = MANIFESTS


def edited(files: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """The files with these edits; a path that takes nothing any more is deleted."""
    found = dict(files)
    for path, old, new in edits:
        text = found.get(path, "")
        assert text.count(old) == 1 or not old, f"{old!r} stands {text.count(old)} times in {path}"
        found[path] = text.replace(old, new) if old else new
    return {path: text for path, text in found.items() if text}


def between(base: Mapping[str, str | bytes], head: Mapping[str, str | bytes]) -> Compared:
    """What our comparison says of two trees."""
    changed = [path for path in {*base, *head} if base.get(path) != head.get(path)]
    before, after = (replace(Snapshot.of(files), store=_STORE) for files in (base, head))
    return compare(before, after, changed)


def name_of(one: Break) -> str:
    return rules.BY_ID[one.rule].name


def told(answer: Compared) -> set[tuple[str, str, str]]:
    """Rule, element and severity of every break."""
    return {(name_of(one), one.element, str(one.severity)) for one in answer.breaks}


def line_of(files: Mapping[str, str], one: Break) -> str:
    """The line that a break is told at, in head."""
    return files[one.location.path].splitlines()[one.location.line - 1].strip()
