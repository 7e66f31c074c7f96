package normalize

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// CIDR gives an address range in its one canonical form: the network's address and its length. A single address is the
// range of itself, and an IPv4 range written as IPv6 becomes IPv4 again.
func CIDR(text string) (string, error) {
	p, err := parseCIDR(text)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

func parseCIDR(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return netip.Prefix{}, ErrEmpty
	}
	var p netip.Prefix
	if strings.Contains(text, "/") {
		parsed, err := netip.ParsePrefix(text)
		if err != nil {
			return p, errors.New("not an address range")
		}
		p = parsed
	} else {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return p, errors.New("not an address or address range")
		}
		p = netip.PrefixFrom(address, address.BitLen())
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// CIDRIsAny says whether the range is every address of its family.
func CIDRIsAny(text string) (bool, error) {
	p, err := parseCIDR(text)
	return err == nil && p.Bits() == 0, err
}

// CIDRContains says whether every address of inner is one of outer. Ranges of different families never contain each other.
func CIDRContains(outer, inner string) (bool, error) {
	o, err := parseCIDR(outer)
	if err != nil {
		return false, err
	}
	i, err := parseCIDR(inner)
	if err != nil {
		return false, err
	}
	return o.Bits() <= i.Bits() && o.Contains(i.Addr()), nil
}

// CIDRPrefix gives the length of the range's prefix: 24 for 10.1.2.0/24.
func CIDRPrefix(text string) (int, error) {
	p, err := parseCIDR(text)
	return p.Bits(), err
}

// CIDRAddresses counts the addresses of the range. It is exact up to 2^53 and for all powers of two, which counts are.
func CIDRAddresses(text string) (float64, error) {
	p, err := parseCIDR(text)
	if err != nil {
		return 0, err
	}
	return math.Ldexp(1, p.Addr().BitLen()-p.Bits()), nil
}

// CIDRIsPublic says whether the range holds any address that is reachable on the internet: whether it is not wholly within
// the private and special ranges of the IANA registries.
func CIDRIsPublic(text string) (bool, error) {
	p, err := parseCIDR(text)
	if err != nil {
		return false, err
	}
	first, last := p.Addr(), lastAddress(p)
	for _, s := range specialRanges {
		if s.first.BitLen() == first.BitLen() && s.first.Compare(first) <= 0 && last.Compare(s.last) <= 0 {
			return false, nil
		}
	}
	return true, nil
}

// CIDRIsWide says whether the range is wide enough to be the internet rather than someone's: public, and shorter than /8, or
// than /13 in IPv6, where /12 is what a whole region of the world is given.
func CIDRIsWide(text string) (bool, error) {
	public, err := CIDRIsPublic(text)
	if err != nil || !public {
		return false, err
	}
	p, err := parseCIDR(text)
	if p.Addr().Is4() {
		return p.Bits() < 8, err
	}
	return p.Bits() < 13, err
}

// wideAddresses is how many public addresses of IPv4 make several ranges wide together: 1/16 of all.
const wideAddresses = 1 << 28

// CIDRsAreWide says whether some ranges, one of them or all together, are wide enough to be the internet: the 256 ranges of
// 0.0.0.0/0 are. Texts that are no ranges count for nothing.
func CIDRsAreWide(texts []string) bool {
	counted := map[netip.Prefix]bool{}
	var sum float64
	for _, text := range texts {
		if wide, err := CIDRIsWide(text); err == nil && wide {
			return true
		}
		p, err := parseCIDR(text)
		if err != nil || !p.Addr().Is4() || counted[p] {
			continue
		}
		counted[p] = true
		if public, err := CIDRIsPublic(text); err == nil && public {
			sum += math.Ldexp(1, p.Addr().BitLen()-p.Bits())
		}
	}
	return sum >= wideAddresses
}

// special are the ranges that the IANA special-purpose address registries call not globally reachable, and multicast.
var special = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.0.8/32",
	"192.0.0.170/31", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
	"240.0.0.0/4",
	"::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001:2::/48", "2001:10::/28", "2001:db8::/32",
	"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
}

type addressRange struct{ first, last netip.Addr }

// specialRanges are they, adjacent ones joined, so that one range that spans two of them is found within.
var specialRanges = func() (joined []addressRange) {
	all := make([]addressRange, len(special))
	for i, text := range special {
		p := netip.MustParsePrefix(text)
		all[i] = addressRange{p.Addr(), lastAddress(p)}
	}
	slices.SortFunc(all, func(a, b addressRange) int {
		return cmp.Or(cmp.Compare(a.first.BitLen(), b.first.BitLen()), a.first.Compare(b.first))
	})
	for _, r := range all {
		if n := len(joined); n > 0 && joined[n-1].last.Next() == r.first {
			joined[n-1].last = r.last
			continue
		}
		joined = append(joined, r)
	}
	return joined
}()

func lastAddress(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, ok := netip.AddrFromSlice(bytes)
	if !ok {
		panic(fmt.Sprintf("an address of %d bytes", len(bytes)))
	}
	return last
}
