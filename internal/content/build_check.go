package content

func buildCheck(v *value, provider, service string, problems *Problems) *Check {
	c := &Check{
		ID: v.at("id").string(), Provider: provider, Service: service,
		Title: v.at("title").string(), Severity: v.at("severity").string(), Resource: v.at("resource").string(),
		When: v.at("when").string(), Pass: v.at("pass").string(), Found: v.at("found").string(),
		Query: v.at("query").string(), Scope: v.at("scope").string(), Manual: v.at("manual").string(), Ask: v.at("ask").string(), Live: v.at("live").string(),
		Params: buildParams(v.at("params"), problems), Objectives: v.at("objectives").strings(), Concerns: buildConcerns(v.at("concerns")),
		Why: v.at("why").string(), References: v.at("references").strings(),
		Origin: v.origin(),
	}
	if c.Query != "" && c.Scope == "" {
		c.Scope = QueryAccount
	}
	fix := v.at("fix")
	c.Fix = Fix{
		Text: fix.at("text").string(), CLI: fix.at("cli").string(), Terraform: fix.at("terraform").string(),
		Caution: fix.at("caution").string(), Apply: fix.at("apply").string(), Code: buildCodeFix(fix.at("code"), problems),
	}
	return c
}

func buildConcerns(v *value) map[string]Concern {
	var concerns map[string]Concern
	for _, e := range v.each() {
		if concerns == nil {
			concerns = map[string]Concern{}
		}
		concerns[e.name] = Concern{Row: e.at("row").string(), Of: e.at("of").string()}
		if both := e.string(); both != "" {
			concerns[e.name] = Concern{Row: both, Of: both}
		}
	}
	return concerns
}

func buildParams(v *value, problems *Problems) []*Param {
	var params []*Param
	for _, e := range v.each() {
		p := &Param{Name: e.name, Type: e.at("type").string(), About: e.at("about").string()}
		if p.Type != "" && e.at("default") != nil {
			value, err := p.convert(e.at("default").any())
			if err != nil {
				problems.Add(e.keyPos("default"), "", "the default of %q %v", e.name, err)
			}
			p.Default = value
		}
		params = append(params, p)
	}
	return params
}

// Param finds a parameter of the check's own by name, or nil.
func (c *Check) Param(name string) *Param { return findParam(c.Params, name) }

func findParam(params []*Param, name string) *Param {
	for _, p := range params {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func paramNames(params []*Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}

func buildProvider(v *value, problems *Problems) *Provider {
	p := &Provider{
		ID: v.at("id").string(), Title: v.at("title").string(),
		Params: buildParams(v.at("params"), problems), Origin: v.origin(),
	}
	tables := v.at("tables")
	p.Tables = TableDefaults{
		Scope: tables.at("scope").string(), ID: tables.at("id").string(), NameColumn: tables.at("name_column").string(),
		Region: tables.at("region").string(), Columns: buildColumns(tables.at("columns")),
		Unassumed: tables.has("assumed") && !tables.at("assumed").bool(),
	}
	code := v.at("code")
	p.Code = Code{Objects: code.at("objects").bool(), Partition: code.at("partition").string(), Region: code.at("region").strings()}
	p.Code.Account, p.Code.SignIn = code.at("account").strings(), code.at("sign_in").strings()
	p.Code.Symbols, p.Code.Known = textsByName(code.at("symbols")), textsByName(code.at("known"))
	for _, rule := range v.at("errors").all() {
		built := ErrorRule{
			Class: rule.at("class").string(), Codes: rule.at("codes").strings(),
			Message: rule.at("message").string(), Service: rule.at("service").string(), Wide: rule.at("wide").bool(),
		}
		for _, status := range rule.at("status").all() {
			built.Status = append(built.Status, status.int())
		}
		if rule != nil && len(built.Codes)+len(built.Status)+len(built.Message) == 0 {
			problems.Add(rule.pos, "say codes, status or message", "the rule would hold for every error")
		}
		p.Errors = append(p.Errors, built)
	}
	for _, limit := range v.at("limits").all() {
		built := Limit{
			Service: limit.at("service").string(), Op: limit.at("op").string(),
			Rate: limit.at("rate").float(), Burst: limit.at("burst").int(),
		}
		if limit.at("rate") != nil && built.Rate <= 0 {
			problems.Add(limit.keyPos("rate"), "", "the rate must be above 0")
		}
		p.Limits = append(p.Limits, built)
	}
	return p
}

func buildObjectives(v *value) []*Objective {
	var objectives []*Objective
	for _, e := range v.at("objectives").each() {
		o := &Objective{ID: e.name, Title: e.at("title").string(), Domain: e.at("domain").string(), About: e.at("about").string(), Why: e.at("why").string()}
		if o.Origin = (&Origin{Pos: e.pos}); e.value != nil {
			o.Origin.Keys = e.origin().Keys
		}
		objectives = append(objectives, o)
	}
	return objectives
}

// textsByName gives the texts below the keys of a map, nil if there are none.
func textsByName(v *value) map[string]string {
	var texts map[string]string
	for _, e := range v.each() {
		if texts == nil {
			texts = map[string]string{}
		}
		texts[e.name] = e.string()
	}
	return texts
}
