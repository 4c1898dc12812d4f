// Shop/Put over the Connect protocol, to handlers in this process: what they saw, as JSON.

import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { type Ask } from "./resilience_pb.js";
import { Shop } from "./shop_pb.js";
import { resilience } from "./shop_pb_resilience.js";

async function seen(behaviour: string, timeoutMs?: number, aborted = false) {
  const asks: Ask[] = [];
  const leftMs: (number | undefined)[] = [];
  const transport = createRouterTransport(
    ({ rpc }) => {
      rpc(Shop.method.put, async (ask, context) => {
        asks.push(ask);
        leftMs.push(context.timeoutMs());
        if (ask.behaviour === "hang") {
          await pause(5_000, undefined, { signal: context.signal });
        }
        if (ask.behaviour === "down" || asks.length < 3) {
          throw new ConnectError("down", Code.Unavailable);
        }
        return { text: "up" };
      });
    },
    { transport: { interceptors: [resilience()] } },
  );
  const { signal } = new AbortController();
  const begun = performance.now();
  let code = "OK";
  try {
    await createClient(Shop, transport).put(
      { behaviour },
      { signal: aborted ? AbortSignal.abort() : signal, ...(timeoutMs ? { timeoutMs } : {}) },
    );
  } catch (reason) {
    code = Code[ConnectError.from(reason).code];
  }
  const keys = new Set(asks.map((ask) => ask.requestId));
  return { code, tries: asks.length, keys: [...keys], leftMs, ms: performance.now() - begun };
}

console.log(
  JSON.stringify([
    await seen("flaky"),
    await seen("hang"),
    await seen("hang", 200),
    await seen("hang", 5000),
    await seen("ok", undefined, true),
  ]),
);
