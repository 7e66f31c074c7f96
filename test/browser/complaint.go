package browser

import (
	"encoding/json"
	"fmt"
	"strings"
)

// complaint tells whether an event is something that a good page does not cause, and what.
func complaint(m message) string {
	var p struct {
		Type             string
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Args []struct {
			Value       any
			Description string
		}
		Entry   struct{ Level, Text, URL string }
		Request struct{ URL string }
	}
	if len(m.Params) > 0 && json.Unmarshal(m.Params, &p) != nil {
		return ""
	}
	switch m.Method {
	case "Runtime.exceptionThrown":
		return "exception: " + p.ExceptionDetails.Text + " " + p.ExceptionDetails.Exception.Description
	case "Runtime.consoleAPICalled":
		if p.Type == "error" || p.Type == "warning" || p.Type == "assert" {
			return fmt.Sprintf("console: %v", p.Args)
		}
	case "Log.entryAdded":
		if p.Entry.Level == "error" || p.Entry.Level == "warning" {
			return "log: " + p.Entry.Text + " " + p.Entry.URL
		}
	case "Network.requestWillBeSent":
		for _, local := range []string{"file:", "data:", "about:", "chrome:"} {
			if strings.HasPrefix(p.Request.URL, local) {
				return ""
			}
		}
		return "request: " + p.Request.URL
	case "Inspector.targetCrashed":
		return "the page crashed"
	}
	return ""
}
