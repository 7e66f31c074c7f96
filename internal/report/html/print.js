// The printed report: what is selected, opened and without controls. It is made when the browser prints.

const PRINTED = 40; // findings per check

function drawPaper() {
  const paper = $("paper");
  paper.replaceChildren();
  const groups = grouped(selected(), "check");
  append(paper, [h("h2", {}, filtersInWords())]);
  for (const group of groups) {
    const check = group.first.check;
    const items = sorted(group.items);
    append(paper, [h("section", {class: "paper-check"},
      h("h3", {}, badge(group.first.severity), " ", group.title),
      h("p", {class: "under"}, h("code", {}, check.id), "  ", tally(group.counts)),
      check.why && h("p", {}, visible(check.why)),
      check.fix && group.counts.PASS < items.length && h("p", {}, h("b", {}, "Fix. "), visible(check.fix)),
      h("table", {}, h("tbody", {}, items.slice(0, PRINTED).map((f) => h("tr", {},
        h("td", {class: "paper-status"}, statusTitles[f.status]), h("td", {class: "paper-name"}, label(f)), h("td", {class: "paper-place"}, visible(place(f))), h("td", {}, said(f)))))),
      items.length > PRINTED && h("p", {class: "under"}, `and ${plural(items.length - PRINTED, "more finding")}, in the interactive page`))]);
  }
  if (groups.length === 0) append(paper, [h("p", {}, "No finding is selected.")]);
}

function filtersInWords() {
  const words = [...chosen.severity].concat(chosen.service, chosen.account, chosen.region, chosen.q ? `“${chosen.q}”` : "").filter(Boolean);
  const statuses = STATUSES.filter((s) => chosen.status.has(s)).map((s) => statusTitles[s].toLowerCase()).join(", ");
  return `Findings: ${statuses || "all"}${words.length ? " (" + visible(words.join(", ")) + ")" : ""}`;
}

addEventListener("beforeprint", drawPaper);
addEventListener("afterprint", () => $("paper").replaceChildren());
