package replay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an error that a vendor would answer with.
type refusal struct {
	status    int
	code      string // AWS's word in its XML protocols
	exception string // and in its JSON protocols
	message   string
}

var (
	throttled   = refusal{status: http.StatusTooManyRequests, code: "Throttling", exception: "ThrottlingException", message: "Rate exceeded"}
	denied      = refusal{status: http.StatusForbidden, code: "AccessDenied", exception: "AccessDeniedException", message: "the caller is not authorized to perform this action"}
	notRecorded = refusal{status: http.StatusBadRequest, code: "NotRecorded", exception: "NotRecorded", message: "this request is not in the recording"}
)

// refuse words an error as the protocol of the request does.
func refuse(w http.ResponseWriter, asked Exchange, r refusal) {
	switch {
	case asked.Target != "":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		writeJSON(w, r, map[string]string{"__type": r.exception, "message": r.message})
	case strings.Contains(asked.Body, "Action=") && strings.HasPrefix(asked.Host, "ec2."):
		writeXML(w, r, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>recorded</RequestID></Response>")
	case strings.Contains(asked.Body, "Action="):
		writeXML(w, r, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>recorded</RequestId></ErrorResponse>")
	case strings.Contains(asked.Host, "s3"), strings.HasPrefix(asked.Host, "cloudfront."), strings.HasPrefix(asked.Host, "route53."):
		writeXML(w, r, "<Error><Code>%s</Code><Message>%s</Message><RequestId>recorded</RequestId></Error>")
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Errortype", r.exception)
		writeJSON(w, r, map[string]string{"message": r.message})
	}
}

func writeXML(w http.ResponseWriter, r refusal, form string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(r.status)
	fmt.Fprintf(w, form, r.code, r.message)
}

func writeJSON(w http.ResponseWriter, r refusal, body map[string]string) {
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away is its own concern
}
