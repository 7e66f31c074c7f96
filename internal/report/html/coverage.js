// The views of what was not seen, and of how the scan went.

function grid(columns, rows, kind) {
  const kinds = (c) => [c.right && "right", c.kind].filter(Boolean).join(" ") || null;
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Table"}, h("table", {class: kind},
    h("thead", {}, h("tr", {}, columns.map((c) => h("th", {scope: "col", class: kinds(c)}, c.title)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map((c) => h("td", {class: kinds(c)}, c.of(row))))))));
}

function drawCoverage() {
  const coverage = data.coverage;
  const view = $("view-coverage");
  // The cause is what people come for: it gets the most room, and is never cut.
  const gaps = [
    {title: "Outcome", kind: "gap-outcome", of: (g) => [h("span", {class: "outcome"}, g.status), h("span", {class: "under"}, plural(g.cells, "cell"))]},
    {title: "Cause", kind: "gap-cause", of: (g) => [visible(bareCause(g)), !g.several && !g.cause.includes(g.call) && h("span", {class: "under"}, h("code", {}, g.call))]},
    {title: "Leaves unknown", kind: "gap-table", of: (g) => g.parts.map((p) => h("div", {}, h("code", {}, visible(p.table)), h("span", {class: "under"}, unknownPart(p))))},
    {title: "Where", kind: "gap-where", of: (g) => scopes(g)},
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
    coverage.gaps.length > 0 ? grid(gaps, sameCause(coverage.gaps), "gaps") : h("p", {class: "empty"}, coverage.cells ? "Everything that was asked for was seen." : "Nothing was collected."),
    coverage.tables.length > 0 && h("h2", {}, "By table"),
    coverage.tables.length > 0 && grid(tables, coverage.tables),
  ]);
}

// sameCause makes one line of gaps that have their cause and places in common.
function sameCause(gaps) {
  const merged = new Map();
  for (const g of gaps) {
    const key = [g.status, g.cause, g.more || 0, ...g.scopes].join("\u0000");
    const known = merged.get(key);
    const line = known || {...g, cells: 0, parts: []};
    line.several = Boolean(known); // of several calls none is named: the cause says which one failed
    merged.set(key, line);
    line.cells += g.cells;
    const part = line.parts.find((p) => p.table === g.table);
    if (part) {
      part.groups.push(g.group);
      part.rows = Math.max(part.rows, g.rows);
    } else {
      line.parts.push({table: g.table, groups: [g.group].filter(Boolean), rows: g.rows, status: g.status});
    }
  }
  return [...merged.values()].sort((a, b) => b.cells - a.cells);
}

// bareCause is the cause without the word that stands beside it already.
const bareCause = (g) => (g.cause.startsWith(g.status + ": ") ? g.cause.slice(g.status.length + 2) : g.cause || "no cause given");

function unknownPart(part) {
  // Of a list that failed nobody knows how many rows it has.
  const rows = part.rows > 0 && (!part.groups.includes("list") || part.status === "seen in part");
  return [...part.groups.map((name) => (name === "list" ? "the list of them" : name)), rows && plural(part.rows, "row")].filter(Boolean).join(", ");
}

const SCOPES = 4; // named before a reader asks for all

// scopes says where something was not seen. The account of a scan of one account goes without saying.
function scopes(gap) {
  const alone = data.scan.accounts.length === 1 ? data.scan.accounts[0].id + "/" : "";
  const names = gap.scopes.map((name) => visible(alone && name.startsWith(alone) ? name.slice(alone.length) : name));
  const all = names.length + (gap.more || 0);
  if (all <= SCOPES) return names.join(", ");
  return h("details", {}, h("summary", {}, names.slice(0, SCOPES - 1).join(", ") + ` and ${number(all - SCOPES + 1)} more`),
    names.slice(SCOPES - 1).join(", ") + (gap.more ? ` and ${number(gap.more)} more` : ""));
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
