// Package codedata embeds the generated archives of the types that infrastructure code can name. Package
// internal/iac/schema reads them.
//
// Of their sources (@cdktf/provider-aws under MPL-2.0, @pulumi/aws and @aws-cdk/aws-service-spec under Apache-2.0) they hold
// facts alone: names, types, and which of them are required, computed or sensitive. No code and no text is taken.
package codedata

import _ "embed"

//go:generate go run ../../../internal/iac/schema/schemagen -out .

// Terraform has the resource types and data sources of Terraform's AWS provider.
//
//go:embed terraform.zip
var Terraform string

// CloudFormation has the resource types of CloudFormation.
//
//go:embed cloudformation.zip
var CloudFormation string
