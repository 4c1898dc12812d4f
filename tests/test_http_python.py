"""Requests of Python: who is called, what is read of the answer, what is sent."""

from __future__ import annotations

import re

from http_annotated import check

REQUESTS = """\
import os
import requests

BASE = os.environ["ORDERS_URL"]
USERS = os.environ["USERS_URL"]


def show(order_id):
    response = requests.get(f"{BASE}/orders/{order_id}", timeout=3)  # @http GET /orders/{id}
    data = response.json()
    print(data["total"])  # @http GET /orders/{id} total
    for item in data.get("items", []):  # @http GET /orders/{id} items
        print(item["price"])  # @http GET /orders/{id} items[].price
    print(data["customer"]["name"])  # @http GET /orders/{id} customer, customer.name
    print(data["no_property_of_it"])


def everything():
    orders = requests.get(BASE + "/orders?limit=3").json()  # @http GET /orders
    return sum(order["total"] for order in orders)  # @http GET /orders [].total


def stats():
    counted = requests.request("GET", "%s/orders/stats/" % BASE).json()  # @http GET /orders/stats
    return counted["count"], counted["per_day"]["monday"]  # @http GET /orders/stats count, per_day.*


def place(sku):
    payload = {"sku": sku, "lines": [{"qty": 1}]}  # @http POST /orders > sku, lines, lines[].qty
    payload["note"] = "now"  # @http POST /orders > note
    placed = requests.post("{}/orders".format(BASE), json=payload)  # @http POST /orders
    if placed.status_code == 400:
        print(placed.json()["message"])  # @http ~ POST /orders message
    return placed.json()["id"]  # @http POST /orders id


def cancel(order_id):
    requests.delete(f"{BASE}/orders/{order_id}")  # @http DELETE /orders/{id}


def others(order_id):
    # requests.get(f"{BASE}/orders/1").json()["total"]
    print("GET /orders/1", "total")
    user = requests.get(f"{USERS}/orders/{order_id}").json()
    print(user["total"])
    requests.get("https://orders.example.com/orders/1").json()["total"]
    return {"total": 1}["total"]


everything(), show(1), place("a"), others(1), stats()
"""


def test_requests() -> None:
    check({"web/app.py": REQUESTS})


HELPERS = """\
import os
import httpx
import aiohttp


class Client:
    def __init__(self, base_url):
        self.base_url = base_url.rstrip("/")
        self.http = httpx.Client(base_url=base_url)

    def fetch(self, path):
        return self.http.get(path).json()

    def order(self, order_id):
        return self.fetch(f"/orders/{order_id}")  # @http GET /orders/{id}

    def place(self, body):
        return self.http.post("/orders", json=body)  # @http POST /orders


client = Client(os.getenv("ORDERS_URL", "http://localhost:1"))
print(client.order(1)["state"])  # @http GET /orders/{id} state
print(client.place({"sku": 1}).json()["id"])  # @http POST /orders > sku; POST /orders id


async def later(url=os.environ["ORDERS_URL"]):
    # @below GET /orders/stats
    async with aiohttp.ClientSession() as session, session.get(f"{url}/orders/stats") as response:
        print((await response.json())["count"])  # @http GET /orders/stats count
    async with httpx.AsyncClient() as async_client:
        answer = await async_client.get(url + "/orders")  # @http GET /orders
        print(answer.json()[0]["total"])  # @http GET /orders [].total
"""


def test_helpers_sessions_and_clients_with_a_base() -> None:
    check({"web/app.py": HELPERS})


SETTINGS = """\
import os
ORDERS = os.environ.get("ORDERS_URL")
class Paths:
    ORDER = "/orders/{}"
"""
MODELS = """\
from pydantic import BaseModel, Field


class Item(BaseModel):
    price: float  # @http GET /orders/{id} items[].price
    sku: str  # @http GET /orders/{id} items[].sku
    note: str | None = None


class Order(BaseModel):
    amount: float = Field(alias="total")  # @http GET /orders/{id} total
    state: str = "new"
    items: list[Item]  # @http GET /orders/{id} items

    def sum(self):
        return sum(item.price for item in self.items)  # @http GET /orders/{id} items, items[].price


class Invoice(BaseModel):
    total: float
"""
READER = """\
import requests
from dataclasses import dataclass
from models import Order, Invoice
from settings import ORDERS, Paths


@dataclass
class Stats:
    count: int


def show(order_id):
    answer = requests.get(ORDERS + Paths.ORDER.format(order_id))  # @http GET /orders/{id}
    order = Order.model_validate(answer.json())
    print(order.amount, order.sum())  # @http GET /orders/{id} total
    print(Invoice(total=1).total)
    stats = Stats(**requests.get(ORDERS + "/orders/stats").json())  # @http GET /orders/stats
    print(stats.count)  # @http GET /orders/stats count


show(1)
"""


def test_models_and_a_base_from_a_settings_file() -> None:
    check({"web/app.py": READER, "web/models.py": MODELS, "web/settings.py": SETTINGS})


def test_dicts_that_a_class_describes_and_functions_with_arguments_of_their_own() -> None:
    check(
        {
            "web/app.py": """\
import functools
import os
from typing import TypedDict

import requests

fetch = functools.partial(requests.get, timeout=3)


class Order(TypedDict):
    total: int
    state: str


def load(id) -> Order:
    return fetch(f"{os.environ['ORDERS_URL']}/orders/{id}").json()  # @http GET /orders/{id}


def show(id):
    order = load(id)
    print(order["total"], order.get("state"))  # @http GET /orders/{id} total, state
"""
        }
    )


UNFOLLOWED = """\
import os
import requests
from flask import Flask, jsonify, request
import pipeline

app = Flask(__name__)
app.config["ORDERS"] = "http://{}/orders".format(os.environ.get("ORDERS_ADDR"))


@app.route("/order/<order_id>")
def order(order_id):
    answer = requests.get(f'{app.config["ORDERS"]}/{order_id}')  # @http GET /orders/{id}
    return jsonify(answer.json())  # @http GET /orders/{id} ?


@app.route("/place", methods=["POST"])
def place():
    requests.post(app.config["ORDERS"], json=request.get_json())  # @http POST /orders; POST /orders >?
    return "ok"


def hand_on():
    pipeline.run(requests.get(app.config["ORDERS"]).json())  # @http GET /orders; GET /orders ?


def by_key(name):
    data = requests.get(app.config["ORDERS"] + "/stats").json()  # @http GET /orders/stats
    return data[name]  # @http GET /orders/stats ?


def only_status():
    return requests.get(app.config["ORDERS"] + "/stats").ok  # @http GET /orders/stats


by_key("a"), only_status(), hand_on()
"""


def test_what_is_handed_on_is_unknown() -> None:
    check({"web/app.py": UNFOLLOWED})


TEST = """\
import requests
BASE = "http://orders:8080"


def test_order():
    answer = requests.get(BASE + "/orders/9")  # @http GET /orders/{id}
    assert answer.json()["total"] == 3  # @http GET /orders/{id} total
    return answer.json()
"""


def test_tests_give_sites_but_no_consumer() -> None:
    uses = check({"web/app.py": REQUESTS, "web/tests/test_app.py": TEST})
    assert {use.in_test for use in uses if use.path.startswith("web/tests/")} == {True}
    check({"web/tests/test_app.py": re.sub(r"  # @http.*", "", TEST)})
