/* The map: boxes and arrows where the layout put them, zoom, pan and keys. */

const HEIGHT = 24;
const PLACES = 26; // layout.py: MOST_CHARACTERS
const LABELS = 80; // more protocols than this in focus hide the map

const MAP = { scale: 1, x: 0, y: 0, boxes: null, width: 0, height: 0, moved: false };
const LAYOUT = new Map(SERVICES.map(({ box }, number) => [number, { x: box[0], y: box[1], width: box[2] }]));

function drawMap() {
  const tip = (name) =>
    svg(
      "marker",
      { id: `tip-${name}`, class: name, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8,
        markerUnits: "userSpaceOnUse", orient: "auto" },
      svg("path", { d: "M0 .8 8 4 0 7.2Z" }),
    );
  MAP.lines = ARROWS.map((arrow) =>
    svg("path", { class: `arrow ${bestTier(arrow.edges)}${inCycle(arrow) ? " circle" : ""}` },
      svg("title", {}, `${SERVICES[arrow.consumer].name} → ${SERVICES[arrow.provider].name}`)),
  );
  MAP.marks = SERVICES.map(drawService);
  MAP.labels = svg("g", { class: "labels", "aria-hidden": "true" });
  MAP.world = svg("g", {}, svg("g", { "aria-hidden": "true" }, ...MAP.lines), svg("g", {}, ...MAP.marks), MAP.labels);
  const tips = ["plain", "circle", "consumer", "provider", "hit"].map(tip);
  MAP.svg = svg("svg", { role: "group", "aria-label": "Services; arrow keys follow connections" },
    svg("defs", {}, ...tips), MAP.world);
  byId("map").append(MAP.svg);
  squeeze();
  MAP.svg.addEventListener("wheel", onWheel, { passive: false });
  MAP.svg.addEventListener("pointerdown", onDrag);
  MAP.svg.addEventListener("keydown", onMapKey);
}

/* Fonts differ from machine to machine: a name that is wider here than its box is squeezed into it. */
function squeeze() {
  const wide = MAP.marks.map((mark) => mark.querySelector("text"))
    .map((text, number) => [text, text.getComputedTextLength(), LAYOUT.get(number).width - 16])
    .filter(([, width, room]) => width > room);
  for (const [text, , room] of wide) {
    text.setAttribute("textLength", room);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

function drawService(service, number) {
  const choose = (event) => {
    if (!MAP.moved) pick(number, event.shiftKey || event.ctrlKey || event.metaKey);
  };
  const circle = CYCLE.has(number) ? ", in a cycle" : "";
  const { width } = LAYOUT.get(number);
  return svg(
    "g",
    { class: `service ${service.kind}`, role: "button", tabindex: number ? -1 : 0, "data-service": number,
      "aria-label": `${service.name.slice(0, 200)}, ${service.kind}${circle}`, onclick: choose,
      onpointerenter: () => hover(number), onpointerleave: () => hover(null) },
    svg("title", {}, service.name),
    svg("rect", { y: -HEIGHT / 2, width, height: HEIGHT, rx: service.kind === "infrastructure" ? 11 : 5 }),
    svg("text", { x: 9, y: 5 }, cut(titled(service.name), PLACES)),
    CYCLE.has(number) ? svg("text", { class: "round", x: width - 3, y: -6 }, "↻") : null,
  );
}

/* Boxes and arrows to where `boxes` says; trunks only where the whole layout stands. */
function place(boxes) {
  MAP.boxes = boxes;
  MAP.marks.forEach((mark, number) => {
    const box = boxes.get(number);
    mark.classList.toggle("absent", !box);
    if (!box) return;
    mark.setAttribute("transform", `translate(${box.x} ${box.y})`);
    mark.querySelector("rect").setAttribute("width", box.width);
  });
  ARROWS.forEach((arrow, number) => {
    const [from, to] = [boxes.get(arrow.consumer), boxes.get(arrow.provider)];
    if (from && to) MAP.lines[number].setAttribute("d", way(from, to, boxes === LAYOUT ? arrow.route : []));
  });
  const all = [...boxes.values()];
  MAP.width = Math.max(1, ...all.map((box) => box.x + box.width)) + 45; // arrows within the last column bulge
  MAP.height = Math.max(1, ...all.map((box) => box.y + HEIGHT / 2));
}

function way(from, to, route) {
  if (from === to || from.x === to.x) {
    const [x, end] = [from.x + from.width, to.x + to.width];
    return `M${x} ${from.y}C${x + 60} ${from.y} ${end + 60} ${to.y} ${end} ${to.y}`;
  }
  const right = to.x > from.x;
  const path = [];
  let [x, y] = [right ? from.x + from.width : from.x, from.y];
  const bend = (toX, toY) => {
    const half = (toX - x) / 2;
    path.push(`C${x + half} ${y} ${toX - half} ${toY} ${toX} ${toY}`);
  };
  path.push(`M${x} ${y}`);
  for (const [left, end, row] of route) {
    bend(right ? left : end, row);
    path.push(`H${right ? end : left}`);
    [x, y] = [right ? end : left, row];
  }
  bend(right ? to.x : to.x + to.width, to.y);
  return path.join("");
}

function refreshMap() {
  const focus = focusOf();
  place(STATE.isolated && focus ? isolatedBoxes(focus) : LAYOUT);
  MAP.svg.classList.toggle("focused", Boolean(focus));
  MAP.svg.classList.toggle("blast", Boolean(focus) && STATE.blast);
  MAP.marks.forEach((mark, number) => {
    const distance = focus?.distance.get(number);
    mark.classList.toggle("absent", !MAP.boxes.has(number) || (distance === undefined && !shownService(number)));
    mark.classList.toggle("on", distance !== undefined);
    mark.classList.toggle("chosen", STATE.chosen.includes(number));
    mark.classList.toggle("consumer", distance < 0);
    mark.classList.toggle("provider", distance > 0);
    mark.setAttribute("aria-pressed", STATE.chosen.includes(number));
  });
  ARROWS.forEach((arrow, number) => {
    const line = MAP.lines[number];
    const on = Boolean(focus?.arrows.has(arrow));
    const placed = MAP.boxes.has(arrow.consumer) && MAP.boxes.has(arrow.provider);
    line.classList.toggle("absent", !placed || !(on || (shownArrow(arrow) && !STATE.isolated)));
    line.classList.toggle("on", on);
    const called = STATE.blast || STATE.chosen.includes(arrow.provider);
    line.classList.toggle("consumer", on && called);
    line.classList.toggle("provider", on && !called);
    if (on) line.parentNode.append(line); // above the dimmed ones
  });
  labelFocus(focus);
}

/* The protocol of each arrow in focus, beside the service at its other end: each of them has a row of its own. */
function labelFocus(focus) {
  MAP.labels.replaceChildren();
  if (!focus || focus.arrows.size > LABELS) return;
  for (const arrow of ARROWS.filter((one) => focus.arrows.has(one))) {
    const called = STATE.blast || STATE.chosen.includes(arrow.provider);
    const box = MAP.boxes.get(called ? arrow.consumer : arrow.provider);
    const other = MAP.boxes.get(called ? arrow.provider : arrow.consumer);
    if (!box || !other) continue;
    const toRight = other.x >= box.x;
    const beside = [...MAP.boxes.values()].filter((one) => one.x !== box.x && Math.abs(one.y - box.y) < 150);
    const room = toRight
      ? Math.min(...beside.filter((one) => one.x > box.x).map((one) => one.x)) - box.x - box.width
      : box.x - Math.max(...beside.filter((one) => one.x < box.x).map((one) => one.x + one.width));
    const places = Math.min(18, Math.floor((room - 16) / 6.6));
    if (places < 5) continue; // "Only these" has the room
    const text = cut([...new Set(arrow.edges.map((edge) => edge.protocol))].join(", "), places);
    const x = toRight ? box.x + box.width + 9 : box.x - 9;
    MAP.labels.append(svg("text", { x, y: box.y - 4, "text-anchor": toRight ? "start" : "end" }, text));
  }
}

function hover(number) {
  MAP.svg.classList.toggle("hovered", number !== null);
  ARROWS.forEach((arrow, at) => {
    const near = arrow.consumer === number || arrow.provider === number;
    MAP.lines[at].classList.toggle("near", number !== null && near);
  });
}

function moveTo(scale, x, y) {
  MAP.scale = Math.min(4, Math.max(0.04, scale));
  [MAP.x, MAP.y] = [x, y];
  MAP.world.setAttribute("transform", `translate(${MAP.x} ${MAP.y}) scale(${MAP.scale})`);
}

function zoom(factor, at = null) {
  const { width, height } = MAP.svg.getBoundingClientRect();
  const { x, y } = at ?? { x: width / 2, y: height / 2 };
  const scale = Math.min(4, Math.max(0.04, MAP.scale * factor));
  moveTo(scale, x - ((x - MAP.x) * scale) / MAP.scale, y - ((y - MAP.y) * scale) / MAP.scale);
}

function fit() {
  const { width, height } = MAP.svg.getBoundingClientRect();
  MAP.fitted = width > 0; // no size while another view is shown
  if (!MAP.fitted) return;
  const scale = Math.min(1.25, (width - 48) / MAP.width, (height - 48) / MAP.height);
  moveTo(scale, (width - MAP.width * scale) / 2, (height - MAP.height * scale) / 2);
}

/* A service into view, legibly, when it is not. */
function reveal(number) {
  const box = MAP.boxes.get(number);
  if (!box) return;
  const { width, height } = MAP.svg.getBoundingClientRect();
  const [x, y] = [MAP.x + (box.x + box.width / 2) * MAP.scale, MAP.y + box.y * MAP.scale];
  if (x > 60 && y > 30 && x < width - 60 && y < height - 30) return;
  moveTo(MAP.scale, MAP.x + width / 2 - x, MAP.y + height / 2 - y);
}

function onWheel(event) {
  event.preventDefault();
  const { left, top } = MAP.svg.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 500), { x: event.clientX - left, y: event.clientY - top });
}

function onDrag(event) {
  if (event.button !== 0) return;
  const start = { x: event.clientX, y: event.clientY, left: MAP.x, top: MAP.y };
  MAP.moved = false;
  const move = ({ clientX, clientY }) => {
    MAP.moved ||= Math.hypot(clientX - start.x, clientY - start.y) > 4;
    if (MAP.moved) moveTo(MAP.scale, start.left + clientX - start.x, start.top + clientY - start.y);
  };
  const end = () => {
    window.removeEventListener("pointermove", move);
    const ground = !event.target.closest(".service");
    if (ground && !MAP.moved) update({ chosen: [], blast: false, isolated: false });
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end, { once: true });
}

/* Left and right follow connections, up and down the column; the nearest wins. */
function onMapKey(event) {
  const mark = event.target.closest(".service");
  if (!mark) return;
  const here = Number(mark.dataset.service);
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    pick(here, event.shiftKey);
    return;
  }
  const next = neighbour(here, event.key);
  if (next === undefined) return;
  event.preventDefault();
  mark.setAttribute("tabindex", -1);
  MAP.marks[next].setAttribute("tabindex", 0);
  MAP.marks[next].focus();
  reveal(next);
}

function neighbour(here, key) {
  const box = MAP.boxes.get(here);
  const seen = (number) => number !== here && !MAP.marks[number].classList.contains("absent");
  const near = (numbers) =>
    numbers.filter(seen).sort((one, other) =>
      Math.abs(MAP.boxes.get(one).y - box.y) - Math.abs(MAP.boxes.get(other).y - box.y) || one - other)[0];
  const column = [...MAP.boxes.keys()].filter((number) => MAP.boxes.get(number).x === box.x);
  switch (key) {
    case "ArrowLeft":
      return near(CONSUMERS[here].filter(shownArrow).map((arrow) => arrow.consumer));
    case "ArrowRight":
      return near(PROVIDERS[here].filter(shownArrow).map((arrow) => arrow.provider));
    case "ArrowUp":
      return near(column.filter((number) => MAP.boxes.get(number).y < box.y));
    case "ArrowDown":
      return near(column.filter((number) => MAP.boxes.get(number).y > box.y));
    default:
      return undefined;
  }
}
