// What is shown of a check, and of one finding, when it is opened.

// hints say what to do about an UNKNOWN, by the first word of its cause.
const hints = {
  denied: "Stance was not allowed to look. stance permissions prints the policy that allows it.",
  throttled: "The cloud asked to slow down for too long. The same scan with --resume asks again.",
  unsupported: "The service or feature does not exist here, or is not subscribed to.",
  expired: "The sign-in ended during the scan. Sign in again, then go on with --resume.",
  interrupted: "The scan was stopped before this was reached. Go on with --resume.",
  skipped: "This was not asked for in the scan.",
  defect: "The check could not decide although all was known. Please report it to its author.",
};

// fill puts the resource's own values into a command. A value that a shell could read as more than a word stays a
// placeholder: names in a cloud are chosen by whoever made the resource.
function fill(template, f) {
  if (!f) return template;
  const values = {name: f.name || f.resource, id: f.resource, account_id: f.account, region: f.region};
  if (/^arn:/.test(f.resource)) values.arn = f.resource;
  return template.replace(/\{([a-z_]+)\}/g, (whole, key) => {
    const value = values[key];
    return value && /^[A-Za-z0-9_@%+=:,.\/][A-Za-z0-9_@%+=:,.\/-]*$/.test(value) ? value : whole;
  });
}

// about explains a check: why it matters and how to fix it, for one resource if one is given.
function about(check, f) {
  const fix = [];
  if (check.fix) fix.push(h("p", {}, visible(check.fix)));
  if (check.caution) fix.push(h("p", {class: "caution"}, h("b", {}, "Caution. "), visible(check.caution)));
  if (check.cli) fix.push(copyable("Command line", fill(check.cli.trim(), f)));
  if (check.terraform) fix.push(copyable("Terraform", fill(check.terraform.trimEnd(), f)));
  return h("div", {class: "about"},
    check.why && h("div", {class: "part"}, h("h4", {}, "Why it matters"), h("p", {}, visible(check.why))),
    check.manual && h("div", {class: "part"}, h("h4", {}, "What to look at"), h("p", {}, visible(check.manual))),
    fix.length > 0 && h("div", {class: "part"}, h("h4", {}, "How to fix it"), fix),
    (check.references || []).length > 0 && h("div", {class: "part"}, h("h4", {}, "References"),
      h("ul", {class: "references"}, check.references.map((r) => h("li", {}, link(r))))));
}

// facts lists what is known of one finding.
function facts(f) {
  const list = h("dl", {class: "facts-list"});
  const add = (name, ...value) => {
    if (value.flat().some((v) => v)) append(list, [h("dt", {}, name), h("dd", {}, ...value)]);
  };
  if (f.code.reason) add("Suppressed", visible(f.code.reason), f.code.by && h("span", {class: "under"}, " ", visible("by " + f.code.by)));
  if (f.code.reason) add("Verdict", statusTitles[f.verdict]);
  add("Found", visible(f.found));
  add(f.verdict === "MANUAL" ? "Look at" : "Cause", visible(f.cause));
  const hint = f.verdict === "UNKNOWN" && hints[f.cause.split(":")[0]];
  if (hint) add("What to do", hint);
  add("Code", line(f) && h("code", {}, visible(f.code.end_line > f.code.line ? line(f) + "-" + f.code.end_line : line(f))));
  add("Address", f.code.address && h("code", {}, visible(f.code.address)));
  add("Called by", (f.code.calls || []).map((c) => h("div", {}, h("code", {}, visible(c)))));
  add("Resource", f.resource ? h("code", {}, visible(f.resource)) : label(f));
  add("Type", h("code", {}, f.type));
  if (f.code.only) {
    add("Unit", visible(f.code.unit || ""));
  } else {
    add("Account", visible(accountLabel(f.account)));
    add("Region", f.region);
  }
  add("Check", h("code", {}, f.check.id));
  if (f.tags) {
    add("Tags", h("ul", {class: "tags"}, Object.keys(f.tags).sort().map((k) =>
      h("li", {}, visible(f.tags[k] ? `${k}: ${f.tags[k]}` : k)))));
  }
  add("Objectives", (f.check.objectives || []).join(", "));
  add("Requirements", (f.check.requirements || []).join(", "));
  add("Parameters", Object.entries(f.check.params || {}).map(([name, value]) => h("div", {}, h("code", {}, visible(name + " = " + JSON.stringify(value))))));
  return list;
}
