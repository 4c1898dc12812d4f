"""Lines of methods that nobody calls."""

from __future__ import annotations

import pytest
from test_edges import pairs

COMPOSE = "services:\n  mail: {build: mail}\n  shop: {build: shop}\n"
CALLS = """package shop;

public class Orders implements OrderService {%s
    public boolean tell(String who) {
        if (who != null) { log(who); }
        return client.post("http://mail:8080/notes", who);
    }

    public void place() {
        save();
        %s
    }
}
"""
FILES = {
    "compose.yaml": COMPOSE,
    "mail/Dockerfile": "FROM x\n",
    "mail/App.java": "class App {}\n",
    "shop/Dockerfile": "FROM x\n",
    "shop/OrderService.java": "public interface OrderService {\n    void place();\n}\n",
}


def calls(code: str, **more: str) -> bool:
    files = {**FILES, "shop/Orders.java": code, **{path.replace("__", "/"): more[path] for path in more}}
    return [one[:2] for one in pairs(files)] == [("shop", "mail")]


def test_what_only_a_comment_or_a_test_calls_is_no_use() -> None:
    assert not calls(CALLS % ("", "// tell(who);"))
    assert not calls(CALLS % ("", ""), **{"shop/src/test/OrdersTest.java": "orders.tell(null);\n"})


@pytest.mark.parametrize("call", ["tell(who);", "this.tell(who);", "run(this::tell);", 'invoke("tell");'])
def test_a_method_that_anything_names_is_in_use(call: str) -> None:
    assert calls(CALLS % ("", call))


@pytest.mark.parametrize(
    "code",
    [
        CALLS % ("\n    @Scheduled(fixedRate = 5)", ""),
        CALLS % ("\n    @Override", ""),
        (CALLS % ("", "")).replace("implements OrderService", "implements CommandLineRunner"),
        (CALLS % ("", "")).replace("implements OrderService", "extends Job<Order>"),
        (CALLS % ("", "")).replace("boolean tell", "String getNote"),
        (CALLS % ("", "")).replace("client.post(", "URL + (").replace("tell(String", "place(String"),
    ],
)
def test_what_a_framework_may_call_is_in_use(code: str) -> None:
    assert calls(code)


def test_a_name_in_another_file_of_the_service_is_enough() -> None:
    code = CALLS % ("", "")
    assert calls(code, **{"shop/page.html": '<a th:href="${orders.tell(name)}">tell</a>\n'})
    assert calls(code, **{"shop/Web.kt": "fun show(orders: Orders) = orders.tell(null)\n"})


def test_an_address_of_the_class_is_no_method_s() -> None:
    code = (CALLS % ("", "")).replace('"http://mail:8080/notes"', "URL")
    last = '    private static final String URL = "http://mail:8080/notes";\n}\n'
    assert calls(code.rstrip().removesuffix("}") + last)


def test_code_that_another_program_takes_in_may_be_called_there() -> None:
    files = {
        **FILES,
        "shop/pom.xml": "<project><artifactId>shop</artifactId></project>",
        "shop/src/main/java/Orders.java": CALLS % ("", ""),
        "compose.yaml": f"{COMPOSE}  desk: {{build: desk}}\n",
        "desk/Dockerfile": "FROM x\n",
        "desk/pom.xml": "<project><artifactId>desk</artifactId><dependencies><dependency>"
        "<artifactId>shop</artifactId></dependency></dependencies></project>",
        "desk/src/main/java/Desk.java": "class Desk { void show(Orders orders) { orders.tell(null); } }\n",
    }
    assert ("shop", "mail") in [one[:2] for one in pairs(files)]
