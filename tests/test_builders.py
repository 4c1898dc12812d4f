"""Code of shared folders belongs to the programs that it is built into, and to no others."""

from __future__ import annotations

import pytest
from go_contract import GO_MOD, HEAD, STUB, contract
from msgspec.structs import replace
from test_edges import pairs
from test_services import GO, WEB

from workspai_hooks.changes.snapshot import Snapshot
from workspai_hooks.workspace.builders import Builders
from workspai_hooks.workspace.edges import RpcUse
from workspai_hooks.workspace.edges.find import find_edges
from workspai_hooks.workspace.services import discover
from workspai_hooks.workspace.workspace import survey

MAIN = "if __name__ == '__main__':\n    run()\n"
LIBRARY = '<Project Sdk="Microsoft.NET.Sdk">{}</Project>\n'


def builders(files: dict[str, str], path: str) -> list[str]:
    return [one.name for one in discover(Snapshot.of(files)).builders_of(path)]


def go(*imported: str) -> str:
    return (
        "package main\n\nimport (\n" + "".join(f'\t"{one}"\n' for one in imported) + ")\n\nfunc main() {}\n"
    )


GO_SHOP = {
    "go.mod": "module example.com/shop\n",
    "cmd/cart/main.go": go("fmt", "example.com/shop/pkg/store"),
    "cmd/order/main.go": go("example.com/shop/pkg/client"),
    "cmd/mail/main.go": GO,
    "pkg/store/store.go": 'package store\n\nimport c "example.com/shop/pkg/client" // the client\n',
    "pkg/client/client.go": "package client\n\nvar c = pb.NewMailClient(conn)\n",
    "pkg/client/client_test.go": "package client\n",
    "pkg/client/page.tmpl": "{{ .Name }}",
    "pkg/unused/unused.go": 'package unused\n\nimport "example.com/shop/pkg/client"\n',
    "hack/gen.go": "//go:build ignore\n\n" + go("example.com/shop/pkg/unused"),
}


def test_a_go_package_is_of_the_commands_that_import_it() -> None:
    assert builders(GO_SHOP, "pkg/store/store.go") == ["cart"]
    assert builders(GO_SHOP, "pkg/client/client.go") == ["cart", "order"]
    assert builders(GO_SHOP, "pkg/client/page.tmpl") == ["cart", "order"]
    assert builders(GO_SHOP, "pkg/unused/unused.go") == []
    assert builders(GO_SHOP, "cmd/mail/main.go") == ["mail"]


def test_a_test_of_a_shared_folder_is_in_no_program() -> None:
    assert builders(GO_SHOP, "pkg/client/client_test.go") == []
    one = {path: text for path, text in GO_SHOP.items() if not path.startswith("cmd/order")}
    assert builders(one, "pkg/client/client_test.go") == ["cart"]


def test_go_modules_of_one_repository() -> None:
    files = {
        "libs/money/go.mod": "module example.com/money/v2\n",
        "libs/money/round/round.go": "package round\n",
        "cart/go.mod": "module example.com/cart\n\nreplace example.com/money/v2 => ../libs/money\n",
        "cart/main.go": go("example.com/money/v2/round"),
        "order/go.mod": "module example.com/order\n",
        "order/main.go": GO,
    }
    assert builders(files, "libs/money/round/round.go") == ["cart"]


def test_the_client_that_lies_with_the_server_is_of_its_users_too() -> None:
    files = {
        "go.mod": "module example.com/shop\n",
        "services/cart/main.go": GO,
        "services/cart/client/client.go": "package client\n",
        "services/web/main.go": go("example.com/shop/services/cart/client"),
    }
    assert builders(files, "services/cart/client/client.go") == ["cart", "web"]


def test_dotnet_projects() -> None:
    reference = '<ItemGroup><ProjectReference Include="..\\{0}\\{0}.csproj" /></ItemGroup>'
    tests = '<PackageReference Include="Microsoft.NET.Test.Sdk" />' + reference.format("Core")
    files = {
        "src/Cart/Cart.csproj": WEB.replace("</Project>", reference.format("Core") + "</Project>"),
        "src/Cart/Program.cs": "",
        "src/Order/Order.csproj": WEB.replace("</Project>", '<Compile Include="..\\Core\\*.cs" /></Project>'),
        "src/Order/Program.cs": "",
        "src/Mail/Mail.csproj": WEB.replace("</Project>", f"<!-- {reference.format('Core')} --></Project>"),
        "src/Mail/Program.cs": "",
        "src/Core/Core.csproj": LIBRARY.format(reference.format("Base")),
        "src/Core/Core.cs": "",
        "src/Base/Base.csproj": LIBRARY.format(""),
        "src/Base/Base.cs": "",
        "test/Core.Tests/Core.Tests.csproj": LIBRARY.format(tests),
    }
    assert builders(files, "src/Core/Core.cs") == ["Cart", "Order"]
    assert builders(files, "src/Base/Base.cs") == ["Cart", "Order"]


def test_maven_modules() -> None:
    def pom(name: str, *needs: str, scope: str = "compile") -> str:
        rows = "".join(
            f"<dependency><artifactId>{one}</artifactId><scope>{scope}</scope></dependency>" for one in needs
        )
        return f"<project><artifactId>{name}</artifactId><dependencies>{rows}</dependencies></project>"

    plugin = "<build><plugins>spring-boot-maven-plugin</plugins></build></project>"
    files = {
        "pom.xml": "<project><artifactId>all</artifactId><modules><module>cart</module></modules></project>",
        "cart/pom.xml": pom("cart", "shop-core").replace("</project>", plugin),
        "cart/src/main/java/A.java": "",
        "mail/pom.xml": pom("mail", "shop-core", scope="test").replace("</project>", plugin),
        "mail/src/main/java/A.java": "",
        "core/pom.xml": pom("shop-core"),
        "core/src/main/java/Core.java": "",
    }
    assert builders(files, "core/src/main/java/Core.java") == ["cart"]


def test_gradle_projects() -> None:
    app = "plugins { id 'application' }\ndependencies {\n  %s\n}\n"
    files = {
        "settings.gradle": "include ':cart', ':mail', ':libs:core-api'\n",
        "cart/build.gradle": app % 'implementation project(":libs:core-api")',
        "cart/src/main/java/A.java": "",
        "order/build.gradle.kts": (
            "plugins {\n  application\n}\ndependencies {\n  api(projects.libs.coreApi)\n}\n"
        ),
        "order/src/main/java/A.java": "",
        "mail/build.gradle": app % 'testImplementation project(":libs:core-api")',
        "mail/src/main/java/A.java": "",
        "libs/core-api/build.gradle": "",
        "libs/core-api/src/main/java/Core.java": "",
    }
    assert builders(files, "libs/core-api/src/main/java/Core.java") == ["cart", "order"]


def test_packages_aliases_and_relative_imports_of_typescript() -> None:
    start = '{"scripts": {"start": "node ."}}'
    files = {
        "tsconfig.base.json": (
            '{ // ours\n"compilerOptions": {"baseUrl": ".", '
            '"paths": {"@shop/money": ["libs/money/src/index.ts"],}}}'
        ),
        "apps/cart/package.json": start,
        "apps/cart/main.ts": 'import { round } from "@shop/money";\n',
        "apps/web/package.json": start,
        "apps/web/main.js": "const ui = require('@acme/ui');\n",
        "apps/mail/package.json": start,
        "apps/mail/main.js": 'import "../../libs/plain/send.js";\n',
        "libs/money/src/index.ts": 'export * from "./round";\n',
        "libs/money/src/round.ts": "",
        "libs/money/src/unused.ts": "",
        "packages/ui/package.json": '{"name": "@acme/ui"}',
        "packages/ui/src/button.tsx": "",
        "libs/plain/send.ts": "",
    }
    assert builders(files, "libs/money/src/round.ts") == ["cart"]
    assert builders(files, "libs/money/src/unused.ts") == []
    assert builders(files, "packages/ui/src/button.tsx") == ["web"]
    assert builders(files, "libs/plain/send.ts") == ["mail"]


def test_python_imports() -> None:
    files = {
        "services/cart/main.py": "from shared.stock import (\n    count,\n)\n" + MAIN,
        "services/mail/main.py": "import shop_events.bus as bus\n" + MAIN,
        "services/web/main.py": "from . import local\nimport json, os\n" + MAIN,
        "shared/__init__.py": "",
        "shared/stock.py": "from .store import open\n",
        "shared/store.py": "",
        "shared/unused.py": "",
        "libs/events/pyproject.toml": '[project]\nname = "shop-events"\n',
        "libs/events/src/shop_events/__init__.py": "",
        "libs/events/src/shop_events/bus.py": "",
    }
    assert builders(files, "shared/store.py") == ["cart"]
    assert builders(files, "shared/unused.py") == []
    assert builders(files, "libs/events/src/shop_events/bus.py") == ["mail"]


def test_folders_that_manifests_name() -> None:
    cargo = '[package]\nname = "{}"\n\n[dependencies]\n{}\n'
    files = {
        "cart/Cargo.toml": cargo.format("cart", 'money = { path = "../money" }'),
        "cart/src/main.rs": "fn main() {}\n",
        "order/Cargo.toml": cargo.format("order", "money.workspace = true"),
        "order/src/main.rs": "fn main() {}\n",
        "mail/Cargo.toml": cargo.format("mail", ""),
        "mail/src/main.rs": "fn main() {}\n",
        "money/Cargo.toml": cargo.format("money", ""),
        "money/src/lib.rs": "",
    }
    assert builders(files, "money/src/lib.rs") == ["cart", "order"]


def test_what_an_image_copies() -> None:
    files = {
        "compose.yaml": (
            "services:\n  cart: {build: {context: ., dockerfile: cart/Dockerfile}}\n  mail: {build: mail}\n"
        ),
        "cart/Dockerfile": "FROM ruby\nCOPY cart/ /app\nCOPY --chown=app \\\n  common /app/common\n",
        "cart/app.rb": "",
        "mail/Dockerfile": "FROM ruby\nCOPY . .\nCOPY --from=build /common /common\n",
        "mail/app.rb": "",
        "common/client.rb": "",
        "common/client.go": "package common\n",
    }
    assert builders(files, "common/client.rb") == ["cart"]
    # Go says itself what goes in.
    assert builders(files, "common/client.go") == []


def edges(files: dict[str, str], uses: list[RpcUse]) -> set[tuple[str, str]]:
    snapshot = Snapshot.of(files)
    return {(one.consumer, one.provider) for one in find_edges(snapshot, discover(snapshot), uses).all}


SENDS = RpcUse("shop.Mail", "Send", "pkg/client/client.go", 3, "calls")
MAIL = RpcUse("shop.Mail", "", "cmd/mail/main.go", 3, "implements")


def test_a_call_in_a_shared_folder_is_an_edge_of_the_programs_that_take_it_in() -> None:
    assert edges(GO_SHOP, [SENDS, MAIL]) == {("cart", "mail"), ("order", "mail")}
    assert edges(GO_SHOP, [replace(SENDS, path="pkg/store/store.go"), MAIL]) == {("cart", "mail")}
    assert edges(GO_SHOP, [replace(SENDS, path="pkg/unused/unused.go"), MAIL]) == set()
    assert edges(GO_SHOP, [replace(SENDS, path="pkg/client/client_test.go", in_test=True), MAIL]) == set()


def test_who_is_handed_a_client_does_not_make_everybody_its_user() -> None:
    handed = GO_SHOP | {"pkg/client/client.go": "package client\n\nfunc Send(c pb.MailClient) {}\n"}
    assert edges(handed, [SENDS, MAIL]) == set()


def test_a_kit_of_clients_is_not_used_by_everybody_who_is_given_it() -> None:
    others = [SENDS, MAIL, replace(SENDS, service_fqn="shop.Stock", path="pkg/client/stock.go")]
    assert edges(GO_SHOP, others) == set()
    addressed = GO_SHOP | {
        "k8s/order.yaml": (
            "kind: Deployment\nmetadata: {name: order}\nspec: {template: {spec: {containers: "
            "[{image: x/order, env: [{name: MAIL_ADDR, value: 'mail:80'}]}]}}}\n"
        ),
        "cmd/order/main.go": go("example.com/shop/pkg/client") + 'var a = os.Getenv("MAIL_ADDR")\n',
    }
    assert edges(addressed, others) == {("order", "mail")}


def test_uses_in_a_shared_folder_are_told_of_every_program() -> None:
    library = HEAD.replace("package main", "package store") + (
        "func Add(c pb.DepotClient) {\n"
        "\to, _ := c.Find(context.Background(), &pb.Query{})\n\t_ = o.OrderId\n}\n"
    )
    imports = go("example.com/depot/pkg/store")
    files = {
        "go.mod": GO_MOD,
        "gen/depotpb/depot.pb.go": STUB,
        "cmd/cart/main.go": imports,
        "cmd/order/main.go": imports,
        "cmd/mail/main.go": GO,
        "pkg/store/store.go": library,
        "pkg/store/store_test.go": library.replace("Add", "TestAdd"),
        "lib/unused/unused.go": library,
    }
    workspace = survey(Snapshot.of(files), contract())
    uses = workspace.uses_of(["depot.v1.Order.order_id"])
    assert {service: [one.path for one in each] for service, each in uses.items()} == {
        "cart": ["pkg/store/store.go"],
        "order": ["pkg/store/store.go"],
        "pkg": ["pkg/store/store_test.go"],
        "lib": ["lib/unused/unused.go"],
    }
    assert workspace.consumer_at("pkg/store/store.go") == "pkg"
    assert workspace.called_by("cart") == {"depot.v1.Depot/Find"}
    assert set(workspace.holders(["depot.v1.Order.order_id"])) == {"cart", "order", "pkg", "lib"}


def test_what_is_known_is_kept() -> None:
    snapshot = Snapshot.of(GO_SHOP)
    services = discover(snapshot)
    assert [one.name for one in services.builders_of("pkg/store/store.go")] == ["cart"]
    again = Builders(snapshot, lambda path: None, about=b"other services")
    assert again.of("pkg/store/store.go") == ()


@pytest.mark.parametrize(
    "files",
    [
        {"go.mod": "module \n", "a.go": 'package main\nimport (\n"x"'},
        {"go.mod": "module a\n", "main.go": go("a", "a/b"), "b/b.go": 'package b\nimport "a/b"\n'},
        {
            "package.json": '{"name": 1, "dependencies": []}',
            "tsconfig.json": '{"compilerOptions": {"paths": 3}}',
        },
        {"tsconfig.json": "{" * 5000, "a.ts": 'import "' + "../" * 5000 + 'x"'},
        {"a/a.csproj": '<ProjectReference Include="..\\..\\x.csproj" /><Compile Include="../../../*.cs" />'},
        {"pom.xml": "<project><dependency>" * 1000, "build.gradle": 'project(":")\nproject("::::")'},
        {"a.py": "from .... import x\nfrom . import (\nimport ,,,\n"},
        {"Dockerfile": 'FROM x\nCOPY ../../.. /x\nADD ["a\n', "Cargo.toml": 'x = { path = "../../../etc" }'},
    ],
)
def test_broken_and_hostile_builds_never_raise(files: dict[str, str]) -> None:
    services = discover(Snapshot.of(files | {"cart/main.go": GO, "cart/Dockerfile": "FROM x\n"}))
    for path in files:
        services.builders_of(path)
    assert pairs(files) == []
