package cloudformation

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// BenchmarkRepository finds and reads 2,000 templates of ten resources each.
func BenchmarkRepository(b *testing.B) {
	texts := map[string]string{}
	for i := range 2000 {
		var t strings.Builder
		t.WriteString("AWSTemplateFormatVersion: 2010-09-09\nParameters:\n  Env: {Type: String, Default: prod}\nResources:\n")
		for j := range 10 {
			fmt.Fprintf(&t, "  Bucket%d:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub \"${Env}-${AWS::Region}-%d\"\n"+
				"      VersioningConfiguration: {Status: Enabled}\n      Tags:\n        - Key: env\n          Value: !Ref Env\n", j, j)
		}
		texts[fmt.Sprintf("d%d/t%d.yaml", i%50, i)] = t.String()
	}
	root := files(texts)
	b.ReportAllocs()
	for b.Loop() {
		found, _ := Find(context.Background(), root, iac.DefaultLimits())
		for _, file := range found {
			if _, err := Read(context.Background(), root, file, Options{}); err != nil {
				b.Fatal(err)
			}
		}
		if len(found) != 2000 {
			b.Fatal(len(found))
		}
	}
}
