// The client program of tests/stubs/scenarios.py for grpc-java.

import com.example.bench.Answer;
import com.example.bench.Ask;
import com.example.bench.BenchGrpc;
import com.example.bench.BenchResilience;
import com.example.bench.DepotGrpc;
import com.example.bench.DepotResilience;
import com.example.bench.ShopGrpc;
import com.example.bench.ShopResilience;
import com.google.gson.Gson;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

public final class GrpcJava {
  static final class Asked {
    String call;
    String method;
    String behaviour;
    String request_id;
    Double timeout_s;
    Double cancel_s;
  }

  static final class Batch {
    double wait_s;
    List<Asked> calls;
  }

  static final class Run {
    boolean plain;
    String service_config;
    List<Batch> batches;
  }

  static final class Given {
    String target;
    List<Run> runs;
  }

  private static final Gson GSON = new Gson();
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor();
  private static final Map<String, MethodDescriptor<?, ?>> METHODS = new HashMap<>();

  public static void main(String[] args) throws Exception {
    Given given = GSON.fromJson(new InputStreamReader(System.in, "UTF-8"), Given.class);
    keep("Shop", ShopGrpc.getServiceDescriptor());
    keep("Depot", DepotGrpc.getServiceDescriptor());
    keep("Bench", BenchGrpc.getServiceDescriptor());
    warm(given.target);
    ExecutorService pool = Executors.newCachedThreadPool();
    CountDownLatch begin = new CountDownLatch(given.runs.size());
    List<Future<?>> runs = new ArrayList<>();
    for (Run run : given.runs) {
      runs.add(pool.submit(() -> go(given.target, run, begin)));
    }
    for (Future<?> run : runs) {
      run.get();
    }
    System.exit(0);
  }

  private static void keep(String service, ServiceDescriptor descriptor) {
    for (MethodDescriptor<?, ?> method : descriptor.getMethods()) {
      METHODS.put(service + "/" + method.getBareMethodName(), method);
    }
  }

  /** Code that runs for the first time takes longer than the shortest deadlines. */
  private static void warm(String target) {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(target).usePlaintext().build();
    BenchGrpc.BenchBlockingStub stub = BenchGrpc.newBlockingStub(channel);
    for (int round = 0; round < 300; round++) {
      stub.p00(Ask.newBuilder().setCall("warm").setBehaviour("ok").build());
    }
    channel.shutdownNow();
  }

  /** A channel takes longer to connect than the shortest deadlines. */
  private static ManagedChannel connected(ManagedChannel channel) throws InterruptedException {
    for (ConnectivityState state; (state = channel.getState(true)) != ConnectivityState.READY; ) {
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      changed.await();
    }
    return channel;
  }

  private static Void go(String target, Run run, CountDownLatch begin) throws Exception {
    ManagedChannelBuilder<?> shop = ManagedChannelBuilder.forTarget(target).usePlaintext();
    ManagedChannelBuilder<?> bench = ManagedChannelBuilder.forTarget(target).usePlaintext();
    if (!run.plain) {
      DepotResilience.apply(ShopResilience.apply(shop));
      BenchResilience.apply(bench);
    }
    if (run.service_config != null) {
      shop.defaultServiceConfig(GSON.<Map<String, ?>>fromJson(run.service_config, Map.class));
    }
    ManagedChannel shops = connected(shop.build());
    ManagedChannel benches = connected(bench.build());
    begin.countDown();
    begin.await();
    for (Batch batch : run.batches) {
      Thread.sleep((long) (batch.wait_s * 1000));
      List<CompletableFuture<Void>> calls = new ArrayList<>();
      for (Asked asked : batch.calls) {
        calls.add(made(asked.method.startsWith("Bench/") ? benches : shops, asked));
      }
      for (CompletableFuture<Void> call : calls) {
        call.get();
      }
    }
    shops.shutdownNow();
    benches.shutdownNow();
    return null;
  }

  @SuppressWarnings("unchecked")
  private static CompletableFuture<Void> made(ManagedChannel channel, Asked asked) {
    MethodDescriptor<Ask, Answer> method =
        (MethodDescriptor<Ask, Answer>) METHODS.get(asked.method);
    Ask request =
        Ask.newBuilder()
            .setCall(asked.call)
            .setBehaviour(asked.behaviour)
            .setRequestId(asked.request_id)
            .build();
    CallOptions options = CallOptions.DEFAULT;
    if (asked.timeout_s != null) {
      options =
          options.withDeadlineAfter((long) (asked.timeout_s * 1_000_000), TimeUnit.MICROSECONDS);
    }
    long begun = System.nanoTime();
    ClientCall<Ask, Answer> call = channel.newCall(method, options);
    CompletableFuture<Status> ended = new CompletableFuture<>();
    StreamObserver<Answer> observer =
        new StreamObserver<Answer>() {
          @Override
          public void onNext(Answer answer) {}

          @Override
          public void onError(Throwable error) {
            ended.complete(Status.fromThrowable(error));
          }

          @Override
          public void onCompleted() {
            ended.complete(Status.OK);
          }
        };
    if (asked.cancel_s != null) {
      TIMER.schedule(
          () -> call.cancel("by the caller", null),
          (long) (asked.cancel_s * 1000),
          TimeUnit.MILLISECONDS);
    }
    send(call, method, request, observer);
    return ended.thenAccept(status -> print(asked, request, status, System.nanoTime() - begun));
  }

  private static void send(
      ClientCall<Ask, Answer> call,
      MethodDescriptor<Ask, Answer> method,
      Ask request,
      StreamObserver<Answer> observer) {
    switch (method.getType()) {
      case UNARY:
        ClientCalls.asyncUnaryCall(call, request, observer);
        return;
      case SERVER_STREAMING:
        ClientCalls.asyncServerStreamingCall(call, request, observer);
        return;
      default:
        StreamObserver<Ask> asks =
            method.getType() == MethodDescriptor.MethodType.CLIENT_STREAMING
                ? ClientCalls.asyncClientStreamingCall(call, observer)
                : ClientCalls.asyncBidiStreamingCall(call, observer);
        asks.onNext(request);
        asks.onCompleted();
    }
  }

  private static void print(Asked asked, Ask request, Status status, long nanos) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("call", asked.call);
    result.put("code", status.getCode().name());
    result.put("elapsed_s", nanos / 1e9);
    result.put("details", status.getDescription() == null ? "" : status.getDescription());
    result.put("request_id", request.getRequestId());
    System.out.println(GSON.toJson(result));
  }
}
