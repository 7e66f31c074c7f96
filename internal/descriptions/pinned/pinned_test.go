package pinned

import (
	"strings"
	"testing"
)

func TestAFileWithAnotherDigestIsRefused(t *testing.T) {
	r := Wheel("x", "1", "x.whl", "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")
	if err := r.Verify([]byte("foo")); err != nil {
		t.Errorf("SHA-256: %v", err)
	}
	r.Digest = "sha512-9/u6bgY2+JDlb7vzKD5STG+jIErimDgtYkdB0NxmODJuKCxBvl5CVNiCB3LFUYosWowMf37aGVlKfrU5RT4e1w=="
	if err := r.Verify([]byte("foo")); err != nil {
		t.Errorf("SHA-512: %v", err)
	}
	if err := r.Verify([]byte("bar")); err == nil || !strings.Contains(err.Error(), "x 1: x.whl does not have the pinned digest sha512-") {
		t.Errorf("another file passed: %v", err)
	}
}

func TestNPMNamesFilesWithoutTheScopesSign(t *testing.T) {
	if got := NPM("@cdktf/provider-aws", "21.22.1", "").File; got != "cdktf-provider-aws-21.22.1.tgz" {
		t.Error(got)
	}
}
