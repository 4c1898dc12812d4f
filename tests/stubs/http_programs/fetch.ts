import { BenchApi, Configuration, FetchError, ResponseError } from "./fetch/index";
import { resilience } from "./fetch/runtime_resilience";
import { play, type Call, type Outcome } from "./lanes";

play((basePath, plain) => {
  const configuration = plain
    ? new Configuration({ basePath })
    : new Configuration(resilience({ basePath }));
  const api = new BenchApi(configuration);
  return async (call: Call): Promise<Outcome> => {
    const parameters = {
      id: call.id,
      behaviour: call.behaviour,
      ask: { text: "hello" },
      idempotencyKey: call.key,
    };
    const init = call.timeout_s
      ? { signal: AbortSignal.timeout(call.timeout_s * 1000) }
      : {};
    const method = (api as any)[`${call.op}Raw`].bind(api);
    try {
      const { raw } = await method(parameters, init);
      if (!call.stream) {
        await raw.json();
        return { status: raw.status };
      }
      const read = await raw.arrayBuffer();
      return { status: raw.status, error: `${read.byteLength} bytes` };
    } catch (error) {
      if (error instanceof ResponseError) return { status: error.response.status };
      const cause = error instanceof FetchError ? error.cause : error;
      return { status: 0, error: String(cause) };
    }
  };
});
