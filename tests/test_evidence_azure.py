"""Azure Container Apps in Bicep and ARM templates, what `azure.yaml` deploys, ids of Dapr's applications."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from test_edges import edges, pairs
from test_services import found

APP = """param appName string
param image string = ''
param port int
param env array = []
param suffix string = 'x'

resource environment 'Microsoft.App/managedEnvironments@2022-03-01' existing = {
  name: appName
}

// what is deployed
resource app 'Microsoft.App/containerApps@2022-03-01' = {
  name: toLower(appName)
  properties: {
    configuration: {
      ingress: port > 0 ? {
        targetPort: port
      } : null
      dapr: { enabled: true, appId: appName, appPort: port }
    }
    template: {
      containers: [
        {
          image: image
          name: 'main'
          env: union(env, [ { name: 'LEVEL', value: 'info' } ])
        }
      ]
    }
  }
}
output fqdn string = app.properties.configuration.ingress.fqdn
"""
MAIN = """var cartName = 'cart-app'
module cart 'modules/app.bicep' = {
  name: '${deployment().name}--cart'
  params: {
    appName: cartName
    port: 8080
  }
}
module web 'modules/app.bicep' = if (true) {
  params: {
    appName: 'web-app'
    image: 'acr.example/web:${version}'
    port: 3000
    env: [
      {
        name: 'CART_URL'
        value: 'https://${cart.outputs.fqdn}/api'
      }
    ]
  }
}
"""
READS = "fetch(process.env.CART_URL + '/items')\n"
FILES = {
    "infra/main.bicep": MAIN,
    "infra/modules/app.bicep": APP,
    "cart-service/Dockerfile": "FROM node\n",
    "cart-service/app.js": "serve()\n",
    "web-service/Dockerfile": "FROM node\n",
    "web-service/app.js": READS,
}


def who(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted({(one[0], one[1]) for one in pairs(dict(files))})


def test_each_use_of_a_module_is_an_application_in_the_folder_that_is_called_like_it() -> None:
    services = found(FILES)
    assert {name: (one.kind.value, one.roots) for name, one in services.items()} == {
        "cart-app": ("application", ("cart-service",)),
        "web-app": ("application", ("web-service",)),
    }
    assert services["cart-app"].ports == {8080: ""}


def test_the_output_of_a_module_is_the_address_of_its_application() -> None:
    assert edges(FILES).all[0].evidence[0].location.path == "infra/main.bicep"
    assert who(FILES) == [("web-app", "cart-app")]
    assert who(FILES | {"web-service/app.js": "fetch('/items')\n"}) == []


def test_a_module_that_nobody_fills_and_that_says_no_name_is_no_service() -> None:
    files = {path: text for path, text in FILES.items() if path != "infra/main.bicep"}
    assert set(found(files)) == {"cart-service", "web-service"}


def test_modules_that_fill_modules() -> None:
    outer = (
        "param name string\nparam more array\nmodule app 'app.bicep' = {\n  params: {\n"
        "    appName: name\n    port: 80\n    env: more\n  }\n}\noutput url string = app.outputs.fqdn\n"
    )
    main = (
        "module cart 'modules/outer.bicep' = {\n  params: { name: 'cart-app', more: [] }\n}\n"
        "module web 'modules/outer.bicep' = {\n  params: {\n    name: 'web-app'\n"
        "    more: [ { name: 'CART_URL', value: 'https://${cart.outputs.url}' } ]\n  }\n}\n"
    )
    assert who(FILES | {"infra/modules/outer.bicep": outer, "infra/main.bicep": main}) == [
        ("web-app", "cart-app")
    ]


def test_modules_that_fill_each_other_come_to_an_end() -> None:
    turn = "module b '{}.bicep' = {{\n  params: {{ appName: b.outputs.fqdn }}\n}}\n"
    files = {"a.bicep": turn.format("b") + APP, "b.bicep": turn.format("a") + APP}
    assert found(files) == {}


def test_an_application_that_is_called_by_its_own_address() -> None:
    assert found({"a.bicep": APP.replace("toLower(appName)", "'${app.id.fqdn}'")}) == {}


def test_an_arm_template() -> None:
    def app(name: str, value: str) -> dict[str, object]:
        env = [{"name": "CART_URL", "value": value}]
        return {
            "type": "Microsoft.App/containerApps",
            "name": name,
            "properties": {"template": {"containers": [{"name": "main", "env": env}]}},
        }

    template = {
        "parameters": {"cartName": {"type": "string", "defaultValue": "cart-app"}},
        "variables": {"cartUrl": "http://cart-app:80"},
        "resources": [app("[parameters('cartName')]", "x"), app("web-app", "[variables('cartUrl')]")],
    }
    files = {path: text for path, text in FILES.items() if not path.startswith("infra/")}
    assert who(files | {"infra/azuredeploy.json": json.dumps(template)}) == [("web-app", "cart-app")]


def test_the_folders_of_azure_yaml() -> None:
    files = {
        "azure.yaml": "name: shop\nservices:\n  cart:\n    project: ./src/api\n    host: containerapp\n",
        "src/api/app.py": "serve()\n",
    }
    assert {name: one.roots for name, one in found(files).items()} == {"cart": ("src/api",)}


IDS = {
    "dapr.yaml": "apps:\n- {appID: cart, appDirPath: cart, appPort: 81}\n- {appID: web, appDirPath: web}\n",
    "cart/app.py": "serve()\n",
}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("web/a.js", "const id = 'cart';\nget(url, {headers: {'dapr-app-id': id}});\n"),
        ("web/a.js", "const id = process.env.X || 'cart';\nget(url, {headers: {'dapr-app-id': `${id}`}});\n"),
        ("web/a.py", "ID = 'cart'\nget(url, headers={'dapr-app-id': ID})\n"),
        ("web/a.js", "const id = 'cart';\nget(`http://localhost:${p}/v1.0/invoke/${id}/method/x`);\n"),
        ("web/a.py", "ID = 'cart'\nget(f'http://localhost:{port}/v1.0/invoke/{ID}/method/x')\n"),
        ("web/a.py", "ID = 'cart'\nget('http://localhost:3500/v1.0/invoke/' + ID + '/method/x')\n"),
    ],
)
def test_an_app_id_that_an_expression_says(path: str, code: str) -> None:
    assert who({**IDS, path: code}) == [("web", "cart")]
    assert who({**IDS, path: code.replace("'cart'", "'shop'")}) == []


def test_the_app_id_that_a_script_of_the_folder_starts_it_under() -> None:
    run = "#!/bin/sh\ndapr run \\\n  --app-id {} \\\n  --app-port 80 -- python app.py\n"
    files = {
        "basket/main.py": "if __name__ == '__main__':\n    serve()\n",
        "basket/start.sh": run.format("cart"),
        "web/main.py": "if __name__ == '__main__':\n    get('http://localhost:3500/v1.0/invoke/cart/method/x')\n",
        "web/start.ps1": "dapr run --app-id web -- python main.py\n",
    }
    assert who(files) == [("web", "cart")]
    both = {**files, "basket/start.sh": run.format("cart") + run.format("other")}
    assert who(both) == []
