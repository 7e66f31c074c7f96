package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/plan"
)

// accounts are those that stand for the accounts of a case while it lies beside others.
type accounts struct {
	names       []string // of the accounts that stand for others
	hidden, own *strings.Replacer
}

// giveAccounts gives a case accounts that no other has, in the place of each that its fixture says.
func (t *tester) giveAccounts(c *testCase) {
	said := map[string]bool{fixtureAccount: true, secondAccount: true}
	for _, docs := range c.fixture.Rows {
		for _, doc := range docs {
			if account, ok := doc["_account"]; ok {
				said[textOr(account, fixtureAccount)] = true
			}
		}
	}
	var hide, show []string
	c.own = &accounts{}
	for _, account := range sortedKeys(said) {
		name := fmt.Sprintf("8%011d", len(t.accounts))
		t.accounts[name] = c
		c.own.names = append(c.own.names, name)
		hide, show = append(hide, account, name), append(show, name, account)
	}
	c.own.hidden, c.own.own = strings.NewReplacer(hide...), strings.NewReplacer(show...)
}

// hide puts the accounts of a case that nobody else has in the place of those that its fixture says, wherever they stand.
func (a *accounts) hide(text []byte) []byte {
	if a == nil {
		return text
	}
	return []byte(a.hidden.Replace(string(text)))
}

// show puts back what hide took.
func (a *accounts) show(v verdict) verdict {
	for _, text := range []*string{&v.cause, &v.found, &v.account, &v.place} {
		*text = a.own.Replace(*text)
	}
	return v
}

// doubtful asks all checks, those that read several tables as a scan of many accounts is asked, and gives those of which some case did
// not get what it wants, or that can only be asked apart.
func (t *tester) doubtful(ctx context.Context) ([]*plan.Check, error) {
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	wrong := map[*plan.Check]bool{}
	for _, j := range t.jobs {
		if j.defect != "" || j.spread && !j.isOfAccounts() {
			wrong[j.check] = true
		}
	}
	for _, c := range t.cases {
		if c.refused != "" {
			c.verdicts = append(c.verdicts, verdict{status: Unknown, cause: c.refused, account: fixtureAccount})
		}
		if slices.ContainsFunc(c.verdicts, func(v verdict) bool { return v.status == "DEFECT" }) || c.fault() != "" {
			wrong[c.job.check] = true
		}
	}
	for _, f := range t.failures { // of fixtures that could not be made
		for _, check := range t.checks {
			if f.Subject == "check "+check.Spec.ID {
				wrong[check] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(wrong), func(a, b *plan.Check) int { return strings.Compare(a.ID, b.ID) }), nil
}

// isOfAccounts says whether what a check says of one account does not hang on others.
func (j *job) isOfAccounts() bool { return j.check.Spec.Scope != "organization" }

// derive makes the tables that are made of others, of the rows of all cases of spread checks.
func (t *tester) derive(ctx context.Context) error {
	if t.apart {
		return nil // each case's are made in the statement that asks it
	}
	tables := map[string]*plan.Table{}
	for _, j := range t.jobs {
		if j.spread && j.isOfAccounts() {
			for _, table := range t.tablesOf(j) {
				tables[table.Name] = table
			}
		}
	}
	names := slices.Collect(maps.Keys(t.accounts))
	if _, err := t.db.ExecContext(ctx, "CREATE TABLE stance_account AS SELECT unnest($1::VARCHAR[]) AS account_id", names); err != nil {
		return err
	}
	var made []*plan.Table
	for _, name := range sortedKeys(tables) {
		table := tables[name]
		switch {
		case table.Spec.List != nil:
			view := fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s SEMI JOIN stance_account USING (account_id)", quoteName(name), quoteName(allPrefix+name))
			if _, err := t.db.ExecContext(ctx, view); err != nil {
				return fmt.Errorf("part the rows of %s: %w", name, err)
			}
		case isDerived(table):
			made = append(made, table)
		}
	}
	return t.inventory.Derive(ctx, made)
}

// accountsOf is SQL for after WITH that leaves in each table that a spread check's statement names the rows of its own cases.
func (t *tester) accountsOf(j *job) string {
	var names []string
	for _, number := range j.source.cases {
		for _, name := range t.cases[number-1].own.names {
			names = append(names, quoteText(name))
		}
	}
	own := "account_id IN (" + strings.Join(names, ", ") + ")"
	parts := []string{fmt.Sprintf("stance_gap AS (SELECT * FROM %sstance_gap WHERE %s)", allPrefix, own)}
	tables := append([]string{j.table.Name}, j.check.Tables...)
	for _, need := range j.needs {
		tables = append(tables, need.table.Name)
	}
	slices.Sort(tables)
	for _, name := range slices.Compact(tables) {
		table := t.catalog.Tables[name]
		if isData(table) {
			continue
		}
		from, where := "main."+quoteName(name), own
		if table.Spec.List != nil {
			from = quoteName(allPrefix + name)
			if !t.filled[filling{j, name}] {
				where = "false" // so empty that the plan need not think of it
			}
		}
		parts = append(parts, fmt.Sprintf("%s AS NOT MATERIALIZED (SELECT * FROM %s WHERE %s)", quoteName(name), from, where))
	}
	return strings.Join(parts, ",\n")
}

// readTogether gives cases the verdicts about their accounts. A verdict about no case's account makes the check doubtful.
func (t *tester) readTogether(j *job, rows *sql.Rows) error {
	return eachVerdict(rows, func(_ int, v verdict) {
		c := t.accounts[v.account]
		if c == nil || c.job != j {
			j.defect = "a verdict is about the account " + v.account + ", which no fixture has"
			return
		}
		c.verdicts = append(c.verdicts, c.own.show(v))
	})
}
