// Makes the calls of phases.json through what `Api` makes of a lane: `program.js phases.json url`.

import { readFileSync } from "node:fs";

export interface Call {
  op: string;
  id: string;
  behaviour: string;
  body?: boolean;
  key?: string;
  timeout_s?: number;
  sleep_s?: number;
  stream?: boolean;
}

export interface Outcome {
  status: number;
  error?: string;
}

export type Caller = (call: Call) => Promise<Outcome>;

interface Lane {
  plain: boolean;
  calls: Call[][];
}

const sleep = (seconds: number) =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function one(caller: Caller, call: Call): Promise<void> {
  await sleep(call.sleep_s ?? 0);
  const begun = performance.now();
  const outcome = await caller(call);
  const elapsed_s = (performance.now() - begun) / 1000;
  console.log(
    JSON.stringify({ id: call.id, error: "", ...outcome, elapsed_s }),
  );
}

async function run(caller: Caller, steps: Call[][]): Promise<void> {
  for (const step of steps) {
    await Promise.all(step.map((call) => one(caller, call)));
  }
}

export async function play(
  callerOf: (url: string, plain: boolean) => Caller,
): Promise<void> {
  const [, , file = "", url = ""] = process.argv;
  const phases: Lane[][] = JSON.parse(readFileSync(file, "utf8"));
  for (const phase of phases) {
    const callers = phase.map((lane) => callerOf(url, lane.plain));
    await Promise.all(
      phase.map((lane, index) => run(callers[index]!, lane.calls)),
    );
  }
  process.exit(0); // connections of calls that were given up are still open
}
