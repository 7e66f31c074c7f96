package helm

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"k8s.io/client-go/kubernetes/scheme"
)

// requiredMark is before what a chart says of a value that is missing.
const requiredMark = "value missing: "

// maxRandom bounds the text that stands for random text.
const maxRandom = 4096

// pair is a certificate, as templates see it.
type pair struct{ Cert, Key string }

// functions are those that would differ from run to run, or look around, and those that tell where rendering is.
func (p *pass) functions() template.FuncMap {
	functions := template.FuncMap{
		"stanceEnter": func(name string) string { p.stack = append(p.stack, name); return "" },
		"stanceLeave": func() string { p.stack = p.stack[:max(len(p.stack)-1, 0)]; return "" },
		"required":    required,
		"fail":        func(text string) (string, error) { return "", errors.New(text) },
		"now":         func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
		"ago":         func(any) string { return "0s" },
		"uuidv4":      func() string { return "00000000-0000-4000-8000-000000000000" },
		"randInt":     func(low, _ int) int { return low },
		"shuffle":     func(text string) string { return text },
		"bcrypt":      func(string) string { return "$2a$10$placeholder" },
		"htpasswd":    func(user string, _ ...string) string { return user + ":$2a$10$placeholder" },
		"encryptAES":  func(string, string) (string, error) { return "placeholder", nil },
	}
	for _, name := range []string{"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes"} {
		of := "x"
		if name == "randNumeric" {
			of = "0"
		}
		functions[name] = func(n int) (string, error) {
			if n < 0 || n > maxRandom {
				return "", errors.New("random text of that length is not made")
			}
			return strings.Repeat(of, n), nil
		}
	}
	for _, name := range []string{"genPrivateKey", "derivePassword"} {
		functions[name] = func(...any) string { return "placeholder" }
	}
	for _, name := range []string{"genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "buildCustomCert"} {
		functions[name] = func(...any) (pair, error) { return pair{"placeholder", "placeholder"}, nil }
	}
	return functions
}

func required(text string, value any) (any, error) {
	if value == nil || value == "" {
		return value, errors.New(requiredMark + text)
	}
	return value, nil
}

var released = regexp.MustCompile(`^v[0-9]+$`)

// trialsEnd is the minor version of Kubernetes that was the first without trial versions of what is released.
const trialsEnd = 25

// capabilities are those of a cluster of the version: what Helm thinks that it has, and each kind of a version that is released, since
// charts ask for both forms.
func (r Request) capabilities() (*common.Capabilities, error) {
	text := r.KubeVersion
	if text == "" {
		text = DefaultKubeVersion
	}
	version, err := common.ParseKubeVersion(text)
	if err != nil {
		return nil, err
	}
	c := common.DefaultCapabilities.Copy()
	c.KubeVersion = *version
	minor, _ := strconv.Atoi(version.Minor)
	c.APIVersions = slices.DeleteFunc(slices.Clone(c.APIVersions), func(name string) bool {
		// Clusters of today serve no trial versions by themselves, and charts that ask for these first would take them.
		return minor >= trialsEnd && !released.MatchString(name[strings.LastIndex(name, "/")+1:])
	})
	c.APIVersions = append(c.APIVersions, "apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1/APIService")
	for kind := range scheme.Scheme.AllKnownTypes() {
		if released.MatchString(kind.Version) {
			c.APIVersions = append(c.APIVersions, kind.GroupVersion().String()+"/"+kind.Kind)
		}
	}
	c.APIVersions = append(c.APIVersions, r.APIVersions...)
	return c, nil
}
