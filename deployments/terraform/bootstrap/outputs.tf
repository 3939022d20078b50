# SPDX-License-Identifier: Apache-2.0
output "registry" {
  description = "Variable REGISTRY in GitHub: what stands before micro-sayur/NAME in an image's name."
  value       = module.registry.registry
}

output "role_arns" {
  description = "Roles of the workflows release and terraform: variables AWS_RELEASE_ROLE, AWS_PLAN_ROLE, AWS_APPLY_ROLE in GitHub."
  value       = { for name, role in aws_iam_role.github : name => role.arn }
}

output "state_bucket" {
  description = "Variable TF_STATE_BUCKET in GitHub."
  value       = module.state.name
}

output "state_copy_bucket" {
  description = "Its copy in the second region, for when the first is lost."
  value       = module.state_copy.name
}
