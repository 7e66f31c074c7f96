// The data of the page, and what of it is chosen.

const STATUSES = ["FAIL", "UNKNOWN", "MANUAL", "PASS"];
const SUPPRESSED = "SUPPRESSED"; // stands among the statuses, so that nobody counts such a finding as failed
const SEVERITIES = ["critical", "high", "medium", "low", "info"];

const data = JSON.parse($("data").textContent);
$("data").remove();

const accountNames = new Map(data.scan.accounts.map((a) => [a.id, a.name || ""]));
const told = (ref) => (typeof ref === "string" ? ref : ref < 0 ? "" : data.strings[ref]);

const findings = data.findings.map((row) => ({
  check: data.checks[row[0]],
  verdict: STATUSES[row[1]],
  status: row[11] && row[11].reason ? SUPPRESSED : STATUSES[row[1]],
  code: row[11] || {},
  severity: SEVERITIES[row[2]] || "info",
  account: told(row[3]),
  region: told(row[4]),
  type: told(row[5]),
  resource: row[6],
  name: row[7],
  found: told(row[8]),
  cause: told(row[9]),
  tags: row[10] || null,
  text: "",
}));
data.findings = null;
if (findings.some((f) => f.status === SUPPRESSED)) STATUSES.push(SUPPRESSED);

const label = (f) => visible((f.code.only && f.code.address) || f.name || f.resource || `all ${f.type} in ${f.account}/${f.region}`);
const line = (f) => (f.code.line ? f.code.file + ":" + f.code.line : f.code.file || "");
const scope = (f) => (f.region ? f.account + "/" + f.region : f.account);
const place = (f) => (f.code.only ? line(f) : [scope(f), line(f)].filter(Boolean).join("  ·  "));
const accountLabel = (id) => (accountNames.get(id) ? `${accountNames.get(id)} (${id})` : id);
const resourceKey = (f) => [f.code.address, f.type, f.account, f.region, f.resource || f.name].join("\u0000");
const said = (f) => visible(f.verdict === "FAIL" || f.verdict === "PASS" || !f.cause ? f.found : f.cause);

// text is what a search looks at, made when it is first needed.
function text(f) {
  if (!f.text) {
    const tags = f.tags ? Object.entries(f.tags).map(([k, v]) => k + "=" + v).join(" ") : "";
    f.text = [f.check.id, f.check.title, f.name, f.resource, f.type, f.account, accountNames.get(f.account), f.region, f.found, f.cause, tags,
      line(f), f.code.address, f.code.reason]
      .join("\n").toLowerCase();
  }
  return f.text;
}

// chosen is the state of the page. It is kept in the address, so that a link shows what its sender saw.
const chosen = {
  q: "", status: new Set(), severity: new Set(), service: "", account: "", region: "", group: "check", sort: "severity", view: "findings",
};

function defaultStatuses() {
  const wanted = STATUSES.filter((s) => s !== "PASS" && s !== SUPPRESSED && findings.some((f) => f.status === s));
  return new Set(wanted.length ? wanted : ["PASS"]);
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const list = (name, known) => (given.get(name) || "").split(",").filter((v) => known.includes(v));
  const one = (name, known, otherwise) => (known.includes(given.get(name)) ? given.get(name) : otherwise);
  chosen.q = given.get("q") || "";
  chosen.status = given.has("status") ? new Set(list("status", STATUSES)) : defaultStatuses();
  chosen.severity = new Set(list("severity", SEVERITIES));
  for (const name of ["service", "account", "region"]) chosen[name] = given.get(name) || "";
  chosen.group = one("group", ["check", "resource", "service", "account", "region", "none"], "check");
  chosen.sort = one("sort", ["severity", "count", "name"], "severity");
  chosen.view = one("view", ["findings", "coverage", "scan"], "findings");
}

function writeAddress() {
  const out = new URLSearchParams();
  if (chosen.view !== "findings") out.set("view", chosen.view);
  if (chosen.q) out.set("q", chosen.q);
  const usual = defaultStatuses();
  if (chosen.status.size !== usual.size || [...usual].some((s) => !chosen.status.has(s))) {
    out.set("status", STATUSES.filter((s) => chosen.status.has(s)).join(","));
  }
  if (chosen.severity.size) out.set("severity", SEVERITIES.filter((s) => chosen.severity.has(s)).join(","));
  for (const name of ["service", "account", "region"]) if (chosen[name]) out.set(name, chosen[name]);
  if (chosen.group !== "check") out.set("group", chosen.group);
  if (chosen.sort !== "severity") out.set("sort", chosen.sort);
  try {
    history.replaceState(null, "", "#" + out.toString());
  } catch {
    // Some browsers refuse this to pages on disk; the page works without.
  }
}

// selected are the findings that pass every filter; skip leaves one filter out, for the counts beside its choices.
function selected(skip) {
  const words = chosen.q.toLowerCase().split(/\s+/).filter(Boolean);
  return findings.filter((f) =>
    (skip === "status" || chosen.status.size === 0 || chosen.status.has(f.status)) &&
    (skip === "severity" || chosen.severity.size === 0 || chosen.severity.has(f.severity)) &&
    (!chosen.service || f.check.service === chosen.service) &&
    (!chosen.account || f.account === chosen.account) &&
    (!chosen.region || f.region === chosen.region) &&
    words.every((word) => text(f).includes(word)));
}

const statusRank = (f) => STATUSES.indexOf(f.status);
const severityRank = (f) => SEVERITIES.indexOf(f.severity);
const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// grouped puts findings into groups, sorted as chosen.
function grouped(list, by) {
  const keys = {
    check: (f) => f.check.id, resource: resourceKey, service: (f) => f.check.service, account: (f) => f.account, region: (f) => f.region,
  };
  const titles = {
    check: (f) => visible(f.check.title), resource: label, service: (f) => f.check.service || "other",
    account: (f) => visible(accountLabel(f.account)), region: (f) => f.region || "global",
  };
  const groups = new Map();
  for (const f of list) {
    const key = keys[by](f);
    let group = groups.get(key);
    if (!group) {
      group = {title: titles[by](f), first: f, items: [], counts: {FAIL: 0, UNKNOWN: 0, MANUAL: 0, PASS: 0, SUPPRESSED: 0}, worst: 99};
      groups.set(key, group);
    }
    group.items.push(f);
    group.counts[f.status]++;
    // A group is as bad as its worst failure; without failures it comes after all that fail.
    group.worst = Math.min(group.worst, severityRank(f) + (f.status === "FAIL" ? 0 : f.status === "PASS" || f.status === SUPPRESSED ? 20 : 10));
  }
  const weight = (g) => g.counts.FAIL * 1e6 + g.counts.UNKNOWN * 1e3 + g.items.length;
  const orders = {
    severity: (a, b) => a.worst - b.worst || weight(b) - weight(a) || byName(a.title, b.title),
    count: (a, b) => b.items.length - a.items.length || a.worst - b.worst || byName(a.title, b.title),
    name: (a, b) => byName(a.title, b.title),
  };
  return [...groups.values()].sort(orders[chosen.sort]);
}

function sorted(list) {
  const order = chosen.sort === "name"
    ? (a, b) => byName(label(a), label(b))
    : (a, b) => statusRank(a) - statusRank(b) || severityRank(a) - severityRank(b) || byName(label(a), label(b)) || byName(a.check.id, b.check.id);
  return list.slice().sort(order);
}
