/* The same as a table: a row for each service, sorted by any column; it obeys the filters. */

const COLUMNS = [
  ["Service", (row) => row.name],
  ["Kind", (row) => row.kind],
  ["Owners", (row) => row.owners],
  ["Consumers", (row) => row.consumers],
  ["Consumes", (row) => row.providers],
  ["Blast radius", (row) => row.blast],
  ["Cycle", (row) => row.cycle],
];
const SORTED = { column: 0, down: false };
let BLASTS = null;

function rowOf(number) {
  const service = SERVICES[number];
  return {
    number,
    name: service.name,
    kind: service.kind,
    owners: service.owners.join(", "),
    consumers: CONSUMERS[number].filter(shownArrow).length,
    providers: PROVIDERS[number].filter(shownArrow).length,
    blast: BLASTS[number],
    cycle: CYCLE.has(number) ? `↻ ${CYCLE.get(number) + 1}` : "",
  };
}

function compared(one, other) {
  const [left, right] = [one, other].map(COLUMNS[SORTED.column][1]);
  const order = left < right ? -1 : left > right ? 1 : 0;
  return (SORTED.down ? -order : order) || one.number - other.number;
}

function refreshTable() {
  if (STATE.view !== "table") return;
  BLASTS ??= SERVICES.map((_, number) => blastRadius([number]).size);
  const focus = focusOf();
  const rows = SERVICES.map((_, number) => number)
    .filter((number) => shownService(number) || focus?.distance.has(number))
    .map(rowOf)
    .sort(compared);
  const head = COLUMNS.map(([title], at) => {
    const sort = () => {
      Object.assign(SORTED, { column: at, down: SORTED.column === at ? !SORTED.down : at > 2 });
      refreshTable();
    };
    const order = SORTED.column !== at ? "none" : SORTED.down ? "descending" : "ascending";
    return el("th", { scope: "col", "aria-sort": order }, el("button", { type: "button", onclick: sort }, title));
  });
  const body = rows.map((row) =>
    el("tr", { class: tableClass(row.number, focus) },
      ...COLUMNS.map(([, value], at) =>
        at ? el("td", { class: typeof value(row) === "number" ? "count" : "" }, String(value(row)))
          : el("th", { scope: "row" }, el("span", { class: `dot ${row.kind}` }), chooser(row.number)))));
  byId("table").replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
}

function tableClass(number, focus) {
  if (STATE.chosen.includes(number)) return "chosen";
  const distance = focus?.distance.get(number);
  return distance < 0 ? "consumer" : distance > 0 ? "provider" : "";
}
