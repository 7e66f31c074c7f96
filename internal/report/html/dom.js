// Making and finding elements. Text from the data only ever becomes text: nothing here parses HTML.

const $ = (id) => document.getElementById(id);

// h makes an element: h("p", {class: "x", onclick: f}, "text", child, [children]).
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

const format = new Intl.NumberFormat("en-US");
const number = (n) => format.format(n);
const plural = (n, one) => number(n) + " " + (n === 1 ? one : one + "s");

// visible shows characters that would be invisible or would reorder the text around them.
function visible(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) =>
    c === "\n" ? "\u21b5" : "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

// link makes an anchor of a web address, and plain text of anything else.
function link(address) {
  if (!/^https?:\/\//i.test(address)) return h("span", {}, visible(address));
  return h("a", {href: address, target: "_blank", rel: "noopener noreferrer"}, address.replace(/^https?:\/\/(www\.)?/i, ""));
}

// copyable shows code with a button that copies it.
function copyable(title, text) {
  const button = h("button", {type: "button", class: "copy", "aria-label": "Copy " + title}, "Copy");
  button.addEventListener("click", async () => {
    const done = await copy(text);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return h("figure", {class: "code"}, h("figcaption", {}, h("span", {}, title), button), h("pre", {tabindex: "0"}, h("code", {}, text)));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers that refuse the clipboard to pages on disk still know the older way.
    const area = h("textarea", {class: "hidden", readonly: true, "aria-hidden": "true"});
    area.value = text;
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { done = false; }
    area.remove();
    return done;
  }
}

// more draws a long list a page at a time: draw(item) for the first ones, and a button for the next.
function more(container, items, size, draw, noun) {
  let drawn = 0;
  const button = h("button", {type: "button", class: "more"});
  const next = () => {
    const fragment = document.createDocumentFragment();
    const end = Math.min(drawn + size, items.length);
    const first = drawn;
    for (; drawn < end; drawn++) fragment.append(draw(items[drawn]));
    button.remove();
    container.append(fragment);
    const left = items.length - drawn;
    if (left > 0) {
      button.textContent = `Show ${number(Math.min(size, left))} more of ${plural(left, noun)}`;
      container.append(button);
    }
    return container.children[first];
  };
  button.addEventListener("click", () => {
    const item = next();
    const target = item && item.querySelector("button");
    if (target) target.focus();
  });
  next();
}

function badge(severity) {
  return h("span", {class: "severity " + severity}, severity);
}

const statusTitles = {FAIL: "Failed", UNKNOWN: "Unknown", MANUAL: "To look at", PASS: "Passed", SUPPRESSED: "Suppressed"};

function verdict(status) {
  return h("span", {class: "status " + status}, statusTitles[status]);
}
