"use strict";
(() => {
// The page is whole without this: here it is filtered, opened and closed.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const count = (n, noun) => n.toLocaleString("en-US") + " " + noun + (n === 1 ? "" : "s");

// texts are kept once read: a page may have twenty thousand rows.
const texts = new WeakMap();
function text(node) {
  let known = texts.get(node);
  if (known === undefined) texts.set(node, known = node.textContent.toLowerCase());
  return known;
}

// fits says whether all words are in a node's text.
const fits = (node, words) => words.every((word) => text(node).includes(word));

// Of requirements, the status is that in the chosen account.
function requirement(item, chosen) {
  const status = chosen.account === "" ? item.dataset.status : item.dataset.by[chosen.account];
  return (chosen.is.size === 0 || chosen.is.has(status)) && fits(item, chosen.words);
}

// Of checks, rows are chosen; where the words are in what is said of the check, all of them are.
function check(item, chosen) {
  const about = chosen.words.length > 0 && all(":scope > summary, .about, .facts-list", item).some((part) => fits(part, chosen.words));
  let some = false;
  for (const row of all(".findings tbody tr", item)) {
    const shown = (chosen.is.size === 0 || chosen.is.has(row.dataset.is)) && (chosen.account === "" || row.dataset.at === chosen.account) && (about || fits(row, chosen.words));
    row.hidden = !shown;
    some = some || shown;
  }
  return some || chosen.is.size === 0 && chosen.account === "" && (about || chosen.words.length === 0);
}

function wire(form) {
  const of = form.dataset.of;
  const section = form.parentElement;
  const items = all(".item", section);
  const select = form.querySelector("select");
  const search = form.querySelector("input");
  const chips = all(".chip", form);
  const choose = {requirement, check}[of];

  function filter() {
    const chosen = {
      is: new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.value)),
      account: select ? select.value : "",
      words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    };
    const any = chosen.is.size > 0 || chosen.account !== "" || chosen.words.length > 0;
    let shown = 0;
    for (const item of items) {
      item.hidden = any && !choose(item, chosen);
      if (!any) for (const row of all("tr[hidden]", item)) row.hidden = false;
      if (!item.hidden) shown++;
    }
    for (const part of all(".part", section)) part.hidden = any && !part.querySelector(".item:not([hidden])");
    for (const heading of all("h4, h5, h6, .back", section)) heading.hidden = any;
    form.classList.toggle("filtered", any);
    form.querySelector(".shown").textContent = any ? `${shown.toLocaleString("en-US")} of ${count(items.length, of)}` : "";
  }

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  if (select) select.addEventListener("change", filter);
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  form.addEventListener("submit", (e) => e.preventDefault());
  const opener = form.querySelector(".all");
  opener.addEventListener("click", () => {
    const open = opener.getAttribute("aria-pressed") !== "true";
    opener.setAttribute("aria-pressed", String(open));
    opener.textContent = open ? "Close all" : "Open all";
    for (const item of items) if (!item.hidden) item.open = open;
  });
  form.clear = () => {
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    if (select) select.value = "";
    search.value = "";
    filter();
  };
  form.reset();
  form.hidden = false;
  // What an address leads to must not end up below the filters.
  new ResizeObserver(() => section.style.setProperty("--filters", form.offsetHeight + "px")).observe(form);
}

// What an address leads to is opened, also where a filter has put it away.
function arrive() {
  let target = null;
  try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
  if (!target) return;
  if (target.closest("[hidden]")) {
    for (const form of all(".filtered")) form.clear();
  }
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
}

// Paper shows all that is there, and the screen stays as it was.
let opened = [];
function unfold() {
  opened = all("main details:not([open])");
  for (const details of opened) details.open = true;
}
function fold() {
  for (const details of opened) details.open = false;
  opened = [];
}

// The contents show where the reader is.
function follow() {
  const links = new Map(all(".contents a").map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  const linkOf = (place) => links.get(place.dataset.place || place.id);
  const places = all("main section[id], main :is(h4, h5, h6)[id], main .back").filter(linkOf);
  let current = null;
  let waiting = false;
  const mark = () => {
    waiting = false;
    let here = places[0];
    for (const place of places) {
      if (place.offsetParent !== null && place.getBoundingClientRect().top <= 90) here = place;
    }
    const link = here && linkOf(here);
    if (link === current) return;
    if (current) current.removeAttribute("aria-current");
    if (link) link.setAttribute("aria-current", "true");
    current = link;
    const box = link && link.closest(".contents");
    if (box && getComputedStyle(box).position === "sticky" && !box.matches(":hover")) {
      const at = link.getBoundingClientRect(), within = box.getBoundingClientRect();
      if (at.top < within.top || at.bottom > within.bottom) box.scrollTop += at.top - within.top - within.height / 3;
    }
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }, {passive: true});
  mark();
}

for (const form of all(".filters")) wire(form);
if (matchMedia("(max-width: 1020px)").matches) document.getElementById("contents").open = false;
const printer = document.getElementById("print");
printer.hidden = false;
printer.addEventListener("click", () => print());
addEventListener("beforeprint", unfold);
addEventListener("afterprint", fold);
addEventListener("hashchange", arrive);
document.addEventListener("click", (e) => {
  // A second click on the same address changes no hash.
  const link = e.target.closest && e.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) arrive();
});
document.addEventListener("keydown", (e) => {
  if (e.key === "/" && !e.ctrlKey && !e.metaKey && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    e.preventDefault();
    const forms = all(".filters");
    (forms.findLast((form) => form.parentElement.getBoundingClientRect().top < innerHeight / 2) || forms[0]).querySelector("input").focus();
  }
});
arrive();
follow();
document.documentElement.dataset.ready = "true";
})();
