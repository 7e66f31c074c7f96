package provider

import "fmt"

// Misuse is an error of what was asked for, such as a region or a context that does not exist. Trying again does not help.
type Misuse struct{ text string }

func (m *Misuse) Error() string { return m.text }

// Misusef makes a Misuse, as fmt.Sprintf words it.
func Misusef(format string, args ...any) error { return &Misuse{fmt.Sprintf(format, args...)} }
