# SPDX-License-Identifier: Apache-2.0
output "app_config" {
  description = "What the overlay needs to know of AWS; tools/ci/terraform.sh writes it to deployments/k8s/overlays/aws-production/aws."
  value       = module.environment.app_config
}

output "cluster_name" {
  description = "What aws eks update-kubeconfig --name wants."
  value       = module.environment.cluster_name
}

output "deployer_role_arn" {
  description = "Variable AWS_ROLE of the environment in GitHub."
  value       = module.environment.deployer_role_arn
}

output "name_servers" {
  description = "What the registrar or the parent zone is to be told."
  value       = module.environment.name_servers
}

output "certificate_arn" {
  description = "Certificate for a load balancer that ends TLS itself."
  value       = module.environment.certificate_arn
}

output "database_master_secret_arn" {
  description = "Secret of the role that makes the other roles."
  value       = module.environment.database_master_secret_arn
}

output "secret_names" {
  description = "What external-secrets reads."
  value       = module.environment.secret_names
}

output "region" {
  description = "Region of the environment."
  value       = var.region
}

output "deletion_protection" {
  description = "Whether tools/ci/terraform.sh refuses to destroy it."
  value       = var.deletion_protection
}
