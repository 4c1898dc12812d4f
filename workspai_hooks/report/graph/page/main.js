/* What ties it together: one state, one way to change it, and the address that remembers it. */

function update(change) {
  Object.assign(STATE, change);
  const moved = "isolated" in change || (STATE.isolated && ("chosen" in change || "blast" in change));
  refresh();
  if (moved || !MAP.fitted) fit();
  remember();
}

function pick(number, more) {
  const others = STATE.chosen.filter((one) => one !== number);
  const added = more && STATE.chosen.includes(number) ? others : [...(more ? others : []), number];
  update({ chosen: added, ...(added.length ? {} : { blast: false, isolated: false }) });
  if (STATE.view === "map") reveal(number);
}

function refresh() {
  for (const view of ["map", "table"]) {
    byId(view).hidden = STATE.view !== view;
    byId(`view-${view}`).setAttribute("aria-pressed", String(STATE.view === view));
  }
  refreshMap();
  refreshPanel();
  refreshTable();
  const services = SERVICES.filter((_, number) => shownService(number)).length;
  byId("count").textContent =
    `${services} of ${plural(SERVICES.length, "service")}, ${ARROWS.filter(shownArrow).length} of ${plural(ARROWS.length, "connection")}`;
}

/* The chosen by name in the address, so that a view can be sent to somebody. */
function remember() {
  const parts = new URLSearchParams();
  for (const number of STATE.chosen) parts.append("service", SERVICES[number].name);
  for (const name of ["blast", "isolated"]) if (STATE[name]) parts.set(name, "1");
  if (STATE.view !== "map") parts.set("view", STATE.view);
  for (const [what, values] of Object.entries(STATE.without)) for (const value of values) parts.append(`no-${what}`, value);
  history.replaceState(null, "", `#${parts}`);
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const numbers = new Map(SERVICES.map(({ name }, number) => [name, number]));
  STATE.chosen = [...new Set(parts.getAll("service"))].map((name) => numbers.get(name)).filter((one) => one !== undefined);
  for (const name of ["blast", "isolated"]) STATE[name] = parts.has(name) && STATE.chosen.length > 0;
  STATE.view = parts.get("view") === "table" ? "table" : "map";
  for (const [what, values] of Object.entries(STATE.without)) {
    values.clear();
    for (const value of parts.getAll(`no-${what}`)) values.add(value);
  }
}

function drawFilters() {
  const counts = { kind: new Map(), protocol: new Map(), tier: new Map() };
  const count = (what, value) => counts[what].set(value, (counts[what].get(value) ?? 0) + 1);
  for (const { kind } of SERVICES) count("kind", kind);
  for (const { edges } of ARROWS) {
    for (const value of new Set(edges.map((edge) => edge.tier))) count("tier", value);
    for (const value of new Set(edges.map((edge) => family(edge.protocol)))) count("protocol", value);
  }
  const groups = [["Kind", "kind", KINDS], ["Evidence", "tier", TIERS], ["Protocol", "protocol", PROTOCOLS]];
  byId("filters").replaceChildren(...groups.map(([title, what, values]) =>
    el("fieldset", {}, el("legend", {}, title),
      ...values.filter((value) => counts[what].has(value)).map((value) => filter(what, value, counts[what].get(value))))));
}

function filter(what, value, count) {
  const without = STATE.without[what];
  const box = el("input", { type: "checkbox", "data-filter": `${what}:${value}` });
  box.checked = !without.has(value);
  box.addEventListener("change", () => {
    if (box.checked) without.delete(value);
    else without.add(value);
    update({});
  });
  const sample = what === "kind" ? `dot ${value}` : what === "tier" ? `line ${value}` : null;
  return el("label", {}, box, sample ? el("span", { class: sample }) : null, value, el("span", { class: "number" }, ` ${count}`));
}

function onKey(event) {
  if (event.target.closest("input, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    "/": () => byId("search").focus(),
    0: () => fit(),
    "+": () => zoom(1.25),
    "-": () => zoom(0.8),
    b: () => STATE.chosen.length && update({ blast: !STATE.blast }),
    i: () => STATE.chosen.length && update({ isolated: !STATE.isolated }),
    Escape: () => update({ chosen: [], blast: false, isolated: false }),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function start() {
  recall();
  drawMap();
  drawFilters();
  startSearch();
  for (const view of ["map", "table"]) byId(`view-${view}`).addEventListener("click", () => update({ view }));
  byId("zoom-in").addEventListener("click", () => zoom(1.25));
  byId("zoom-out").addEventListener("click", () => zoom(0.8));
  byId("zoom-fit").addEventListener("click", fit);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => {
    recall();
    drawFilters();
    refresh();
    fit();
  });
  window.addEventListener("resize", fit);
  refresh();
  fit();
}

start();
