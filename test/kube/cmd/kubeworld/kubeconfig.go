package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// kubeconfig has one cluster and a context for each user; a context is named by its user, and admin's is the current one.
type kubeconfig struct {
	APIVersion     string  `yaml:"apiVersion"`
	Kind           string  `yaml:"kind"`
	Clusters       []named `yaml:"clusters"`
	Users          []named `yaml:"users"`
	Contexts       []named `yaml:"contexts"`
	CurrentContext string  `yaml:"current-context"`
}

type named struct {
	Name    string `yaml:"name"`
	Cluster any    `yaml:"cluster,omitempty"`
	User    any    `yaml:"user,omitempty"`
	Context any    `yaml:"context,omitempty"`
}

func newKubeconfig(cluster, url string, authority []byte) *kubeconfig {
	return &kubeconfig{
		APIVersion: "v1", Kind: "Config", CurrentContext: admin,
		Clusters: []named{{Name: cluster, Cluster: map[string]any{"server": url, "certificate-authority-data": base64.StdEncoding.EncodeToString(authority)}}},
	}
}

func (k *kubeconfig) add(user string, p pair) error {
	for _, other := range k.Users {
		if other.Name == user {
			return fmt.Errorf("user %s is given twice", user)
		}
	}
	k.Users = append(k.Users, named{Name: user, User: map[string]any{
		"client-certificate-data": base64.StdEncoding.EncodeToString(p.certificate),
		"client-key-data":         base64.StdEncoding.EncodeToString(p.key),
	}})
	k.Contexts = append(k.Contexts, named{Name: user, Context: map[string]any{"cluster": k.Clusters[0].Name, "user": user}})
	return nil
}

func (k *kubeconfig) write(path string) error {
	text, err := yaml.Marshal(k)
	if err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return os.WriteFile(path, text, 0o600)
}

// parseUser reads NAME[=group,...]: names and groups have colons of their own.
func parseUser(text string) (name string, groups []string, err error) {
	name, list, has := strings.Cut(text, "=")
	if has {
		groups = strings.Split(list, ",")
	}
	if name == "" || slices.Contains(groups, "") {
		return "", nil, fmt.Errorf("--user %s: want NAME[=group,...]", text)
	}
	return name, groups, nil
}
