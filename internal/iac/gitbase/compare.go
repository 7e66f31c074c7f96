package gitbase

// Key is what makes a finding the same in two revisions: what is said about which resource. Lines and texts are not part of it, since
// they move. A resource that was renamed, or a root module that was moved to another folder, is another.
type Key struct{ Check, Unit, Address string }

// Changes are the findings of a branch against its base.
type Changes[F any] struct {
	Added     []F // in the branch alone
	Fixed     []F // in the base alone
	Unchanged []F // in both, as the branch has them
}

// Compare tells the findings of two revisions apart. Both are to be of one kind: those that somebody must act on, which fail and
// are not suppressed; so what comes to fail, or is not suppressed any more, is added. Each keeps its order. Where one revision has
// several of the same key, as many of them are unchanged as both have.
func Compare[F any](base, head []F, key func(F) Key) Changes[F] {
	left := make(map[Key]int, len(base))
	for _, f := range base {
		left[key(f)]++
	}
	var c Changes[F]
	for _, f := range head {
		if k := key(f); left[k] > 0 {
			left[k]--
			c.Unchanged = append(c.Unchanged, f)
		} else {
			c.Added = append(c.Added, f)
		}
	}
	// Of several alike in the base, the last ones are those that are gone.
	for i := len(base) - 1; i >= 0; i-- {
		if k := key(base[i]); left[k] > 0 {
			left[k]--
			c.Fixed = append(c.Fixed, base[i])
		}
	}
	for i, j := 0, len(c.Fixed)-1; i < j; i, j = i+1, j-1 {
		c.Fixed[i], c.Fixed[j] = c.Fixed[j], c.Fixed[i]
	}
	return c
}
