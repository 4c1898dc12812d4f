import com.google.gson.Gson;
import java.io.File;
import java.io.FileReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openapitools.client.ApiCallback;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.ApiResponse;
import org.openapitools.client.ResilientApiClient;
import org.openapitools.client.api.BenchApi;
import org.openapitools.client.model.Ask;

/** Makes calls through the generated Java client and its sidecar: {@code Program phases.json url}. */
public class Program {
  static class Call {
    String op;
    String id;
    String behaviour;
    boolean body;
    String key;
    double timeout_s;
    double sleep_s;
    boolean async;
  }

  static class Lane {
    boolean plain;
    Call[][] calls;
  }

  static final Gson GSON = new Gson();

  static BenchApi apiOf(String url, boolean plain) {
    ApiClient client = plain ? new ApiClient() : new ResilientApiClient();
    client.setBasePath(url);
    return new BenchApi(client);
  }

  static void one(BenchApi api, Call call) throws Exception {
    Thread.sleep((long) (call.sleep_s * 1000));
    if (call.timeout_s > 0) {
      api.getApiClient().setReadTimeout((int) (call.timeout_s * 1000));
    }
    List<Object> arguments = new ArrayList<>();
    if (!call.op.equals("getLatest")) {
      arguments.add(call.id);
    }
    if (call.body) {
      arguments.add(new Ask().text("hello"));
    }
    arguments.add(call.behaviour);
    if (call.op.equals("makeOrder")) {
      arguments.add(call.key);
    }
    Method method = null;
    for (Method each : BenchApi.class.getMethods()) {
      if (each.getName().equals(call.op + (call.async ? "Async" : "WithHttpInfo"))) {
        method = each;
      }
    }
    int status = 0;
    String error = "";
    long begun = System.nanoTime();
    CompletableFuture<ApiResponse<?>> told = new CompletableFuture<>();
    if (call.async) {
      arguments.add(callback(told));
    }
    try {
      Object returned = method.invoke(api, arguments.toArray());
      ApiResponse<?> response = call.async ? awaited(told) : (ApiResponse<?>) returned;
      status = response.getStatusCode();
      if (response.getData() instanceof File) {
        File file = (File) response.getData();
        error = file.length() + " bytes";
        file.delete();
      }
    } catch (InvocationTargetException failed) {
      ApiException cause = (ApiException) failed.getCause();
      status = cause.getCode();
      error = String.valueOf(cause.getCause());
    }
    double elapsed = (System.nanoTime() - begun) / 1e9;
    synchronized (GSON) {
      System.out.println(
          GSON.toJson(Map.of("id", call.id, "status", status, "error", error, "elapsed_s", elapsed)));
    }
  }

  static ApiResponse<?> awaited(CompletableFuture<ApiResponse<?>> told) throws Exception {
    try {
      return told.get();
    } catch (ExecutionException failed) {
      throw new InvocationTargetException(failed.getCause());
    }
  }

  static ApiCallback<Object> callback(CompletableFuture<ApiResponse<?>> told) {
    return new ApiCallback<>() {
      public void onFailure(ApiException error, int status, Map<String, List<String>> headers) {
        told.completeExceptionally(error);
      }

      public void onSuccess(Object result, int status, Map<String, List<String>> headers) {
        told.complete(new ApiResponse<>(status, headers, result));
      }

      public void onUploadProgress(long written, long length, boolean done) {}

      public void onDownloadProgress(long read, long length, boolean done) {}
    };
  }

  static void all(ExecutorService pool, List<Work> works) throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (Work work : works) {
      running.add(
          pool.submit(
              () -> {
                work.run();
                return null;
              }));
    }
    for (Future<?> each : running) {
      each.get();
    }
  }

  interface Work {
    void run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    Lane[][] phases = GSON.fromJson(new FileReader(arguments[0]), Lane[][].class);
    ExecutorService pool = Executors.newCachedThreadPool();
    for (Lane[] phase : phases) {
      List<Work> lanes = new ArrayList<>();
      for (Lane lane : phase) {
        BenchApi api = apiOf(arguments[1], lane.plain);
        lanes.add(
            () -> {
              for (Call[] step : lane.calls) {
                List<Work> calls = new ArrayList<>();
                for (Call call : step) {
                  calls.add(() -> one(api, call));
                }
                all(pool, calls);
              }
            });
      }
      all(pool, lanes);
    }
    System.exit(0);
  }
}
