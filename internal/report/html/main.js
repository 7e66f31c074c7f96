// Controls, and the start.

function options(id, all, values, title) {
  $(id).replaceChildren(h("option", {value: ""}, all), ...values.map((v) => h("option", {value: v}, visible(title ? title(v) : v))));
}

const distinct = (of) => [...new Set(findings.map(of))].filter(Boolean).sort(byName);

function showChosen() {
  for (const id of ["q", "service", "account", "region", "group", "sort"]) $(id).value = chosen[id];
}

function show(view, focus) {
  chosen.view = view;
  for (const name of ["findings", "coverage", "scan"]) {
    const tab = $("tab-" + name);
    const here = name === view;
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
    $("view-" + name).hidden = !here;
    if (here && focus) tab.focus();
  }
  writeAddress();
}

function refresh() {
  writeAddress();
  drawFindings();
}

function wire() {
  $("filters").addEventListener("submit", (e) => e.preventDefault());
  let waiting = 0;
  $("q").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { chosen.q = $("q").value; refresh(); }, findings.length > 5000 ? 180 : 60);
  });
  for (const id of ["service", "account", "region", "group", "sort"]) {
    $(id).addEventListener("change", () => { chosen[id] = $(id).value; refresh(); });
  }
  $("clear").addEventListener("click", () => {
    Object.assign(chosen, {q: "", status: defaultStatuses(), severity: new Set(), service: "", account: "", region: ""});
    showChosen();
    refresh();
  });
  for (const bar of document.querySelectorAll(".bar")) {
    bar.addEventListener("click", () => { show("findings"); toggle("severity", bar.dataset.severity); });
  }
  const tabs = ["findings", "coverage", "scan"];
  tabs.forEach((name, i) => {
    $("tab-" + name).addEventListener("click", () => show(name));
    $("tab-" + name).addEventListener("keydown", (e) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[e.key];
      if (step) show(tabs[(i + step + tabs.length) % tabs.length], true);
    });
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      show("findings");
      $("q").focus();
    }
  });
  addEventListener("hashchange", () => { readAddress(); showChosen(); show(chosen.view); drawFindings(); });
  $("print").addEventListener("click", () => print());
  wireTheme();
}

function wireTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (document.documentElement.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const name = () => { $("theme").textContent = dark() ? "Light" : "Dark"; };
  try {
    const kept = localStorage.getItem("stance-theme");
    if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  } catch {
    // Pages on disk may have no storage; then the system's choice holds.
  }
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("stance-theme", document.documentElement.dataset.theme); } catch { /* as above */ }
    name();
  });
  system.addEventListener("change", name);
  name();
}

readAddress();
options("service", "all services", distinct((f) => f.check.service));
options("account", "all accounts", distinct((f) => f.account), accountLabel);
options("region", "all regions", distinct((f) => f.region));
if (data.coverage.gaps.length) $("tab-coverage").append(h("span", {class: "tab-count"}, number(data.coverage.cells - data.coverage.seen)));
showChosen();
wire();
drawCoverage();
drawScan();
show(chosen.view);
drawFindings();
document.documentElement.dataset.ready = "true";
