package aws

import (
	"context"
	"encoding/xml"
	"net"
	"net/http"
	"strings"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// bucketTarget resolves where to ask about a bucket: by host name where the bucket's name can be one, in the region where the
// bucket is known to live.
func (p *Provider) bucketTarget(ctx context.Context, op *wire.Operation, bucket, partition, region string) (*target, error) {
	p.mu.Lock()
	if known := p.buckets[bucket]; known != "" {
		region = known
	}
	p.mu.Unlock()
	t, err := p.endpoint(ctx, op.Service.Name, op.Service.Model.Metadata, partition, region)
	if err != nil {
		return nil, err
	}
	t.bucket = bucket
	switch {
	case strings.HasSuffix(bucket, "--x-s3"):
		t.directory()
	case hostBucket(bucket) && t.takesPrefix():
		t.virtual = true
		t.base.Host = bucket + "." + t.base.Host
	}
	return t, nil
}

// directory sends what is about a directory bucket to the control endpoint of that kind of bucket.
func (t *target) directory() {
	t.signingName = "s3express"
	if !t.configured {
		t.base.Host = "s3express-control" + strings.TrimPrefix(t.base.Host, "s3")
	}
}

// hostBucket says that a bucket's name can be part of a host name that the vendor's certificate covers: no dots, no capitals.
func hostBucket(name string) bool {
	if len(name) < 3 || len(name) > 63 || net.ParseIP(name) != nil {
		return false
	}
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return false
	}
	return name[0] != '-' && name[len(name)-1] != '-'
}

// movedTo gives the region of a bucket that does not live where it was asked for, or nothing.
func movedTo(got *provider.Received, asked string) string {
	switch got.Response.StatusCode {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusBadRequest, http.StatusForbidden:
	default:
		return ""
	}
	region := got.Response.Header.Get("X-Amz-Bucket-Region")
	if region == "" {
		var words struct {
			Region string `xml:"Region"`
		}
		if xml.Unmarshal(got.Body, &words) == nil {
			region = words.Region
		}
	}
	if region == asked || !regionName(region) {
		return ""
	}
	return region
}

// regionName says that text has the form of a region. It becomes part of a host, and came over the network.
func regionName(s string) bool {
	return len(s) > 3 && len(s) < 40 && strings.Count(s, "-") >= 2 && hostBucket(s)
}

// remember keeps where a bucket lives.
func (p *Provider) remember(bucket, region string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buckets[bucket] = region
}
