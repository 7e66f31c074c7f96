package iac

// Limits bound what hostile or mistaken code can cost. What reaches one is told as a Problem of kind LimitReached.
type Limits struct {
	FileBytes int64 // of one file
	Nesting   int   // brackets, blocks, aliases within each other
	Instances int   // of one count or for_each
	Resources int   // of a unit
	Steps     int   // of evaluation, in a unit
	Modules   int   // calls, in a unit
	TextBytes int   // of one value
}

// DefaultLimits are far beyond what people write.
func DefaultLimits() Limits {
	return Limits{
		FileBytes: 32 << 20, Nesting: 500, Instances: 20_000, Resources: 200_000, Steps: 20_000_000, Modules: 20_000, TextBytes: 16 << 20,
	}
}
