package schema

import (
	"slices"
	"strings"
	"sync"
	"testing"

	codedata "github.com/stancehq/stance/content/aws/code"
)

func typeOf(t testing.TB, name string) *Type {
	t.Helper()
	for _, l := range []*Language{Terraform, CloudFormation} {
		if known, ok := l.Type(name); ok {
			return known
		}
	}
	t.Fatalf("there is no type %s", name)
	return nil
}

// told is what an attribute is, in a few words.
func told(a *Attribute) string {
	words := []string{a.Shape.String()}
	for _, is := range []struct {
		word string
		so   bool
	}{
		{"block", a.Block}, {"one", a.One}, {"required", a.Required}, {"computed", a.Computed}, {"filled", a.Filled}, {"sensitive", a.Sensitive},
	} {
		if is.so {
			words = append(words, is.word)
		}
	}
	if a.Default != nil {
		words = append(words, "= "+string(a.Default))
	}
	for _, to := range a.Refers {
		words = append(words, "→ "+to)
	}
	return strings.Join(words, ", ")
}

func TestWhatATypeHas(t *testing.T) {
	for _, c := range []struct{ typ, path, want string }{
		{"aws_s3_bucket", "bucket", "string, filled"},
		{"aws_s3_bucket", "force_destroy", "boolean"},
		{"aws_s3_bucket", "arn", "string, computed"},
		{"aws_s3_bucket", "id", "string, filled"},
		{"aws_s3_bucket", "tags", "map of string"},
		{"aws_s3_bucket", "tags.Owner", "string"},
		{"aws_s3_bucket", "versioning", "list of struct, block, one, filled"},
		{"aws_s3_bucket", "lifecycle_rule", "list of struct, block, filled"},
		{"aws_s3_bucket_versioning", "versioning_configuration", "list of struct, block, one, required"},
		{"aws_s3_bucket_versioning", "versioning_configuration.status", "string, required"},
		{"aws_security_group", "ingress", "set of struct, filled"},
		{"aws_security_group", "ingress.cidr_blocks", "list of string"},
		{"aws_security_group", "ingress.security_groups", "set of string"},
		{"aws_security_group", "timeouts", "struct, block"},
		{"aws_security_group_rule", "from_port", "number, required"},
		{"aws_db_instance", "password", "string, sensitive"},
		{"aws_db_instance", "storage_encrypted", "boolean"},
		{"aws_db_instance", "backup_retention_period", "number, filled"},
		{"aws_db_instance", "master_user_secret.secret_arn", "string, computed"},
		{"aws_instance", "root_block_device.encrypted", "boolean, filled"},
		{"aws_iam_policy", "policy", "string, required"},
		{"aws_lexv2models_intent", "closing_setting.conditional.default_branch.next_step.dialog_action.type", "string, required"},
		{"aws_medialive_channel", "encoder_settings.video_descriptions.codec_settings.h264_settings.bitrate", "number, filled"},
		{"aws_s3tables_table", "encryption_configuration", "struct, filled"},
		{"aws_wafv2_web_acl", "rule.statement.whatever.it.is", "any"},
		{"data.aws_iam_policy_document", "statement.principals.identifiers", "set of string, required"},
		{"data.aws_iam_policy_document", "json", "string, computed"},
		{"AWS::S3::Bucket", "VersioningConfiguration", "struct"},
		{"AWS::S3::Bucket", "VersioningConfiguration.Status", `string, required, = "Suspended"`},
		{"AWS::S3::Bucket", "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm", "string, required"},
		{"AWS::S3::Bucket", "Tags.Key", "string, required"},
		{"AWS::S3::BucketPolicy", "Bucket", "string, required, → AWS::S3::Bucket.BucketName"},
		{"AWS::S3::BucketPolicy", "PolicyDocument", "any or string, required"},
		{"AWS::S3::BucketPolicy", "PolicyDocument.Statement.Effect", "any"},
		{"AWS::EC2::SecurityGroup", "SecurityGroupIngress.CidrIp", "string"},
		{"AWS::KMS::Key", "KeySpec", `string, = "SYMMETRIC_DEFAULT"`},
		{"AWS::WAFv2::WebACL", "Rules.Statement.NotStatement.Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes", "list of string"},
	} {
		a, err := typeOf(t, c.typ).At(c.path)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := told(a); got != c.want {
			t.Errorf("%s.%s is %s, want %s", c.typ, c.path, got, c.want)
		}
	}
}

func TestHowManyAttributesThereAre(t *testing.T) {
	for _, c := range []struct {
		typ, path string
		want      int
	}{
		{"aws_s3_bucket", "", 29},
		{"aws_db_instance", "", 86},
		{"aws_security_group", "", 14},
		{"aws_security_group", "ingress", 9},
		{"aws_security_group", "egress", 9},
		{"AWS::EC2::SecurityGroup", "SecurityGroupIngress", 10},
	} {
		known := typeOf(t, c.typ)
		got := len(known.Attributes)
		if c.path != "" {
			a, err := known.At(c.path)
			if err != nil {
				t.Fatal(err)
			}
			got = len(a.Names())
		}
		if got != c.want {
			t.Errorf("%s %s has %d attributes, want %d", c.typ, c.path, got, c.want)
		}
	}
}

func TestAWrongPathSaysWhatThereIs(t *testing.T) {
	for _, c := range []struct{ typ, path, want string }{
		{"aws_s3_bucket", "buckt", `aws_s3_bucket has no "buckt"; did you mean "bucket"?`},
		{"aws_s3_bucket_versioning", "versioning_configuration.statu", `aws_s3_bucket_versioning.versioning_configuration has no "statu"; did you mean "status"?`},
		{"aws_s3_bucket_versioning", "versioning_configuration.x", `aws_s3_bucket_versioning.versioning_configuration has no "x"; it has mfa_delete, status`},
		{"aws_security_group", "zzz", `aws_security_group has no "zzz"; it has arn, description, egress, id, ingress, name, name_prefix, owner_id, region, revoke_rules_on_delete, tags, tags_all and 2 more`},
		{"aws_security_group", "ingress.0.self", `aws_security_group.ingress has no "0"; it has cidr_blocks, description, from_port, ipv6_cidr_blocks, prefix_list_ids, protocol, security_groups, self, to_port`},
		{"aws_s3_bucket", "arn.name", `aws_s3_bucket.arn has no "name"; it is a string`},
		{"aws_security_group", "ingress.cidr_blocks.x", `aws_security_group.ingress.cidr_blocks has no "x"; it is a list of string`},
		{"aws_s3_bucket", "", `aws_s3_bucket has no ""; it has acceleration_status, acl, arn, bucket, bucket_domain_name, bucket_prefix, bucket_region, bucket_regional_domain_name, cors_rule, force_destroy, grant, hosted_zone_id and 17 more`},
		{"AWS::S3::Bucket", "VersioningConfiguration.Statu", `AWS::S3::Bucket.VersioningConfiguration has no "Statu"; did you mean "Status"?`},
		{"AWS::S3::Bucket", "versioningConfiguration", `AWS::S3::Bucket has no "versioningConfiguration"; did you mean "VersioningConfiguration"?`},
	} {
		a, err := typeOf(t, c.typ).At(c.path)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s.%s: %v, %v\nwant %s", c.typ, c.path, a, err, c.want)
		}
	}
}

func TestWhatReferencesGive(t *testing.T) {
	for _, c := range []struct{ typ, name, want string }{
		{"AWS::S3::Bucket", "Arn", "string"},
		{"AWS::S3::Bucket", "MetadataConfiguration.JournalTableConfiguration.TableArn", "string"},
		{"AWS::S3::Bucket", "ARN", `AWS::S3::Bucket gives no "ARN"; did you mean "Arn"?`},
		{"AWS::S3::Bucket", "BucketName", `AWS::S3::Bucket gives no "BucketName"; it has Arn, `},
		{"AWS::EC2::SecurityGroup", "GroupId", "string"},
		{"AWS::RDS::DBInstance", "Endpoint.Address", "string"},
		{"AWS::S3::BucketPolicy", "Arn", `AWS::S3::BucketPolicy gives no "Arn"; it has nothing`},
		{"aws_s3_bucket", "arn", "string, computed"},
		{"aws_s3_bucket", "arns", `aws_s3_bucket gives no "arns"; did you mean "arn"?`},
	} {
		got := ""
		if a, err := typeOf(t, c.typ).Output(c.name); err != nil {
			got = err.Error()
		} else {
			got = told(a)
		}
		if got != c.want && (!strings.HasSuffix(c.want, ", ") || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s.%s: %s, want %s", c.typ, c.name, got, c.want)
		}
	}
}

func TestHowCloudFormationNamesAResource(t *testing.T) {
	for name, want := range map[string]Type{
		"AWS::S3::Bucket":                    {Identifier: []string{"BucketName"}, ARN: "arn:${Partition}:s3:::${BucketName}"},
		"AWS::EC2::SecurityGroup":            {Identifier: []string{"Id"}, ARN: "arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}"},
		"AWS::IAM::Role":                     {Identifier: []string{"RoleName"}, ARN: "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"},
		"AWS::ApiGateway::Stage":             {Identifier: []string{"RestApiId", "StageName"}, Ref: []string{"StageName"}},
		"AWS::CloudFormation::WaitCondition": {Identifier: []string{"Id"}},
	} {
		got := typeOf(t, name)
		if !slices.Equal(got.Identifier, want.Identifier) || !slices.Equal(got.Ref, want.Ref) || got.ARN != want.ARN {
			t.Errorf("%s: %v, %v, %s", name, got.Identifier, got.Ref, got.ARN)
		}
	}
}

func TestATypeIsKnownOrNot(t *testing.T) {
	for _, c := range []struct {
		language *Language
		name     string
		want     bool
	}{
		{Terraform, "aws_s3_bucket", true},
		{Terraform, "data.aws_iam_policy_document", true},
		{Terraform, "aws_iam_policy_document", false},
		{Terraform, "aws_s3_buckets", false},
		{Terraform, "aws", false},
		{Terraform, "", false},
		{Terraform, "zzz", false},
		{Terraform, "AWS::S3::Bucket", false},
		{CloudFormation, "AWS::S3::Bucket", true},
		{CloudFormation, "AWS::Serverless::Function", true},
		{CloudFormation, "AWS::S3::Buckets", false},
		{CloudFormation, "AAA", false},
		{CloudFormation, "Custom::Thing", false},
	} {
		got, ok := c.language.Type(c.name)
		if ok != c.want || c.language.Knows(c.name) != c.want || ok && got.Name != c.name {
			t.Errorf("%s: %v", c.name, ok)
		}
	}
}

func TestEveryTypeIsWhole(t *testing.T) {
	for _, c := range []struct {
		language *Language
		least    int
	}{{Terraform, 2200}, {CloudFormation, 1800}} {
		names := c.language.Types()
		if len(names) < c.least || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%d types, or they are not sorted", len(names))
		}
		for _, name := range names {
			known, ok := c.language.Type(name)
			if !ok || known.Name != name {
				t.Fatalf("%s is listed and not there", name)
			}
			seen := map[*Attribute]bool{}
			whole(t, name, known.Attributes, seen)
			whole(t, name, known.Outputs, seen)
		}
	}
}

var elemKinds = []string{KindList, KindSet, KindMap}

var kinds = []string{KindStruct, KindString, KindInteger, KindNumber, KindBoolean, KindTime, KindAny, KindUnion}

func whole(t *testing.T, at string, attributes []*Attribute, seen map[*Attribute]bool) {
	if !slices.IsSortedFunc(attributes, func(a, b *Attribute) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("the attributes of %s are not sorted", at)
	}
	for _, a := range attributes {
		if seen[a] {
			continue
		}
		seen[a] = true
		path := at + "." + a.Name
		if a.Name == "" || a.Required && (a.Computed || a.Filled) || a.Computed && (a.Filled || a.Block) {
			t.Errorf("%s cannot be: %s", path, told(a))
		}
		wholeShape(t, path, &a.Shape, seen)
	}
}

func wholeShape(t *testing.T, at string, s *Shape, seen map[*Attribute]bool) {
	if slices.Contains(elemKinds, s.Kind) != (s.Elem != nil) || (s.Kind == KindUnion) != (len(s.Or) > 1) ||
		!slices.Contains(elemKinds, s.Kind) && !slices.Contains(kinds, s.Kind) {
		t.Fatalf("%s has the shape %+v", at, s)
	}
	if s.Elem != nil {
		wholeShape(t, at, s.Elem, seen)
	}
	for _, one := range s.Or {
		wholeShape(t, at, one, seen)
	}
	whole(t, at, s.Attributes, seen)
}

func TestTypesMayBeAskedForAtOnce(t *testing.T) {
	fresh := language("Terraform", &codedata.Terraform)
	var wg sync.WaitGroup
	got := make([]*Type, 8)
	for i := range got {
		wg.Go(func() { got[i], _ = fresh.Type("aws_s3_bucket") })
	}
	wg.Wait()
	for _, one := range got {
		if one == nil || one != got[0] {
			t.Error("not all got the same type")
		}
	}
}

func TestTheArchivesAreSmall(t *testing.T) {
	for name, c := range map[string]struct{ size, most int }{
		"Terraform":      {len(codedata.Terraform), 260 << 10},
		"CloudFormation": {len(codedata.CloudFormation), 340 << 10},
	} {
		if c.size > c.most {
			t.Errorf("the types of %s take %d bytes of the binary, at most %d are meant", name, c.size, c.most)
		}
	}
}

func TestADamagedArchiveIsNamed(t *testing.T) {
	if _, err := open("test", "no archive"); err == nil || !strings.Contains(err.Error(), "the embedded test types") {
		t.Error(err)
	}
	part := &Part{Types: []*Type{{Name: "a", Attributes: []*Attribute{{Name: "b", Shape: Shape{Kind: KindList, Elem: &Shape{Kind: KindStruct, Struct: 3}}}}}}}
	if _, err := part.link(); err == nil || err.Error() != "a: b: there is no struct 3" {
		t.Error(err)
	}
}

// One type, of a binary that has decoded none.
func BenchmarkFirstType(b *testing.B) {
	for b.Loop() {
		if _, ok := language("Terraform", &codedata.Terraform).Type("aws_s3_bucket"); !ok {
			b.Fatal("no bucket")
		}
	}
}

// What coverage needs.
func BenchmarkFirstName(b *testing.B) {
	for b.Loop() {
		if !language("Terraform", &codedata.Terraform).Knows("aws_s3_bucket") {
			b.Fatal("no bucket")
		}
	}
}

func BenchmarkAllTypes(b *testing.B) {
	for b.Loop() {
		for _, l := range []*Language{language("Terraform", &codedata.Terraform), language("CloudFormation", &codedata.CloudFormation)} {
			for _, name := range l.Types() {
				l.Type(name)
			}
		}
	}
}
