import axios, { type RawAxiosRequestConfig } from "axios";
import { BenchApi, Configuration } from "./axios/index";
import { resilience } from "./axios/base_resilience";
import { play, type Call, type Outcome } from "./lanes";

play((basePath, plain) => {
  const configuration = new Configuration({ basePath });
  const api = plain
    ? new BenchApi(configuration)
    : new BenchApi(configuration, undefined, resilience(configuration));
  return async (call: Call): Promise<Outcome> => {
    const named: unknown[] = call.op === "getLatest" ? [] : [call.id];
    if (call.body) named.push({ text: "hello" });
    named.push(call.behaviour);
    if (call.op === "makeOrder") named.push(call.key);
    const options: RawAxiosRequestConfig = {};
    if (call.timeout_s) options.timeout = call.timeout_s * 1000;
    if (call.stream) options.responseType = "stream";
    try {
      const response = await (api as any)[call.op](...named, options);
      if (!call.stream) return { status: response.status };
      let read = 0;
      for await (const part of response.data) read += part.length;
      return { status: response.status, error: `${read} bytes` };
    } catch (error) {
      if (!axios.isAxiosError(error)) return { status: 0, error: `no AxiosError: ${error}` };
      return { status: error.response?.status ?? 0, error: error.message };
    }
  };
});
