"""Tables of the JVM's libraries: names of types and methods by what they do with elements."""

from __future__ import annotations

PLAIN_TYPES = frozenset(
    {
        *("boolean", "byte", "char", "short", "int", "long", "float", "double", "void", "String"),
        *("Boolean", "Byte", "Character", "Short", "Integer", "Long", "Float", "Double", "Void", "Number"),
        *("Math", "System", "Thread", "Runtime", "CharSequence", "StringBuilder", "Exception"),
        *("RuntimeException", "Throwable", "BigDecimal", "BigInteger", "UUID", "Instant", "Duration"),
        *("LocalDate", "LocalDateTime", "Int", "Unit", "Nothing", "Char", "ByteArray", "IntArray", "Random"),
        *("UInt", "ULong", "LongArray", "Regex", "Error", "IllegalStateException"),
    }
)
SEQUENCES = frozenset(
    {
        *("List", "ArrayList", "LinkedList", "Collection", "Set", "HashSet", "LinkedHashSet", "TreeSet"),
        *("SortedSet", "NavigableSet", "Queue", "Deque", "ArrayDeque", "PriorityQueue", "BlockingQueue"),
        *("LinkedBlockingQueue", "ConcurrentLinkedQueue", "CopyOnWriteArrayList", "Vector", "Stack"),
        *("Iterable", "Iterator", "ListIterator", "Stream", "Spliterator", "Enumeration", "ImmutableList"),
        *(
            "ImmutableSet",
            "ImmutableCollection",
            "ImmutableSortedSet",
            "Multiset",
            "EnumSet",
            "FluentIterable",
        ),
        *("Array", "MutableList", "MutableSet", "MutableCollection", "MutableIterable", "Sequence"),
        *("Flow", "SharedFlow", "StateFlow", "MutableStateFlow", "MutableSharedFlow", "Channel"),
        *("SendChannel", "ReceiveChannel", "ProducerScope", "FlowCollector", "PersistentList"),
        *("Optional", "CompletableFuture", "CompletionStage", "Future", "ListenableFuture"),
        *("SettableFuture", "ApiFuture", "FluentFuture", "FutureTask", "Mono", "Flux", "Publisher"),
        *("Uni", "Multi", "Single", "Maybe", "Observable", "Flowable", "Deferred", "CompletableDeferred"),
        *("AtomicReference", "ThreadLocal", "WeakReference", "SoftReference", "Lazy", "Provider"),
        *("ObjectProvider", "Instance", "ObjectFactory", "Try", "Option", "Result", "Page", "Slice"),
        *("ArgumentCaptor", "KArgumentCaptor", "CapturingSlot", "ResponseEntity", "HttpEntity", "Memoizer"),
        *("ConsumerRecords", "DslList", "ProtobufArrayList", "list", "Subscriber", "FluxSink", "MonoSink"),
        *("Holder", "Property", "ReadOnlyProperty", "ScheduledFuture", "Message", "Acknowledgement"),
    }
)
"""They hold elements of their first argument: sequences, and whatever promises or wraps a value."""
MAPS = frozenset(
    {
        *("Map", "HashMap", "LinkedHashMap", "TreeMap", "SortedMap", "NavigableMap", "ConcurrentHashMap"),
        *("ConcurrentMap", "ImmutableMap", "ImmutableSortedMap", "EnumMap", "WeakHashMap", "Hashtable"),
        *("MutableMap", "Cache", "LoadingCache", "BiMap", "DslMap", "IMap", "map", "KTable", "KStream"),
    }
)
MULTIMAPS = frozenset(
    {
        *("Multimap", "ListMultimap", "SetMultimap", "ImmutableMultimap", "ImmutableListMultimap"),
        *("ImmutableSetMultimap", "ArrayListMultimap", "HashMultimap", "MultiValueMap"),
        *("LinkedMultiValueMap", "LinkedHashMultimap", "TreeMultimap"),
    }
)
PAIRS = frozenset(
    {"Entry", "Pair", "SimpleEntry", "Triple", "Tuple2", "IndexedValue", "SimpleImmutableEntry"}
)
RECORDS = frozenset({"ConsumerRecord", "ProducerRecord", "KafkaMessage", "Record", "KeyValue"})

SAME = frozenset(
    {
        *("filter", "sorted", "distinct", "limit", "skip", "stream", "parallelStream", "iterator"),
        *("subList", "sequential", "parallel", "toList", "toArray", "boxed", "unordered", "onClose"),
        *("takeWhile", "dropWhile", "listIterator", "descendingIterator", "clone", "reversed", "findFirst"),
        *("findAny", "or", "filterNot", "filterNotNull", "filterIsInstance", "sortedBy", "sortedWith"),
        *("sortedByDescending", "sortedDescending", "distinctBy", "drop", "dropLast", "takeLast"),
        *("toMutableList", "toSet", "toMutableSet", "toTypedArray", "asSequence", "asIterable", "asFlow"),
        *("shuffled", "reversedArray", "onEach", "whenComplete", "whenCompleteAsync", "handleErrorResume"),
        *("exceptionally", "toFuture", "toCompletableFuture", "toMono", "log", "doOnNext", "doOnSuccess"),
        *("doOnError", "doOnEach", "onErrorResume", "onErrorReturn", "onFailure", "subscribeOn", "publishOn"),
        *("timeout", "retry", "retryWhen", "cache", "share", "buffered", "flowOn", "catch", "onCompletion"),
        *("onStart", "distinctUntilChanged", "conflate", "defaultIfEmpty", "switchIfEmpty", "ifNoItem"),
        *("runSubscriptionOn", "emitOn", "orTimeout", "completeOnTimeout", "withTimeout", "headSet"),
        *("tailSet", "orEmpty", "ifEmpty", "collectList", "asList", "invoke", "onItem", "await", "copyOf"),
        *("isEqual", "has", "addCallback", "unmodifiable", "minus", "peekEach", "receiveAsFlow", "single"),
        *("consumeAsFlow", "stateIn", "shareIn", "asStateFlow", "asSharedFlow", "recover", "recoverWith"),
        *("toImmutableList", "toImmutableSet", "parallelFlow", "max", "min", "reduce"),
    }
)
"""Give the same kind of holder; a lambda sees an element."""
ONE = frozenset(
    {
        *("get", "getFirst", "getLast", "first", "last", "find", "findLast", "firstOrNull", "lastOrNull"),
        *("singleOrNull", "elementAt", "elementAtOrNull", "getOrNull", "getOrElse", "getOrDefault"),
        *("orElse", "orElseThrow", "orElseGet", "getAsInt", "next", "nextElement", "previous", "poll"),
        *("pollFirst", "pollLast", "pop", "element", "peekFirst", "peekLast", "join", "getNow", "block"),
        *("blockFirst", "blockLast", "blockOptional", "awaitItem", "awaitSingle", "awaitFirst", "take1"),
        *("getValue", "value", "getBody", "body", "getPayload", "payload", "getResult", "result"),
        *("getObject", "getIfAvailable", "getOrThrow", "getCompleted", "getDone", "minByOrNull"),
        *("maxByOrNull", "minBy", "maxBy", "minWithOrNull", "maxWithOrNull", "random", "randomOrNull"),
        *("receive", "removeFirst", "removeLast", "removeAt", "component1", "component2", "component3"),
        *("resultNow", "asOne", "getPlain", "getAcquire", "atMost", "indefinitely", "getAndSet", "capture"),
        *("captured", "current", "lowest", "ceiling", "floor", "higher", "lower", "set1", "firstValue"),
        *("lastValue", "awaitLast", "awaitSingleOrNull", "awaitFirstOrNull", "lastElement", "firstElement"),
    }
)
"""Give an element; a lambda sees an element."""
MAPPING = frozenset(
    {
        *("map", "mapNotNull", "mapIndexed", "mapToObj", "thenApply", "thenApplyAsync", "transform"),
        *("transformAsync", "mapAsync", "mapIndexedNotNull", "mapMulti", "fmap", "convert", "mapLatest"),
        *("concatMapIterable", "collect.mapping", "recoverCatching", "mapCatching", "handle", "handleAsync"),
    }
)
FLAT = frozenset(
    {
        *("flatMap", "flatMapIterable", "flatMapMany", "thenCompose", "thenComposeAsync", "concatMap"),
        *("switchMap", "flatMapConcat", "flatMapMerge", "flatMapLatest", "transformToUni"),
        *("transformToMulti", "flatMapSequential", "flatMapIndexed", "collect.flatMapping"),
    }
)
SEEING = frozenset(
    {
        *("forEach", "forEachOrdered", "forEachRemaining", "ifPresent", "ifPresentOrElse", "thenAccept"),
        *("thenAcceptAsync", "subscribe", "collectLatest", "launchIn", "anyMatch", "allMatch", "noneMatch"),
        *("mapToInt", "mapToLong", "mapToDouble", "any", "all", "none", "count", "sumOf", "sumBy"),
        *("sumByDouble", "indexOfFirst", "indexOfLast", "joinToString", "removeIf", "contains"),
        *("containsAll", "indexOf", "lastIndexOf", "remove", "removeAll", "retainAll", "clear", "isEmpty"),
        *("isPresent", "isNotEmpty", "size", "hasNext", "isDone", "isCancelled", "cancel", "sort", "sortBy"),
        *("sortWith", "sortByDescending", "equals", "hashCode", "toString", "forEachIndexed", "complete"),
        *("completeExceptionally", "isEmptyOrNull", "isNullOrEmpty", "average", "sum", "onSuccess"),
        *("averageOf", "maxOf", "minOf", "maxOfOrNull", "minOfOrNull", "thenRun", "addListener", "trySend"),
        *("isCompletedExceptionally", "isPresentAnd", "compareTo", "getStatusCode", "close", "isFailure"),
        *("isSuccess", "invokeOnCompletion", "doFinally", "collect.counting", "collect.joining"),
        *("collect.summingInt", "collect.summingLong", "collect.summingDouble", "collect.averagingInt"),
        *("collect.averagingDouble", "collect.averagingLong", "binarySearch", "binarySearchBy"),
    }
)
"""Give nothing of the elements; a lambda sees one."""
BOTH = frozenset({"plus", "union", "intersect", "subtract", "concat", "concatWith", "mergeWith", "zipWith"})
ADDING = frozenset(
    {
        *("add", "addFirst", "addLast", "offer", "offerFirst", "offerLast", "push", "put", "send", "emit"),
        *("set", "complete", "tryEmit", "success", "onNext", "compareAndSet", "lazySet", "plusAssign"),
        *("addElement", "setValue", "tryEmitValue"),
    }
)
KEYED = frozenset({"collect.groupingBy", "groupBy", "collect.partitioningBy", "collect.groupingByConcurrent"})
LISTS = frozenset(
    {
        *("collect", "collect.toList", "collect.toSet", "collect.toCollection", "collect.toUnmodifiableList"),
        *("collect.toUnmodifiableSet", "collect.toImmutableList", "collect.toImmutableSet", "partition"),
        *("collect.collectingAndThen", "collect.filtering", "collect.reducing", "collect.maxBy"),
        *("collect.minBy", "collect.teeing"),
    }
)
WINDOWS = frozenset({"chunked", "windowed", "buffer", "window", "chunk", "zipWithNext"})

LOGGING = frozenset(
    {
        *("info", "debug", "warn", "error", "trace", "fatal", "log", "severe", "warning", "fine", "finer"),
        *("finest", "config", "atInfo", "println", "print", "printf", "infof", "debugf", "warnf", "errorf"),
        *("addArgument", "addKeyValue", "tracef", "emitAll"),
    }
)
IDENTITY = frozenset(
    {
        *("requireNonNull", "checkNotNull", "requireNonNullElse", "verify", "spy", "eq", "same", "refEq"),
        *("when", "checkNotNullElse", "coVerify", "any", "argThat", "identity", "requireNotNull"),
        *("doReturn", "given", "lenient", "then", "unmodifiableList", "unmodifiableSet", "synchronizedList"),
        *("unmodifiableCollection", "unmodifiableMap", "copyOf", "newArrayList", "newHashSet", "reverse"),
        *("stream", "newLinkedList", "unmodifiableSortedMap", "synchronizedMap", "fromIterable", "from"),
        *("fromFuture", "toStream", "fromStream", "fromPublisher", "fromCompletionStage", "newArrayDeque"),
        *("withInterceptors", "attachHeaders", "fromArray", "completionStage", "iterate", "asFuture"),
        *("withTimeout", "successfulAsList", "allAsList", "allOf", "concat", "filter", "skip", "limit"),
    }
)
"""Functions of libraries that give their (first) argument back, wrapped or as it is."""
HOLDING = frozenset(
    {
        *("of", "asList", "just", "ofNullable", "singletonList", "singleton", "immediateFuture", "item"),
        *("completedFuture", "completedStage", "items", "listOf", "mutableListOf", "setOf", "arrayOf"),
        *(
            "mutableSetOf",
            "arrayListOf",
            "sequenceOf",
            "flowOf",
            "listOfNotNull",
            "ok",
            "success",
            "createFrom",
        ),
        *("hashSetOf", "linkedSetOf", "immediate", "justOrEmpty", "ofEntries", "nCopies", "supplyAsync"),
        *("fromCallable", "fromSupplier", "defer", "submit", "MutableStateFlow", "AtomicReference", "async"),
        *("CompletableDeferred", "mutableStateOf", "emptyList", "empty", "pure"),
    }
)
"""Functions that make a holder of their arguments, or of what a lambda gives."""
MADE = frozenset(
    {
        *("listOf", "mutableListOf", "arrayListOf", "setOf", "mutableSetOf", "hashSetOf", "linkedSetOf"),
        *("emptyList", "emptySet", "arrayOf", "emptyArray", "arrayOfNulls", "sequenceOf", "emptySequence"),
        *("flowOf", "emptyFlow", "listOfNotNull", "buildList", "buildSet", "flow", "of", "empty", "slot"),
        *("mapOf", "mutableMapOf", "hashMapOf", "linkedMapOf", "emptyMap", "sortedMapOf", "buildMap"),
        *("newArrayList", "newHashMap", "newHashSet", "newConcurrentMap", "argumentCaptor", "async"),
        *("completedFuture", "ofNullable", "just", "singletonList", "asList", "deferred", "mutableStateOf"),
    }
)
"""Functions whose type arguments say what they give holds: `listOf<Cart>()`, `mapOf<String, Cart>()`."""
FILLING = frozenset({"put", "putAll", "add", "addAll"})
"""Members of builders of collections."""
ELEMENT = frozenset({"getFirst", "getLast", "getOnlyElement", "getDone", "getUnchecked", "find", "getNext"})
TYPED = frozenset(
    {
        *("mock", "getBean", "spy", "create", "createStub", "newStub", "convertValue", "any", "cast", "isA"),
        *("getInstance", "forClass", "argumentCaptor", "mockk", "getDefaultInstance", "instance", "inject"),
        *("get", "getService", "unpack", "spyk", "createMock", "resolve", "lookup", "koinInject", "proxy"),
    }
)
"""Functions that give an instance of the class that they are handed: `mock(Cart.class)`."""
JSON = frozenset(
    {
        *("toJson", "writeValueAsString", "writeValueAsBytes", "writeValue", "valueToTree", "toJsonTree"),
        *("encodeToString", "toJsonString", "serialize", "stringify"),
    }
)
TEXT = frozenset({"printToString", "shortDebugString", "printToUnicodeString", "escapeText"})
TESTING = frozenset({"Assert", "Assertions", "Truth", "ProtoTruth", "MatcherAssert", "Matchers", "assertk"})
