package patch

import (
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

const bucketHead = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"

func TestTemplatesAreChangedInPlace(t *testing.T) {
	versioned := []*content.CodeEdit{set("VersioningConfiguration.Status", "Enabled")}
	for _, c := range []textCase{
		{
			name: "properties are made", text: bucketHead + "  C:\n    Type: AWS::S3::Bucket\n", edits: versioned,
			want: bucketHead + "    Properties:\n      VersioningConfiguration:\n        Status: Enabled\n  C:\n    Type: AWS::S3::Bucket\n",
		},
		{
			name: "what follows the last property is not moved into it", text: bucketHead + "    Properties:\n      BucketName: x # mine\n      # more\n\nOutputs: {}\n", edits: versioned,
			want: bucketHead + "    Properties:\n      BucketName: x # mine\n      VersioningConfiguration:\n        Status: Enabled\n      # more\n\nOutputs: {}\n",
		},
		{
			name: "a value keeps its comment", text: bucketHead + "    Properties:\n      VersioningConfiguration:\n        Status: Suspended # for now\n", edits: versioned,
			want: bucketHead + "    Properties:\n      VersioningConfiguration:\n        Status: Enabled # for now\n",
		},
		{
			name: "indentation is that of the neighbors", text: "Resources:\n    B:\n        Type: AWS::S3::Bucket\n        Properties:\n            BucketName: x", edits: versioned,
			want: "Resources:\n    B:\n        Type: AWS::S3::Bucket\n        Properties:\n            BucketName: x\n            VersioningConfiguration:\n                Status: Enabled",
		},
		{
			name: "line ends of Windows stay", text: "Resources:\r\n  B:\r\n    Type: AWS::S3::Bucket\r\n    Properties:\r\n      BucketName: x\r\n", edits: versioned,
			want: "Resources:\r\n  B:\r\n    Type: AWS::S3::Bucket\r\n    Properties:\r\n      BucketName: x\r\n      VersioningConfiguration:\r\n        Status: Enabled\r\n",
		},
		{
			name: "brackets stay brackets", text: "Resources:\n  B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: x}} # one line\n", edits: versioned,
			want: "Resources:\n  B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: x, VersioningConfiguration: {Status: Enabled}}} # one line\n",
		},
		{
			name: "behind text in lines of its own", text: bucketHead + "    Properties:\n      BucketName: |\n        a\n         # not a comment\n\n  C:\n    Type: AWS::S3::Bucket\n", edits: versioned,
			want: bucketHead + "    Properties:\n      BucketName: |\n        a\n         # not a comment\n      VersioningConfiguration:\n        Status: Enabled\n\n  C:\n    Type: AWS::S3::Bucket\n",
		},
		{
			name: "behind quoted text of several lines", text: bucketHead + "    Properties:\n      BucketName: \"a\n  : b\"\n      Tags:\n      - !Sub\n        - \"${x}\"\n        - {x: y}\n", edits: versioned,
			want: bucketHead + "    Properties:\n      BucketName: \"a\n  : b\"\n      Tags:\n      - !Sub\n        - \"${x}\"\n        - {x: y}\n      VersioningConfiguration:\n        Status: Enabled\n",
		},
		{
			name: "a reference is replaced", text: "Parameters:\n  P: {Type: String}\n" + bucketHead + "    Properties:\n      VersioningConfiguration:\n        Status: !Ref P\n", edits: versioned,
			want: "Parameters:\n  P: {Type: String}\n" + bucketHead + "    Properties:\n      VersioningConfiguration:\n        Status: Enabled\n",
		},
		{
			name: "what is computed is left alone", text: bucketHead + "    Properties:\n      VersioningConfiguration: !If [X, !Ref AWS::NoValue, {Status: Suspended}]\n", edits: versioned,
			want: "none: VersioningConfiguration.Status: it is computed",
		},
		{
			name: "what is shared is left alone", text: bucketHead + "    Properties:\n      VersioningConfiguration: &v\n        Status: Suspended\n  C:\n    Type: AWS::S3::Bucket\n    Properties: {VersioningConfiguration: *v}\n", edits: versioned,
			want: "none: VersioningConfiguration.Status: it is written once for several places",
		},
		{
			name: "an alias is no place to write in", text: "x: &v\n  BucketName: y\n" + bucketHead + "    Properties: *v\n", edits: versioned,
			want: "none: VersioningConfiguration.Status: it is written once for several places",
		},
		{
			name: "a key with nothing gets something", text: bucketHead + "    Properties: # none\n  C:\n    Type: AWS::S3::Bucket\n", edits: versioned,
			want: bucketHead + "    Properties: # none\n      VersioningConfiguration:\n        Status: Enabled\n  C:\n    Type: AWS::S3::Bucket\n",
		},
		{
			name: "structures are written", text: bucketHead + "    Properties:\n      BucketName: x\n",
			edits: []*content.CodeEdit{set("BucketEncryption.ServerSideEncryptionConfiguration", []any{map[string]any{"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": true}})},
			want:  bucketHead + "    Properties:\n      BucketName: x\n      BucketEncryption:\n        ServerSideEncryptionConfiguration:\n          - BucketKeyEnabled: true\n            ServerSideEncryptionByDefault:\n              SSEAlgorithm: \"aws:kms\"\n",
		},
		{
			name: "what is removed takes its line along", text: bucketHead + "    Properties:\n      BucketName: x\n      AccessControl: PublicRead # !\n      Tags: []\n", edits: []*content.CodeEdit{removed("AccessControl")},
			want: bucketHead + "    Properties:\n      BucketName: x\n      Tags: []\n",
		},
		{
			name: "what is not there is not changed", text: bucketHead + "    Properties:\n      BucketName: x\n", edits: []*content.CodeEdit{changed("AccessControl", "Private")},
			want: "none: the code says already what the fix would say",
		},
		{
			name: "JSON is JSON", text: "{\n    \"Resources\": {\n        \"B\": {\n            \"Type\": \"AWS::S3::Bucket\",\n            \"Properties\": {\n                \"BucketName\": \"x\"\n            }\n        }\n    }\n}\n", edits: versioned,
			want: "{\n    \"Resources\": {\n        \"B\": {\n            \"Type\": \"AWS::S3::Bucket\",\n            \"Properties\": {\n                \"BucketName\": \"x\",\n                \"VersioningConfiguration\": {\n                    \"Status\": \"Enabled\"\n                }\n            }\n        }\n    }\n}\n",
		},
		{
			name: "JSON with tabs", text: "{\n\t\"Resources\": {\n\t\t\"B\": {\n\t\t\t\"Type\": \"AWS::S3::Bucket\"\n\t\t}\n\t}\n}", edits: versioned,
			want: "{\n\t\"Resources\": {\n\t\t\"B\": {\n\t\t\t\"Type\": \"AWS::S3::Bucket\",\n\t\t\t\"Properties\": {\n\t\t\t\t\"VersioningConfiguration\": {\n\t\t\t\t\t\"Status\": \"Enabled\"\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t}\n}",
		},
		{
			name: "JSON on one line", text: `{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {}}}}`, edits: versioned,
			want: `{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}}}`,
		},
		{
			name: "what a transform makes is not there", text: "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::SimpleTable\n", address: "F",
			edits: []*content.CodeEdit{set("SSESpecification.SSEEnabled", true)},
			want:  "none: F is made by a transform",
		},
	} {
		c.test(t, iac.CloudFormation, "t.yaml", "B")
	}
}

const deploymentHead = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
`

func TestManifestsAreChangedInPlace(t *testing.T) {
	unprivileged := []*content.CodeEdit{changed("container.securityContext.privileged", false)}
	escalation := []*content.CodeEdit{set("container.securityContext.allowPrivilegeEscalation", false)}
	for _, c := range []textCase{
		{
			name: "only what is written is changed", edits: unprivileged,
			text: deploymentHead + "      containers:\n      - name: a\n        securityContext: {privileged: true}\n      - name: b\n      initContainers:\n      - name: c\n        securityContext:\n          privileged: true # needed?\n",
			want: deploymentHead + "      containers:\n      - name: a\n        securityContext: {privileged: false}\n      - name: b\n      initContainers:\n      - name: c\n        securityContext:\n          privileged: false # needed?\n",
		},
		{
			name: "one container is told from the others", edits: escalation, part: "b",
			text: deploymentHead + "      containers:\n      - name: a\n      # the second\n      - name: b\n        args:\n        - x\n        # its end\n      - {name: c}\n",
			want: deploymentHead + "      containers:\n      - name: a\n      # the second\n      - name: b\n        args:\n        - x\n        securityContext:\n          allowPrivilegeEscalation: false\n        # its end\n      - {name: c}\n",
		},
		{
			name: "all containers get it", edits: escalation,
			text: deploymentHead + "      containers:\n        - name: a\n        - {name: b}\n        - name: c\n          securityContext:\n        - name: d\n          securityContext: {}\n",
			want: deploymentHead + "      containers:\n        - name: a\n          securityContext:\n            allowPrivilegeEscalation: false\n        - {name: b, securityContext: {allowPrivilegeEscalation: false}}\n        - name: c\n          securityContext:\n            allowPrivilegeEscalation: false\n        - name: d\n          securityContext: {allowPrivilegeEscalation: false}\n",
		},
		{
			name: "lists stand as others in the file", edits: []*content.CodeEdit{set("container.securityContext.capabilities.drop", []any{"ALL"})},
			text: deploymentHead + "      containers:\n      - name: a\n        args:\n        - x\n        securityContext:\n          capabilities:\n            drop:\n            - NET_RAW\n            add: [SYS_TIME]\n",
			want: deploymentHead + "      containers:\n      - name: a\n        args:\n        - x\n        securityContext:\n          capabilities:\n            drop:\n            - ALL\n            add: [SYS_TIME]\n",
		},
		{
			name: "a list with comments stays", edits: []*content.CodeEdit{set("container.securityContext.capabilities.drop", []any{"ALL"})},
			text: deploymentHead + "      containers:\n      - name: a\n        securityContext:\n          capabilities:\n            drop:\n            - NET_RAW # raw\n            - MKNOD\n",
			want: "none: container.securityContext.capabilities.drop: it has comments in it",
		},
		{
			name: "the pod's own spec", edits: []*content.CodeEdit{changed("pod.hostNetwork", false), set("pod.automountServiceAccountToken", false)},
			text: deploymentHead + "      hostNetwork: true\n      containers: [{name: a}]\n",
			want: deploymentHead + "      hostNetwork: false\n      containers: [{name: a}]\n      automountServiceAccountToken: false\n",
		},
		{
			name: "a pod among others, in a list", address: "Pod/default/p", edits: escalation,
			text: "---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  x: |+\n    keep\n\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n    containers:\n    - name: \"ä\"\n      image: x:1\n",
			want: "---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  x: |+\n    keep\n\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n    containers:\n    - name: \"ä\"\n      image: x:1\n      securityContext:\n        allowPrivilegeEscalation: false\n",
		},
		{
			name: "what controllers make is what they make it of", address: "Pod/default/j-29000000-", edits: escalation,
			text: "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec:\n  schedule: \"* * * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: a\n            image: x:1\n",
			want: "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec:\n  schedule: \"* * * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: a\n            image: x:1\n            securityContext:\n              allowPrivilegeEscalation: false\n",
		},
		{
			name: "what is merged from elsewhere is left alone", edits: escalation,
			text: "x: &c\n  securityContext: {privileged: true}\n" + deploymentHead + "      containers:\n      - <<: *c\n        name: a\n",
			want: "none: container.securityContext.allowPrivilegeEscalation: it is written once for several places",
		},
		{
			name: "kept text stays as it is", address: "ServiceAccount/default/s", edits: []*content.CodeEdit{set("automountServiceAccountToken", false)},
			text: "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: s\n  annotations:\n    a: |+\n      text\n\n\n",
			want: "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: s\n  annotations:\n    a: |+\n      text\n\n\nautomountServiceAccountToken: false\n",
		},
	} {
		address := c.address
		if address == "" {
			address = "Deployment/default/web"
		}
		if strings.HasSuffix(address, "-") {
			for _, r := range unitOf(t, iac.Kubernetes, mapFS("m.yaml", c.text)).Resources {
				if strings.HasPrefix(r.Address, address) {
					c.address = r.Address
				}
			}
		}
		c.test(t, iac.Kubernetes, "m.yaml", address)
	}
}
