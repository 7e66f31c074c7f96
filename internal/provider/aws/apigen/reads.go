package main

import "regexp"

// readName matches the names that reads have. The word must end there: "Listen…" would be no list.
var readName = regexp.MustCompile(`^(?:List|Get|Describe|BatchGet|BatchDescribe|Search|Lookup|Head|Scan|Query|Select|AdminGet|AdminList|Count|Filter|Is)(?:[A-Z0-9]|$)`)

// otherReads are operations that change nothing but are named otherwise, as far as a scan or the sign-in needs them.
var otherReads = map[string][]string{
	"accessanalyzer":   {"CheckAccessNotGranted", "CheckNoNewAccess", "CheckNoPublicAccess", "ValidatePolicy"},
	"auditmanager":     {"ValidateAssessmentReportIntegrity"},
	"backup":           {"ExportBackupPlanTemplate"},
	"clouddirectory":   {"BatchRead"},
	"cloudformation":   {"ValidateTemplate"},
	"codecommit":       {"EvaluatePullRequestApprovalRules"},
	"ec2":              {"ExportClientVpnClientCertificateRevocationList"},
	"ecr":              {"BatchCheckLayerAvailability", "ValidatePullThroughCacheRule"},
	"ecr-public":       {"BatchCheckLayerAvailability"},
	"elasticbeanstalk": {"CheckDNSAvailability", "ValidateConfigurationSettings"},
	"gamelift":         {"ResolveAlias"},
	"glue":             {"CheckSchemaVersionValidity"},
	"greengrassv2":     {"ResolveComponentCandidates"},
	"iam": {
		"GenerateCredentialReport", "GenerateOrganizationsAccessReport", "GenerateServiceLastAccessedDetails",
		"SimulateCustomPolicy", "SimulatePrincipalPolicy",
	},
	"inspector":        {"PreviewAgents"},
	"iot":              {"TestAuthorization", "ValidateSecurityProfileBehaviors"},
	"logs":             {"TestMetricFilter"},
	"route53":          {"TestDNSAnswer"},
	"route53domains":   {"CheckDomainAvailability", "CheckDomainTransferability", "ViewBilling"},
	"schemas":          {"ExportSchema"},
	"sdb":              {"DomainMetadata"},
	"secretsmanager":   {"ValidateResourcePolicy"},
	"servicediscovery": {"DiscoverInstances", "DiscoverInstancesRevision"},
	"sns":              {"CheckIfPhoneNumberIsOptedOut"},
	"stepfunctions":    {"ValidateStateMachineDefinition"},
	"sts":              {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "DecodeAuthorizationMessage"},
	"wafv2":            {"CheckCapacity"},
	"wellarchitected":  {"ExportLens"},
}

func isRead(service, op string) bool {
	if readName.MatchString(op) {
		return true
	}
	for _, name := range otherReads[service] {
		if name == op {
			return true
		}
	}
	return false
}
