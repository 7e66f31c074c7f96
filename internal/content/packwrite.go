package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// WritePack packs a library that was loaded without problems. The bytes depend on the content alone.
func WritePack(l *Library, prepared Prepared) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("pack the content: %w", err)
	}
	defer func() { _ = encoder.Close() }() // it writes nowhere
	w := &packWriter{head: packHead{Index: *IndexOf(l)}, encoder: encoder}
	shared := packShared{}
	for _, x := range l.Providers {
		provider := *x
		provider.Origin = fileOnly(x.Origin)
		shared.Providers = append(shared.Providers, &provider)
	}
	for _, x := range l.Objectives {
		objective := *x
		objective.Origin = fileOnly(x.Origin)
		shared.Objectives = append(shared.Objectives, &objective)
	}
	for _, x := range l.Functions {
		function := *x
		function.Pos, function.Tests = Pos{File: x.Pos.File}, slices.Clone(x.Tests)
		for i := range function.Tests {
			function.Tests[i].Pos = function.Pos
		}
		shared.Functions = append(shared.Functions, &function)
	}
	shared.Named = l.Named
	works := packFrameworks{}
	for _, x := range l.Frameworks {
		framework := *x
		framework.Origin = fileOnly(x.Origin)
		works.Frameworks = append(works.Frameworks, &framework)
	}
	w.head.Shared, w.head.Frameworks = w.frame(&shared), w.frame(&works)
	for _, s := range partByService(l, prepared) {
		w.head.Sections = append(w.head.Sections, packSection{
			Provider: s.provider, Service: s.service,
			Body: w.frame(&s.body), Tests: w.frame(&s.tests), Prepared: w.frame(&s.prepared),
		})
	}
	return w.finish()
}

// service collects what goes into a section.
type service struct {
	provider, service string
	body              packBody
	tests             packTests
	prepared          Prepared
}

func partByService(l *Library, prepared Prepared) []*service {
	var all []*service
	of := func(provider, name string) *service {
		for _, s := range all {
			if s.provider == provider && s.service == name {
				return s
			}
		}
		s := &service{provider: provider, service: name, prepared: Prepared{map[string][]byte{}, map[string][]byte{}}}
		all = append(all, s)
		return s
	}
	for _, x := range l.Tables {
		table := *x
		table.Origin = fileOnly(x.Origin)
		s := of(x.Provider, x.Service)
		s.body.Tables = append(s.body.Tables, &table)
		if data, ok := prepared.Tables[x.Name]; ok {
			s.prepared.Tables[x.Name] = data
		}
	}
	for _, x := range l.Checks {
		check := *x
		check.Origin, check.Tests = fileOnly(x.Origin), nil
		tests := make([]*Fixture, len(x.Tests))
		for i, f := range x.Tests {
			fixture := *f
			fixture.Pos = Pos{File: f.Pos.File}
			tests[i] = &fixture
		}
		s := of(x.Provider, x.Service)
		s.body.Checks = append(s.body.Checks, &check)
		s.tests.Tests = append(s.tests.Tests, tests)
		if data, ok := prepared.Checks[x.ID]; ok {
			s.prepared.Checks[x.ID] = data
		}
	}
	slices.SortFunc(all, func(a, b *service) int {
		return strings.Compare(a.provider+"/"+a.service, b.provider+"/"+b.service)
	})
	return all
}

// fileOnly keeps of an origin what a user can open: lines mean nothing to who has no such file.
func fileOnly(o *Origin) *Origin {
	if o == nil {
		return nil
	}
	return &Origin{Pos: Pos{File: o.Pos.File}}
}

type packWriter struct {
	head    packHead
	frames  bytes.Buffer
	encoder *zstd.Encoder
	err     error
}

// frame adds a compressed value, given by its pointer.
func (w *packWriter) frame(v any) packFrame {
	compressed := w.deflate(v)
	f := packFrame{Offset: w.frames.Len(), Length: len(compressed)}
	w.frames.Write(compressed)
	return f
}

func (w *packWriter) deflate(v any) []byte {
	data, err := pack(v)
	w.err = errors.Join(w.err, err)
	return w.encoder.EncodeAll(data, nil)
}

func (w *packWriter) finish() ([]byte, error) {
	head := w.deflate(&w.head)
	if w.err != nil {
		return nil, fmt.Errorf("pack the content: %w", w.err)
	}
	out := []byte(packMagic)
	out = binary.LittleEndian.AppendUint64(out, packLayout())
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	return append(out, w.frames.Bytes()...), nil
}
