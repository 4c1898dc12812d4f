"""Requests of Java and Kotlin: Spring's clients, Feign, the JDK's, Apache's."""

from __future__ import annotations

from http_annotated import AROUND, check

PATH = "web/src/main/java/shop/"
POM = {"web/pom.xml": "<project/>"}
MODELS = {
    PATH + "Order.java": """\
package shop;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import lombok.Data;

@Data
public class Order {
  @JsonProperty("total") private double amount;
  private String state;
  private Customer customer;
  private List<Item> items;
  public boolean isLarge() {
    return amount > 100; // @http GET /orders/{id} total
  }
}
""",
    PATH + "Customer.java": "package shop;\npublic record Customer(String name) {}\n",
    PATH + "Item.java": "package shop;\npublic record Item(double price, String sku) {}\n",
    PATH + "NewOrder.java": """\
package shop;
public class NewOrder {
  private String sku;
  public String getSku() { return sku; }
  public void setSku(String sku) { this.sku = sku; }
}
""",
    PATH + "Invoice.java": "package shop;\npublic record Invoice(double amount, double total) {}\n",
}
FEIGN = {
    PATH + "Orders.java": """\
package shop;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.web.bind.annotation.*;

@FeignClient(name = "orders", path = Orders.ROOT)
public interface Orders {
  String ROOT = "/orders";
  @GetMapping("/{id}")
  Order get(@PathVariable("id") String id);
  @PostMapping
  Order place(@RequestBody NewOrder order);
  @RequestMapping(method = RequestMethod.DELETE, value = "/{id}")
  void cancel(@PathVariable("id") String id);
}
""",
    PATH + "Shop.java": """\
package shop;
import org.springframework.stereotype.Service;

@Service
public class Shop {
  private final Orders orders;
  public Shop(Orders orders) { this.orders = orders; }
  public double total(String id) {
    Order order = orders.get(id); // @http GET /orders/{id}
    Invoice invoice = new Invoice(1, 2);
    System.out.println(invoice.total());
    for (Item item : order.getItems()) { // @http GET /orders/{id} items
      System.out.println(item.price()); // @http GET /orders/{id} items[].price
    }
    if (order.isLarge()) { return invoice.amount(); }
    // @below GET /orders/{id} total, customer, customer.name
    return order.getAmount() + order.getCustomer().name().length();
  }
  public void place(String sku) {
    NewOrder order = new NewOrder();
    order.setSku(sku); // @http POST /orders > sku
    orders.place(order); // @http POST /orders
    orders.cancel("1"); // @http DELETE /orders/{id}
  }
}
""",
}


def test_feign() -> None:
    # Nobody takes the order that placing one gives, so that all orders are those that were asked for.
    check({**POM, **MODELS, **FEIGN})


def test_which_answer_an_instance_is_of_is_not_known_in_its_own_class() -> None:
    taking = FEIGN[PATH + "Shop.java"].replace("orders.place(", "Order placed = orders.place(")
    both = "// @http ~ GET /orders/{id} total; ~ POST /orders total"
    order = MODELS[PATH + "Order.java"].replace("// @http GET /orders/{id} total", both)
    check({**POM, **MODELS, **FEIGN, PATH + "Shop.java": taking, PATH + "Order.java": order})


TEMPLATE = """\
package shop;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.*;
import org.springframework.web.client.RestTemplate;

public class Reports {
  private final RestTemplate rest = new RestTemplate();
  @Value("${orders.url}") private String orders;
  private final String users;
  public Reports(@Value("${USERS_URL}") String users) { this.users = users; }

  public double of(String id) {
    Order order = rest.getForObject(orders + "/orders/{id}", Order.class, id); // @http GET /orders/{id}
    Invoice user = rest.getForObject(users + "/orders/" + id, Invoice.class);
    String where = String.format("%s/orders/stats", orders);
    // @below GET /orders/stats
    ResponseEntity<Map> stats = rest.exchange(where, HttpMethod.GET, null, Map.class);
    System.out.println(stats.getBody().get("count")); // @http GET /orders/stats count
    // rest.getForObject(orders + "/orders/1", Order.class).getState();
    return order.getAmount() + user.total(); // @http GET /orders/{id} total
  }

  public void place(NewOrder order) {
    order.setSku("b"); // @http POST /orders > sku
    HttpEntity<NewOrder> entity = new HttpEntity<>(order, new HttpHeaders());
    rest.postForEntity(orders + "/orders", entity, String.class); // @http POST /orders
  }
}
"""


def test_rest_template() -> None:
    check({**POM, **MODELS, PATH + "Reports.java": TEMPLATE})


REACTIVE = """\
package shop;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.client.RestClient;
import reactor.core.publisher.Mono;

public class Reactive {
  private final WebClient web;
  private final RestClient rest = RestClient.create("http://orders:8080");
  public Reactive(WebClient.Builder builder) { this.web = builder.baseUrl("http://orders:8080").build(); }

  public void run(String id) {
    web.get().uri("/orders/{id}", id).retrieve().bodyToMono(Order.class) // @http GET /orders/{id}
        .map(order -> order.getState()) // @http GET /orders/{id} state
        .subscribe();
    // @below GET /orders/stats
    Stats stats = rest.get().uri(b -> b.path("/orders/stats").queryParam("a", 1).build())
        .retrieve().body(Stats.class);
    System.out.println(stats.count); // @http GET /orders/stats count
  }

  static class Stats { public int count; }
}
"""


def test_web_client_and_rest_client() -> None:
    check({**POM, **MODELS, PATH + "Reactive.java": REACTIVE})


JDK = """\
package shop;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.*;

public class Plain {
  private final ObjectMapper mapper = new ObjectMapper();

  public String state(String id) throws Exception {
    HttpRequest request = HttpRequest.newBuilder()
        .uri(URI.create("http://orders:8080/orders/" + id)).GET().build(); // @http GET /orders/{id}
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    JsonNode order = mapper.readTree(response.body());
    // @below GET /orders/{id} items, items[].sku
    order.get("items").forEach(item -> System.out.println(item.path("sku").asText()));
    return order.path("state").asText(); // @http GET /orders/{id} state
  }
}
"""


def test_the_jdks_client_and_trees_of_json() -> None:
    check({**POM, PATH + "Plain.java": JDK})


HANDED_ON = """\
package shop;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.client.RestTemplate;

@RestController
public class Gateway {
  private final RestTemplate rest = new RestTemplate();
  @GetMapping("/orders/{id}")
  public Order order(@PathVariable String id) {
    // @below GET /orders/{id}; GET /orders/{id} ?
    return rest.getForObject("http://orders:8080/orders/" + id, Order.class);
  }
  @PostMapping("/orders")
  public ResponseEntity<String> place(@RequestBody NewOrder order) {
    // @below POST /orders; POST /orders >?; POST /orders ?
    return rest.postForEntity("http://orders:8080/orders", order, String.class);
  }
}
"""


def test_what_a_controller_hands_on_is_unknown() -> None:
    check({**POM, **MODELS, PATH + "Gateway.java": HANDED_ON})


KOTLIN = """\
package shop

import org.springframework.cloud.openfeign.FeignClient
import org.springframework.web.bind.annotation.*
import org.springframework.web.client.RestTemplate
import org.springframework.beans.factory.annotation.Value

@FeignClient(name = "orders", url = "\\${orders.url}")
interface Orders {
  @GetMapping("/orders/{id}")
  fun get(@PathVariable id: String): Order

  @PostMapping("/orders")
  fun place(@RequestBody order: NewOrder): Placed
}

data class Order(@JsonProperty("total") val amount: Double, val items: List<Item>, val state: String?)
data class Item(val price: Double)
data class NewOrder(val sku: String)
data class Placed(val id: String)

class Shop(
  val orders: Orders,
  private val rest: RestTemplate,
  @Value("\\${USERS_URL}") private val users: String,
) {
  fun total(id: String): Double {
    val order = orders.get(id) // @http GET /orders/{id}
    order.items.forEach { println(it.price) } // @http GET /orders/{id} items, items[].price
    val user = rest.getForObject("$users/orders/${id}", Order::class.java)
    val placed = orders.place(NewOrder(sku = "a")) // @http POST /orders; POST /orders > sku
    println(placed.id) // @http POST /orders id
    return order.amount // @http GET /orders/{id} total
  }
}
"""


def test_kotlin() -> None:
    check({"web/build.gradle.kts": "", "web/src/main/kotlin/shop/Shop.kt": KOTLIN})


GENERIC = """\
package shop;
import org.springframework.web.client.RestTemplate;

public class Api {
  private final RestTemplate rest = new RestTemplate();
  private final String base;
  public Api(String base) { this.base = base; }
  public <T> T get(String path, Class<T> type) {
    return rest.getForObject(base + path, type);
  }
}
"""
CALLER = """\
package shop;

public class Caller {
  private final Api api = new Api(System.getenv("ORDERS_URL"));
  public String state() {
    Order order = api.get("/orders/1", Order.class); // @http GET /orders/{id}
    return order.getState(); // @http GET /orders/{id} state
  }
}
"""


def test_a_helper_gives_what_its_caller_says() -> None:
    check({**POM, **MODELS, PATH + "Api.java": GENERIC, PATH + "Caller.java": CALLER}, AROUND)
