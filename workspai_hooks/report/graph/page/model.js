/* The data of the page and what is computed of it. Nothing here touches the document.
   Services are sorted by name, so that comparing their numbers compares their names. */

const DATA = JSON.parse(document.getElementById("data").textContent);
const SERVICES = DATA.services;
const KINDS = ["application", "infrastructure", "external"];
const TIERS = ["proven", "declared", "ordering"];

const family = (protocol) => protocol.split(":")[0];
const bestTier = (edges) => TIERS.find((tier) => edges.some((edge) => edge.tier === tier));

const ARROWS = DATA.arrows.map(([consumer, provider, edges, route]) => ({
  consumer,
  provider,
  route,
  edges: edges.map(([protocol, tier, evidence]) => ({
    protocol,
    tier,
    evidence: evidence.map(([path, line, kind]) => ({ path: DATA.paths[path], line, kind: DATA.evidence[kind] })),
  })),
}));

const CYCLE = new Map(DATA.cycles.flatMap((members, number) => members.map((member) => [member, number])));
const inCycle = (arrow) =>
  CYCLE.has(arrow.consumer) &&
  CYCLE.get(arrow.consumer) === CYCLE.get(arrow.provider) &&
  bestTier(arrow.edges) !== "ordering";

const CONSUMERS = SERVICES.map(() => []); // arrows into a service
const PROVIDERS = SERVICES.map(() => []); // arrows out of it
for (const arrow of ARROWS) {
  CONSUMERS[arrow.provider].push(arrow);
  PROVIDERS[arrow.consumer].push(arrow);
}

const PROTOCOLS = [...new Set(ARROWS.flatMap((arrow) => arrow.edges.map((edge) => family(edge.protocol))))].sort();

function comparedWays(one, other) {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    if (one[at] !== other[at]) return one[at] - other[at];
  }
  return one.length - other.length;
}

/* Everyone who calls one of the breaking services, itself or through others, with the shortest way to it, ties
   by name: over proven calls only, and whatever is filtered out. The same answer as workspace/closure.py gives. */
function blastRadius(breaking) {
  const ways = new Map(breaking.map((service) => [service, [service]]));
  let level = [...ways.keys()].sort((one, other) => one - other);
  while (level.length) {
    const reached = new Map();
    for (const provider of level) {
      for (const { consumer, edges } of CONSUMERS[provider]) {
        if (ways.has(consumer) || consumer === provider || bestTier(edges) !== "proven") continue;
        const way = [consumer, ...ways.get(provider)];
        if (!reached.has(consumer) || comparedWays(way, reached.get(consumer)) < 0) reached.set(consumer, way);
      }
    }
    for (const [consumer, way] of reached) ways.set(consumer, way);
    level = [...reached.keys()].sort((one, other) => one - other);
  }
  for (const service of breaking) ways.delete(service);
  return ways;
}

/* What is shown: filters are sets of what is left out; `chosen` the services picked, the last one leads. */
const STATE = {
  chosen: [],
  blast: false,
  isolated: false,
  view: "map",
  without: { kind: new Set(), protocol: new Set(), tier: new Set() },
};

const shownEdges = (arrow) =>
  arrow.edges.filter(
    (edge) => !STATE.without.tier.has(edge.tier) && !STATE.without.protocol.has(family(edge.protocol)),
  );
const shownService = (number) => !STATE.without.kind.has(SERVICES[number].kind);
const shownArrow = (arrow) =>
  shownService(arrow.consumer) && shownService(arrow.provider) && shownEdges(arrow).length > 0;

/* The services and arrows in focus: a blast radius, or the neighbours of the chosen; null when all are.
   `distance` is signed: consumers stand left of the chosen, providers right. */
function focusOf() {
  if (!STATE.chosen.length) return null;
  const distance = new Map(STATE.chosen.map((service) => [service, 0]));
  const arrows = new Set();
  if (STATE.blast) {
    const hops = new Set();
    for (const [service, way] of blastRadius(STATE.chosen)) {
      distance.set(service, 1 - way.length);
      hops.add(`${way[0]} ${way[1]}`);
    }
    for (const arrow of ARROWS) if (hops.has(`${arrow.consumer} ${arrow.provider}`)) arrows.add(arrow);
    return { distance, arrows };
  }
  for (const arrow of ARROWS) {
    if (!shownArrow(arrow)) continue;
    const called = STATE.chosen.includes(arrow.provider);
    if (!called && !STATE.chosen.includes(arrow.consumer)) continue;
    arrows.add(arrow);
    const other = called ? arrow.consumer : arrow.provider;
    if (!distance.has(other)) distance.set(other, called ? -1 : 1);
  }
  return { distance, arrows };
}
