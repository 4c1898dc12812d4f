"""Requests of Go."""

from __future__ import annotations

from http_annotated import check

CLIENT = """\
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

type Item struct {
	Price float64 `json:"price"`
}

type Order struct {
	Amount   float64 `json:"total"`
	State    string
	Items    []Item `json:"items"`
	Customer struct {
		Name string `json:"name"`
	} `json:"customer"`
}

type NewOrder struct {
	Sku  string `json:"sku"`
	Note string `json:"note,omitempty"`
}

type Client struct {
	base string
	http *http.Client
}

func New(base string) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), http: http.DefaultClient}
}

func (c *Client) do(ctx context.Context, method, path string, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

func (c *Client) Order(ctx context.Context, id string) (*Order, error) {
	var order Order
	err := c.do(ctx, http.MethodGet, fmt.Sprintf("/orders/%s", id), &order) // @http GET /orders/{id}
	return &order, err
}

func (c *Client) Place(sku string) error {
	body, _ := json.Marshal(NewOrder{Sku: sku, Note: "now"}) // @http POST /orders > sku, note
	_, err := http.Post(c.base+"/orders", "application/json", bytes.NewReader(body)) // @http POST /orders
	return err
}
"""
MAIN = """\
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"example.com/web/client"
)

type Invoice struct {
	Amount float64 `json:"total"`
}

func main() {
	c := client.New(os.Getenv("ORDERS_URL"))
	order, _ := c.Order(context.Background(), "1")
	fmt.Println(order.Amount, order.State) // @http GET /orders/{id} total, state
	fmt.Println(order.Customer.Name)       // @http GET /orders/{id} customer, customer.name
	for _, item := range order.Items { // @http GET /orders/{id} items
		fmt.Println(item.Price) // @http GET /orders/{id} items[].price
	}
	c.Place("a")
	invoice := Invoice{Amount: 3}
	fmt.Println(invoice.Amount)
	plain()
	other("1")
}

func plain() {
	resp, _ := http.Get(os.Getenv("ORDERS_URL") + "/orders/stats") // @http GET /orders/stats
	data, _ := io.ReadAll(resp.Body)
	var stats map[string]interface{}
	json.Unmarshal(data, &stats)
	fmt.Println(stats["count"]) // @http GET /orders/stats count
	http.Get(os.Getenv("ORDERS_URL") + "/orders/stats") // @http GET /orders/stats
}

func other(id string) {
	resp, _ := http.Get(os.Getenv("USERS_URL") + "/orders/" + id)
	var order client.Order
	json.NewDecoder(resp.Body).Decode(&order)
	// http.Get(os.Getenv("ORDERS_URL") + "/orders/1")
	fmt.Println("/orders/1")
}

func handle(w http.ResponseWriter, r *http.Request) {
	resp, _ := http.Get(os.Getenv("ORDERS_URL") + "/orders") // @http GET /orders; GET /orders ?
	io.Copy(w, resp.Body)
}
"""


def test_net_http() -> None:
    files = {"web/go.mod": "module example.com/web\n", "web/client/client.go": CLIENT, "web/main.go": MAIN}
    check(files)


RESTY = """\
package main

import (
	"fmt"
	"net/url"

	"github.com/go-resty/resty/v2"
)

type Order struct {
	Total float64 `json:"total"`
}

func main() {
	client := resty.New().SetBaseURL("http://orders:8080")
	var order Order
	client.R().SetResult(&order).Get("/orders/1") // @http GET /orders/{id}
	fmt.Println(order.Total)                      // @http GET /orders/{id} total
	where, _ := url.JoinPath("http://orders:8080", "orders", "stats")
	resp, _ := client.R().Get(where) // @http GET /orders/stats
	fmt.Println(resp.StatusCode())
}
"""


def test_resty_and_joined_paths() -> None:
    check({"web/go.mod": "module example.com/web\n", "web/main.go": RESTY})
