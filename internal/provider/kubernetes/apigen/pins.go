package main

// module is one pinned release. Sum is the go command's own digest of it, so a proxy or a cache that has something else is
// refused. To move to a newer release, change version and sum (go mod download -json PATH@VERSION) and generate again.
type module struct {
	Path, Version, Sum string
	// CRDs are patterns of files, below the module's folder, that hold CustomResourceDefinitions.
	CRDs []string
	// Types are kinds whose definitions the module does not carry, but whose Go types it does.
	Types []goKind
}

var (
	kubernetesModule = module{Path: "k8s.io/kubernetes", Version: "v1.36.3", Sum: "h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o="}
	kubeletModule    = module{Path: "k8s.io/kubelet", Version: "v0.36.3", Sum: "h1:dRzEnhHk35Opy6wjWR4YBcN5RI9lB2npUY37TghFuPU="}
)

// sourceModules hold packages that the Go types of others use.
var sourceModules = []module{
	kubeletModule,
	{Path: "k8s.io/api", Version: "v0.36.3", Sum: "h1:NxB+05W2UGqXWFXcLO0RB5cnqnUPP5v5sVlaOH0Iz4w="},
	{Path: "k8s.io/apimachinery", Version: "v0.36.3", Sum: "h1:PkzMRBRG8joFD8EhCuQAtNPvJlxb82FwplP26HIzvAM="},
	{Path: "k8s.io/component-base", Version: "v0.36.3", Sum: "h1:vc/UFvPCkW0irPz84LAodAL1j3f4xktPM6dDJIEheAY="},
	{Path: "github.com/fluxcd/pkg/apis/meta", Version: "v1.30.2", Sum: "h1:FbSQsUqLZrnyFhGqc0uE5zJOOu42OQ8YpO0vXmj+g5o="},
	{Path: "github.com/fluxcd/pkg/apis/kustomize", Version: "v1.19.2", Sum: "h1:/E8Nmn1XdAGUIqxI5vK60WemyBX3pIpfmP3mr/E3p9c="},
}

// addOns carry the custom kinds. A kind that two of them define is an error.
var addOns = []module{
	{
		Path: "sigs.k8s.io/gateway-api", Version: "v1.6.2", Sum: "h1:vh5YzKlbdBivEaLX61+APKLGRq4tZ7Fj4XfGkv08xB4=",
		CRDs: []string{"config/crd/experimental/gateway.networking.*io_[^v]*.yaml"},
	},
	{
		Path: "github.com/cert-manager/cert-manager", Version: "v1.21.1", Sum: "h1:0LttV37Q5c2CBNoHkjuI8sLKTXWZDC2SwQkxrBMKV9w=",
		CRDs: []string{"deploy/crds/*.yaml"},
	},
	{
		Path: "github.com/argoproj/argo-cd/v3", Version: "v3.5.2", Sum: "h1:vYtfW2pEBSL+smt8XdpVZHUg31uERINYH6eXzdiLCY4=",
		CRDs: []string{"manifests/crds/*-crd.yaml"},
	},
	{
		Path: "github.com/fluxcd/source-controller", Version: "v1.9.5", Sum: "h1:MFPyCodUi9hZIMaKDsC/rYbNoyzpvrAdrPVixj7W9F0=",
		CRDs: []string{"config/crd/bases/*.yaml"},
	},
	{
		Path: "github.com/fluxcd/kustomize-controller", Version: "v1.9.5", Sum: "h1:/XY2zy3K7fntyppEXIHG7oRMzmfgIt50eJzUfaPX1Kc=",
		CRDs: []string{"config/crd/bases/*.yaml"},
	},
	{
		Path: "github.com/fluxcd/helm-controller/api", Version: "v1.6.4", Sum: "h1:jDgB87F6RRNF0QEZDAw+8+HPU13toF5IZpPsytA0Nuo=",
		Types: []goKind{{Package: "v2", Group: "helm.toolkit.fluxcd.io", Version: "v2", Plural: "helmreleases", Kind: "HelmRelease"}},
	},
	{
		Path: "istio.io/api", Version: "v1.31.1", Sum: "h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=",
		CRDs: []string{"kubernetes/customresourcedefinitions.gen.yaml"},
	},
	{
		Path: "github.com/kyverno/kyverno", Version: "v1.19.0", Sum: "h1:KV42j5lv9lN6WgFlt4X+Mhn0aQD0wLWzlJ/5jdWVdqI=",
		CRDs: []string{"config/crds/*/*.yaml"},
	},
	{
		Path: "github.com/open-policy-agent/gatekeeper/v3", Version: "v3.23.1", Sum: "h1:njHTm0SJ6ZEhhEgmQTpJKTGQbc99fSs4hGiEp1OIKck=",
		CRDs: []string{"charts/gatekeeper/crds/*.yaml"},
	},
	{
		Path: "github.com/cilium/cilium", Version: "v1.20.2", Sum: "h1:dqiEGIcXc+gqCLYG/l7VCFJ8GHyb4HUrwbZOpkX5dL8=",
		CRDs: []string{"pkg/k8s/apis/cilium.io/client/crds/*/*.yaml"},
	},
	{
		Path: "github.com/external-secrets/external-secrets", Version: "v1.3.2", Sum: "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
		CRDs: []string{"config/crds/bases/external-secrets.io_*.yaml"},
	},
	{
		Path: "github.com/vmware-tanzu/velero", Version: "v1.18.3", Sum: "h1:9uwN5yxTWQl9PsF5ljX4xiG+7VIq3I9mxOQ0DyyZ31A=",
		CRDs: []string{"config/crd/*/bases/*.yaml"},
	},
	{
		Path: "sigs.k8s.io/network-policy-api", Version: "v0.1.1", Sum: "h1:KDW+AkvCCQI3h8yH8j0hurhvPLNtLeVvmZoqtMaG9ew=",
		CRDs: []string{"config/crd/policy.networking.k8s.io_*.yaml"},
	},
	{
		Path: "github.com/kubernetes-csi/external-snapshotter/client/v8", Version: "v8.6.0", Sum: "h1:FtGewu2k6HWw6evLGXY8JqUZ9eHpti1kd3e4amj+ilA=",
		CRDs: []string{"config/crd/*.storage.k8s.io_*.yaml"},
	},
	{
		Path: "github.com/openreports/reports-api", Version: "v0.2.1", Sum: "h1:g9KS3yle9Y1elmww4TK9EkD1rl6inIaiIJPX6e+u680=",
		CRDs: []string{"config/crd/*.yaml"},
	},
	{
		Path: "github.com/traefik/traefik/v3", Version: "v3.7.13", Sum: "h1:T8wy9KuaFzCkmXCqAzDy7t73pBDR1DHrJe3pqXpNXTw=",
		CRDs: []string{"docs/content/reference/dynamic-configuration/traefik.io_*.yaml"},
	},
	{
		// Release 3.28: what is newer is not on the proxy. It has no tiers yet.
		Path: "github.com/projectcalico/calico", Version: "v1.11.0-cni-plugin.0.20250813170300-a0db560f0520",
		Sum:  "h1:TXnPEzx4pLWgwzCetIO/VJuz4iBZZrOdNSv16a50YqE=",
		CRDs: []string{"libcalico-go/config/crd/*.yaml"},
	},
	{
		Path: "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring", Version: "v0.92.1",
		Sum: "h1:MR19V0wQ1ymlsURnlODjcnsVrClhclUgZMnbn6A+aRs=",
		Types: []goKind{
			{Package: "v1", Group: "monitoring.coreos.com", Version: "v1", Plural: "alertmanagers", Kind: "Alertmanager"},
			{Package: "v1", Group: "monitoring.coreos.com", Version: "v1", Plural: "podmonitors", Kind: "PodMonitor"},
			{Package: "v1", Group: "monitoring.coreos.com", Version: "v1", Plural: "probes", Kind: "Probe"},
			{Package: "v1", Group: "monitoring.coreos.com", Version: "v1", Plural: "prometheuses", Kind: "Prometheus"},
			{Package: "v1", Group: "monitoring.coreos.com", Version: "v1", Plural: "prometheusrules", Kind: "PrometheusRule"},
			{Package: "v1", Group: "monitoring.coreos.com", Version: "v1", Plural: "servicemonitors", Kind: "ServiceMonitor"},
		},
	},
	{
		Path: "sigs.k8s.io/karpenter", Version: "v1.14.0", Sum: "h1:+SXlqYNb9FIKRpDgPPRnphVmWbrWLw4tgzKezr372Mc=",
		CRDs: []string{"pkg/apis/crds/karpenter.sh_*.yaml"},
	},
	{
		Path: "sigs.k8s.io/secrets-store-csi-driver", Version: "v1.5.3", Sum: "h1:SBsYaGmuQN9EIHwi32gaf0k94hyjjeaQ5eWeyqC0lWQ=",
		CRDs: []string{"config/crd/bases/*.yaml"},
	},
	{
		Path: "github.com/aquasecurity/trivy-operator", Version: "v0.29.0", Sum: "h1:6/7DI97Kpz8ZGIzhPLC1KkQvl2Gu86uRYWKdUEhjFB0=",
		CRDs: []string{"deploy/helm/crds/aquasecurity.github.io_*.yaml"},
	},
}
