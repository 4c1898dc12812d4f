"""Dapr, .NET Aspire, sidecars, manifests for tests, modules of one service."""

from __future__ import annotations

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
