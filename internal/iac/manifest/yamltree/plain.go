package yamltree

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

var (
	jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	yamlFloat  = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

// Plain is what a word without quotes is, and its text: yes is true and 0644 is 420, as Kubernetes reads YAML.
func Plain(word string) (iac.Kind, string) {
	switch word {
	case "", "~", "null", "Null", "NULL":
		return iac.Null, ""
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return iac.Bool, "true"
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return iac.Bool, "false"
	}
	if c := word[0]; c != '.' && c != '-' && c != '+' && (c < '0' || c > '9') || len(word) > 1000 {
		return iac.String, word
	}
	bare := strings.ReplaceAll(word, "_", "")
	if n, ok := integer(bare); ok {
		return iac.Number, n
	}
	if jsonNumber.MatchString(bare) {
		return iac.Number, bare
	}
	if yamlFloat.MatchString(bare) {
		if f, err := strconv.ParseFloat(bare, 64); err == nil {
			return iac.Number, strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
	return iac.String, word
}

// integer reads a whole number in any of YAML's bases, and gives its decimal digits.
func integer(word string) (string, bool) {
	n, ok := new(big.Int).SetString(strings.TrimPrefix(word, "+"), 0)
	if !ok || n.BitLen() > 64 {
		return "", false
	}
	return n.String(), true
}
