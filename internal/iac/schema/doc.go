// Package schema says what infrastructure code can write: every resource type of Terraform's AWS provider and of
// CloudFormation, with its attributes, blocks and properties down to the last. Mappings from code to tables are proved against
// it, and coverage tells types without a mapping from mistyped ones by it.
//
// The data is made by the generator in schemagen from pinned packages of the npm registry, and lies in content/aws/code. A type
// is decoded with those beside it in the alphabet on first use, and kept. The package reads no code, and is not needed to
// evaluate any.
//
// What the sources do not say, nothing here says either. Of Terraform: the defaults of the provider; which nested values are
// sensitive; whether what code leaves out is filled in, for the few types that the second source does not have under any like
// name; what lies in the statements of WAF rules (which are KindAny); and which blocks may also be written as values, if the
// provider never computes them. Of CloudFormation: most defaults, and what Ref gives where that is not the primary identifier.
package schema
