# SPDX-License-Identifier: Apache-2.0
output "host" {
  description = "Name of the primary."
  value       = aws_db_instance.primary.address
}

output "port" {
  description = "Its port."
  value       = aws_db_instance.primary.port
}

output "replica_hosts" {
  description = "Names of the read replicas."
  value       = aws_db_instance.replica[*].address
}

output "arn" {
  description = "ARN of the primary."
  value       = aws_db_instance.primary.arn
}

output "master_secret_arn" {
  description = "Where RDS keeps the password of micro_sayur, which makes the roles and logs in for nothing else."
  value       = try(aws_db_instance.primary.master_user_secret[0].secret_arn, "")
}
