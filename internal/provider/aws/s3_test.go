package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func TestBucketsAreAddressed(t *testing.T) {
	tests := []struct {
		name, bucket, region, call, endpoint string
		want                                 string
	}{
		{"by host", "my-bucket", "eu-west-1", "s3:GetBucketVersioning", "", "https://my-bucket.s3.eu-west-1.amazonaws.com/?versioning="},
		{"by path, with a dot in the name", "my.bucket", "eu-west-1", "s3:GetBucketVersioning", "", "https://s3.eu-west-1.amazonaws.com/my.bucket?versioning="},
		{"by path, with capitals", "MyBucket", "us-east-1", "s3:GetBucketVersioning", "", "https://s3.us-east-1.amazonaws.com/MyBucket?versioning="},
		{"by path, on an address", "my-bucket", "eu-west-1", "s3:GetBucketVersioning", "http://127.0.0.1:5000", "http://127.0.0.1:5000/my-bucket?versioning="},
		{"by path, on localhost", "my-bucket", "eu-west-1", "s3:GetBucketVersioning", "http://localhost:5000/base/", "http://localhost:5000/base/my-bucket?versioning="},
		{"by host, on an endpoint of one's own", "my-bucket", "eu-west-1", "s3:GetBucketVersioning", "https://s3.example.com", "https://my-bucket.s3.example.com/?versioning="},
		{"without a region", "my-bucket", "", "s3:GetBucketVersioning", "", "https://my-bucket.s3.us-east-1.amazonaws.com/?versioning="},
		{"a directory bucket", "b--use1-az4--x-s3", "us-east-1", "s3:GetBucketPolicy", "", "https://s3express-control.us-east-1.amazonaws.com/b--use1-az4--x-s3?policy="},
		{"the list of directory buckets", "", "us-east-1", "s3:ListDirectoryBuckets", "", "https://s3express-control.us-east-1.amazonaws.com/?max-directory-buckets=1000&x-id=ListDirectoryBuckets"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got, authorization string
			p := signedIn(t, Options{Endpoint: test.endpoint, Transport: served(func(w http.ResponseWriter, r *http.Request) {
				got, authorization = r.URL.String(), r.Header.Get("Authorization")
				if r.Header.Get("X-Amz-Content-Sha256") == "" {
					t.Error("no hash of the body")
				}
				w.WriteHeader(http.StatusOK)
			})})
			input := map[string]any{}
			if test.bucket != "" {
				input["Bucket"] = test.bucket
			}
			if _, err := ask(t.Context(), p, test.region, test.call, input); err != nil {
				t.Fatal(err)
			}
			if strings.TrimSuffix(got, "&x-id=ListDirectoryBuckets") != strings.TrimSuffix(test.want, "&x-id=ListDirectoryBuckets") {
				t.Errorf("asked %s, want %s", got, test.want)
			}
			if strings.Contains(test.want, "s3express") != strings.Contains(authorization, "/s3express/") {
				t.Errorf("signed %s", authorization)
			}
		})
	}
}

func TestBucketsElsewhereAreFollowedOnceAndRemembered(t *testing.T) {
	tests := []struct {
		name    string
		status  int
		body    string
		headers []string
	}{
		{"301 with a header", 301, `<Error><Code>PermanentRedirect</Code></Error>`, []string{"X-Amz-Bucket-Region", "eu-central-1"}},
		{"400 with a header", 400, `<Error><Code>AuthorizationHeaderMalformed</Code></Error>`, []string{"X-Amz-Bucket-Region", "eu-central-1"}},
		{"400 that names the region", 400, `<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region></Error>`, nil},
		{"307", 307, ``, []string{"X-Amz-Bucket-Region", "eu-central-1", "Location", "https://evil.test/"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var hosts []string
			p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
				hosts = append(hosts, r.URL.Host)
				if strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/") {
					clienttest.Write(w, 200, `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`)
					return
				}
				clienttest.Write(w, test.status, test.body, test.headers...)
			})})
			for range 2 {
				got, err := ask(t.Context(), p, "us-east-1", "s3:GetBucketVersioning", map[string]any{"Bucket": "moved"})
				if err != nil || string(got.Document) != `{"Status":"Enabled"}` {
					t.Fatalf("got %v, %v", got, err)
				}
			}
			want := []string{"moved.s3.us-east-1.amazonaws.com", "moved.s3.eu-central-1.amazonaws.com", "moved.s3.eu-central-1.amazonaws.com"}
			if !slices.Equal(hosts, want) {
				t.Errorf("asked %v, want %v", hosts, want)
			}
		})
	}
}

func TestARedirectInACircleEnds(t *testing.T) {
	asked := 0
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
		asked++
		region := "eu-central-1"
		if strings.Contains(r.URL.Host, region) {
			region = "us-east-1"
		}
		clienttest.Write(w, 301, `<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>`, "X-Amz-Bucket-Region", region)
	})})
	_, err := ask(t.Context(), p, "us-east-1", "s3:GetBucketVersioning", map[string]any{"Bucket": "moved"})
	if e := clienttest.Problem(t, err); e.Class != provider.Broken || e.Code != "PermanentRedirect" || asked != 2 {
		t.Errorf("got %s after %d exchanges", e, asked)
	}
}

// What comes over the network does not become part of a host unless it looks like a region.
func TestARedirectCannotChooseTheHost(t *testing.T) {
	asked := 0
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		clienttest.Write(w, 301, ``, "X-Amz-Bucket-Region", "evil.test/x-y-z")
	})})
	if _, err := ask(t.Context(), p, "us-east-1", "s3:GetBucketVersioning", map[string]any{"Bucket": "moved"}); err == nil || asked != 1 {
		t.Errorf("%v after %d exchanges", err, asked)
	}
}

func TestS3ControlPutsTheAccountBeforeTheHost(t *testing.T) {
	tests := map[string]string{"": "https://111122223333.s3-control.eu-west-1.amazonaws.com", "http://127.0.0.1:5000": "http://127.0.0.1:5000"}
	for endpoint, want := range tests {
		var got string
		p := signedIn(t, Options{Endpoint: endpoint, Transport: served(func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.Scheme + "://" + r.URL.Host
			clienttest.Write(w, 200, `<PublicAccessBlockConfiguration/>`)
		})})
		if _, err := ask(t.Context(), p, "eu-west-1", "s3control:GetPublicAccessBlock", map[string]any{"AccountId": testAccount}); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
}
