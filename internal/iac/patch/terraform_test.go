package patch

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/cloudformation"
	"github.com/stancehq/stance/internal/iac/manifest"
	"github.com/stancehq/stance/internal/iac/terraform"
)

// unitOf reads a tree as a unit of a kind.
func unitOf(t *testing.T, kind string, tree fstest.MapFS) *iac.Unit {
	t.Helper()
	var unit *iac.Unit
	var err error
	switch kind {
	case iac.Terraform:
		unit, err = terraform.Open(tree, iac.DefaultLimits()).Read(t.Context(), ".", terraform.Options{})
	case iac.CloudFormation:
		unit, err = cloudformation.Read(t.Context(), tree, "t.yaml", cloudformation.Options{})
	default:
		unit, err = objects(t.Context(), tree)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range unit.Problems {
		t.Logf("%s:%d: %s", p.Range.File, p.Range.Line, p.What)
	}
	return unit
}

func objects(ctx context.Context, tree fs.FS) (*iac.Unit, error) {
	found, err := manifest.Find(ctx, tree, iac.DefaultLimits())
	if err != nil {
		return nil, err
	}
	units, err := manifest.Read(ctx, tree, found, manifest.Options{})
	return units[0], err
}

// edited makes a patch of the resource with an address, and gives the file that it changes as it is then; or why there is none.
func edited(t *testing.T, kind string, tree fstest.MapFS, address, part string, edits ...*content.CodeEdit) (string, *Patch) {
	t.Helper()
	unit := unitOf(t, kind, tree)
	for _, r := range unit.Resources {
		if r.Address != address {
			continue
		}
		p, err := Make(Request{Unit: unit, Resource: r, Part: part, Edits: edits, Read: func(file string) ([]byte, error) { return fs.ReadFile(tree, file) }})
		if err != nil {
			return "none: " + err.Error(), nil
		}
		return string(Apply(tree[p.File].Data, p.Edits)), p
	}
	t.Fatalf("there is no resource %s in %v", address, unit.Resources)
	return "", nil
}

type textCase struct {
	name    string
	text    string
	edits   []*content.CodeEdit
	want    string
	address string
	part    string
}

func (c textCase) test(t *testing.T, kind, file, address string) {
	t.Run(c.name, func(t *testing.T) {
		if c.address != "" {
			address = c.address
		}
		got, p := edited(t, kind, fstest.MapFS{file: {Data: []byte(c.text)}}, address, c.part, c.edits...)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s", diff)
		}
		if p != nil && !strings.HasPrefix(p.Diff, "--- a/"+file+"\n+++ b/"+file+"\n@@ -") {
			t.Errorf("diff:\n%s", p.Diff)
		}
	})
}

func set(path string, to any) *content.CodeEdit     { return &content.CodeEdit{Set: path, To: to} }
func changed(path string, to any) *content.CodeEdit { return &content.CodeEdit{Change: path, To: to} }
func removed(path string) *content.CodeEdit         { return &content.CodeEdit{Remove: path} }

func add(typ string, with ...any) *content.CodeEdit {
	e := &content.CodeEdit{Add: typ}
	for i := 0; i < len(with); i += 2 {
		e.With = append(e.With, &content.Setting{Path: with[i].(string), Value: with[i+1]})
	}
	return e
}

func TestTerraformIsChangedInPlace(t *testing.T) {
	encrypted := []*content.CodeEdit{set("storage_encrypted", true)}
	for _, c := range []textCase{
		{
			name:  "a value that is there is replaced, and its comment kept",
			text:  "resource \"aws_db_instance\" \"a\" {\n  engine            = \"postgres\"\n  storage_encrypted = false # later\n  tags = { a = 1 }\n}\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n  engine            = \"postgres\"\n  storage_encrypted = true # later\n  tags = { a = 1 }\n}\n",
		},
		{
			name:  "a new attribute stands with the others, lined up as the formatter does",
			text:  "resource \"aws_db_instance\" \"a\" {\n  engine = \"postgres\" # why\n  # size\n  instance_class = \"db.t3\"\n}\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n  engine = \"postgres\" # why\n  # size\n  instance_class    = \"db.t3\"\n  storage_encrypted = true\n}\n",
		},
		{
			name:  "what is not formatted is left as it is",
			text:  "resource \"aws_db_instance\" \"a\" {\n    engine=\"postgres\"\n    instance_class    =   \"db.t3\"\n}\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n    engine=\"postgres\"\n    instance_class    =   \"db.t3\"\n    storage_encrypted = true\n}\n",
		},
		{
			name:  "tabs stay tabs",
			text:  "resource \"aws_db_instance\" \"a\" {\n\tengine = \"postgres\"\n}\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n\tengine = \"postgres\"\n\tstorage_encrypted = true\n}\n",
		},
		{
			name:  "line ends of Windows stay",
			text:  "resource \"aws_db_instance\" \"a\" {\r\n  engine = \"postgres\"\r\n}\r\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\r\n  engine            = \"postgres\"\r\n  storage_encrypted = true\r\n}\r\n",
		},
		{
			name:  "an empty body on one line is opened",
			text:  "resource \"aws_db_instance\" \"a\" {}\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n  storage_encrypted = true\n}\n",
		},
		{
			name:  "an empty body on two lines is filled",
			text:  "resource \"aws_db_instance\" \"a\" {\n}\n",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n  storage_encrypted = true\n}\n",
		},
		{
			name:  "a block on one line is opened, and what it says kept",
			text:  "resource \"aws_db_instance\" \"a\" { engine = \"postgres\" }",
			edits: encrypted,
			want:  "resource \"aws_db_instance\" \"a\" {\n  engine            = \"postgres\"\n  storage_encrypted = true\n}",
		},
		{
			name:  "a heredoc is passed by",
			text:  "resource \"aws_sqs_queue\" \"a\" {\n  policy = <<EOT\n{\n}\nEOT\n}\n",
			edits: []*content.CodeEdit{set("sqs_managed_sse_enabled", true)}, address: "aws_sqs_queue.a",
			want: "resource \"aws_sqs_queue\" \"a\" {\n  policy                  = <<EOT\n{\n}\nEOT\n  sqs_managed_sse_enabled = true\n}\n",
		},
		{
			name:  "a heredoc is replaced",
			text:  "resource \"aws_sqs_queue\" \"a\" {\n  name = <<EOT\nx\nEOT\n  # kept\n}\n",
			edits: []*content.CodeEdit{set("name", "y")}, address: "aws_sqs_queue.a",
			want: "resource \"aws_sqs_queue\" \"a\" {\n  name = \"y\"\n  # kept\n}\n",
		},
		{
			name:  "a missing block is made at the end",
			text:  "resource \"aws_instance\" \"a\" {\n  ami = \"x\"\n\n  root_block_device {\n    encrypted = true\n  }\n  # the end\n}\n",
			edits: []*content.CodeEdit{set("metadata_options.http_tokens", "required")}, address: "aws_instance.a",
			want: "resource \"aws_instance\" \"a\" {\n  ami = \"x\"\n\n  root_block_device {\n    encrypted = true\n  }\n  # the end\n\n  metadata_options {\n    http_tokens = \"required\"\n  }\n}\n",
		},
		{
			name:  "a block that is there is changed",
			text:  "resource \"aws_instance\" \"a\" {\n  metadata_options {\n    http_endpoint = \"enabled\"\n  }\n}\n",
			edits: []*content.CodeEdit{set("metadata_options.http_tokens", "required")}, address: "aws_instance.a",
			want: "resource \"aws_instance\" \"a\" {\n  metadata_options {\n    http_endpoint = \"enabled\"\n    http_tokens   = \"required\"\n  }\n}\n",
		},
		{
			name:  "all blocks of a name are changed",
			text:  "resource \"aws_instance\" \"a\" {\n  ebs_block_device {\n    encrypted = false\n  }\n  ebs_block_device { device_name = \"x\" }\n}\n",
			edits: []*content.CodeEdit{set("ebs_block_device.*.encrypted", true)}, address: "aws_instance.a",
			want: "resource \"aws_instance\" \"a\" {\n  ebs_block_device {\n    encrypted = true\n  }\n  ebs_block_device {\n    device_name = \"x\"\n    encrypted   = true\n  }\n}\n",
		},
		{
			name:  "one of several blocks is none of all",
			text:  "resource \"aws_instance\" \"a\" {\n  ebs_block_device {}\n  ebs_block_device {}\n}\n",
			edits: []*content.CodeEdit{set("ebs_block_device.encrypted", true)}, address: "aws_instance.a",
			want: "none: ebs_block_device.encrypted: there are several blocks ebs_block_device",
		},
		{
			name:  "dynamic blocks are left alone",
			text:  "resource \"aws_instance\" \"a\" {\n  dynamic \"metadata_options\" {\n    for_each = [1]\n    content {}\n  }\n}\n",
			edits: []*content.CodeEdit{set("metadata_options.http_tokens", "required")}, address: "aws_instance.a",
			want: "none: metadata_options.http_tokens: its blocks are made by a dynamic block",
		},
		{
			name:  "lists are written, and attributes changed where they are",
			text:  "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = true\n}\n",
			edits: []*content.CodeEdit{changed("publicly_accessible", false), changed("multi_az", true), set("enabled_cloudwatch_logs_exports", []any{"postgresql", "upgrade"})},
			want:  "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible             = false\n  enabled_cloudwatch_logs_exports = [\"postgresql\", \"upgrade\"]\n}\n",
		},
		{
			name:  "a list with comments stays",
			text:  "resource \"aws_db_instance\" \"a\" {\n  enabled_cloudwatch_logs_exports = [\n    \"audit\", # who\n  ]\n}\n",
			edits: []*content.CodeEdit{set("enabled_cloudwatch_logs_exports", []any{"postgresql"})},
			want:  "none: enabled_cloudwatch_logs_exports: enabled_cloudwatch_logs_exports has comments in it",
		},
		{
			name:  "what is removed takes its line along",
			text:  "resource \"aws_db_instance\" \"a\" {\n  engine = \"x\"\n\n  publicly_accessible = true # no\n\n  tags = {}\n}\n",
			edits: []*content.CodeEdit{removed("publicly_accessible")},
			want:  "resource \"aws_db_instance\" \"a\" {\n  engine = \"x\"\n\n  tags = {}\n}\n",
		},
		{
			name:  "instances that differ are not made equal",
			text:  "resource \"aws_db_instance\" \"a\" {\n  count             = 2\n  storage_encrypted = count.index == 1\n}\n",
			edits: encrypted, address: "aws_db_instance.a[0]",
			want: "none: storage_encrypted: storage_encrypted differs between the instances",
		},
		{
			name:  "nothing changes where it is said",
			text:  "resource \"aws_db_instance\" \"a\" {\n  storage_encrypted = true\n}\n",
			edits: encrypted,
			want:  "none: the code says already what the fix would say",
		},
		{
			name:  "the type must have it",
			text:  "resource \"aws_db_instance\" \"a\" {\n}\n",
			edits: []*content.CodeEdit{{Set: "bucket", To: "x", For: "aws_s3_bucket"}},
			want:  "none: there is no fix for aws_db_instance",
		},
	} {
		c.test(t, iac.Terraform, "main.tf", "aws_db_instance.a")
	}
}

func TestTerraformGetsCompanions(t *testing.T) {
	versioning := []*content.CodeEdit{add("aws_s3_bucket_versioning", "bucket", "${self.id}", "versioning_configuration.status", "Enabled")}
	for _, c := range []textCase{
		{
			name:  "one is made behind the resource",
			text:  "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"x\"\n}\n\n# next\nlocals {}\n",
			edits: versioning,
			want:  "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"x\"\n}\n\nresource \"aws_s3_bucket_versioning\" \"a\" {\n  bucket = aws_s3_bucket.a.id\n\n  versioning_configuration {\n    status = \"Enabled\"\n  }\n}\n\n# next\nlocals {}\n",
		},
		{
			name:  "one that is there is changed",
			text:  "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"x\"\n}\nresource \"aws_s3_bucket_versioning\" \"other\" {\n  bucket = aws_s3_bucket.a.bucket\n  versioning_configuration {\n    status = \"Suspended\" # !\n  }\n}\n",
			edits: versioning,
			want:  "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"x\"\n}\nresource \"aws_s3_bucket_versioning\" \"other\" {\n  bucket = aws_s3_bucket.a.bucket\n  versioning_configuration {\n    status = \"Enabled\" # !\n  }\n}\n",
		},
		{
			name:  "there are as many as resources",
			text:  "provider \"aws\" {\n  alias = \"eu\"\n}\nresource \"aws_s3_bucket\" \"a\" {\n  provider = aws.eu\n  for_each = toset([\"x\", \"y\"])\n  bucket   = each.key\n}\n",
			edits: versioning, address: `aws_s3_bucket.a["x"]`,
			want: "provider \"aws\" {\n  alias = \"eu\"\n}\nresource \"aws_s3_bucket\" \"a\" {\n  provider = aws.eu\n  for_each = toset([\"x\", \"y\"])\n  bucket   = each.key\n}\n\nresource \"aws_s3_bucket_versioning\" \"a\" {\n  provider = aws.eu\n  for_each = toset([\"x\", \"y\"])\n  bucket   = aws_s3_bucket.a[each.key].id\n\n  versioning_configuration {\n    status = \"Enabled\"\n  }\n}\n",
		},
		{
			name:  "no name is used twice",
			text:  "resource \"aws_s3_bucket\" \"a\" {\n}\nresource \"aws_s3_bucket_versioning\" \"a\" {\n  bucket = \"b\"\n}\n",
			edits: versioning,
			want:  "none: there is another aws_s3_bucket_versioning called a",
		},
	} {
		c.test(t, iac.Terraform, "main.tf", "aws_s3_bucket.a")
	}
}

func TestCompanionsInOtherFilesAreChangedThere(t *testing.T) {
	tree := fstest.MapFS{
		"a.tf": {Data: []byte("resource \"aws_s3_bucket\" \"a\" {\n}\n")},
		"b.tf": {Data: []byte("resource \"aws_s3_bucket_versioning\" \"v\" {\n  bucket = aws_s3_bucket.a.id\n  versioning_configuration {\n    status = \"Disabled\"\n  }\n}\n")},
	}
	_, p := edited(t, iac.Terraform, tree, "aws_s3_bucket.a", "", add("aws_s3_bucket_versioning", "bucket", "${self.id}", "versioning_configuration.status", "Enabled"))
	want := `--- a/b.tf
+++ b/b.tf
@@ -1,6 +1,6 @@
 resource "aws_s3_bucket_versioning" "v" {
   bucket = aws_s3_bucket.a.id
   versioning_configuration {
-    status = "Disabled"
+    status = "Enabled"
   }
 }
`
	if p == nil || p.Diff != want {
		t.Errorf("got %+v", p)
	}
}

func TestCodeThatIsNotTheUsersIsNotChanged(t *testing.T) {
	for _, c := range []struct{ file, kind string }{
		{".terraform/modules/x/main.tf", iac.Terraform}, {"main.tf.json", iac.Terraform}, {"t.yaml", iac.Helm}, {"plan.json", iac.TerraformPlan},
	} {
		r := &iac.Resource{Type: "aws_s3_bucket", Address: "aws_s3_bucket.a", Range: iac.Range{File: c.file, Line: 1}}
		if p, err := Make(Request{Unit: &iac.Unit{Kind: c.kind}, Resource: r, Edits: []*content.CodeEdit{set("bucket", "x")}, Read: func(string) ([]byte, error) {
			return []byte("resource \"aws_s3_bucket\" \"a\" {}"), nil
		}}); err == nil {
			t.Errorf("%s of %s: %+v", c.file, c.kind, p)
		}
	}
}

func mapFS(file, text string) fstest.MapFS { return fstest.MapFS{file: {Data: []byte(text)}} }
