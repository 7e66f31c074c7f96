package lake

import "fmt"

// Empty is the error of reading a lake that holds no scan.
type Empty struct{ Location string }

func (e *Empty) Error() string {
	return fmt.Sprintf("the lake %s holds no scan yet: run `stance scan` or `stance demo` first", e.Location)
}
