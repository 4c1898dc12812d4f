// The client program of tests/stubs/scenarios.py for connect-es over gRPC, with stubs by protoc-gen-es.

import { text } from "node:stream/consumers";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Ask, AskSchema, Bench } from "./resilience_pb.js";
import { resilience as benchResilience } from "./resilience_pb_resilience.js";
import { Depot, Shop } from "./shop_pb.js";
import { resilience as shopResilience } from "./shop_pb_resilience.js";

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
  batches: { wait_s: number; calls: Call[] }[];
}

type Options = { timeoutMs?: number; signal: AbortSignal };
type Method = (request: unknown, options: Options) => Promise<unknown> | AsyncIterable<unknown>;
type Clients = Record<string, Record<string, Method>>;

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** `DEADLINE_EXCEEDED` for Code.DeadlineExceeded. */
function written(code: Code): string {
  const name = Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  return name === "CANCELED" ? "CANCELLED" : name;
}

async function finished(method: Method, name: string, request: Ask, options: Options): Promise<void> {
  async function* sent() {
    yield request;
  }
  const streams = name === "collected" || name === "chatted";
  const result = method(streams ? sent() : request, options);
  if (Symbol.asyncIterator in result) {
    for await (const _ of result);
  } else {
    await result;
  }
}

async function made(clients: Clients, asked: Call): Promise<void> {
  const [service = "", rpc = ""] = asked.method.split("/");
  const name = rpc[0]!.toLowerCase() + rpc.slice(1);
  const request = create(AskSchema, {
    call: asked.call,
    behaviour: asked.behaviour,
    requestId: asked.request_id,
  });
  const caller = new AbortController();
  const options = {
    signal: caller.signal,
    ...(asked.timeout_s === null ? {} : { timeoutMs: asked.timeout_s * 1000 }),
  };
  if (asked.cancel_s !== null) {
    setTimeout(() => caller.abort(), asked.cancel_s * 1000);
  }
  const begun = performance.now();
  let code = "OK";
  let details = "";
  try {
    await finished(clients[service]![name]!, name, request, options);
  } catch (reason) {
    const error = ConnectError.from(reason);
    [code, details] = [written(error.code), error.rawMessage];
  }
  const elapsed_s = (performance.now() - begun) / 1000;
  console.log(
    JSON.stringify({ call: asked.call, code, elapsed_s, details, request_id: request.requestId }),
  );
}

async function connected(target: string, { plain }: Run): Promise<Clients> {
  const baseUrl = `http://${target}`;
  const transport = async (own: typeof shopResilience) => {
    const sessionManager = new Http2SessionManager(baseUrl);
    await sessionManager.connect();
    return createGrpcTransport({ baseUrl, sessionManager, interceptors: plain ? [] : [own()] });
  };
  const shop = await transport(shopResilience);
  return {
    Shop: createClient(Shop, shop),
    Depot: createClient(Depot, shop),
    Bench: createClient(Bench, await transport(benchResilience)),
  } as unknown as Clients;
}

async function run(clients: Clients, { batches }: Run): Promise<void> {
  for (const batch of batches) {
    await pause(batch.wait_s);
    await Promise.all(batch.calls.map((call) => made(clients, call)));
  }
}

/** Code that runs for the first time takes longer than the shortest deadlines. */
async function warm(target: string): Promise<void> {
  const client = createClient(Bench, createGrpcTransport({ baseUrl: `http://${target}` }));
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 100 }, () => client.p00({ call: "warm", behaviour: "ok" })));
  }
}

async function main(): Promise<void> {
  const { target, runs } = JSON.parse(await text(process.stdin)) as { target: string; runs: Run[] };
  await warm(target);
  const clients = await Promise.all(runs.map((one) => connected(target, one)));
  await Promise.all(runs.map((one, index) => run(clients[index]!, one)));
  process.exit(0); // connections are kept for a while
}

void main();
