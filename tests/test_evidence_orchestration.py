"""Dapr, .NET Aspire, sidecars, manifests for tests, modules of one service."""

from __future__ import annotations

import time

import pytest
from test_edges import pairs
from test_services import GO, WEB, found, roots, workload

HOST = """var builder = DistributedApplication.CreateBuilder(args);
var idp = builder.AddProject<Projects.Identity_API>("identity-api");
var idpEndpoint = idp.GetEndpoint("https");
var cart = builder.AddProject<Projects.Cart_API>("cart-api")
    .WithEnvironment("Identity__Url", idpEndpoint);
// builder.AddProject<Projects.Old>("old");
builder.AddProject<Projects.WebApp>("webapp").WithReference(cart).WaitFor(cart);
idp.WithEnvironment("CartClient", cart.GetEndpoint("http"));
builder.Build().Run();
"""
ASPIRE = {
    "src/Shop.AppHost/Program.cs": HOST,
    "src/Identity.API/Identity.API.csproj": WEB,
    "src/Identity.API/Config.cs": 'class C { string a = configuration["CartClient"]; }\n',
    "src/Cart.API/Cart.API.csproj": WEB,
    "src/Cart.API/Program.cs": 'var url = configuration["Identity:Url"];\n',
    "src/WebApp/WebApp.csproj": WEB,
    "src/WebApp/Program.cs": 'client.BaseAddress = new("https+http://cart-api");\n',
}


def test_aspire_names_projects() -> None:
    services = roots(ASPIRE)
    assert services["cart-api"] == ("src/Cart.API",)
    assert services["webapp"] == ("src/WebApp",)
    assert "old" not in services


def test_aspire_addresses_that_are_read_and_ways_back() -> None:
    assert {(one[0], one[1], one[3]) for one in pairs(ASPIRE)} == {
        ("cart-api", "identity-api", "proven"),
        ("webapp", "cart-api", "proven"),
    }


def test_dapr_app_ids_of_run_files_and_of_pods() -> None:
    run = (
        "version: 1\napps:\n- {appID: shop-orders, appDirPath: ./orders}\n- {appDirPath: ./web, appID: web}\n"
    )
    files = {
        "dapr.yaml": run,
        "orders/main.go": GO,
        "web/package.json": '{"scripts": {"start": "node ."}}',
        "web/index.js": "await client.invoker.invoke('shop-orders', 'new', HttpMethod.POST) // dapr\n",
    }
    assert pairs(files) == [("web", "shop-orders", "http", "proven")]
    pod = workload("orders", "x/orders").replace(
        "      labels:", "      annotations: {dapr.io/app-id: oid}\n      labels:"
    )
    assert (
        "oid"
        in found({"k8s/o.yaml": pod, "orders/main.go": GO, "orders/Dockerfile": "FROM x\n"})["orders"].aliases
    )


@pytest.mark.parametrize(
    "source",
    [
        'client.InvokeMethodAsync<O, R>(HttpMethod.Post, "oid", "new", o);  // Dapr\n',
        'var client = DaprClient.CreateInvokeHttpClient("oid");\n',
        'var r = http.PostAsync($"http://localhost:3500/v1.0/invoke/oid/method/new", o);\n',
        'request.Headers.Add("dapr-app-id", "oid");\n',
    ],
)
def test_dapr_invocations(source: str) -> None:
    compose = (
        "services:\n  orders: {build: orders}\n  web: {build: web}\n  orders-dapr:\n    image: daprio/daprd\n"
        "    command: [./daprd, -app-id, oid]\n    network_mode: service:orders\n"
    )
    files = {"compose.yaml": compose, "orders/main.go": GO, "web/web.csproj": WEB, "web/Program.cs": source}
    assert [(one[0], one[1]) for one in pairs(files)] == [("web", "orders")]


def test_manifests_for_tests_declare_nothing() -> None:
    files = {
        "pkg/testdata/deploy.yaml": workload("ghost", "x/ghost"),
        "a/testdata/compose.yaml": "services: {b: {image: x/b}}\n",
    }
    assert found(files) == {}


def test_modules_beside_the_one_that_runs_belong_to_the_service() -> None:
    app = "class A { public static void main(String[] a) { SpringApplication.run(A.class); } }"
    files = {
        "cart/cart-main/build.gradle": "plugins { id 'org.springframework.boot' }",
        "cart/cart-main/Dockerfile": "FROM x\n",
        "cart/cart-main/src/main/java/CartApplication.java": app,
        "cart/cart-domain/build.gradle": "",
        "cart/cart-domain/src/main/java/D.java": "class D {}",
        "compose.yaml": "services: {cart: {build: cart/cart-main}}\n",
    }
    assert roots(files) == {"cart": ("cart",)}


def test_compose_takes_bases_from_other_files() -> None:
    files = {
        "compose.yaml": (
            "include: [infra/parts.yml]\nservices:\n"
            "  cart:\n    extends: {file: common.yml, service: base}\n    links: ['db:store', 'mail']\n"
            "  mail: {image: x/mail}\n  db: {image: x/own-db}\n  ghost: {environment: {A: b}}\n"
        ),
        "common.yml": "services:\n  base:\n    build: cart\n    environment: {MAIL: 'mail:80'}\n",
        "infra/parts.yml": "services:\n  stock:\n    build: ../stock\n",
        "cart/Dockerfile": "FROM x\n",
        "cart/app.rb": "ENV['MAIL']\n",
        "stock/Dockerfile": "FROM x\n",
        "stock/app.rb": "",
        "config/symfony.yaml": "services:\n  App\\Mailer:\n    class: App\\Mailer\n",
    }
    services = found(files)
    assert sorted(services) == ["cart", "db", "mail", "stock"]
    assert services["cart"].roots == ("cart",)
    assert "store" in services["db"].hosts
    assert services["stock"].roots == ("stock",)
    assert ("cart", "mail", "tcp", "proven") in pairs(files)


LOOP = """{{- range $name, $one := .Values.services }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  template:
    metadata:
      labels: {app: {{ $name }}}
    spec:
      containers:
      - image: "{{ $.Values.registry }}/{{ $one.image | default $name }}:1"
        env:
        {{- range $key, $value := $one.env }}
        - name: {{ $key }}
          value: {{ $value | quote }}
        {{- end }}
---
kind: Service
metadata: {name: {{ $name }}-svc}
spec: {selector: {app: {{ $name }}}, ports: [{port: {{ .port }}}]}
{{- end }}
"""


def test_loops_of_helm_are_written_out_and_keep_their_lines() -> None:
    values = (
        "registry: acme\nservices:\n  cart: {port: 7070, env: {ORDER: 'http://order-svc:80'}}\n"
        "  order: {image: orders, port: 80}\n"
    )
    files = {"c/Chart.yaml": "name: shop\n", "c/values.yaml": values, "c/templates/all.yaml": LOOP}
    services = found(files)
    assert sorted(services) == ["cart", "order"]
    assert services["cart"].images == ("acme/cart:1",)
    assert services["cart"].ports == {7070: ""}
    assert services["order"].images == ("acme/orders:1",)
    given = services["cart"].declarations[0].variables
    assert [(one.name, one.value, one.location.line) for one in given] == [
        ("ORDER", "http://order-svc:80", 17)
    ]
    assert pairs(files) == [("cart", "order", "http", "declared")]


def test_lists_and_with_in_helm() -> None:
    template = (
        "{{- range .Values.apps }}\n---\nkind: Deployment\nmetadata: {name: {{ .name }}}\nspec:\n"
        "  template:\n    spec:\n      containers:\n{{- with .container }}\n      - image: {{ .image }}\n"
        "{{- end }}\n{{- end }}\n"
    )
    values = "apps:\n- {name: cart, container: {image: x/cart}}\n- {name: mail, container: {image: x/mail}}\n"
    files = {"c/Chart.yaml": "name: c\n", "c/values.yaml": values, "c/templates/a.yaml": template}
    assert {name: one.images for name, one in found(files).items()} == {
        "cart": ("x/cart",),
        "mail": ("x/mail",),
    }


def test_a_chart_is_read_for_each_name_and_environment_that_it_is_installed_under() -> None:
    template = (
        "kind: Deployment\nmetadata: {name: {{ .Chart.Name }}}\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - image: {{ .Values.image }}\n"
        '        env: [{name: MAIL, value: "{{ .Values.mail }}"}]\n'
    )
    files = {
        "all/Chart.yaml": (
            "name: all\ndependencies:\n"
            "- {name: base, alias: cart, repository: 'file://../base'}\n"
            "- {name: base, alias: order, repository: 'file://../base'}\n"
        ),
        "all/values.yaml": "cart: {image: x/cart}\norder: {image: x/order}\n",
        "all/values-prod.yaml": "cart: {mail: 'mail.prod:80'}\n",
        "base/Chart.yaml": "name: base\n",
        "base/values.yaml": "image: none\n",
        "base/templates/d.yaml": template,
    }
    services = found(files)
    assert {name: one.images for name, one in services.items()} == {
        "cart": ("x/cart",),
        "order": ("x/order",),
    }
    given = {one.value for each in services["cart"].declarations for one in each.variables}
    assert "mail.prod:80" in given


@pytest.mark.parametrize(
    "template",
    [
        "{{ range .Values.a }}" * 40 + "kind: Deployment\n" + "{{ end }}" * 40,
        "{{ range $k, $v := .Values }}{{ range $.Values }}{{ range $.Values }}{{ end }}{{ end }}{{ end }}",
        "{{ end }}{{ range }}{{ with }}kind: Deployment\n{{ end",
        "kind: Deployment\nmetadata: {name: {{ .Values.loop }}}\n{{ range .Values.loop }}{{ end }}",
    ],
)
def test_hostile_templates_are_bounded(template: str) -> None:
    values = "".join(f"k{number}: x\n" for number in range(300))
    values += 'a: {b: 1, c: 2}\nloop: "{{ .Values.loop }}{{ .Values.loop }}"\n'
    files = {"c/Chart.yaml": "name: c\n", "c/values.yaml": values, "c/templates/a.yaml": template}
    start = time.perf_counter()
    assert all(one.images == () for one in found(files).values())
    assert time.perf_counter() - start < 5


def test_what_kustomize_adds() -> None:
    patch = (
        "    - op: add\n      path: /spec/template/spec/containers/0/env/-\n"
        "      value: {name: MAIL, value: 'dev-mail:80'}\n"
    )
    overlay = (
        "namePrefix: dev-\nresources: [../base]\n"
        f"patches:\n- target: {{kind: Deployment, name: cart}}\n  patch: |-\n{patch}"
    )
    service = "---\nkind: Service\nmetadata: {name: mail}\nspec: {selector: {app: mail}}\n"
    files = {
        "k/base/cart.yaml": workload("cart", "x/cart"),
        "k/base/mail.yaml": workload("mail", "x/mail") + service,
        "k/dev/kustomization.yaml": overlay,
    }
    assert "dev-mail" in found(files)["mail"].hosts
    assert pairs(files) == [("cart", "mail", "tcp", "declared")]


def test_an_external_name_is_another_name() -> None:
    files = {
        "all.yaml": workload("mail", "x/mail")
        + "---\nkind: Service\nmetadata: {name: post}\n"
        + "spec: {type: ExternalName, externalName: mail.shop.svc.cluster.local}\n"
        + "---\nkind: Service\nmetadata: {name: outside}\n"
        + "spec: {type: ExternalName, externalName: mail.example.com}\n"
    }
    assert found(files)["mail"].hosts == ("mail", "post")


def test_workloads_of_one_name_in_two_namespaces() -> None:
    def within(namespace: str, image: str) -> str:
        return workload("app", image).replace("name: app\n", f"name: app\n  namespace: {namespace}\n", 1)

    files = {"cart/k.yaml": within("cart", "x/cart"), "mail/k.yaml": within("mail", "x/mail")}
    assert {one.images for one in found(files).values()} == {("x/cart",), ("x/mail",)}
    overlays = {"dev.yaml": within("dev", "x/cart:1"), "prod.yaml": within("prod", "x/cart:2")}
    assert list(found(overlays)) == ["app"]


def test_nomad_jobs() -> None:
    job = (
        'job "shop" {\n  group "cart" {\n    network {\n      port "http" { to = 7070 }\n    }\n'
        '    service {\n      name = "cart-http"\n      port = "http"\n    }\n'
        '    task "cart" {\n      driver = "docker"\n      config {\n        image = "x/cart:1"\n      }\n'
        '      env {\n        MAIL_ADDR = "mail:80" # there\n      }\n    }\n  }\n'
        '  group "mail" {\n    task "mail" {\n      config {\n        image = "x/mail"\n'
        "      }\n    }\n  }\n}\n"
    )
    services = found({"jobs/shop.nomad.hcl": job})
    assert {name: (one.images, one.hosts) for name, one in services.items()} == {
        "cart": (("x/cart:1",), ("cart", "cart-http")),
        "mail": (("x/mail",), ("mail",)),
    }
    assert services["cart"].ports == {7070: ""}
    assert pairs({"jobs/shop.nomad.hcl": job}) == [("cart", "mail", "tcp", "declared")]
    assert found({"main.hcl": 'resource "x" {\n  task "a" {\n'}) == {}


def test_names_that_kratos_and_consul_register() -> None:
    files = {
        "app/cart/cmd/cart/main.go": GO + 'var Name = "shop.cart"\nvar app = kratos.New(kratos.Name(Name))\n',
        "app/cart/go.mod": "module example.com/cart\n",
        "app/mail/main.go": GO + "var Name string\nvar app = kratos.New(kratos.Name(Name))\n",
        "app/mail/Makefile": 'build:\n\tgo build -ldflags "-X main.Name=shop.mail"\n',
        "stock/main.go": GO,
        "stock/consul.d/stock.json": '{"service": {"name": "stock-registered", "port": 80}}',
        "price/main.go": GO,
        "price/service.hcl": 'service {\n  name = "price-registered"\n  port = 80\n}\n',
    }
    names = {name: one.roots for name, one in found(files).items()}
    assert names == {
        "price-registered": ("price",),
        "shop.cart": ("app/cart",),
        "shop.mail": ("app/mail",),
        "stock-registered": ("stock",),
    }


def test_launch_settings_read_nothing() -> None:
    files = {
        "compose.yaml": (
            "services:\n  cart: {build: cart, environment: {MAIL_URL: 'http://mail'}}\n"
            "  mail: {image: x/mail}\n"
        ),
        "cart/cart.csproj": WEB,
        "cart/Program.cs": "",
        "cart/Dockerfile": "FROM x\n",
        "cart/Properties/launchSettings.json": (
            '{"profiles": {"a": {"environmentVariables": {"MAIL_URL": "x"}}}}'
        ),
    }
    assert pairs(files) == []


def test_what_only_tests_ci_and_examples_run_is_no_service() -> None:
    hook = workload("probe", "x/probe", "Pod").replace(
        "name: probe\n", "name: probe\n  annotations: {helm.sh/hook: 'test-success, test'}\n", 1
    )
    files = {
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM x\n",
        "tests/apps/fake/service.yaml": workload("fake", "x/fake"),
        "tests/apps/fake/app.go": GO,
        "tests/apps/fake/Dockerfile": "FROM x\n",
        "docker-compose.test.yml": "services: {sut: {image: x/sut}}\n",
        ".github/kind.yaml": workload("ci", "x/ci"),
        "chart/Chart.yaml": "name: c\n",
        "chart/templates/tests/t.yaml": hook,
        "examples/show.yaml": workload("shown", "x/shown"),
        "examples/train/Dockerfile": "FROM x\n",
        "examples/train/train.py": "if __name__ == '__main__':\n    pass\n",
        "internal/gen-keys/main.go": GO,
    }
    assert list(found(files)) == ["cart"]
    # A repository that is nothing but examples has services all the same.
    only = {path: text for path, text in files.items() if path.startswith("examples/train")}
    assert list(found(only)) == ["train"]


def test_versions_are_no_names_and_dockerfiles_are_called_after_what_they_build() -> None:
    files = {
        "cmd/cart/v1beta1/main.go": GO,
        "cmd/cart/v1beta1/Dockerfile": "FROM x\n",
        "cmd/mail/v1beta1/main.go": GO,
        "cmd/mail/v1beta1/Dockerfile": "FROM x\n",
        "backend/Dockerfile.apiserver": "FROM x\nRUN go build ./backend/src/api/main.go\n",
        "backend/Dockerfile.agent": "FROM x\nRUN go build ./backend/src/agent/*.go\n",
        "backend/src/api/main.go": GO,
        "backend/src/agent/main.go": GO,
        "k8s/api.yaml": workload("shop", "x/shop-api-server"),
    }
    assert roots(files) == {
        "agent": ("backend/src/agent",),
        "cart": ("cmd/cart",),
        "mail": ("cmd/mail",),
        "shop": ("backend/src/api",),
    }


def test_examples_that_deploy_what_is_built_here_count() -> None:
    files = {
        "cart/main.go": GO,
        "cart/Dockerfile": "FROM x\n",
        "examples/k8s/cart.yaml": workload("cart", "x/cart"),
        "examples/k8s/store.yaml": workload("store", "x/store"),
        "examples/other/shown.yaml": workload("shown", "x/shown"),
    }
    assert list(found(files)) == ["cart", "store"]
