package aws

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/api"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// target is where a request goes and how it is signed.
type target struct {
	base        *url.URL
	region      string // to sign for
	signingName string
	bucket      string // of an S3 request
	virtual     bool   // the bucket is part of the host: its name leaves the path
	configured  bool   // the user said where
}

// url joins the endpoint's base path and the request's own.
func (t *target) url(encoded *wire.Request) string {
	path := encoded.EscapedPath
	if t.virtual {
		path = strings.TrimPrefix(path, "/"+t.bucket)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
	}
	u := *t.base
	full := strings.TrimSuffix(u.EscapedPath(), "/") + path
	u.Path, u.RawPath, u.RawQuery = "", "", ""
	text := u.String() + full
	if encoded.RawQuery != "" {
		text += "?" + encoded.RawQuery
	}
	return text
}

// target resolves where to send a request for a scope.
func (p *Provider) target(ctx context.Context, op *wire.Operation, encoded *wire.Request, scope provider.Scope) (*target, error) {
	meta := op.Service.Model.Metadata
	if meta.SignatureVersion == "bearer" {
		return nil, fmt.Errorf("%s signs in with a token of its own, which is not supported", op.Service.Name)
	}
	region, partition := scope.Region, p.partitionOf(scope)
	if bucket, ok := encoded.Checked["Bucket"].(string); ok && op.Service.Name == "s3" {
		return p.bucketTarget(ctx, op, bucket, partition, region)
	}
	t, err := p.endpoint(ctx, op.Service.Name, meta, partition, region)
	if err != nil {
		return nil, err
	}
	if op.Service.Name == "s3" && op.Model.Name == "ListDirectoryBuckets" {
		t.directory()
	}
	if encoded.HostPrefix != "" && t.takesPrefix() {
		t.base.Host = encoded.HostPrefix + t.base.Host
	}
	return t, nil
}

func (p *Provider) partitionOf(scope provider.Scope) string {
	if scope.Partition != "" {
		return scope.Partition
	}
	return p.identity.Partition
}

// endpoint resolves a service's host: the user's word first, else the vendor's endpoint data. Without a region it is the one
// that answers for the whole partition, or the partition's home; where a service has only one, it is that for all regions.
func (p *Provider) endpoint(ctx context.Context, service string, meta api.Metadata, partition, region string) (*target, error) {
	if home, once := p.rules.ScanOnce(service, partition); once {
		region = home
	}
	resolved, err := p.rules.Resolve(service, partition, region)
	if err != nil {
		return nil, err
	}
	t := &target{region: resolved.SigningRegion, signingName: meta.SigningName}
	address := resolved.URL
	override, err := p.override(ctx, meta.ServiceID)
	if err != nil {
		return nil, err
	}
	if override != "" {
		address, t.configured = override, true
	}
	if t.base, err = url.Parse(address); err != nil || t.base.Host == "" {
		return nil, fmt.Errorf("endpoint %q of %s is not a URL with a host", address, service)
	}
	return t, nil
}

// override is the endpoint that the user set for a service or for all: AWS_ENDPOINT_URL_S3, the profile's services section,
// AWS_ENDPOINT_URL.
func (p *Provider) override(ctx context.Context, serviceID string) (string, error) {
	if p.options.Endpoint != "" {
		return p.options.Endpoint, nil
	}
	for _, source := range p.config.ConfigSources {
		if s, ok := source.(interface {
			GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error)
		}); ok {
			ignore, found, err := s.GetIgnoreConfiguredEndpoints(ctx)
			if err != nil {
				return "", fmt.Errorf("read endpoint configuration: %w", err)
			}
			if found && ignore {
				return "", nil
			}
			if found {
				break
			}
		}
	}
	for _, source := range p.config.ConfigSources {
		if s, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		}); ok {
			address, found, err := s.GetServiceBaseEndpoint(ctx, serviceID)
			if err != nil {
				return "", fmt.Errorf("read endpoint configuration: %w", err)
			}
			if found {
				return address, nil
			}
		}
	}
	if p.config.BaseEndpoint != nil {
		return *p.config.BaseEndpoint, nil
	}
	return "", nil
}

// takesPrefix says that a name can be put before the host's: not if the user set an address, localhost or a single word.
func (t *target) takesPrefix() bool {
	return !t.configured || !fixedHost(t.base.Hostname())
}

// fixedHost says that nothing can be put before the host's name.
func fixedHost(host string) bool {
	return net.ParseIP(host) != nil || host == "localhost" || !strings.Contains(host, ".")
}
