package cloudformation

import (
	"fmt"
	"math/big"
	"net/netip"
	"strconv"

	"github.com/stancehq/stance/internal/iac"
)

// whole gives a value's whole number.
func whole(v *iac.Value) (int, bool) {
	if v == nil || v.Kind != iac.String && v.Kind != iac.Number || v.Parts != nil {
		return 0, false
	}
	n, err := strconv.Atoi(v.Text)
	return n, err == nil
}

func (s *stack) selectItem(n, argument *node) *iac.Value {
	args := argument.arguments(2, 2)
	if args == nil {
		return s.failed(n, "Fn::Select takes an index and a list")
	}
	return lift(s.eval(args[0]), func(index *iac.Value) *iac.Value {
		if index.Is(iac.Unknown) {
			return unknown(index.Cause)
		}
		i, ok := whole(index)
		if !ok {
			return s.failed(n, "Fn::Select takes an index and a list")
		}
		return lift(s.eval(args[1]), func(list *iac.Value) *iac.Value { return s.pick(n, i, list) })
	})
}

func (s *stack) pick(n *node, i int, list *iac.Value) *iac.Value {
	switch {
	case list.Is(iac.Unknown):
		return unknown(list.Cause)
	case !list.Is(iac.List):
		return s.failed(n, "Fn::Select takes an index and a list")
	case list.Open != "":
		return unknown(list.Open)
	case i < 0 || i >= len(list.Items):
		return s.failed(n, fmt.Sprintf("Fn::Select asks for item %d of a list of %d, counted from 0", i, len(list.Items)))
	}
	return list.Items[i]
}

// findInMap looks up. Where a key is not known the value is one of all that the map has there.
func (s *stack) findInMap(n, argument *node) *iac.Value {
	args := argument.arguments(3, 4)
	if args == nil {
		return s.failed(n, "Fn::FindInMap takes a map and two keys")
	}
	cause := ""
	candidates := []*node{s.mappings}
	for _, arg := range args[:3] {
		key := s.eval(arg)
		var next []*node
		for _, c := range candidates {
			found, why := s.step(c, key)
			next = append(next, found...)
			if why != "" && cause == "" {
				cause = why
			}
		}
		candidates = next
	}
	var arms []*iac.Value
	for _, c := range candidates {
		arms = append(arms, s.at(s.eval(c), s.src.rangeOf(n.start, n.end)))
		if len(arms) > maxArms {
			break
		}
	}
	fallback := args[len(args)-1].get("DefaultValue")
	if fallback != nil && (len(arms) == 0 || cause != "") {
		arms = append(arms, s.eval(fallback))
	}
	if len(arms) == 0 {
		if cause != "" {
			return unknown(cause)
		}
		return s.failed(n, "Fn::FindInMap finds nothing under these keys")
	}
	if len(arms) == 1 {
		return arms[0]
	}
	return oneOf(cause, arms...)
}

// step gives the entries of a map that a key may mean, and why there may be several.
func (s *stack) step(m *node, key *iac.Value) (found []*node, cause string) {
	switch {
	case key == nil || m == nil:
		return nil, ""
	case key.Kind == iac.Unknown && len(key.Either) > 0:
		for _, arm := range key.Either {
			next, _ := s.step(m, arm)
			found = append(found, next...)
		}
		return found, key.Cause
	case key.Kind == iac.Unknown || key.Parts != nil:
		cause = key.Cause
		if cause == "" {
			cause = "a key is known only after apply"
		}
		for _, e := range m.entries() {
			if t := equal(key, plain(e.key)); t.known && !t.value {
				continue
			}
			found = append(found, e.value)
		}
		return found, cause
	}
	if v := m.get(key.Text); v != nil {
		found = []*node{v}
	}
	return found, ""
}

func (s *stack) length(n, argument *node) *iac.Value {
	return lift(s.eval(argument), func(v *iac.Value) *iac.Value {
		switch {
		case v.Is(iac.Unknown):
			return unknown(v.Cause)
		case v.Is(iac.List) && v.Open == "":
			return &iac.Value{Kind: iac.Number, Text: strconv.Itoa(len(v.Items))}
		case v.Is(iac.List):
			return unknown(v.Open)
		}
		return s.failed(n, "Fn::Length takes a list")
	})
}

// cidr splits a block into subnets of so many host bits.
func (s *stack) cidr(n, argument *node) *iac.Value {
	args := argument.arguments(2, 3)
	if args == nil {
		return s.failed(n, "Fn::Cidr takes a block, a count and the bits of a subnet")
	}
	values := make([]*iac.Value, len(args))
	for i, arg := range args {
		if values[i] = s.eval(arg); values[i].Is(iac.Unknown) {
			return unknown(values[i].Cause)
		}
	}
	if values[0] == nil || values[0].Parts != nil {
		return unknown("a block of addresses that is known only after apply")
	}
	block, err := netip.ParsePrefix(values[0].Text)
	count, ok := whole(values[1])
	bits := block.Addr().BitLen()
	host := 8
	if len(values) == 3 {
		var fine bool
		host, fine = whole(values[2])
		ok = ok && fine
	}
	if err != nil || !ok || count < 1 || count > 256 || host < 1 || bits-host < block.Bits() {
		return s.failed(n, "Fn::Cidr cannot split this block")
	}
	if spare := bits - host - block.Bits(); spare < 8 && count > 1<<spare {
		return s.failed(n, fmt.Sprintf("Fn::Cidr cannot make %d subnets of this block", count))
	}
	list := &iac.Value{Kind: iac.List}
	for i := range count {
		list.Items = append(list.Items, plain(nthSubnet(block, host, i)))
	}
	return list
}

func nthSubnet(block netip.Prefix, host, i int) string {
	address := new(big.Int).SetBytes(block.Masked().Addr().AsSlice())
	address.Add(address, new(big.Int).Lsh(big.NewInt(int64(i)), uint(host)))
	bytes := make([]byte, block.Addr().BitLen()/8)
	addr, _ := netip.AddrFromSlice(address.FillBytes(bytes))
	return netip.PrefixFrom(addr, block.Addr().BitLen()-host).String()
}
