"""Messaging in beans of shared JVM modules, which an application finds by scanning packages."""

from __future__ import annotations

import pytest
from test_edges import pairs

Files = dict[str, str]
APPLICATION = "package shop.{}; {} class Application {{ public static void main(String[] a) {{}} }}\n"
ORDERS = (
    "package shop.orders.model;\n"
    "import static org.axonframework.modelling.command.AggregateLifecycle.apply;\n"
    "@Aggregate\npublic class Order {\n  @CommandHandler\n"
    "  public void pay(PayOrder c) {\n    apply(new OrderPaidEvent(id));\n  }\n}\n"
)
VIEW = (
    "package shop.view.on;\nimport org.axonframework.eventhandling.EventHandler;\n"
    "@Component\npublic class OrderProjection {\n  @EventHandler\n  public void on(OrderPaidEvent e) {}\n}\n"
)
FOUND = {("view-app", "orders-app", "event:OrderPaidEvent", "proven")}


def module(name: str, *needs: str, runs: str = "", scans: str = "@SpringBootApplication") -> Files:
    """A Maven module; with `runs` an application in the package of that name."""
    taken = "".join(f"<dependency><artifactId>{one}</artifactId></dependency>" for one in needs)
    plugin = "<build>spring-boot-maven-plugin</build>" if runs else ""
    about = f"<artifactId>{name}</artifactId><dependencies>{taken}</dependencies>{plugin}"
    files = {f"{name}/pom.xml": f"<project>{about}</project>\n"}
    if runs:
        files[f"{name}/src/main/java/Application.java"] = APPLICATION.format(runs, scans)
    return files


def system(**changed: Files) -> Files:
    parts: Files = {}
    for name, default in (
        ("orders", module("orders")),
        ("view", module("view")),
        ("orders_app", module("orders-app", "orders", runs="orders")),
        ("view_app", module("view-app", "view", runs="view")),
        ("sources", {"orders/src/main/java/Order.java": ORDERS, "view/src/main/java/View.java": VIEW}),
        ("more", {}),
    ):
        parts |= changed.get(name, default)
    return parts


def test_a_bean_in_a_scanned_package_speaks_for_the_application() -> None:
    assert set(pairs(system())) == FOUND


@pytest.mark.parametrize(
    ("scans", "found"),
    [
        ('@SpringBootApplication(scanBasePackages = {"shop.other", "shop.view"})', FOUND),
        ('@Configuration @ComponentScan("shop.view")', FOUND),
        ('@SpringBootApplication(scanBasePackages = "shop.other")', set()),
        ("@SpringBootApplication(scanBasePackageClasses = Other.class)", set()),
        ("", set()),
    ],
)
def test_which_packages_are_scanned(scans: str, found: set[tuple[str, str, str, str]]) -> None:
    assert set(pairs(system(view_app=module("view-app", "view", runs="view", scans=scans)))) == found


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("orders/src/main/java/Order.java", "  @CommandHandler\n", ""),
        ("orders/src/main/java/Order.java", "@Aggregate\n", ""),
        ("view/src/main/java/View.java", "@Component\n", ""),
        ("view/src/main/java/View.java", "package shop.view.on", "package shop.viewer.on"),
    ],
)
def test_what_is_no_scanned_bean(path: str, old: str, new: str) -> None:
    files = system()
    assert set(pairs(files | {path: files[path].replace(old, new)})) == set()


def test_a_monolith_of_the_same_modules_keeps_its_messages() -> None:
    whole = module(
        "whole", "orders", "view", runs="all", scans='@SpringBootApplication(scanBasePackages = "shop")'
    )
    assert set(pairs(system(more=whole))) == FOUND
