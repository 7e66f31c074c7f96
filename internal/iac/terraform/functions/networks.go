package functions

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"

	"github.com/apparentlymart/go-cidr/cidr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func networks() map[string]function.Function {
	prefix, number := parameter("prefix", cty.String), cty.Number
	newbits := parameter("newbits", number)
	return map[string]function.Function{
		"cidrcontains": plain(cty.Bool, cidrContains, parameter("containing_prefix", cty.String), parameter("contained_ip_or_prefix", cty.String)),
		"cidrhost":     plain(cty.String, cidrHost, prefix, parameter("hostnum", number)),
		"cidrnetmask":  plain(cty.String, cidrNetmask, prefix),
		"cidrsubnet":   plain(cty.String, cidrSubnet, prefix, newbits, parameter("netnum", number)),
		"cidrsubnets":  cidrSubnetsFunction(prefix, newbits),
	}
}

// parseNetwork takes zeros before decimal numbers for nothing: 010.0.0.0/8 is 10.0.0.0/8.
func parseNetwork(text string) (*net.IPNet, error) {
	address, length, found := strings.Cut(text, "/")
	if !found {
		return nil, fmt.Errorf("invalid CIDR expression: invalid CIDR address: %s", short(text))
	}
	_, network, err := net.ParseCIDR(decimal(address) + "/" + length)
	if err != nil {
		return nil, fmt.Errorf("invalid CIDR expression: %w", err)
	}
	return network, nil
}

func decimal(address string) string {
	if strings.Contains(address, ":") {
		return address
	}
	octets := strings.Split(address, ".")
	for i, o := range octets {
		if short := strings.TrimLeft(o, "0"); o != "" && short != o && len(o) <= 3 {
			if short == "" {
				short = "0"
			}
			octets[i] = short
		}
	}
	return strings.Join(octets, ".")
}

func whole(v cty.Value) (*big.Int, error) {
	n, accuracy := v.AsBigFloat().Int(nil)
	if accuracy != big.Exact || n == nil {
		return nil, errors.New("value must be a whole number")
	}
	if n.BitLen() > 128 {
		return nil, errors.New("the number is larger than any network")
	}
	return n, nil
}

func cidrHost(args []cty.Value) (cty.Value, error) {
	network, err := parseNetwork(args[0].AsString())
	if err != nil {
		return cty.NilVal, err
	}
	n, err := whole(args[1])
	if err != nil {
		return cty.NilVal, err
	}
	ip, err := cidr.HostBig(network, n)
	if err != nil {
		return cty.NilVal, err
	}
	return cty.StringVal(ip.String()), nil
}

func cidrNetmask(args []cty.Value) (cty.Value, error) {
	network, err := parseNetwork(args[0].AsString())
	if err != nil {
		return cty.NilVal, err
	}
	if network.IP.To4() == nil {
		return cty.NilVal, fmt.Errorf("IPv6 addresses cannot have a netmask: %s", args[0].AsString())
	}
	return cty.StringVal(net.IP(network.Mask).String()), nil
}

func cidrSubnet(args []cty.Value) (cty.Value, error) {
	network, err := parseNetwork(args[0].AsString())
	if err != nil {
		return cty.NilVal, err
	}
	bits, err := asInt(args[1])
	if err != nil {
		return cty.NilVal, function.NewArgError(1, err)
	}
	n, err := whole(args[2])
	if err != nil {
		return cty.NilVal, function.NewArgError(2, err)
	}
	if length, most := network.Mask.Size(); bits < 0 || bits > most-length {
		return cty.NilVal, fmt.Errorf("insufficient address space to extend prefix of %d by %d", length, bits)
	}
	sub, err := cidr.SubnetBig(network, bits, n)
	if err != nil {
		return cty.NilVal, err
	}
	return cty.StringVal(sub.String()), nil
}

func cidrSubnetsFunction(prefix, newbits function.Parameter) function.Function {
	t := cty.List(cty.String)
	return variadic(func(args []cty.Value) (cty.Value, error) {
		bare, from := unmark(args)
		for _, arg := range bare {
			if !arg.IsKnown() {
				return derive(unknownOf(t), from), nil
			}
		}
		result, err := cidrSubnets(bare)
		if err != nil {
			return cty.NilVal, hide(err, from)
		}
		return derive(result, from), nil
	}, &newbits, prefix)
}

// cidrSubnets lays networks of the given sizes one after the other, each at the next place where it can begin.
func cidrSubnets(args []cty.Value) (cty.Value, error) {
	network, err := parseNetwork(args[0].AsString())
	if err != nil {
		return cty.NilVal, err
	}
	length, most := network.Mask.Size()
	var out []cty.Value
	var current *net.IPNet
	for i, arg := range args[1:] {
		bits, err := asInt(arg)
		switch {
		case err != nil:
			return cty.NilVal, function.NewArgError(i+1, err)
		case bits < 1:
			return cty.NilVal, function.NewArgErrorf(i+1, "must extend prefix by at least one bit")
		case bits > 32:
			return cty.NilVal, function.NewArgErrorf(i+1, "may not extend prefix by more than 32 bits")
		case length+bits > most:
			return cty.NilVal, function.NewArgErrorf(i+1, "would extend prefix to %d bits, which is too long", length+bits)
		}
		if current == nil {
			current, err = cidr.SubnetBig(network, bits, new(big.Int))
		} else {
			var over bool
			previous := current
			current, over = cidr.NextSubnet(previous, length+bits)
			if over || !network.Contains(current.IP) {
				err = fmt.Errorf("not enough remaining address space for a subnet with a prefix of %d bits after %s", length+bits, previous)
			}
		}
		if err != nil {
			return cty.NilVal, function.NewArgError(i+1, err)
		}
		out = append(out, cty.StringVal(current.String()))
	}
	return listOf(out, cty.String), nil
}

// cidrContains tells whether a network contains an address or another network, wholly.
func cidrContains(args []cty.Value) (cty.Value, error) {
	outer, err := parseNetwork(args[0].AsString())
	if err != nil {
		return cty.NilVal, err
	}
	text := args[1].AsString()
	first := net.ParseIP(decimal(text))
	last := first
	if first == nil {
		inner, err := parseNetwork(text)
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(1, "%q is neither an address nor a network", short(text))
		}
		first, last = cidr.AddressRange(inner)
	}
	if (outer.IP.To4() == nil) != (first.To4() == nil) {
		return cty.NilVal, errors.New("address family mismatch")
	}
	return cty.BoolVal(outer.Contains(first) && outer.Contains(last)), nil
}
