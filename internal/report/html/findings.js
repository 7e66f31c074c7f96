// The list of findings: groups that open, findings in them that open. Only what is open is in the page.

const PAGE = 50;
let serial = 0;

// folding is a header that opens and closes what fill() makes.
function folding(kind, header, content, open, also) {
  const id = "fold-" + ++serial;
  const body = h("div", {class: kind + "-body", id, hidden: true});
  const button = h("button", {type: "button", class: kind + "-head", "aria-expanded": "false", "aria-controls": id}, header);
  let filled = false;
  const set = (wanted) => {
    if (wanted && !filled) {
      filled = true;
      append(body, [content()]);
    }
    body.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
  };
  button.addEventListener("click", () => set(body.hidden));
  if (open) set(true);
  return h("div", {class: also ? kind + " " + also : kind}, button, body);
}

function tally(counts) {
  return h("span", {class: "tally"}, STATUSES.filter((s) => counts[s] > 0).map((s) =>
    h("span", {class: "tally-" + s}, `${number(counts[s])} ${statusTitles[s].toLowerCase()}`)));
}

function drawGroup(by, open) {
  return (group) => {
    const f = group.first;
    const worst = SEVERITIES[group.worst % 10];
    const under = {
      check: () => [h("code", {}, f.check.id)],
      resource: () => [h("code", {}, f.type), h("span", {}, visible(place(f)))],
    }[by];
    const header = [
      badge(worst),
      h("span", {class: "group-title"}, h("b", {}, group.title), under && h("span", {class: "under"}, under())),
      tally(group.counts),
    ];
    return folding("group", header, () => {
      const list = h("div", {class: "list"});
      more(list, sorted(group.items), PAGE, drawFinding(by), "finding");
      return [by === "check" && about(f.check, null), list];
    }, open);
  };
}

function drawFinding(by) {
  return (f) => {
    const inCheck = by === "check";
    const title = inCheck ? label(f) : visible(f.check.title);
    const where = by === "resource" ? "" : inCheck ? place(f) : `${label(f)}  ·  ${place(f)}`;
    const header = [
      verdict(f.status),
      !inCheck && badge(f.severity),
      h("span", {class: "finding-title"}, h("span", {class: inCheck ? "name" : ""}, title), where && h("span", {class: "under"}, visible(where))),
      h("span", {class: "said"}, said(f)),
    ];
    return folding("finding", header, () => {
      const patch = f.code.patch && f.status !== "PASS" && copyable("Patch with which the check passes", f.code.patch);
      if (!inCheck) return [facts(f), patch, about(f.check, f)];
      const filled = f.check.cli && fill(f.check.cli.trim(), f);
      return [facts(f), patch, filled && filled !== f.check.cli.trim() && f.status !== "PASS" && copyable("Command line for this resource", filled)];
    }, false, inCheck ? "in-check" : "");
  };
}

function drawFindings() {
  const list = selected();
  const results = $("results");
  results.replaceChildren();
  let groups = 0;
  if (list.length === 0) {
    results.append(h("p", {class: "empty"}, findings.length ? "No finding matches these filters." : "There are no findings: nothing was evaluated."));
  } else if (chosen.group === "none") {
    const flat = h("div", {class: "list flat"});
    more(flat, sorted(list), PAGE * 2, drawFinding("none"), "finding");
    results.append(flat);
  } else {
    const all = grouped(list, chosen.group);
    groups = all.length;
    more(results, all, PAGE, drawGroup(chosen.group, all.length === 1), "group");
  }
  const of = list.length < findings.length ? `${number(list.length)} of ${plural(findings.length, "finding")}` : plural(list.length, "finding");
  $("count").textContent = of + (groups ? ", in " + plural(groups, chosen.group) : "");
  $("count").dataset.shown = String(list.length);
  drawChips();
}

// drawChips shows the choices of status and severity with how many findings each would give.
function drawChips() {
  const chips = (box, name, values, title) => {
    const counts = new Map();
    for (const f of selected(name)) counts.set(f[name], (counts.get(f[name]) || 0) + 1);
    const focused = document.activeElement && document.activeElement.dataset.value;
    const inside = $(box).contains(document.activeElement);
    $(box).replaceChildren(...values.map((value) => h("button", {
      type: "button", class: "chip " + value, "data-value": value, "aria-pressed": String(chosen[name].has(value)),
      onclick: () => toggle(name, value),
    }, title(value), h("span", {class: "chip-count"}, number(counts.get(value) || 0)))));
    if (inside) {
      const again = [...$(box).children].find((c) => c.dataset.value === focused);
      if (again) again.focus();
    }
  };
  chips("statuses", "status", STATUSES, (s) => statusTitles[s]);
  chips("severities", "severity", SEVERITIES, (s) => s);
  for (const bar of document.querySelectorAll(".bar")) {
    bar.setAttribute("aria-pressed", String(chosen.severity.has(bar.dataset.severity)));
  }
}

function toggle(name, value) {
  if (!chosen[name].delete(value)) chosen[name].add(value);
  writeAddress();
  drawFindings();
}
