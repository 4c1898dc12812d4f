/* Only what is in focus, in columns by distance: consumers left, the chosen, providers right. */

const ROWS = 30;
const STEP = 34;

function isolatedBoxes({ distance, arrows }) {
  const columns = new Map();
  for (const [number, far] of distance) columns.set(far, [...(columns.get(far) ?? []), number]);
  const height = Math.min(ROWS, Math.max(...[...columns.values()].map((column) => column.length))) * STEP;
  const next = new Map([...arrows].map((arrow) => [arrow.consumer, arrow.provider]));
  const boxes = new Map();
  // From the chosen outwards, so that a column can stand in the order of those that it calls.
  const order = [...columns.keys()].sort((one, other) => Math.abs(one) - Math.abs(other));
  const row = (number) => boxes.get(next.get(number))?.y ?? LAYOUT.get(number).y;
  for (const far of order) {
    const column = columns.get(far).sort((one, other) =>
      (STATE.blast ? row(one) - row(other) : 0) || LAYOUT.get(one).y - LAYOUT.get(other).y || one - other);
    const rows = Math.ceil(column.length / Math.ceil(column.length / ROWS));
    column.forEach((number, at) => {
      const tall = Math.min(rows, column.length - rows * Math.floor(at / rows));
      const y = (height - tall * STEP) / 2 + (at % rows) * STEP + STEP / 2;
      boxes.set(number, { x: far, y, width: LAYOUT.get(number).width, part: Math.floor(at / rows) });
    });
  }
  return spreadColumns(boxes);
}

/* Columns side by side, each as wide as its widest service; room between them for names of protocols. */
function spreadColumns(boxes) {
  const key = (box) => `${box.x} ${box.part}`;
  const columns = new Map();
  for (const box of boxes.values()) columns.set(key(box), [...(columns.get(key(box)) ?? []), box]);
  const order = [...columns.values()].sort(([one], [other]) => one.x - other.x || one.part - other.part);
  let left = 0;
  for (const column of order) {
    const width = Math.max(...column.map((box) => box.width));
    for (const box of column) [box.x, box.width] = [left, width];
    left += width + 150;
  }
  return boxes;
}
