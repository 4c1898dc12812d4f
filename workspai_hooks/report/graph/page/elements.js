/* Making elements. Text goes in as text: no name of a service is ever read as markup. */

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) element.setAttribute(name, String(value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const byId = (id) => document.getElementById(id);
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

const titled = (name) => name || "(no name)";

const letters = new Intl.Segmenter("en", { granularity: "grapheme" });
const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u;

/* A name cut in the middle to so many places, for names often differ at either end. */
function cut(name, places) {
  const all = [...letters.segment(name.slice(0, 1000))].map(({ segment }) => segment);
  const size = (letter) => (WIDE.test(letter) ? 2 : 1);
  if (all.reduce((sum, letter) => sum + size(letter), 0) <= places) return name;
  const take = (from, room) => {
    const taken = [];
    for (const letter of from) {
      room -= size(letter);
      if (room < 0) break;
      taken.push(letter);
    }
    return taken;
  };
  const tail = take([...all].reverse(), Math.floor(places / 3)).reverse();
  return `${take(all, places - 1 - tail.length).join("")}…${tail.join("")}`;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { readonly: true, class: "offstage" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy"); // where a page from a folder may not use the clipboard
    area.remove();
  }
  button.textContent = "copied";
  setTimeout(() => (button.textContent = "copy"), 1200);
}
