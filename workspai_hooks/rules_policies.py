"""The rows of the rule table that are about timeouts and retries (RT01 and on). Each is found in
resilience/checks/ or resilience/sources/ by its name."""

from __future__ import annotations

Row = tuple[str, str, str, str, str, str, str]
"""Id, name, severity, what it finds, why it is bad, an example, what to do instead."""

ROWS: tuple[Row, ...] = (
    (
        "RT01",
        "timeout-missing",
        "error",
        "an operation that is called without a total timeout",
        "A callee that hangs takes a thread, a connection and memory of each caller with it, until the "
        "callers hang as well. It is an error of an operation that a commit brings, and a note of one that "
        "was there.",
        "stub.GetCart(request)",
        "Give each call a deadline: in `.workspai.yaml` (`resilience: policies:`), in a service config "
        "beside the contract, in the mesh, or at the call.",
    ),
    (
        "RT02",
        "retry-unsafe",
        "error",
        "a retry of an operation that is not idempotent, or that nobody declared so, without a key that "
        "tells tries of one request",
        "An answer that is lost looks like a request that failed: the second try pays, ships or mails again "
        "(RFC 9110, section 9.2.2; istio#50506 tells of double payouts).",
        'methodConfig: [{name: [{service: "shop.v1.Payments"}], retryPolicy: {maxAttempts: 4, …}}]',
        "Declare what is safe (`option idempotency_level = IDEMPOTENT`), give requests a key (`request_id` "
        "of AIP-155, `Idempotency-Key`), or take the retry out.",
    ),
    (
        "RT03",
        "mesh-default-retry",
        "error",
        "a mesh that retries an unsafe operation by default, as nothing says otherwise",
        "Istio retries twice where a VirtualService has no `retries`, whatever the method: gRPC's "
        "UNAVAILABLE, and until 1.24 every 503 (istio#50506 tells of double payouts). Over HTTP, where the "
        "version decides, it is a warning.",
        "http:\n- route:\n  - destination: {host: payments}",
        "Write `retries: {attempts: 0}` into the route of what must not be tried twice.",
    ),
    (
        "RT04",
        "idempotency-undeclared",
        "warning",
        "an rpc without a declared idempotency: a warning where a retry reaches it or others of its service "
        "declare theirs, else a note",
        "Nobody who configures a retry can know whether a second try is harmless.",
        "rpc GetCart(GetCartRequest) returns (Cart);",
        "Declare it in the contract: `option idempotency_level = NO_SIDE_EFFECTS;` or `IDEMPOTENT`, or a "
        "key. buf tells a level that is declared later as a change: approve it (WSP137).",
    ),
    (
        "RT05",
        "retry-wildcard",
        "warning",
        "a retry policy of a whole service, or of all, that covers operations which change something",
        "Whoever adds an rpc to the service gets the retry without having thought of it (AIP-4221).",
        'name: [{service: "shop.v1.Payments"}]',
        "Name the rpcs that may be retried, one by one.",
    ),
    (
        "RT06",
        "retry-code",
        "warning",
        "a retry on a status that a second try does not mend",
        "The same request gets the same answer, and the callee the load of it (AIP-194).",
        'retryableStatusCodes: ["INVALID_ARGUMENT"]',
        "Retry UNAVAILABLE; let the caller decide about anything else.",
    ),
    (
        "RT07",
        "retry-uncapped",
        "error",
        "a retry without a limit of tries or of time",
        "A callee that stays down is asked for ever, by more and more callers (WASABI, SOSP 2024).",
        "retry=retry_if_exception_type(ConnectionError)   # tenacity: no stop",
        "Give it a number of tries, and a total time.",
    ),
    (
        "RT08",
        "retry-backoff",
        "warning",
        "a retry without a wait between tries, or whose waits are the same for all clients",
        "All clients come back at once, and again at once (WASABI, SOSP 2024; AWS Architecture Blog, "
        '"Exponential Backoff And Jitter").',
        "Retry(total=5, backoff_factor=0)",
        "Wait longer after each try, and spread the waits with jitter.",
    ),
    (
        "RT09",
        "path-amplification",
        "warning",
        "a path of calls whose retries multiply to more than 10 tries (above 27 an error)",
        "A service that is down gets so many times its load, which keeps it down (Site Reliability "
        "Engineering, chapter 22).",
        "frontend -> checkout 3, checkout -> cart 3, cart -> cache 2: 18 tries",
        "Retry in one layer, nearest to what fails; elsewhere set one try, or a retry budget.",
    ),
    (
        "RT10",
        "retry-layers",
        "error",
        "more than one layer that retries one call: the client's library, its proxy, a gateway",
        "Their tries multiply: three of the client and three of the sidecar are nine.",
        "retryPolicy: {maxAttempts: 3}   # and in the VirtualService: retries: {attempts: 2}",
        "Leave the retry to one of them.",
    ),
    (
        "RT11",
        "deadline-inversion",
        "error",
        "a caller that gives up before its callee's own calls can have ended",
        "The callee goes on working for nobody, and the caller tries again.",
        "frontend -> checkout 1 s, checkout -> payment 3 x 500 ms",
        "Give the caller more time than the callee may take, or the callee's calls less.",
    ),
    (
        "RT12",
        "dead-retries",
        "warning",
        "retries that never happen, as the total timeout is over before",
        "The configuration promises tries that nobody gets; without a timeout of a single try a call that "
        "hangs is tried once.",
        "timeout: 1s\nretries: {attempts: 3, perTryTimeout: 1s}",
        "Give a single try less time, the whole more, or configure the tries that fit.",
    ),
    (
        "RT13",
        "retry-deadline-exceeded",
        "warning",
        "a retry on DEADLINE_EXCEEDED",
        "A deadline that is over in the client is never retried, as no time is left: the code does nothing, "
        "or it doubles the load of a callee that passes on its own callee's deadline.",
        'retryableStatusCodes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"]',
        "Take the code out.",
    ),
    (
        "RT14",
        "policy-dangling",
        "error",
        "a policy that names an rpc, service or path which no contract here has",
        "It does nothing, and what it was written for has no policy.",
        'name: [{service: "shop.v1.Cart", method: "GetKart"}]',
        "Name what the contract has; the message says what is near.",
    ),
    (
        "RT15",
        "policy-ignored",
        "error",
        "a key or value of a policy that its run time ignores without a word",
        "What was written down does not happen.",
        "retry_policy: {max_attempts: 3}   # gRPC reads retryPolicy",
        "Write it as the convention has it; the message says how.",
    ),
    (
        "RT16",
        "config-rejected",
        "error",
        "a service config that gRPC's native run times reject",
        "Python and C++ fail each call or ignore the whole config, Go refuses to make the client.",
        'timeout: "10ms"',
        'Write it as the run times read it: `"0.010s"`.',
    ),
    (
        "RT17",
        "python-config-timeout",
        "error",
        "a timeout in the service config of a Python client",
        "It acts more than a second too early, and one of up to a second fails each call at once "
        "(grpc#34547).",
        '("grpc.service_config", \'{"methodConfig": [{"name": [{}], "timeout": "1s"}]}\')',
        "Give the timeout with each call (`timeout=`), or by an interceptor.",
    ),
    (
        "RT18",
        "retry-stream",
        "warning",
        "a retry of an rpc that streams from the client, or both ways",
        "What was sent can't be sent again once it is out of the buffer: the retry does not happen when it "
        "matters (AIP-194, proposal A6).",
        "rpc Upload(stream Chunk) returns (Receipt);",
        "Let the application begin a new stream from where it stood.",
    ),
    (
        "RT19",
        "retry-after-missing",
        "warning",
        "a 429 or 503 answer that does not declare the Retry-After header",
        "Clients can't know when to come back, and come back at once, all together (RFC 9110, section "
        "10.2.3; RFC 6585, section 4).",
        'responses: {"429": {description: Too many requests}}',
        "Declare the header in the response, and send it.",
    ),
    (
        "RT20",
        "retry-budget-missing",
        "note",
        "retries that nothing stops when all callees are down: no budget, throttle or breaker",
        "They multiply the load just then (Metastable Failures in the Wild, OSDI 2022; GEP-3388).",
        "retries: {attempts: 3}",
        "Give the retry a budget (`retryThrottling`, `retryConstraint`), or the client a breaker.",
    ),
    (
        "RT21",
        "policy-overridden",
        "warning",
        "a policy that another one overrides, so that it does nothing",
        "Who reads it believes in a timeout or retry that is not there.",
        "ServiceProfile beside timeout.linkerd.io annotations",
        "Keep one of them.",
    ),
    (
        "RT22",
        "backoff-unreachable",
        "note",
        "a largest backoff that no try ever waits for",
        "The number is read as a promise, and means nothing with so few tries.",
        "maxAttempts: 3, initialBackoff: 0.1s, backoffMultiplier: 2, maxBackoff: 60s",
        "Set it to what the last wait can be.",
    ),
    (
        "RT23",
        "policy-disagreement",
        "error",
        "a contract, stub or mesh whose policies of one operation contradict each other",
        "One of them is wrong, and which one acts depends on who calls.",
        "idempotency_level = NO_SIDE_EFFECTS in the contract, POST in the route",
        "Make them say the same.",
    ),
    (
        "RT24",
        "retry-after-ignored",
        "warning",
        "a retry on 429 or 503 that does not wait as long as Retry-After says",
        "A service that asks for time gets the next request at once.",
        "Retry(total=3, status_forcelist=[429], respect_retry_after_header=False)",
        "Let the client keep to the header.",
    ),
    (
        "RT25",
        "budget-overspent",
        "error",
        "a call that may take longer than the budget of the entry point that leads to it",
        "The promise that `timeout_budget` makes can't be kept.",
        "timeout_budget: 2s   # and cart -> cache takes up to 3 s",
        "Give the hop that the message names less time, or the entry point more.",
    ),
)
