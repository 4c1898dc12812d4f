"""Services of repositories that nobody prepared: joining, names, roots, kinds."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from conftest import SHOP

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.manifests.env_file import filled
from workspai_hooks.workspace.manifests.helm import Charts, neutralised
from workspai_hooks.workspace.manifests.yaml_tree import YamlError, documents
from workspai_hooks.workspace.names import folder_name, image_name, similar
from workspai_hooks.workspace.owners import parse
from workspai_hooks.workspace.services import Kind, Service, ServiceOverride, Services, discover

GO = "package main\n\nfunc main() {}\n"
WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n'
TESTS = '<Project Sdk="Microsoft.NET.Sdk"><PackageReference Include="Microsoft.NET.Test.Sdk" /></Project>\n'


def workload(name: str, image: str, kind: str = "Deployment", labels: str = "") -> str:
    return (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n  template:\n"
        f"    metadata:\n      labels:\n        app: {labels or name}\n"
        f"    spec:\n      containers:\n      - name: main\n        image: {image}\n"
    )


def found(files: dict[str, str]) -> dict[str, Service]:
    return {service.name: service for service in discover(Snapshot.of(files)).all}


def roots(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: service.roots for name, service in found(files).items()}


def shop() -> Snapshot:
    return Snapshot.of(
        {
            path.relative_to(SHOP).as_posix(): path.read_bytes()
            for path in sorted(SHOP.rglob("*"))
            if path.is_file()
        }
    )


def test_the_bundled_shop() -> None:
    services = discover(shop())
    assert {one.name: (one.kind.value, one.roots) for one in services.all} == {
        "admin": ("application", ("services/admin",)),
        "catalog": ("application", ("services/catalog",)),
        "loadgen": ("application", ("services/loadgen",)),
        "mailer": ("application", ("services/mailer",)),
        "orders": ("application", ("services/orders",)),
        "redis": ("infrastructure", ()),
        "shipping": ("application", ("services/shipping",)),
        "storefront": ("application", ("services/storefront",)),
        "warehouse": ("application", ("services/warehouse",)),
    }
    assert services.undecided == ()


def test_a_workload_an_image_a_compose_service_and_a_folder_are_one_service() -> None:
    services = found(
        {
            "k8s/cart.yaml": workload("cart-deploy", "registry.example.com/shop/cart:1.2@sha256:abc"),
            "compose.yaml": "services:\n  cart:\n    build: services/cart\n    image: shop/cart\n",
            "services/cart/main.go": GO,
            "services/cart/Dockerfile": "FROM golang\nEXPOSE 7070\n",
        }
    )
    assert list(services) == ["cart-deploy"]
    cart = services["cart-deploy"]
    assert (cart.roots, cart.aliases, cart.kind) == (("services/cart",), ("cart",), Kind.APPLICATION)
    assert 7070 in cart.ports


def test_overlays_of_one_workload_are_one_service() -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\nspec: {replicas: 3}\n"
    services = found(
        {
            "k/base/cart.yaml": workload("cart", "cart"),
            "k/overlays/prod/patch.yaml": patch,
            "k/overlays/dev/kustomization.yaml": (
                "kind: Kustomization\npatches:\n- patch: |-\n"
                + "".join(f"    {line}\n" for line in patch.splitlines())
            ),
            "cart/go.mod": "module example.com/cart\n",
            "cart/main.go": GO,
        }
    )
    assert list(services) == ["cart"]
    assert [place.path for place in services["cart"].evidence] == [
        "cart/go.mod",
        "cart/main.go",
        "k/base/cart.yaml",
        "k/overlays/dev/kustomization.yaml",
        "k/overlays/prod/patch.yaml",
    ]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job", "Rollout", "ReplicaSet"])
def test_every_kind_of_workload(kind: str) -> None:
    assert list(found({"all.yaml": workload("cart", "acme/cart", kind)})) == ["cart"]


def test_cron_jobs_pods_lists_and_several_documents() -> None:
    containers = "{containers: [{image: acme/tidy}]}"
    cron = (
        "kind: CronJob\nmetadata: {name: tidy}\n"
        f"spec: {{jobTemplate: {{spec: {{template: {{spec: {containers}}}}}}}}}\n"
    )
    pod = (
        "kind: List\nitems:\n- kind: Pod\n  metadata: {name: probe}\n"
        "  spec: {containers: [{image: acme/probe}]}\n"
    )
    broken = "kind: Deployment\nmetadata: {name: [\n"
    services = discover(Snapshot.of({"all.yaml": f"{cron}---\n{broken}---\n{pod}"}))
    assert [(one.name, one.images) for one in services.all] == [
        ("probe", ("acme/probe",)),
        ("tidy", ("acme/tidy",)),
    ]
    assert [one.what for one in services.undecided] == ["all.yaml:7"]


def test_a_root_is_widened_over_its_own_tests_and_never_over_a_sibling() -> None:
    files = {
        "src/cart/src/Dockerfile": "FROM sdk\n",
        "src/cart/src/cart.csproj": WEB,
        "src/cart/src/Program.cs": "",
        "src/cart/tests/cart.tests.csproj": TESTS,
        "src/cart/tests/CartTests.cs": "",
    }
    assert roots(files) == {"cart": ("src/cart",)}
    assert found(files)["cart"].aliases == ()
    sibling = {"src/cart/worker/main.go": GO, "src/cart/worker/Dockerfile": "FROM golang\n"}
    assert roots(files | sibling) == {"cart": ("src/cart/src",), "cart-worker": ("src/cart/worker",)}


def test_dockerfiles_in_one_folder_map_to_what_they_build() -> None:
    files = {
        "build/docker/cart.Dockerfile": "FROM golang\nCOPY . .\nRUN go build -o /x ./services/cart\n",
        "build/docker/Dockerfile.ads": "FROM python\nCOPY services/ads/ /app\n",
        "services/cart/main.go": GO,
        "services/ads/main.py": "if __name__ == '__main__':\n    pass\n",
        "go.mod": "module example.com/shop\n",
    }
    assert roots(files) == {"ads": ("services/ads",), "cart": ("services/cart",)}
    compose = (
        "services:\n  basket:\n    build:\n      context: .\n      dockerfile: build/docker/cart.Dockerfile\n"
        "  ads:\n    build: {context: ., dockerfile: build/docker/Dockerfile.ads}\n"
    )
    assert roots(files | {"compose.yaml": compose}) == {
        "ads": ("services/ads",),
        "basket": ("services/cart",),
    }


def test_one_dockerfile_for_all_is_told_apart_by_arguments_or_names() -> None:
    files = {
        "Dockerfile": "FROM golang\nARG APP\nCOPY . .\nRUN make -C app/${APP}\n",
        "go.mod": "module example.com/shop\n",
        "app/cart/service/cmd/server/main.go": GO,
        "app/order/service/cmd/server/main.go": GO,
        "compose.yaml": (
            "services:\n  one:\n    build: {context: ., args: {APP: cart/service}}\n"
            "  order-service:\n    build: .\n"
        ),
    }
    assert roots(files) == {"one": ("app/cart/service",), "order-service": ("app/order/service",)}


def test_commands_of_one_module_are_services_with_the_code_of_their_name() -> None:
    files = {
        "go.mod": "module example.com/shop\n",
        "Dockerfile": "FROM golang\nCOPY . .\nRUN go install ./...\n",
        "cmd/frontend/main.go": GO,
        "cmd/geo/main.go": GO,
        "services/geo/server.go": "package geo\n",
        "pkg/log/log.go": "package log\n",
        "docker-compose.yml": (
            "services:\n  frontend: {build: ., entrypoint: frontend}\n  geo: {build: ., entrypoint: geo}\n"
        ),
    }
    assert roots(files) == {"frontend": ("cmd/frontend",), "geo": ("cmd/geo", "services/geo")}


def test_libraries_tools_and_configuration_folders_are_no_services() -> None:
    files = {
        "libs/money/go.mod": "module example.com/money\n",
        "libs/money/money.go": "package money\n",
        "packages/ui/package.json": '{"name": "ui", "scripts": {"build": "tsc"}}',
        "packages/ui/index.ts": "",
        "core/Core.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
        "core/Core.cs": "",
        "tools/gen/main.go": GO,
        "docker/Dockerfile": "FROM nginx\n",
        "apps/web/package.json": '{"name": "@shop/web", "scripts": {"start": "node ."}}',
        "apps/web/index.js": "",
    }
    assert roots(files) == {"web": ("apps/web",)}


def test_builds_of_every_language_are_found() -> None:
    files = {
        "a/Cargo.toml": '[package]\nname = "a"\n',
        "a/src/main.rs": "fn main() {}\n",
        "b/pom.xml": "<project><artifactId>b</artifactId><build>spring-boot-maven-plugin</build></project>",
        "b/src/main/java/B.java": "",
        "c/build.gradle": "plugins { id 'application' }\n",
        "c/src/main/java/C.java": "",
        "d/requirements.txt": "grpcio\n",
        "d/server.py": "if __name__ == '__main__':\n    serve()\n",
        "e/E.csproj": WEB,
        "e/Program.cs": "",
        "f/package.json": '{"scripts": {"start": "node f.js"}}',
        "f/f.js": "",
        "g/go.mod": "module example.com/g\n",
        "g/main.go": GO,
        "pom.xml": "<project><artifactId>all</artifactId><modules><module>b</module></modules></project>",
    }
    expected = {name: (name,) for name in ("a", "b", "c", "d", "f", "g")} | {"e": ("e",)}
    assert roots(files) == expected


def test_a_registered_name_comes_before_a_folder_and_after_a_compose_service() -> None:
    files = {
        "spring-shop-cart/pom.xml": (
            "<project><artifactId>spring-shop-cart</artifactId>spring-boot-maven-plugin</project>"
        ),
        "spring-shop-cart/src/main/java/App.java": "",
        "spring-shop-cart/src/main/resources/application.yml": "spring:\n  application:\n    name: basket\n",
    }
    assert found(files)["basket"].aliases == ("spring-shop-cart",)
    files["compose.yml"] = "services:\n  cart:\n    image: acme/spring-shop-cart\n"
    assert found(files)["cart"].aliases == ("basket", "spring-shop-cart")


def test_what_is_called_alike_is_not_the_same() -> None:
    files = {
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM golang\n",
        "compose.yaml": "services:\n  cart: {build: cart}\n  valkey-cart: {image: 'valkey/valkey:9'}\n",
    }
    services = found(files)
    assert services["valkey-cart"].roots == ()
    assert services["valkey-cart"].kind is Kind.INFRASTRUCTURE
    assert services["cart"].roots == ("cart",)


def test_an_image_copied_from_another_service_does_not_join_them() -> None:
    files = {
        "app/cart/main.go": GO,
        "app/order/main.go": GO,
        "compose.yaml": "services:\n  cart: {image: shop/cart}\n  order: {image: shop/cart}\n",
    }
    assert roots(files) == {"cart": ("app/cart",), "order": ("app/order",)}


def test_a_web_process_and_its_worker_are_one_service() -> None:
    files = {
        "shop/Dockerfile": "FROM ruby\n",
        "shop/app.rb": "",
        "compose.yaml": "services:\n  worker: {build: shop, command: sidekiq}\n  shop: {build: shop}\n",
    }
    assert found(files)["shop"].aliases == ("worker",)


def test_the_same_compose_name_in_two_projects_is_two_services() -> None:
    files = {
        f"{project}/{path}": text
        for project in ("ads", "cart")
        for path, text in {
            "docker-compose.yml": "services:\n  app: {build: .}\n",
            "Dockerfile": "FROM golang\n",
            "main.go": GO,
        }.items()
    }
    assert roots(files) == {"ads": ("ads",), "cart": ("cart",)}


def test_skaffold_tells_where_an_image_is_built() -> None:
    files = {
        "k8s/all.yaml": workload("basket", "cart"),
        "skaffold.yaml": "kind: Config\nbuild:\n  artifacts:\n  - image: cart\n    context: src/a\n",
        "src/a/Dockerfile": "FROM golang\n",
        "src/a/main.go": GO,
    }
    assert roots(files) == {"basket": ("src/a",)}


def test_services_give_names_to_what_they_select() -> None:
    service = (
        "kind: Service\nmetadata: {name: cart-grpc}\n"
        "spec:\n  selector: {app: c}\n  ports: [{name: grpc, port: 7070}]\n"
    )
    cart = found({"all.yaml": workload("cart", "acme/cart", labels="c") + "---\n" + service})["cart"]
    assert cart.hosts == ("cart", "cart-grpc")
    assert cart.ports == {7070: "grpc"}
    assert cart.kind is Kind.EXTERNAL


def test_helm_templates_are_read_with_the_values_of_their_chart() -> None:
    template = (
        "{{- if .Values.cart.enabled }}\n{{/* a\ncomment */}}\napiVersion: apps/v1\nkind: Deployment\n"
        "metadata:\n  name: {{ .Values.cart.name | quote }}\n  labels:\n"
        '    {{- include "x.labels" . | nindent 4 }}\n'
        "spec:\n  template:\n    spec:\n      containers:\n"
        "      - image: {{ .Values.repo }}/cart:{{ .Chart.AppVersion }}\n"
        '{{- end }}\n---\nkind: StatefulSet\nmetadata:\n  name: {{ include "shop-db.fullname" . }}\n'
    )
    services = found(
        {
            "chart/Chart.yaml": "name: shop\n",
            "chart/values.yaml": "repo: ghcr.io/acme\ncart:\n  name: cart\n",
            "chart/templates/cart.yaml": template,
        }
    )
    assert list(services) == ["cart", "shop-db"]
    assert services["cart"].evidence[0].line == 7
    assert services["cart"].images == ("ghcr.io/acme/cart:0",)
    assert neutralised(b"a: {{ .Values.x }}", {"x": "y: [evil"}) == b"a: "


def test_compose_files_are_filled_in_from_the_env_file_beside_them() -> None:
    files = {
        ".env": "IMAGE=acme/cart\nDOCKERFILE=./src/cart/Dockerfile # here\n",
        "compose.yaml": (
            "services:\n  c:\n    image: ${IMAGE:-none}:1\n"
            "    build: {context: ., dockerfile: '${DOCKERFILE}'}\n"
        ),
        "src/cart/Dockerfile": "FROM golang\n",
        "src/cart/main.go": GO,
    }
    service = found(files)["c"]
    assert (service.roots, service.images) == (("src/cart",), ("acme/cart:1",))
    assert filled("${A:-b}-${C}-$D-${E:+e}", {"D": "d", "E": "x"}) == "b--d-e"
    assert len(filled("$A", {"A": "$A$A$A$A"})) <= 10_000


def test_overrides_win() -> None:
    snapshot = Snapshot.of({"cart/main.go": GO, "lib/pay/pay.go": "package pay\n"})
    services = discover(
        snapshot,
        [
            ServiceOverride("basket", roots=("cart",), owners=("@carts",)),
            ServiceOverride("pay", roots=("lib/pay/",), aliases=("payments",)),
        ],
    )
    assert [(one.name, one.roots, one.aliases, one.owners) for one in services.all] == [
        ("basket", ("cart",), ("cart",), ("@carts",)),
        ("pay", ("lib/pay",), ("payments",), ()),
    ]
    at = services.service_of("lib/pay/pay.go")
    assert at is not None
    assert at.name == "pay"
    assert services.named("payments") is at


def test_the_longest_root_holds_a_path() -> None:
    files = {
        "shop/main.go": GO,
        "shop/Dockerfile": "FROM golang\n",
        "shop/ads/main.go": GO,
        "shop/ads/Dockerfile": "FROM golang\n",
    }
    services = discover(Snapshot.of(files))
    names = [
        service.name if service else None
        for service in map(services.service_of, ("shop/a", "shop/ads/b", "shopping/c"))
    ]
    assert names == ["shop", "shop-ads" if services.named("shop-ads") else "ads", None]


def test_missing_objects_are_told_and_the_rest_is_found() -> None:
    whole = Snapshot.of(
        {"a/compose.yaml": "services: {a: {image: acme/a}}", "b/compose.yaml": "services: {}"}
    )
    lost = whole.entries["b/compose.yaml"].blob
    partial = replace(whole, reader=lambda blobs: {**whole.reader(blobs), lost: None})
    services = discover(partial)
    assert [one.name for one in services.all] == ["a"]
    assert [one.what for one in services.undecided] == ["b/compose.yaml"]


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        "services: " + "[" * 100_000,
        "services:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 3000)),
        BOMB + "services: {x: {image: *u}}\n",
        "x: &x\n  <<: *x\nservices: *x\n",
        "services: !!python/object/apply:os.system ['true']\n",
        "services: \x00\x01",
        "services:\n  a: [1, 2\n",
        "- just\n- a list\n",
        "services:\n  '../../etc': {build: ../../../etc}\n  b: {build: 'https://example.com/x.git'}\n",
        "\xff\xfe",
        "",
    ],
)
def test_hostile_yaml_is_bounded_and_never_raises(text: str) -> None:
    start = time.perf_counter()
    services = discover(Snapshot.of({"compose.yaml": text, "k.yaml": "kind: Deployment\n" + text}))
    assert isinstance(services, Services)
    assert all(".." not in root for service in services.all for root in service.roots)
    assert time.perf_counter() - start < 2


def test_yaml_is_bounded_in_size_and_aliases_are_not_copied() -> None:
    with pytest.raises(YamlError, match="larger than"):
        list(documents(b"a" * (3 * 1024 * 1024)))
    with pytest.raises(YamlError, match="deeper"):
        list(documents(b"{a: " * 100))
    merged = next(documents(b"base: &b {image: x, build: y}\nown:\n  <<: *b\n  build: z\n"))
    assert merged.at("own").scalars() == {"image": "x", "build": "z"}


def test_a_repository_of_a_thousand_services_is_quick() -> None:
    files = {}
    for number in range(1000):
        files[f"services/s{number}/main.go"] = GO
        files[f"services/s{number}/Dockerfile"] = "FROM golang\n"
        files[f"k8s/s{number}.yaml"] = workload(f"s{number}", f"acme/s{number}")
    start = time.perf_counter()
    services = discover(Snapshot.of(files))
    assert len(services.all) == 1000
    assert all(len(service.roots) == 1 for service in services.all)
    assert time.perf_counter() - start < 20


def test_names() -> None:
    assert image_name("registry:5000/acme/cart:1.2@sha256:0") == "cart"
    assert image_name("cart") == "cart"
    assert folder_name("app/cart/service") == "cart-service"
    assert folder_name("services/cart") == "cart"
    assert folder_name("web/admin") == "web-admin" or folder_name("web/admin") == "admin"
    assert [similar(name, ["spring-shop-cart"]) for name in ("spring_shop.cart", "cart", "carts")] == [
        3,
        2,
        0,
    ]
    assert similar("cartservice", ["cart"]) == 1


def test_code_owners() -> None:
    owners = parse(
        "# all\n*  @org/all\n/docs/* docs@example.com\nservices/cart/ @carts # ours\n**/k8s/** @ops\n"
        "/services/ads/\n*.go @go\napps/*/web @web\n/path\\ with\\ space @space\n!x @bad\n[ab] @bad\n"
    )
    for path, expected in {
        "README.md": ("@org/all",),
        "docs/a.md": ("docs@example.com",),
        "docs/deep/a.md": ("@org/all",),
        "services/cart/x.py": ("@carts",),
        "other/services/cart/x.py": ("@org/all",),
        "a/b/k8s/c/d.yaml": ("@ops",),
        "services/ads/x.py": (),
        "services/cart/x.go": ("@go",),
        "apps/a/web/x.ts": ("@web",),
        "path with space/x": ("@space",),
    }.items():
        assert owners.of(path) == expected, path
    assert owners.of_roots(["services/cart", "docs"]) == ("@carts", "docs@example.com")


def test_sections_of_code_owners() -> None:
    text = (
        "* @all\n[Shop] @shop # ours\nservices/cart/\nservices/mail/ @mailers\n"
        "^[Docs][2] @org/docs docs@example.com\n*.md\nservices/cart/*.md\n[Shop]\nservices/ads/ @ads\n"
    )
    owners = parse(text, sections=True)
    for path, expected in {
        "x.go": ("@all",),
        "services/cart/x.go": ("@all", "@shop"),
        "services/mail/x.go": ("@all", "@mailers"),
        "services/ads/x.go": ("@all", "@ads"),
        "services/cart/a.md": ("@all", "@shop", "@org/docs", "docs@example.com"),
    }.items():
        assert owners.of(path) == expected, path
    assert parse(text).of("services/cart/x.go") == ()


def test_charts_take_the_innermost_values() -> None:
    charts = Charts({"a": {"x": "1"}, "a/charts/b": {"x": "2"}})
    assert charts.of("a/charts/b/templates/c.yaml") == {"x": "2"}
    assert charts.of("a/templates/c.yaml") == {"x": "1"}
    assert charts.of("z/templates/c.yaml") == {}


def test_a_chart_in_a_services_folder_runs_that_service() -> None:
    chart = {
        "src/cart/chart/Chart.yaml": "name: carts\nversion: 1.0.0\n",
        "src/cart/chart/values.yaml": "image:\n  repository: registry.example/shop-cart\n",
        "src/cart/chart/templates/deployment.yaml": (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: carts}\n"
            "spec:\n  template:\n    spec:\n      containers:\n"
            "        - {name: carts, image: '{{ .Values.image.repository }}:1'}\n"
        ),
    }
    app = {
        "src/cart/main.go": GO,
        "src/cart/Dockerfile": "FROM golang\n",
        "compose.yaml": "services:\n  cart: {build: src/cart}\n",
    }
    found = discover(Snapshot.of(chart | app))
    assert [(one.kind, one.roots) for one in found.all] == [("application", ("src/cart",))]
    assert {"cart", "carts"} <= {found.all[0].name, *found.all[0].aliases}


def test_versions_that_run_beside_each_other_are_one_service() -> None:
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: reviews-{0}}}\n"
        "spec:\n  template:\n    spec:\n      containers:\n"
        "        - {{name: reviews, image: 'shop/reviews-{0}:1'}}\n---\n"
    )
    files = {
        "k8s.yaml": workload.format("v1") + workload.format("v2"),
        "src/reviews/main.go": GO,
        "src/reviews/Dockerfile": "FROM golang\n",
    }
    found = discover(Snapshot.of(files))
    assert [(one.name, one.roots) for one in found.all] == [("reviews-v1", ("src/reviews",))]


@pytest.mark.parametrize(
    ("app", "version", "known"),
    [
        ("cart", "v2-postgres", {"cart": ("src/cart",)}),
        ("cart", "v3", {"cart": ("src/cart",), "cart-v2-postgres": ("src/postgres",)}),
    ],
)
def test_a_workload_that_its_labels_call_a_version_is_that_application(
    app: str, version: str, known: dict[str, tuple[str, ...]]
) -> None:
    labelled = "{}\n        version: {}"
    files = {
        "a.yaml": workload("cart-v1", "shop/examples-cart-v1", labels=labelled.format("cart", "v1")),
        "b.yaml": workload("cart-v2-postgres", "shop/examples-cart-v2", labels=labelled.format(app, version)),
        "src/cart/main.go": GO,
        "src/cart/Dockerfile": "FROM golang\n",
        "src/postgres/Dockerfile": "FROM postgres\n",
    }
    assert roots(files) == known


def test_a_main_function_beside_a_command_of_another_program() -> None:
    files = {
        "a.yaml": workload("web", "acme/shop-web"),
        "b.yaml": workload("bot", "acme/shop-web").replace("image:", "command: [shop-bot]\n        image:"),
        "shop-web/cmd/server.go": GO,
        "shop-web/cmd/bot/main.go": GO,
        "shop-web/webapp/package.json": '{"name": "web", "scripts": {"start": "webpack serve"}}',
        "shop-web/webapp/index.js": "fetch('/api')",
    }
    assert roots(files) == {"web": ("shop-web",), "bot": ("shop-web/cmd/bot",)}
    alone = {path: text for path, text in files.items() if path not in ("b.yaml", "shop-web/cmd/bot/main.go")}
    assert roots(alone | {"a.yaml": workload("web", "acme/page")}) == {"web": ("shop-web/webapp",)}


def test_applications_of_a_nest_workspace() -> None:
    main = "async function bootstrap() { await NestFactory.create(AppModule); }\n"
    files = {
        "package.json": '{"name": "shop", "scripts": {"start": "nest start"}}',
        "apps/cart/src/main.ts": main,
        "apps/web/src/main.ts": main,
        "libs/common/src/main.ts": "export const x = 1;\n",
    }
    found = discover(Snapshot.of(files))
    assert [(one.name, one.roots) for one in found.all] == [("cart", ("apps/cart",)), ("web", ("apps/web",))]


def test_a_server_that_a_main_function_embeds() -> None:
    files = {
        "cart/pom.xml": "<project><artifactId>cart-service</artifactId></project>",
        "cart/src/main/kotlin/CartApplication.kt": "fun main(a: Array<String>) { embeddedServer(Netty) }\n",
        "tool/pom.xml": "<project><artifactId>tool</artifactId></project>",
        "tool/src/main/kotlin/ToolApplication.kt": "fun main(a: Array<String>) { println(1) }\n",
    }
    assert [one.roots for one in discover(Snapshot.of(files)).all] == [("cart",)]


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("mongo:5", Kind.INFRASTRUCTURE),
        ("rabbitmq:management", Kind.INFRASTRUCTURE),
        ("nginx", Kind.APPLICATION),
    ],
)
def test_scripts_that_fill_a_store_make_it_no_application(base: str, kind: Kind) -> None:
    files = {
        "data/Dockerfile": f"FROM {base}\nCOPY items.js /init/\n",
        "data/items.js": "db.items.insert({})\n",
    }
    assert [one.kind for one in discover(Snapshot.of(files)).all] == [kind]
