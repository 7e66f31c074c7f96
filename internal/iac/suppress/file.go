package suppress

import (
	"cmp"
	"slices"

	"github.com/stancehq/stance/internal/iac"
)

// file is a file with the blocks that comments of it can hold for: resources and calls.
type file struct {
	blocks []*block // by where they begin
	whole  []*entry // what holds for all of it
}

// block is the place of a resource or call, or of several that come from the same code.
type block struct {
	at      iac.Range
	reach   int // the last line of this block and of those before it
	entries []*entry
}

func (f *file) add(at iac.Range) { f.blocks = append(f.blocks, &block{at: at}) }

// settle sorts the blocks, each once.
func (f *file) settle() {
	slices.SortStableFunc(f.blocks, func(a, b *block) int {
		return cmp.Or(cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column), cmp.Compare(b.at.EndLine, a.at.EndLine),
			cmp.Compare(b.at.EndColumn, a.at.EndColumn))
	})
	f.blocks = slices.CompactFunc(f.blocks, func(a, b *block) bool {
		return a.at.Line == b.at.Line && a.at.Column == b.at.Column && a.at.EndLine == b.at.EndLine && a.at.EndColumn == b.at.EndColumn
	})
	reach := 0
	for _, b := range f.blocks {
		b.at.EndLine = max(b.at.EndLine, b.at.Line)
		reach = max(reach, b.at.EndLine)
		b.reach = reach
	}
}

// around gives the blocks in which a line lies.
func (f *file) around(line int, take func(*block)) {
	i, _ := slices.BinarySearchFunc(f.blocks, line+1, func(b *block, line int) int { return cmp.Compare(b.at.Line, line) })
	for i--; i >= 0 && f.blocks[i].reach >= line; i-- {
		if f.blocks[i].at.EndLine >= line {
			take(f.blocks[i])
		}
	}
}

// beginning gives the blocks that begin on a line.
func (f *file) beginning(line int, take func(*block)) {
	i, _ := slices.BinarySearchFunc(f.blocks, line, func(b *block, line int) int { return cmp.Compare(b.at.Line, line) })
	for ; i < len(f.blocks) && f.blocks[i].at.Line == line; i++ {
		take(f.blocks[i])
	}
}

// holding gives the entries that hold for what begins at a place, each once or more.
func (f *file) holding(at iac.Range, take func(*entry)) {
	f.around(at.Line, func(b *block) {
		if b.has(at) {
			for _, e := range b.entries {
				take(e)
			}
		}
	})
	for _, e := range f.whole {
		take(e)
	}
}

// has tells whether a place begins in the block. Columns count where several blocks share a line.
func (b *block) has(at iac.Range) bool {
	if at.Column == 0 || b.at.Column == 0 {
		return b.at.Line <= at.Line && at.Line <= b.at.EndLine
	}
	after := at.Line > b.at.Line || at.Line == b.at.Line && at.Column >= b.at.Column
	before := at.Line < b.at.EndLine || at.Line == b.at.EndLine && (b.at.EndColumn == 0 || at.Column <= b.at.EndColumn)
	return after && before
}
