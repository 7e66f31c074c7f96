package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/provider"
)

// header is the journal's first line: what the scan was to collect. Only the same can be resumed.
type header struct {
	Form     int             `json:"form"`
	Provider string          `json:"provider"`
	Accounts []headerAccount `json:"accounts"`
	Tables   []headerTable   `json:"tables"`
}

type headerAccount struct {
	ID      string   `json:"id"`
	Regions []string `json:"regions"`
	// Unlisted says that there may be more: nobody could tell.
	Unlisted bool `json:"unlisted,omitempty"`
}

type headerTable struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

func newHeader(p provider.Provider, accounts []provider.Account, s *scheme) (*header, error) {
	h := &header{Form: spoolForm, Provider: p.ID()}
	for _, a := range accounts {
		regions := slices.Clone(a.Regions)
		slices.Sort(regions)
		h.Accounts = append(h.Accounts, headerAccount{a.ID, regions, a.RegionsErr != nil})
	}
	slices.SortFunc(h.Accounts, func(a, b headerAccount) int { return strings.Compare(a.ID, b.ID) })
	for _, t := range s.tables {
		b, err := json.Marshal(t.digest())
		if err != nil {
			return nil, fmt.Errorf("digest table %s: %w", t.name, err)
		}
		sum := sha256.Sum256(b)
		h.Tables = append(h.Tables, headerTable{t.name, hex.EncodeToString(sum[:8])})
	}
	slices.SortFunc(h.Tables, func(a, b headerTable) int { return strings.Compare(a.Name, b.Name) })
	return h, nil
}

func containsAll(list, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(s string) bool { return !slices.Contains(list, s) })
}

// differs says in what the plan of another scan is not the same; empty if it is.
func (h *header) differs(o *header) string {
	if h.Provider != o.Provider {
		return fmt.Sprintf("it was of %s, not %s", h.Provider, o.Provider)
	}
	regions := map[string][]string{}
	for _, a := range o.Accounts {
		regions[a.ID] = a.Regions
	}
	for _, a := range h.Accounts {
		now, ok := regions[a.ID]
		if !ok {
			return fmt.Sprintf("it was to collect account %s too", a.ID)
		}
		// An account that refused the sign-in, or the question, did not tell its regions, and may do so now.
		if len(a.Regions) > 0 && !slices.Equal(now, a.Regions) && (!a.Unlisted || !containsAll(now, a.Regions)) {
			return fmt.Sprintf("it was to collect the regions %s of account %s, not %s", strings.Join(a.Regions, ", "), a.ID, strings.Join(now, ", "))
		}
		delete(regions, a.ID)
	}
	for id := range regions {
		return fmt.Sprintf("it was not to collect account %s", id)
	}
	digests := map[string]string{}
	for _, t := range o.Tables {
		digests[t.Name] = t.Digest
	}
	for _, t := range h.Tables {
		now, ok := digests[t.Name]
		if !ok {
			return fmt.Sprintf("it was to collect table %s too", t.Name)
		}
		if now != t.Digest {
			return fmt.Sprintf("table %s is collected otherwise now (other checks were chosen, or its calls changed)", t.Name)
		}
		delete(digests, t.Name)
	}
	for name := range digests {
		return fmt.Sprintf("it was not to collect table %s", name)
	}
	return ""
}
