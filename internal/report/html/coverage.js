// The views of what was not seen, and of how the scan went.

function grid(columns, rows) {
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Table"}, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((c) => h("th", {scope: "col", class: c.right && "right"}, c.title)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map((c) => h("td", {class: c.right && "right"}, c.of(row))))))));
}

function drawCoverage() {
  const coverage = data.coverage;
  const view = $("view-coverage");
  const gaps = [
    {title: "Outcome", of: (g) => h("span", {class: "outcome"}, g.status)},
    {title: "Call", of: (g) => h("code", {}, g.call || "none")},
    {title: "Fills", of: (g) => h("span", {}, h("code", {}, g.table), g.group !== "list" && h("span", {class: "under"}, g.group))},
    {title: "Cells", right: true, of: (g) => number(g.cells)},
    {title: "Rows", right: true, of: (g) => (g.rows ? number(g.rows) : "")},
    {title: "Where", of: (g) => scopes(g)},
    {title: "Cause", of: (g) => visible(g.cause)},
  ];
  const tables = [
    {title: "Table", of: (t) => h("code", {}, t.table)},
    {title: "Seen", right: true, of: (t) => `${number(t.seen)} of ${number(t.cells)}`},
    {title: "Rows", right: true, of: (t) => number(t.rows)},
    {title: "Calls", right: true, of: (t) => number(t.calls)},
  ];
  append(view, [
    h("h2", {}, "What was not seen, and why"),
    h("p", {class: "lead"}, `Coverage ${coverage.line}. A cell is one group of columns of one table in one account and region. ` +
      "A check that reads a cell which was not seen says unknown, never passed."),
    coverage.gaps.length > 0 ? grid(gaps, coverage.gaps) : h("p", {class: "empty"}, coverage.cells ? "Everything that was asked for was seen." : "Nothing was collected."),
    coverage.tables.length > 0 && h("h2", {}, "By table"),
    coverage.tables.length > 0 && grid(tables, coverage.tables),
  ]);
}

function scopes(gap) {
  if (gap.scopes.length <= 3) return gap.scopes.join(", ");
  const rest = gap.scopes.length - 2 + (gap.more || 0);
  return h("details", {}, h("summary", {}, gap.scopes.slice(0, 2).join(", ") + ` +${number(rest)}`),
    gap.scopes.slice(2).join(", ") + (gap.more ? ` and ${number(gap.more)} more` : ""));
}

function drawScan() {
  const scan = data.scan;
  const list = h("dl", {class: "facts-list wide"});
  const add = (name, value) => append(list, [h("dt", {}, name), h("dd", {}, value)]);
  add("Scan", h("code", {}, scan.id));
  add("Started", scan.started);
  add("Finished", scan.finished + (scan.interrupted ? " (interrupted)" : ""));
  if (scan.command) add("Command", h("code", {}, visible(scan.command)));
  add("Stance", scan.stance_version);
  add("Checks", number(scan.checks));
  add("Tables", number(scan.tables));
  add("Resources", number(scan.resources));
  add("Calls", `${number(scan.calls)}, of them ${number(scan.retries)} repeated and ${number(scan.throttles)} throttled`);
  add("Received", number(scan.bytes) + " bytes");
  const accounts = [
    {title: "Account", of: (a) => h("code", {}, a.id)},
    {title: "Name", of: (a) => visible(a.name || "")},
    {title: "Partition", of: (a) => a.partition || ""},
    {title: "Regions", of: (a) => a.regions.join(", ")},
    {title: "Outcome", of: (a) => (a.error ? h("span", {class: "refused"}, visible(a.error)) : "entered")},
  ];
  append($("view-scan"), [h("h2", {}, "How the scan went"), list, h("h2", {}, "Accounts"), grid(accounts, scan.accounts)]);
}
