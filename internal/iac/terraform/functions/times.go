package functions

import (
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func times() map[string]function.Function {
	return map[string]function.Function{
		"formatdate": computed(stdlib.FormatDateFunc),
		"timeadd":    computed(stdlib.TimeAddFunc),
		"timecmp":    plain(cty.Number, timeCompare, parameter("timestamp_a", cty.String), parameter("timestamp_b", cty.String)),
	}
}

// timeCompare is -1, 0 or 1.
func timeCompare(args []cty.Value) (cty.Value, error) {
	var at [2]time.Time
	for i := range at {
		parsed, err := time.Parse(time.RFC3339, args[i].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(i, "not a valid RFC3339 timestamp: %q", short(args[i].AsString()))
		}
		at[i] = parsed
	}
	return cty.NumberIntVal(int64(at[0].Compare(at[1]))), nil
}
