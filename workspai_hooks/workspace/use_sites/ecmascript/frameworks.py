"""What React, query libraries, HTTP clients, RxJS and the run times of stubs do with values."""

from __future__ import annotations

from collections.abc import Callable

from workspai_hooks.workspace.use_sites.values import (
    PLAIN,
    UNKNOWN,
    ClientOf,
    LibraryOf,
    Method,
    RecordOf,
    ServerOf,
    StreamOf,
    TupleOf,
    TypeOf,
    Value,
    join,
)

Values = tuple[Value, ...]


def _first(args: Values) -> Value:
    return args[0] if args else UNKNOWN


def _made_of(args: Values) -> Value:
    """The message of a schema or a class."""
    first = _first(args)
    return first.value if isinstance(first, TypeOf) else first


def _creating(args: Values) -> Values:
    """`create(CartSchema, {…})`."""
    return (UNKNOWN, _made_of(args), _made_of(args)) if args else ()


def _client(args: Values) -> Value:
    inner = _made_of(args)
    return ClientOf(inner.service) if isinstance(inner, ServerOf | ClientOf) else UNKNOWN


def _result(args: Values) -> Value:
    return args[0].result if args and isinstance(args[0], Method) else UNKNOWN


def _record(**entries: Value) -> RecordOf:
    return RecordOf(tuple(sorted(entries.items(), key=lambda entry: entry[0])))


def _of_key(args: Values, *keys: str) -> Value:
    """What the functions under these keys of an options object give, or a function among the arguments."""
    found = []
    for arg in args:
        if isinstance(arg, RecordOf):
            held = [value for key in keys if (value := arg.get(key)) is not None]
            found += [value.result for value in held if isinstance(value, Method)]
        elif isinstance(arg, Method):
            found.append(arg.result)
    return join(found) if found else UNKNOWN


def _queried(data: Value) -> Value:
    return _record(data=data, error=PLAIN, isLoading=PLAIN, refetch=Method(_record(data=data)))


def _query(args: Values) -> Value:
    selected = _of_key(args[:1], "select")
    return _queried(selected if selected != UNKNOWN else _of_key(args, "queryFn"))


def _mutation(args: Values) -> Value:
    made = _of_key(args, "mutationFn")
    functions = [
        value
        for arg in args
        for value in ((arg.get("mutationFn") if isinstance(arg, RecordOf) else arg),)
        if isinstance(value, Method)
    ]
    call = join(functions) if functions else Method(made)
    return _record(data=made, mutate=call, mutateAsync=call, isPending=PLAIN, error=PLAIN)


def _suspended(args: Values) -> Value:
    return _of_key(args, "queryFn")


def _held(args: Values) -> Value:
    return _record(current=_first(args))


def _paired(args: Values) -> Value:
    return TupleOf((_first(args), Method()))


OPTIONS = RecordOf((("mutationFn", Method()), ("queryFn", Method()), ("select", Method())))
"""Options whose functions are looked into."""
QUERY = Method(parameters=(OPTIONS, Method(), OPTIONS), compute=_query)
MUTATION = Method(parameters=(OPTIONS, OPTIONS), compute=_mutation)

HOOKS: dict[str, Method] = {
    "useMemo": Method(parameters=(Method(),), compute=_result),
    "useCallback": Method(compute=_first),
    "useDeferredValue": Method(compute=_first),
    "useRef": Method(compute=_held),
    "createRef": Method(compute=_held),
    "memo": Method(compute=_first),
    "forwardRef": Method(compute=_first),
    "observer": Method(compute=_first),
    "lazy": Method(compute=_result),
    "cache": Method(compute=_first),
    "useQuery": QUERY,
    "useSuspenseQuery": QUERY,
    "useInfiniteQuery": QUERY,
    "useSWR": QUERY,
    "default": QUERY,
    "useMutation": MUTATION,
    "queryOptions": Method(compute=_first),
}
FROM = (
    "react",
    "React",
    "preact",
    "mobx-react",
    "@tanstack/react-query",
    "react-query",
    "@tanstack/vue-query",
)

FUNCTIONS: dict[str, Method] = {
    **{f"{module}.{name}": method for module in FROM for name, method in HOOKS.items() if name != "default"},
    "swr": QUERY,
    "swr.useSWR": QUERY,
    "util.promisify": Method(compute=_first),
    "lodash.cloneDeep": Method(compute=_first),
    "rxjs.firstValueFrom": Method(compute=_first),
    "rxjs.lastValueFrom": Method(compute=_first),
    "rxjs.of": Method(compute=_first),
    "rxjs.from": Method(compute=_first),
    "rxjs.lastValueFrom.toPromise": Method(compute=_first),
    "fetch": Method(LibraryOf("fetch()")),
    "window.fetch": Method(LibraryOf("fetch()")),
    "fetch().json": Method(UNKNOWN),
    "fetch().text": Method(),
    "Response.json": Method(escape="json"),
    "next/server.NextResponse.json": Method(escape="json"),
    "Reflect.get": Method(UNKNOWN, escape="reflection"),
    "Reflect.ownKeys": Method(escape="reflection"),
    "vue.ref": Method(compute=_first),
    "vue.reactive": Method(compute=_first),
    "@bufbuild/protobuf.create": Method(given=_creating, compute=_made_of),
    "@bufbuild/protobuf.fromBinary": Method(compute=_made_of),
    "@bufbuild/protobuf.fromJson": Method(compute=_made_of),
    "@bufbuild/protobuf.fromJsonString": Method(compute=_made_of),
    "@bufbuild/protobuf.clone": Method(given=_creating, compute=_made_of),
    "@bufbuild/protobuf.toBinary": Method(given=_creating, escape="bytes"),
    "@bufbuild/protobuf.toJson": Method(given=_creating, escape="json"),
    "@bufbuild/protobuf.toJsonString": Method(given=_creating, escape="json"),
    "@bufbuild/protobuf.isMessage": Method(),
    "@bufbuild/protobuf.equals": Method(),
    "@bufbuild/protobuf.isFieldSet": Method(),
    **{
        f"{module}.{name}": Method(compute=_client)
        for module in (
            "@connectrpc/connect",
            "@bufbuild/connect",
            "nice-grpc",
            "nice-grpc-web",
            "@connectrpc/connect-web",
        )
        for name in ("createClient", "createPromiseClient", "createCallbackClient", "createChannelClient")
    },
    "@grpc/grpc-js.loadPackageDefinition": Method(compute=_first),
    "grpc.loadPackageDefinition": Method(compute=_first),
    "@grpc/grpc-js.makeGenericClientConstructor": Method(compute=lambda args: TypeOf(_client(args))),
    "@grpc/grpc-js.makeClientConstructor": Method(compute=lambda args: TypeOf(_client(args))),
}

CONNECT = ("useQuery", "useSuspenseQuery", "useMutation", "callUnaryMethod")
"""@connectrpc/connect-query: hooks that are given the method itself."""
for _hook in CONNECT:
    FUNCTIONS[f"@connectrpc/connect-query.{_hook}"] = Method(
        given=lambda args: (
            UNKNOWN,
            *(args[0].parameters[:1] if args and isinstance(args[0], Method) else ()),
        ),
        compute=lambda args: _queried(_result(args)),
    )


def _callback(args: Values) -> Value:
    return Method(parameters=(PLAIN, _first(args)))


def _call(args: Values) -> Value:
    return StreamOf(args[0], args[1]) if len(args) == 2 else UNKNOWN


def _handler(args: Values) -> Value:
    return Method(PLAIN, (_call(args), _callback(args[1:])))


def _component(args: Values) -> Value:
    return Method(PLAIN, (args[0],))


def _inner(args: Values) -> Value:
    first = args[0]
    return (
        first.result if isinstance(first, Method) else first.value if isinstance(first, TypeOf) else UNKNOWN
    )


def _served(args: Values) -> Value:
    inner = _made_of(args)
    return ServerOf(inner.service) if isinstance(inner, ServerOf) else UNKNOWN


def _answer(args: Values) -> Value:
    return _record(data=args[0], status=PLAIN)


GENERIC: dict[str, Callable[[Values], Value]] = {
    "ServerUnaryCall": _call,
    "ServerReadableStream": _call,
    "ServerWritableStream": _call,
    "ServerDuplexStream": _call,
    "ClientReadableStream": lambda args: StreamOf(args[0], PLAIN),
    "ClientWritableStream": lambda args: StreamOf(PLAIN, args[0]),
    "ClientDuplexStream": lambda args: StreamOf(args[1], args[0]) if len(args) == 2 else UNKNOWN,
    "sendUnaryData": _callback,
    "requestCallback": _callback,
    "handleUnaryCall": _handler,
    "handleServerStreamingCall": _handler,
    "handleClientStreamingCall": _handler,
    "handleBidiStreamingCall": _handler,
    "UnaryCall": lambda args: args[-1],
    "FC": _component,
    "FunctionComponent": _component,
    "VFC": _component,
    "ComponentType": _component,
    "NextPage": _component,
    "NextApiResponse": lambda args: LibraryOf("NextApiResponse", args),
    "NextApiHandler": lambda args: Method(PLAIN, (UNKNOWN, LibraryOf("NextApiResponse", args))),
    "Context": lambda args: LibraryOf("react.Context", args),
    "Dispatch": lambda args: Method(parameters=(join((args[0], Method(args[0], (args[0],)))),)),
    "SetStateAction": lambda args: args[0],
    "RefObject": lambda args: _record(current=args[0]),
    "MutableRefObject": lambda args: _record(current=args[0]),
    "ReturnType": _inner,
    "InstanceType": _inner,
    "ComponentProps": lambda args: (
        args[0].parameters[0] if isinstance(args[0], Method) and args[0].parameters else UNKNOWN
    ),
    "Client": _client,
    "PromiseClient": _client,
    "ServiceImpl": _served,
    "UseQueryResult": lambda args: _queried(args[0]),
    "useQuery": lambda args: _queried(args[0]),
    "useSuspenseQuery": lambda args: _queried(args[0]),
    "useSWR": lambda args: _queried(args[0]),
    "useMutation": lambda args: _record(data=args[0], mutate=Method(args[0]), mutateAsync=Method(args[0])),
    "useRef": lambda args: _record(current=args[0]),
    "useMemo": lambda args: args[0],
    "useCallback": lambda args: args[0],
    "useReducer": _paired,
    "useState": lambda args: TupleOf((args[0], Method(parameters=(args[0],)))),
    "AxiosResponse": _answer,
    "useLoaderData": lambda args: args[0],
    "useFetch": lambda args: _record(data=args[0], error=PLAIN),
    "firstValueFrom": lambda args: args[0],
    "getService": lambda args: args[0],
    "ClientGrpc": lambda args: args[0],
    "ref": lambda args: args[0],
    "signal": lambda args: args[0],
    "computed": lambda args: args[0],
}
"""What instances of generic types are, and what generic functions give."""

VERBS = frozenset({"get", "post", "put", "patch", "delete", "request", "head"})


def of_call(path: str, args: Values) -> Value | None:
    """What a generic function of a library gives that no table knows: most likely what it is told."""
    name = path.rpartition(".")[2]
    if path.startswith("axios") and (name in VERBS or name == path):
        return _answer(args)
    return args[0] if name[:1].islower() and len(args) == 1 else None


def of_library(path: str, args: Values, name: str) -> Value | None:
    """A member of something from a library."""
    if path.startswith("react.Context") and name == "Provider":
        return Method()
    if path in ("react.Component", "react.PureComponent", "React.Component", "react.Component()") and args:
        if name == "props":
            return args[0]
        if name == "state":
            return args[1] if len(args) > 1 else UNKNOWN
    if path == "(event)":
        return LibraryOf("(event)")
    if path == "(encoded)":
        return Method()
    if path == "NextApiResponse" and name in ("status", "json", "send"):
        return Method(LibraryOf(path, args), args[:1] if name != "status" else (), escape="json")
    return None
