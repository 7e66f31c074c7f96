package replay

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// vendor answers requests in place of a cloud.
type vendor func(*http.Request) (int, string)

func (v vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := v(r)
	return &http.Response{
		StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/json"}, "X-Amz-Request-Id": {"r-1"}, "Set-Cookie": {"session=hush"}, "X-Amz-Bucket-Region": {"eu-west-1"}},
	}, nil
}

// request makes one; headers are names and values in turn.
func request(t *testing.T, method, url, body string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// send gives the status and the body of an answer.
func send(t *testing.T, to http.RoundTripper, r *http.Request) (int, string) {
	t.Helper()
	response, err := to.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

const form = "application/x-www-form-urlencoded"

func TestARecordingHoldsNoSecrets(t *testing.T) {
	secrets := map[string]string{
		"assume":   `<Credentials><AccessKeyId>ASIAHUSH</AccessKeyId><SecretAccessKey>hush</SecretAccessKey></Credentials>`,
		"sso":      `{"roleCredentials":{"secretAccessKey":"hush"}}`,
		"token":    `{"accessToken":"hush"}`,
		"registry": `{"authorizationData":[{"authorizationToken":"hush"}]}`,
		"key":      "-----BEGIN RSA PRIVATE KEY-----\nhush\n-----END RSA PRIVATE KEY-----",
	}
	recorder := &Recorder{Next: vendor(func(r *http.Request) (int, string) {
		if answer := secrets[strings.Trim(r.URL.Path, "/")]; answer != "" {
			return 200, answer
		}
		return 200, `{"Buckets":[]}`
	})}
	for name, want := range secrets {
		// The client gets it all the same.
		if status, body := send(t, recorder, request(t, "POST", "https://sts.example.com/"+name, "Secret=hush", "Content-Type", form)); status != 200 || body != want {
			t.Errorf("%s: the client got %d %s", name, status, body)
		}
	}
	send(t, recorder, request(t, "GET", "https://s3.example.com/list?b=2&a=1&X-Amz-Signature=hush&X-Amz-Security-Token=hush&X-Amz-Credential=AKIAHUSH", "",
		"Authorization", "AWS4-HMAC-SHA256 Credential=AKIAHUSH/20260115/eu-west-1/s3/aws4_request, Signature=hush", "X-Amz-Security-Token", "hush", "Cookie", "session=hush"))
	recording := recorder.Recording()
	if len(recording.Exchanges) != 1 || recording.Exchanges[0].Path != "/list?a=1&b=2" {
		t.Fatalf("recorded: %+v", recording.Exchanges)
	}
	if got := fmt.Sprint(recording.Exchanges[0].Header); got != "map[Content-Type:application/json X-Amz-Bucket-Region:eu-west-1]" {
		t.Errorf("headers: %s", got)
	}
	if text := unpacked(t, written(t, recording)); strings.Contains(strings.ToLower(text), "hush") {
		t.Errorf("the file holds a secret: %s", text)
	}
}

func written(t *testing.T, r *Recording) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(t *testing.T, file []byte) string {
	t.Helper()
	plain, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatAClientRepeatsIsNotRecorded(t *testing.T) {
	status := 0
	recorder := &Recorder{Next: vendor(func(*http.Request) (int, string) { return status, fmt.Sprint(status) }), Rename: func(*http.Request) string { return "s3.amazonaws.com" }}
	for _, status = range []int{200, 429, 500, 503, 501, 404, 403} {
		send(t, recorder, request(t, "GET", "http://127.0.0.1:5000/x", ""))
	}
	var kept []int
	for _, e := range recorder.Recording().Exchanges {
		kept = append(kept, e.Status)
		if e.Host != "s3.amazonaws.com" {
			t.Errorf("host %s", e.Host)
		}
	}
	if !slices.Equal(kept, []int{200, 501, 404, 403}) {
		t.Errorf("kept %v", kept)
	}
}

func TestARecordingIsWrittenAndRead(t *testing.T) {
	one := Exchange{Call: "s3:List", Method: "GET", Host: "h", Path: "/a?x=1", Status: 200, Header: map[string]string{"Content-Type": "text/xml"}, Answer: "<a>é&\n\"</a>"}
	two := Exchange{Method: "POST", Host: "h", Path: "/", Target: "T.Op", Body: `{"a":1}`, Status: 400, Answer: ""}
	again := one
	again.Answer = "later"
	r := &Recording{About: "a world", Accounts: []string{"1"}, Exchanges: []Exchange{one, two, again}}
	file := written(t, r)
	got, err := Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	r.Exchanges = []Exchange{one, again, two} // sorted by request
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", r) {
		t.Errorf("got  %+v\nwant %+v", got, r)
	}
	// Another order of requests gives the same file; that of the same request is kept.
	other := &Recording{About: r.About, Accounts: r.Accounts, Exchanges: []Exchange{two, one, again}}
	if !bytes.Equal(written(t, other), file) {
		t.Error("the file depends on the order of requests")
	}
}

func TestAFileThatIsNoRecordingIsOneClearError(t *testing.T) {
	r := &Recording{About: "a world"}
	for i := range 200 {
		r.Exchanges = append(r.Exchanges, Exchange{Method: "GET", Host: "h", Path: fmt.Sprintf("/%d", i), Status: 200, Answer: fmt.Sprint(i * 7919)})
	}
	file := written(t, r)
	broken := bytes.Clone(file)
	broken[len(broken)/2] ^= 0xff
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"empty":                  {nil, "no recording"},
		"not compressed":         {[]byte("PAR1 and so on"), "no recording"},
		"torn":                   {file[:len(file)*2/3], "ends in the middle"},
		"without its last byte":  {file[:len(file)-1], "ends in the middle"},
		"changed":                {broken, "read recording"},
		"something else":         {packed(t, "hello"), "its header"},
		"other JSON":             {packed(t, `{"kind":"table"}`), "unknown field"},
		"other lines of JSON":    {packed(t, "{}\n{\"kind\":\"row\"}\n"), "exchange 1: json: unknown field"},
		"lines that say nothing": {packed(t, "{}\n{}\n"), "exchange 1: it has no request or no answer"},
		"half a line":            {packed(t, `{}`+"\n"+`{"method":"GET","host":"h","path":"/","status":200}`+"\n"+`{"method":"G`), "exchange 2: the file ends in the middle"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(bytes.NewReader(c.file))
			if err == nil || !strings.HasPrefix(err.Error(), "read recording: ") || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %+v, %v; want %q", got, err, c.says)
			}
		})
	}
}
