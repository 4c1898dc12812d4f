// The client program of tests/stubs/scenarios.py for grpc-js, with stubs by ts-proto.

import { text } from "node:stream/consumers";
import {
  type CallOptions,
  type Client,
  type ClientOptions,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { type Ask, BenchClient } from "./resilience";
import { resilience as benchResilience } from "./resilience_resilience";
import { DepotClient, ShopClient } from "./shop";
import { resilience as shopResilience } from "./shop_resilience";

interface Call {
  call: string;
  method: string;
  behaviour: string;
  request_id: string;
  timeout_s: number | null;
  cancel_s: number | null;
}

interface Run {
  plain: boolean;
  service_config: string | null;
  batches: { wait_s: number; calls: Call[] }[];
}

type Done = (error: ServiceError | null) => void;
type Unary = (request: Ask, metadata: Metadata, options: CallOptions, done: Done) => { cancel(): void };
type Emitter = {
  on(event: string, heard: (value?: unknown) => void): void;
  write(request: Ask): void;
  end(): void;
  cancel(): void;
};

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function start(client: Client, name: string, request: Ask, options: CallOptions, done: Done) {
  const methods = client as unknown as Record<string, (...args: unknown[]) => unknown>;
  const begin = (...args: unknown[]) => methods[name]!.call(client, ...args);
  if (name !== "listed" && name !== "collected" && name !== "chatted") {
    return (begin as Unary)(request, new Metadata(), options, done);
  }
  const call = (
    name === "listed"
      ? begin(request, new Metadata(), options)
      : name === "collected"
        ? begin(new Metadata(), options, done)
        : begin(new Metadata(), options)
  ) as Emitter;
  if (name !== "listed") {
    call.write(request);
    call.end();
  }
  if (name !== "collected") {
    call.on("data", () => undefined);
    call.on("error", (error) => done(error as ServiceError));
    call.on("end", () => undefined);
    call.on("status", (ended) => (ended as ServiceError).code === status.OK && done(null));
  }
  return call;
}

async function made(clients: Clients, asked: Call): Promise<void> {
  const [service = "", rpc = ""] = asked.method.split("/");
  const request = { call: asked.call, behaviour: asked.behaviour, requestId: asked.request_id };
  const options: CallOptions =
    asked.timeout_s === null ? {} : { deadline: Date.now() + asked.timeout_s * 1000 };
  const begun = performance.now();
  const error = await new Promise<ServiceError | null>((resolve) => {
    const name = rpc[0]!.toLowerCase() + rpc.slice(1);
    const call = start(clients[service]!, name, request, options, resolve);
    if (asked.cancel_s !== null) {
      setTimeout(() => call.cancel(), asked.cancel_s * 1000);
    }
  });
  console.log(
    JSON.stringify({
      call: asked.call,
      code: status[error?.code ?? status.OK],
      elapsed_s: (performance.now() - begun) / 1000,
      details: error?.details ?? "",
      request_id: request.requestId,
    }),
  );
}

type Clients = Record<string, Client>;

async function connected(target: string, { plain, service_config }: Run): Promise<Clients> {
  const own: ClientOptions = {
    "grpc.use_local_subchannel_pool": 1,
    ...(service_config === null ? {} : { "grpc.service_config": service_config }),
  };
  const insecure = credentials.createInsecure();
  const clients = {
    Shop: new ShopClient(target, insecure, plain ? own : shopResilience(own)),
    Depot: new DepotClient(target, insecure, plain ? own : shopResilience(own)),
    Bench: new BenchClient(target, insecure, plain ? own : benchResilience(own)),
  };
  const ready = (client: Client) =>
    new Promise((resolve) => client.waitForReady(Date.now() + 10_000, resolve));
  await Promise.all(Object.values(clients).map(ready));
  return clients;
}

async function run(clients: Clients, { batches }: Run): Promise<void> {
  for (const batch of batches) {
    await pause(batch.wait_s);
    await Promise.all(batch.calls.map((call) => made(clients, call)));
  }
  Object.values(clients).forEach((client) => client.close());
}

/** Code that runs for the first time takes longer than the shortest deadlines. */
async function warm(target: string): Promise<void> {
  const client = new BenchClient(target, credentials.createInsecure());
  const request = { call: "warm", behaviour: "ok", requestId: "" };
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      Array.from({ length: 100 }, () => new Promise((resolve) => client.p00(request, resolve))),
    );
  }
  client.close();
}

async function main(): Promise<void> {
  const { target, runs } = JSON.parse(await text(process.stdin)) as { target: string; runs: Run[] };
  await warm(target);
  const clients = await Promise.all(runs.map((one) => connected(target, one)));
  await Promise.all(runs.map((one, index) => run(clients[index]!, one)));
}

void main();
