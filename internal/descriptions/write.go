package descriptions

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

// Entry is one file of an archive: its value is kept as JSON.
type Entry struct {
	Name  string
	Value any
}

// Write makes an archive of the entries, in their order. The notice is its comment, and says what it was generated from. The
// window, in bytes, is how far back the compressor looks for what repeats; reading an entry may need as much memory.
//
// The compressor is a pinned module: the bytes depend neither on the Go release nor on the machine.
func Write(notice string, window int, entries []Entry) ([]byte, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(window))
	if err != nil {
		return nil, err
	}
	defer enc.Close() //nolint:errcheck // it compresses whole buffers: nothing is left to write
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, e := range entries {
		if err := add(w, enc, e); err != nil {
			return nil, fmt.Errorf("write %s: %w", e.Name, err)
		}
	}
	if err := w.SetComment(notice); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

func add(w *zip.Writer, enc *zstd.Encoder, e Entry) error {
	data, err := json.Marshal(e.Value)
	if err != nil {
		return err
	}
	packed := enc.EncodeAll(data, nil)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: e.Name, Method: zstd.ZipMethodWinZip, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(data)),
	})
	if err != nil {
		return err
	}
	_, err = f.Write(packed)
	return err
}
