package iac

// Kind is what a value is.
type Kind uint8

// Kinds of values. A value that is not known before apply is Unknown, whatever it will be.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Object
	Unknown
)

// Value is a value of the code, after evaluation. The zero value is a null of which no place is known.
type Value struct {
	Kind Kind
	// Text is a String's text if it has no holes, a Number's decimal digits as written without loss (12, 0.5, 1e400),
	// and "true" or "false" of a Bool.
	Text string
	// Parts are a String's if it has holes: text, and symbols that stand for text not known yet. Text is empty then.
	Parts []Part
	// Items are a List's. Sets are lists in the order of their elements.
	Items []*Value
	// Fields are an Object's, in the order written, keys unique.
	Fields []Field
	// Open is why a List or Object may have more (or other) elements than are here: a dynamic block over something unknown. Empty if it is whole.
	Open string
	// Cause is why an Unknown is unknown, in words for the reader: "known after apply", "variable region has no value", ….
	Cause string
	// Symbol is set if an Unknown is exactly an attribute of a resource (or pseudo parameter) of the same unit, unchanged.
	Symbol *Symbol
	// Either are the values of which an Unknown is one, where they are known: both arms of a condition that is unknown. At least two.
	Either []*Value
	// Sensitive values never leave the scan: they are masked wherever they would be shown.
	Sensitive bool
	// Range is where the value was written: the attribute, not the expression that it refers to.
	Range Range
}

// Part is one part of a text with holes: Symbol, or Text.
type Part struct {
	Text   string
	Symbol *Symbol
}

// Field is one of an object.
type Field struct {
	Key   string
	Value *Value
}

// Symbol stands for an attribute that is known only after apply, of something in the same unit.
type Symbol struct {
	// Address is a Resource's, data sources' with "data." before it as their Address has, or a pseudo parameter (AWS::AccountId).
	Address string
	// Attribute is its name (id, arn, Ref, Endpoint.Address); empty for pseudo parameters.
	Attribute string
}

// String is how a symbol is written where only text can be: it holds no wildcard and is like no other.
func (s Symbol) String() string {
	if s.Attribute == "" {
		return "${" + s.Address + "}"
	}
	return "${" + s.Address + "." + s.Attribute + "}"
}

// Get gives an object's field, nil if there is none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for i := range v.Fields {
		if v.Fields[i].Key == key {
			return v.Fields[i].Value
		}
	}
	return nil
}

// Is tells a value's kind; what is not there is Null.
func (v *Value) Is(kind Kind) bool {
	if v == nil {
		return kind == Null
	}
	return v.Kind == kind
}
