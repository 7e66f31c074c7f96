package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is what a service said when it gave no answer.
type Fault struct {
	// Code is the vendor's; HTTP404 and the like where the answer has none, as with HEAD or web pages.
	Code    string
	Message string
	// HTML says that a web page came instead of the service's own words.
	HTML bool
}

// Fault reads an answer whose status is not a success. It never fails: at worst the status is all that is known.
func (o *Operation) Fault(ctx context.Context, resp *http.Response, body []byte) Fault {
	if line := htmlLine(resp, body); line != "" {
		return Fault{Code: statusCode(resp), Message: line, HTML: true}
	}
	copied := *resp
	copied.Body = io.NopCloser(bytes.NewReader(body))
	err := o.Service.codec.DeserializeResponse(ctx, o.schema, &smithy.TypeRegistry{}, &smithyhttp.Response{Response: &copied}, nil)
	var known smithy.APIError
	if errors.As(err, &known) && known.ErrorCode() != "" && known.ErrorCode() != "UnknownError" {
		f := Fault{Code: shortCode(known.ErrorCode()), Message: known.ErrorMessage()}
		if f.Message == "UnknownError" {
			f.Message = jsonMessage(body)
		}
		return f
	}
	return looseFault(resp, body)
}

// looseFault reads errors that do not keep to the service's own protocol: gateways, signature checks and load balancers in
// front of it answer in theirs.
func looseFault(resp *http.Response, body []byte) Fault {
	f := Fault{Code: shortCode(resp.Header.Get("X-Amzn-Errortype"))}
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
	case trimmed[0] == '{':
		var words struct {
			Type string `json:"__type"`
			Code any    `json:"code"`
		}
		if json.Unmarshal(trimmed, &words) == nil && f.Code == "" {
			f.Code = shortCode(words.Type)
			if text, ok := words.Code.(string); ok && f.Code == "" {
				f.Code = shortCode(text)
			}
		}
		f.Message = jsonMessage(trimmed)
	case trimmed[0] == '<':
		code, message := xmlError(trimmed)
		f.Code = orElse(f.Code, code)
		f.Message = message
	default:
		f.Message = firstLine(string(trimmed))
	}
	f.Code = orElse(f.Code, statusCode(resp))
	return f
}

func statusCode(resp *http.Response) string { return "HTTP" + strconv.Itoa(resp.StatusCode) }

// shortCode takes off a namespace and what follows a colon.
func shortCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	return strings.TrimSpace(code)
}

// jsonMessage finds the message under any of the names that services give it.
func jsonMessage(body []byte) string {
	var words map[string]any
	if json.Unmarshal(body, &words) != nil {
		return ""
	}
	for _, name := range []string{"message", "Message", "errorMessage", "ErrorMessage", "error_description", "error", "Error"} {
		switch v := words[name].(type) {
		case string:
			return v
		case map[string]any:
			for _, inner := range []string{"message", "Message"} {
				if text, ok := v[inner].(string); ok {
					return text
				}
			}
		}
	}
	return ""
}

// xmlError finds the first code and message anywhere in an XML body.
func xmlError(body []byte) (code, message string) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.Strict = false
	var at string
	for code == "" || message == "" {
		token, err := dec.RawToken()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			at = t.Name.Local
		case xml.EndElement:
			at = ""
		case xml.CharData:
			switch {
			case at == "Code" && code == "":
				code = strings.TrimSpace(string(t))
			case (at == "Message" || at == "message") && message == "":
				message = strings.TrimSpace(string(t))
			}
		}
	}
	return shortCode(code), message
}
