# SPDX-License-Identifier: Apache-2.0
output "arns" {
  description = "ARNs of all entries."
  value       = [for name in sort(local.entries) : aws_secretsmanager_secret.this[name].arn]
}

output "names" {
  description = "Names of all entries."
  value       = [for name in sort(local.entries) : aws_secretsmanager_secret.this[name].name]
}

output "rabbitmq_password" {
  description = "For the module broker."
  value       = jsondecode(data.aws_secretsmanager_secret_version.told["rabbitmq"].secret_string).password
  sensitive   = true
}

output "redis_passwords" {
  description = "User -> password, for the module cache."
  value = { for login in [for name in ["redis", "user-service-redis", "notification-service-redis", "exporter-redis"] :
    jsondecode(data.aws_secretsmanager_secret_version.told[name].secret_string)] : login.username => login.password
  }
  sensitive = true
}
