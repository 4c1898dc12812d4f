/* The search box: a combobox with suggestions, in the order name starts, name holds, alias, owner or folder holds. */

const SUGGESTIONS = 12;
const SOUGHT = SERVICES.map(({ name, aliases, owners, roots }) => ({
  name: name.toLowerCase(),
  other: [...aliases, ...owners, ...roots].map((text) => text.toLowerCase()),
}));

function found(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const rank = ({ name, other }) =>
    name === wanted ? 0 : name.startsWith(wanted) ? 1 : name.includes(wanted) ? 2 : other.some((one) => one.includes(wanted)) ? 3 : 4;
  return SOUGHT.map((one, number) => [rank(one), number])
    .filter(([value]) => value < 4)
    .sort((one, other) => one[0] - other[0] || one[1] - other[1])
    .map(([, number]) => number);
}

function startSearch() {
  const box = byId("search");
  const list = byId("suggestions");
  let numbers = [];
  let active = 0;

  const close = () => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const take = (number) => {
    box.value = "";
    close();
    pick(number, false);
  };
  const show = () => {
    const all = found(box.value);
    numbers = all.slice(0, SUGGESTIONS);
    active = Math.min(active, Math.max(0, numbers.length - 1));
    list.replaceChildren(...numbers.map((number, at) =>
      el("li", { role: "option", id: `option-${at}`, "aria-selected": at === active, onmousedown: (event) => event.preventDefault(),
        onclick: () => take(number) },
      el("span", {}, SERVICES[number].name), el("span", { class: "tier" }, ` ${SERVICES[number].kind}`))));
    const more = all.length - numbers.length;
    if (more || (box.value.trim() && !all.length)) {
      list.append(el("li", { class: "hint", role: "presentation" }, more ? `${more} more` : "no such service"));
    }
    list.hidden = !box.value.trim();
    box.setAttribute("aria-expanded", String(!list.hidden));
    if (numbers.length) box.setAttribute("aria-activedescendant", `option-${active}`);
    else box.removeAttribute("aria-activedescendant");
  };
  box.addEventListener("input", () => {
    active = 0;
    show();
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (!box.value) box.blur();
      box.value = "";
      close();
    } else if (event.key === "Enter" && numbers.length && !list.hidden) {
      take(numbers[active]);
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && numbers.length) {
      event.preventDefault();
      active = (active + (event.key === "ArrowDown" ? 1 : numbers.length - 1)) % numbers.length;
      show();
    }
  });
}
