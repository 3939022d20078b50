# SPDX-License-Identifier: Apache-2.0
output "buckets" {
  description = "PGBACKREST_REPO1_S3_BUCKET and PGBACKREST_REPO2_S3_BUCKET."
  value       = { first = module.first.name, second = module.second.name }
}

output "policy_arns" {
  description = "To be attached to the role, or the user, of the database's server and of the backup job."
  value       = { for name, policy in aws_iam_policy.this : name => policy.arn }
}
