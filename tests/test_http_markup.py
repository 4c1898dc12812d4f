"""Scripts in pages and components, templates, and languages whose requests are not followed."""

from __future__ import annotations

from http_annotated import check


def test_a_vue_component() -> None:
    check(
        {
            "web/package.json": "{}\n",
            "web/src/Order.vue": """\
<template>
  <p>{{ order.total }}</p>
</template>
<script setup lang="ts">
import axios from "axios";
import { ref } from "vue";

const api = axios.create({ baseURL: import.meta.env.VITE_ORDERS });
export async function show(id: string) {
  const { data } = await api.get(`/orders/${id}`); // @http GET /orders/{id}
  console.log(data.total); // @http GET /orders/{id} total
}
</script>
""",
        }
    )


def test_what_a_template_may_show_is_unknown() -> None:
    check(
        {
            "web/package.json": "{}\n",
            "web/src/List.vue": """\
<template>
  <p v-for="one in all">{{ one.total }}</p>
</template>
<script setup>
import axios from "axios";
import { ref } from "vue";

const all = ref([]);
async function load() {
  // @below GET /orders; GET /orders ?
  const { data } = await axios.get(`${import.meta.env.VITE_ORDERS}/orders`);
  all.value = data;
}
</script>
""",
            "web/src/Order.svelte": """<script>
  let order;
  async function load(id) {
    const res = await fetch(`${import.meta.env.VITE_ORDERS}/orders/${id}`); // @http GET /orders/{id}
    const found = await res.json();
    order = found; // @http GET /orders/{id} ?
  }
</script>
<p>{order.total}</p>
""",
            "web/src/app/order.component.ts": """import { Component } from '@angular/core';
import { HttpClient } from '@angular/common/http';

interface Order { total: number; state: string; }

@Component({ selector: 'order', templateUrl: './order.component.html' })
export class OrderComponent { // @http ~ GET /orders/{id} ?
  order: Order;
  constructor(private http: HttpClient) {}
  load(id: string) {
    this.http.get<Order>(`http://orders:8080/orders/${id}`) // @http GET /orders/{id}
      .subscribe(order => { this.order = order; });
  }
}
""",
        }
    )


def test_a_page_with_a_script() -> None:
    check(
        {
            "web/index.html": """\
<a href="/orders/stats">statistics</a>
<script>
  fetch("http://orders:8080/orders/stats") // @http GET /orders/stats
    .then((res) => res.json())
    .then((stats) => alert(stats.count)); // @http GET /orders/stats count
</script>
""",
            "web/app.py": "URL = 'http://orders:8080'\n",
        }
    )


def test_other_languages_are_unknown_where_they_name_a_path() -> None:
    check(
        {
            "web/index.php": """\
<?php
$orders = getenv('ORDERS_URL');
// GET /orders/stats is not called
// @below ~ DELETE /orders/{id} ?; ~ GET /orders/{id} ?; ~ PUT /orders/{id} ?
$one = file_get_contents("$orders/orders/$id");
log('orders');
$all = $client->get('orders'); // @http ~ GET /orders ?; ~ POST /orders ?
""",
            "web/lib/client.rb": """\
BASE = ENV['ORDERS_URL']
# @below ~ GET /orders/stats ?
stats = Net::HTTP.get(URI("#{BASE}/orders/stats"))
""",
            "web/spec/client_spec.rb": "stub_request(:get, '/orders/stats')\n",
        }
    )
