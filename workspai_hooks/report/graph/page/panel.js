/* The side panel: the overview, or the chosen service with its consumers, providers, evidence and blast radius. */

function refreshPanel() {
  const panel = byId("panel");
  const number = STATE.chosen.at(-1);
  panel.replaceChildren(...(number === undefined ? overview() : STATE.blast ? blastPanel() : servicePanel(number)));
  panel.scrollTop = 0;
}

const chooser = (number, label = titled(SERVICES[number].name)) =>
  el("button", { type: "button", class: "link", "data-choose": number, onclick: () => pick(number, false) }, label);

const section = (title, count, ...children) =>
  el("section", {}, el("h3", {}, title, count === null ? "" : el("span", { class: "number" }, ` ${count}`)), ...children);

function overview() {
  const most = SERVICES.map((_, number) => [number, new Set(CONSUMERS[number].map((arrow) => arrow.consumer)).size])
    .filter(([, count]) => count)
    .sort((one, other) => other[1] - one[1] || one[0] - other[0])
    .slice(0, 10);
  return [
    el("h2", {}, plural(SERVICES.length, "service")),
    el("p", { class: "hint" }, "Choose a service to see who consumes it, what it consumes, and on what evidence. ",
      "Shift adds another; arrow keys follow connections."),
    questions(),
    section("Most consumed", null, el("ol", { class: "plain" }, ...most.map(([number, count]) =>
      el("li", {}, chooser(number), el("span", { class: "number" }, ` ${plural(count, "consumer")}`))))),
    DATA.cycles.length
      ? section("Cycles", DATA.cycles.length, ...DATA.cycles.map(circleRow))
      : null,
  ].filter(Boolean);
}

function questions() {
  if (!DATA.undecided.length) return null;
  return el("details", { class: "notice" },
    el("summary", {}, `${plural(DATA.undecided.length, "question")} could not be decided: this map may lack connections`),
    ...DATA.undecided.map(([what, why, remedy]) => el("p", {}, el("b", {}, what), `: ${why}. ${remedy}`)));
}

const joined = (numbers, between) =>
  numbers.flatMap((number, at) => (at ? [between, chooser(number)] : [chooser(number)]));

/* A circle of calls: who is in it, in the order of names; long ones unfold. */
function circleRow(members) {
  const few = members.slice(0, 8);
  const rest = members.slice(8);
  return el("div", { class: "way" }, "↻ ", ...joined(few, ", "),
    rest.length ? el("details", {}, el("summary", {}, `${rest.length} more`), ...joined(rest, ", ")) : null);
}

function heading(number) {
  const service = SERVICES[number];
  const facts = [["Owners", service.owners], ["Folders", service.roots], ["Also called", service.aliases]];
  return [
    el("h2", { class: "name" }, titled(service.name)),
    el("p", {}, el("span", { class: `badge ${service.kind}` }, service.kind),
      CYCLE.has(number) ? el("span", { class: "badge circle" }, "in a cycle") : null),
    el("dl", {}, ...facts.filter(([, values]) => values.length).flatMap(([name, values]) =>
      [el("dt", {}, name), ...values.map((value) => el("dd", {}, value))])),
    actions(),
  ];
}

function actions() {
  const toggle = (name, label, key) =>
    el("button", { type: "button", id: `do-${name}`, "aria-pressed": STATE[name], title: `Key ${key}`,
      onclick: () => update({ [name]: !STATE[name] }) }, label);
  return el("p", { class: "actions" }, toggle("blast", "Blast radius", "b"), toggle("isolated", "Only these", "i"),
    el("button", { type: "button", onclick: () => update({ chosen: [], blast: false, isolated: false }) }, "Clear"));
}

function servicePanel(number) {
  const members = CYCLE.has(number) ? DATA.cycles[CYCLE.get(number)] : null;
  const consumers = CONSUMERS[number].filter(shownArrow);
  const providers = PROVIDERS[number].filter(shownArrow);
  const hidden = CONSUMERS[number].length + PROVIDERS[number].length - consumers.length - providers.length;
  return [
    ...heading(number),
    hidden ? el("p", { class: "hint" }, `${plural(hidden, "connection")} left out by filters`) : null,
    relations("Consumed by", "consumers", consumers, (arrow) => arrow.consumer),
    relations("Consumes", "providers", providers, (arrow) => arrow.provider),
    members ? section("Cycle", members.length, circleRow(members)) : null,
  ].filter(Boolean);
}

function relations(title, id, arrows, other) {
  const rows = arrows.map((arrow) =>
    el("li", {}, chooser(other(arrow)), el("ul", { class: "edges" }, ...shownEdges(arrow).map(edgeRow))));
  return section(title, arrows.length, arrows.length ? el("ul", { class: "plain", id }, ...rows)
    : el("p", { class: "hint" }, "nobody that is known"));
}

/* Evidence is made when it is opened: a hub may have thousands of lines of it. */
function edgeRow(edge) {
  const row = el("details", {},
    el("summary", {}, el("span", { class: `line ${edge.tier}` }), `${edge.protocol} `,
      el("span", { class: "tier" }, edge.tier), el("span", { class: "number" }, ` ${plural(edge.evidence.length, "line")}`)));
  row.addEventListener("toggle", () => {
    if (row.open && row.children.length === 1) row.append(el("ul", { class: "evidence" }, ...edge.evidence.map(evidenceRow)));
  });
  return el("li", {}, row);
}

function evidenceRow({ path, line, kind }) {
  const place = `${path}:${line}`;
  const href = DATA.link.replaceAll(/\{(path|line)\}/g, (_, name) =>
    name === "line" ? line : path.split("/").map(encodeURIComponent).join("/"));
  const button = el("button", { type: "button", class: "copy", "aria-label": `Copy ${place}` }, "copy");
  button.addEventListener("click", () => copy(place, button));
  return el("li", {},
    href ? el("a", { href, target: "_blank", rel: "noreferrer noopener" }, place) : el("code", {}, place),
    el("span", { class: "tier" }, ` ${kind} `), button);
}

/* Everyone reached, nearest first, each with its way: `exposed` in the words of the report. */
function blastPanel() {
  const ways = [...blastRadius(STATE.chosen).values()];
  const distances = [...new Set(ways.map((one) => one.length - 1))].sort((one, other) => one - other);
  const names = STATE.chosen.map((number) => SERVICES[number].name);
  return [
    ...heading(STATE.chosen.at(-1)),
    el("p", { class: "hit", id: "blast" }, `If ${names.join(" or ")} breaks, `,
      ways.length ? `${plural(ways.length, "service")} can be reached over proven calls.` : "no other service is known to be reached."),
    questions(),
    ...distances.map((distance) => {
      const level = ways.filter((one) => one.length - 1 === distance);
      return section(distance === 1 ? "Calls it" : `${distance} calls away`, level.length, el("ul", { class: "plain reached" },
        ...level.map((one) => el("li", { "data-service": one[0], "data-way": one.join(" ") },
          el("p", { class: "way" }, ...joined(one, " → "))))));
    }),
  ].filter(Boolean);
}
