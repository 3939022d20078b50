# SPDX-License-Identifier: Apache-2.0
output "repository_arns" {
  description = "ARNs of the repositories."
  value       = [for repository in aws_ecr_repository.this : repository.arn]
}

output "registry" {
  description = "What stands before micro-sayur/NAME in an image's name."
  value       = split("/", values(aws_ecr_repository.this)[0].repository_url)[0]
}
