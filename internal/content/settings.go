package content

// Settings are the values that checks' parameters have in a run, and the findings that nobody need act on. The zero value and nil
// give the defaults only.
type Settings struct {
	shared       map[string]map[string]any // by provider and parameter
	checks       map[string]map[string]any // by check and parameter; the user's alone
	suppressions []Suppression
}

// DefaultSettings are those of a user who set nothing.
func DefaultSettings(l *Library) *Settings {
	s := &Settings{shared: map[string]map[string]any{}, checks: map[string]map[string]any{}}
	for _, p := range l.Providers {
		s.shared[p.ID] = map[string]any{}
		for _, param := range p.Params {
			s.shared[p.ID][param.Name] = param.Default
		}
	}
	return s
}

// LoadSettings reads a user's file of settings. Below the key params stand checks by id, with their parameters, and the
// parameters that a provider's checks share; below suppress, the findings of code that nobody need act on:
//
//	params:
//	  aws_iam_user_credentials_used: {days: 30}
//	  trusted_account_ids: ["111122223333"]
//	suppress:
//	  - check: aws_s3_bucket_versioning
//	    address: module.logs.**
//	    reason: the logs are copied elsewhere every night
func LoadSettings(name string, l *Library) (*Settings, Problems) {
	var problems Problems
	s := DefaultSettings(l)
	v := loadOne(name, settingsForm(), &problems)
	for _, e := range v.at("params").each() {
		s.set(l, e, &problems)
	}
	for _, one := range v.at("suppress").all() {
		s.suppress(l, one, &problems)
	}
	return s, problems.Sorted()
}

func (s *Settings) set(l *Library, e entry, problems *Problems) {
	if c := l.Check(e.name); c != nil {
		if e.value == nil || e.entries == nil {
			problems.Add(e.pos, "", "%q is %s, but a map of the check's parameters is wanted", e.name, describe(e.any()))
			return
		}
		s.checks[c.ID] = map[string]any{}
		refs := newReferences(&Library{}, l)
		for _, own := range e.entries {
			p, known := refs.param(c, own.name)
			if p == nil {
				problems.Add(own.pos, DidYouMean(own.name, known), "%s has no parameter %q", c.ID, own.name)
				continue
			}
			s.put(s.checks[c.ID], p, own.any(), own.pos, problems)
		}
		return
	}
	known, found := []string(nil), false
	for _, provider := range l.Providers {
		if p := findParam(provider.Params, e.name); p != nil {
			found = true
			value := e.any()
			if e.value != nil && e.entries != nil {
				value = map[string]any{}
			}
			s.put(s.shared[provider.ID], p, value, e.pos, problems)
		}
		known = append(known, paramNames(provider.Params)...)
	}
	if !found {
		known = append(known, checkIDs(l)...)
		problems.Add(e.pos, DidYouMean(e.name, known), "there is no check and no shared parameter %q", e.name)
	}
}

func (s *Settings) put(values map[string]any, p *Param, v any, at Pos, problems *Problems) {
	converted, err := p.convert(v)
	if err != nil {
		problems.Add(at, "", "parameter %q %v", p.Name, err)
		return
	}
	values[p.Name] = converted
}

func checkIDs(l *Library) []string {
	ids := make([]string, len(l.Checks))
	for i, c := range l.Checks {
		ids[i] = c.ID
	}
	return ids
}

// Value gives a parameter of a check, its own or one that its provider's checks share; false if it has none of the name.
func (s *Settings) Value(c *Check, name string) (any, bool) {
	v, ok := s.Values(c)[name]
	return v, ok
}

// Asked gives the values of the parameters that a check's SQL reads, nil if it reads none.
func (s *Settings) Asked(c *Check) map[string]any {
	var asked map[string]any
	for _, sql := range []string{c.Query, c.When, c.Ask, c.Pass, c.Found} {
		for _, name := range SQLParams(sql) {
			if asked == nil {
				asked = map[string]any{}
			}
			asked[name], _ = s.Value(c, name)
		}
	}
	return asked
}

// Values gives all parameters that a check may read, for BindSQL.
func (s *Settings) Values(c *Check) map[string]any {
	values := map[string]any{}
	if s != nil {
		for name, v := range s.shared[c.Provider] {
			values[name] = v
		}
	}
	for _, p := range c.Params {
		values[p.Name] = p.Default
	}
	if s != nil {
		for name, v := range s.checks[c.ID] {
			values[name] = v
		}
	}
	return values
}
