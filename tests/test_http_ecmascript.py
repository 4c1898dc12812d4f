"""Requests of JavaScript and TypeScript, in services and in pages."""

from __future__ import annotations

from http_annotated import check

API = """\
import axios from "axios";

export const api = axios.create({ baseURL: process.env.ORDERS_URL });
export interface Item { price: number; sku: string }
export interface Order { total: number; items: Item[]; state: "open" | "done" }
export interface Invoice { total: number }

export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(`${process.env.ORDERS_URL}${path}`);
  if (!response.ok) throw new Error("status " + response.status);
  return response.json();
}
"""
SERVICE = """\
import { api, getJson, Invoice, Order } from "./api";

const USERS = process.env.USERS_URL;

export async function show(id: string): Promise<number> {
  const { data } = await api.get<Order>(`/orders/${id}`); // @http GET /orders/{id}
  const invoice: Invoice = { total: 3 };
  data.items.forEach((item) => console.log(item.price)); // @http GET /orders/{id} items, items[].price
  return data.total + invoice.total; // @http GET /orders/{id} total
}

export async function untyped(id: string) {
  // @below GET /orders/{id}
  const response = await fetch(process.env.ORDERS_URL + "/orders/" + id + "?full=1");
  // @below GET /orders/{id} state, customer, customer.name
  const { state, customer: { name } } = await response.json();
  console.log("GET /orders/1", "total");
  return state + name;
}

export function chained() {
  // @below GET /orders/stats; GET /orders/stats count
  return api.get("/orders/stats").then((r) => r.data).then((stats) => stats.count + 1);
}

export async function place(sku: string) {
  const answer = await fetch(process.env.ORDERS_URL + "/orders", { // @http POST /orders
    method: "POST",
    body: JSON.stringify({ sku, lines: [{ qty: 1 }] }), // @http POST /orders > sku, lines, lines[].qty
  });
  return (await answer.json()).id; // @http POST /orders id
}

export async function others(id: string) {
  const user = await fetch(`${USERS}/orders/${id}`);
  console.log((await user.json()).total);
  await fetch("https://example.com/orders/1").then((r) => r.json()).then((d) => d.total);
  await api.delete("/orders/" + id); // @http DELETE /orders/{id}
  const listed = await api.request({ url: "/orders", method: "get" }); // @http GET /orders
  for (const one of listed.data) console.log(one["placed_at"]); // @http GET /orders [].placed_at
}
show("1"); untyped("1"); chained(); place("a"); others("1");
"""


def test_axios_and_fetch() -> None:
    check({"web/package.json": "{}", "web/src/api.ts": API, "web/src/app.ts": SERVICE})


GENERIC = """\
import { getJson, Order } from "./api";

export async function main() {
  const order = await getJson<Order>("/orders/7"); // @http GET /orders/{id}
  console.log(order.state); // @http GET /orders/{id} state
  const stats: any = await getJson("/orders/stats"); // @http GET /orders/stats
  console.log(stats.count); // @http GET /orders/stats count
}
main();
"""


def test_a_helper_gives_what_its_caller_says() -> None:
    check({"web/package.json": "{}", "web/src/api.ts": API, "web/src/main.ts": GENERIC})


PAGE = """\
import React, { useEffect, useState } from "react";
import { api } from "./api";

export function Orders() {
  const [orders, setOrders] = useState([]);
  useEffect(() => {
    api.get("/orders").then(({ data }) => setOrders(data)); // @http GET /orders
  }, []);
  return (
    <ul>
      {orders.map((order) => (
        <Row key={order.id} order={order} /> // @http GET /orders [].id
      ))}
    </ul>
  );
}

function Row({ order }) {
  // @below GET /orders [].total, [].customer, [].customer.name
  return <li>{order.total} {order.customer.name}</li>;
}
"""


def test_a_page_of_react() -> None:
    check({"web/package.json": "{}", "web/src/api.ts": API, "web/src/Orders.jsx": PAGE})


NODE = """\
const axios = require("axios");
const request = require("request");
const express = require("express");
const app = express();
const orders = process.env.ORDERS_URL || "http://orders:8080";

app.get("/orders/:id", async (req, res) => {
  const answer = await axios.get(`${orders}/orders/${req.params.id}`); // @http GET /orders/{id}
  res.json(answer.data); // @http GET /orders/{id} ?
});

app.post("/orders", async (req, res) => {
  await axios.post(orders + "/orders", req.body); // @http POST /orders; POST /orders >?
  res.sendStatus(204);
});

function stats(done) {
  request(orders + "/orders/stats", (error, response, body) => { // @http GET /orders/stats
    done(JSON.parse(body).count); // @http GET /orders/stats count
  });
}
stats(console.log);

function all() {
  return new Promise((resolve) => {
    axios({ method: "GET", url: orders + "/orders" }).then((r) => resolve(r.data)); // @http GET /orders
  });
}
all().then((list) => list.map((one) => one.state)); // @http GET /orders [].state
"""


def test_node_and_what_it_hands_on() -> None:
    check({"web/package.json": "{}", "web/server.js": NODE})


ANGULAR = """\
import { HttpClient } from "@angular/common/http";
import { Injectable } from "@angular/core";
import { Order } from "./api";
import { environment } from "./environment";

@Injectable()
export class OrdersService {
  private base = environment.orders;
  constructor(private http: HttpClient) {}

  get(id: string) {
    return this.http.get<Order>(`${this.base}/orders/${id}`); // @http GET /orders/{id}
  }
}

export class Page {
  total = 0;
  constructor(private orders: OrdersService) {}
  load() {
    this.orders.get("1").subscribe((order) => (this.total = order.total)); // @http GET /orders/{id} total
  }
}
"""


def test_angulars_client() -> None:
    environment = 'export const environment = { orders: "http://orders:8080" };\n'
    files = {"web/src/environment.ts": environment, "web/src/api.ts": API, "web/src/service.ts": ANGULAR}
    check({"web/package.json": "{}", **files})


KEPT = """\
angular.module("page").controller("Page", function ($http, $scope) {
  $http.get("http://orders:8080/orders").then(function (answer) { // @http GET /orders
    $scope.orders = answer.data; // @http GET /orders ?
  });
  // @below GET /orders/stats
  $http({ url: "http://orders:8080/orders/stats", method: "GET" }).then((answer) => {
    $scope.count = answer.data.count; // @http GET /orders/stats count
  });
});
"""


def test_what_a_template_may_show_is_unknown() -> None:
    check({"web/package.json": "{}", "web/page.js": KEPT})
