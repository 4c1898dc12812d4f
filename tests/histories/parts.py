"""Parts of made repositories: protobuf files, descriptions of HTTP interfaces, charts, manifests."""

from __future__ import annotations

import json
from random import Random

import yaml

from histories.repository import Files

NOUNS = (
    *("Anchor", "Barrel", "Cable", "Dock", "Engine", "Ferry", "Gauge", "Harbor", "Invoice", "Jetty", "Keel"),
    *("Ladder", "Mast", "Net", "Oar", "Pump", "Quay", "Rope", "Sail", "Tide", "Vessel", "Winch", "Yard"),
)
FIELDS = (
    *("amount", "berth", "code", "depth", "email", "flag", "grade", "height", "index", "label", "mass"),
    *("note", "owner", "phase", "rank", "state", "title", "unit", "volume", "width", "zone"),
)
SCALARS = ("string", "int32", "int64", "uint32", "bool", "bytes", "double", "sint32", "fixed64")


def protos(rng: Random, root: str, package: str, count: int, uses: Files | None = None) -> Files:
    """`count` files of packages below `package`; some import those before them, and one of `uses`.

    Without a package all files share the empty one. Names of messages are unique over all files.
    """
    nouns = list(NOUNS if uses is None else [f"Edge{noun}" for noun in NOUNS])
    rng.shuffle(nouns)
    files: Files = {}
    known: list[tuple[str, str]] = []  # (import path, full name of a message)
    if uses:
        known = [_first_message(path, text) for path, text in uses.items() if path.endswith(".proto")]
    for number in range(count):
        own = f"{package}.{('base', 'base', 'more', 'last')[number]}.v1" if package else ""
        stem = nouns[0].lower()
        path = "/".join([*own.split("."), f"{stem}.proto"]) if own else f"{stem}.proto"
        imported = rng.sample(known, min(len(known), rng.randint(0, 2)))
        lines = ['syntax = "proto3";', ""]
        lines += [f"package {own};", ""] if own else []
        lines += [f'import "{one}";' for one in sorted({place for place, _ in imported})]
        lines += [f'option go_package = "example.test/{package or "flat"}/{stem};{stem}";', ""]
        messages = [nouns.pop(0) for _ in range(rng.randint(2, 4))]
        enum = nouns.pop(0)
        lines += _enum(rng, enum)
        for at, name in enumerate(messages):
            types = [*messages[:at], enum, *(full for _, full in imported)]
            lines += _message(rng, name, types)
        lines += _service(rng, f"{stem.capitalize()}Service", messages)
        files[root + path] = "\n".join(lines).encode()
        known.append((path, f"{own}.{messages[0]}" if own else messages[0]))
    return files


def _first_message(path: str, text: bytes) -> tuple[str, str]:
    words = text.decode().split()
    package = words[words.index("package") + 1].rstrip(";")
    folder = package.replace(".", "/")
    return path[path.index(folder) :], f"{package}.{words[words.index('message') + 1]}"


def _enum(rng: Random, name: str) -> list[str]:
    values = rng.sample([field.upper() for field in FIELDS], rng.randint(2, 4))
    rows = [f"  {name.upper()}_{value} = {number};" for number, value in enumerate(values, 1)]
    return [f"enum {name} {{", f"  {name.upper()}_UNSPECIFIED = 0;", *rows, "}", ""]


def _message(rng: Random, name: str, types: list[str]) -> list[str]:
    lines = [f"// A {name.lower()} as it is kept.", f"message {name} {{"]
    fields = rng.sample(FIELDS, rng.randint(2, 6))
    in_oneof = set(fields[-2:]) if rng.random() < 0.3 and len(fields) > 3 else set()
    for number, field in enumerate(fields, 1):
        kind = rng.choice(types) if types and rng.random() < 0.35 else rng.choice(SCALARS)
        label = "" if field in in_oneof else rng.choice(("", "", "", "repeated ", "optional "))
        if not in_oneof and rng.random() < 0.08:
            kind, label = f"map<string, {kind}>", ""
        if in_oneof and field == fields[-2]:
            lines.append("  oneof choice {")
        lines.append(f"{'    ' if field in in_oneof else '  '}{label}{kind} {field} = {number};")
    if in_oneof:
        lines.append("  }")
    return [*lines, "}", ""]


def _service(rng: Random, name: str, messages: list[str]) -> list[str]:
    lines = [f"service {name} {{"]
    for verb in rng.sample(("Get", "List", "Watch", "Put"), rng.randint(1, 3)):
        stream = "stream " if verb == "Watch" else ""
        asked, given = rng.choice(messages), rng.choice(messages)
        lines.append(f"  rpc {verb}{messages[0]}({asked}) returns ({stream}{given});")
    return [*lines, "}", ""]


def description(rng: Random, path: str, *, split: bool) -> Files:
    """An OpenAPI description of orders and customers; `split`: schemas and a path item in files of their
    own."""
    here = path.rpartition("/")[0]
    folder = f"{here}/" if here else ""
    suffix = path.rpartition(".")[2]
    where = f"schemas.{suffix}#/" if split else "#/components/schemas/"

    def ref(name: str, own: bool = False) -> dict[str, str]:
        """`own`: seen from the file of schemas itself."""
        return {"$ref": f"#/{name}" if own and split else f"{where}{name}"}

    def body(schema: object) -> dict[str, object]:
        return {"content": {"application/json": {"schema": schema}}}

    def answer(schema: object, text: str = "fine") -> dict[str, object]:
        return {"200": {"description": text, **body(schema)}, "404": {"description": "there is none"}}

    code = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    page = {"name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1}}
    kinds = ["paper", "metal", "wood", "glass"][: rng.randint(2, 4)]
    schemas: dict[str, object] = {
        "Order": {
            "type": "object",
            "required": ["id", "lines"],
            "properties": {
                "id": {"type": "string"},
                "note": {"type": "string", "maxLength": 200},
                "total": {"type": "integer"},
                "kind": {"type": "string", "enum": kinds},
                "lines": {"type": "array", "items": ref("Line", own=True)},
                "buyer": ref("Customer", own=True),
            },
        },
        "Line": {
            "type": "object",
            "required": ["sku"],
            "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
        },
        "Customer": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "city": {"type": "string"},
                "vip": {"type": "boolean"},
            },
        },
        "NewOrder": {
            "type": "object",
            "required": ["lines"],
            "properties": {
                "lines": {"type": "array", "items": ref("Line", own=True)},
                "gift": {"type": "boolean"},
                "kind": {"type": "string", "enum": kinds},
            },
        },
    }
    orders = {
        "get": {
            "operationId": "listOrders",
            "parameters": [page],
            "responses": answer({"type": "array", "items": ref("Order")}),
        },
        "post": {
            "operationId": "placeOrder",
            "requestBody": {"required": True, **body(ref("NewOrder"))},
            "responses": {"201": {"description": "placed", **body(ref("Order"))}},
        },
    }
    order = {
        "parameters": [code],
        "get": {"operationId": "getOrder", "responses": answer(ref("Order"))},
        "delete": {"operationId": "dropOrder", "responses": {"204": {"description": "gone"}}},
    }
    customers = {
        "get": {
            "operationId": "getCustomer",
            "parameters": [code],
            "responses": answer(ref("Customer"), "a customer"),
        }
    }
    receipts = {}
    if rng.random() < 0.4:  # what oasdiff compares twice: branch by branch, and what they mean together
        paid = {"type": "object", "properties": {"paid": {"type": "boolean"}, "code": {"type": "string"}}}
        schemas["Receipt"] = {"allOf": [ref("Order", own=True), paid]}
        answers = answer(ref("Receipt"), "a receipt")
        receipts["/receipts/{id}"] = {
            "get": {"operationId": "getReceipt", "parameters": [code], "responses": answers}
        }
    top: dict[str, object] = {
        "openapi": rng.choice(("3.0.3", "3.1.0")),
        "info": {"title": "Orders", "version": "1.0.0"},
        "paths": {
            "/orders": {"$ref": f"orders.{suffix}"} if split else orders,
            "/orders/{id}": order,
            "/customers/{id}": customers,
            **receipts,
        },
    }
    if not split:
        top["components"] = {"schemas": schemas}
        return {path: dumped(top, path)}
    return {
        path: dumped(top, path),
        f"{folder}schemas.{suffix}": dumped(schemas, path),
        f"{folder}orders.{suffix}": dumped(orders, path),
    }


def dumped(value: object, path: str) -> bytes:
    if path.endswith(".json"):
        return (json.dumps(value, indent=2) + "\n").encode()
    return yaml.safe_dump(value, sort_keys=False, width=100).encode()


def chart(folder: str, name: str) -> Files:
    return {
        f"{folder}Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\nappVersion: '1'\n".encode(),
        f"{folder}values.yaml": b"""replicas: 2
image: registry.example/acme:1
service:
  port: 80
  type: ClusterIP
limits:
  memory: 128Mi
greeting: hello
host: acme.example
""",
        f"{folder}values-prod.yaml": b"replicas: 4\nservice:\n  port: 8080\n",
        f"{folder}templates/web.yaml": (
            _workload("web", "{{ .Values.image }}", "{{ .Values.replicas }}", "  greeting: GREETING\n")
            + "---\n"
            + _service_of("web", "{{ .Values.service.port }}", "{{ .Values.service.type }}")
        ).encode(),
        f"{folder}templates/admin.yaml": (
            _workload("admin", "registry.example/admin:1", "1", "")
            + "---\n"
            + _service_of("admin", "9000", "")
        ).encode(),
        f"{folder}templates/settings.yaml": b"""apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  GREETING: {{ .Values.greeting | quote }}
  MEMORY: {{ .Values.limits.memory | quote }}
""",
        f"{folder}templates/route.yaml": b"""apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
spec:
  rules:
    - host: {{ .Values.host }}
      http:
        paths:
          - path: /shop
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  name: http
          - path: /admin
            pathType: Prefix
            backend:
              service:
                name: admin
                port:
                  number: 9000
""",
    }


def _workload(name: str, image: str, replicas: str, env: str) -> str:
    reads = (
        "          env:\n            - name: GREETING\n              valueFrom:\n"
        "                configMapKeyRef:\n                  name: settings\n"
        "                  key: GREETING\n"
        if env
        else ""
    )
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
        - name: {name}
          image: {image}
          ports:
            - name: http
              containerPort: 8080
{reads}"""


def _service_of(name: str, port: str, kind: str) -> str:
    kind_line = f"  type: {kind}\n" if kind else ""
    return f"""apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
{kind_line}  selector:
    app: {name}
  ports:
    - name: http
      port: {port}
      targetPort: http
"""


def manifests(folder: str) -> Files:
    both = {
        name: _workload(name, f"registry.example/{name}:1", "1", "")
        for name in ("basket", "search", "mailer")
    }
    files = {
        f"{folder}{name}.yaml": (text + "---\n" + _service_of(name, "7000", "")).encode()
        for name, text in both.items()
    }
    files[f"{folder}mailer.yaml"] = both["mailer"].encode()
    files[f"{folder}mailer-service.yaml"] = _service_of("mailer", "7001", "LoadBalancer").encode()
    return files


def kustomized(folder: str) -> Files:
    return {
        f"{folder}base/kustomization.yaml": b"resources:\n  - web.yaml\n  - service.yaml\n",
        f"{folder}base/web.yaml": _workload("web", "registry.example/web:1", "1", "").encode(),
        f"{folder}base/service.yaml": _service_of("web", "7000", "").encode(),
        f"{folder}overlays/prod/kustomization.yaml": (
            b"namespace: prod\nresources:\n  - ../../base\n"
            b"images:\n  - name: registry.example/web\n    newTag: '5'\n"
        ),
    }


def others() -> Files:
    """Sources and files that are no contract."""
    return {
        "README.md": b"# Made\n\nOne line.\n",
        "src/main.py": b"def main() -> None:\n    print('hello')\n\n\nmain()\n",
        "config/settings.yaml": b"debug: false\nworkers: 4\n",
        "config/data.json": b'{\n  "rows": [1, 2, 3]\n}\n',
    }
