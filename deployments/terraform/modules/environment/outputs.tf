# SPDX-License-Identifier: Apache-2.0
output "app_config" {
  description = "What the overlay needs to know of AWS: KEY=VALUE lines for its configMapGenerator."
  value = join("", [for key, value in merge({
    "db.host"         = module.database.host
    "db.port"         = module.database.port
    "db.sslmode"      = "verify-full"
    "redis.host"      = module.cache.host
    "redis.port"      = module.cache.port
    "redis.tls"       = true
    "rabbitmq.host"   = module.broker.host
    "rabbitmq.port"   = module.broker.port
    "rabbitmq.tls"    = true
    "smtp.host"       = module.mail.smtp_host
    "smtp.port"       = 587
    "smtp.username"   = module.mail.smtp_username
    "mail.from"       = "MICRO-SAYUR <${local.from_address}>"
    "public.base.url" = "https://${local.host}/users"
    "admin.email"     = "admin@${var.domain_name}"
    "aws.host"        = local.host
    "aws.region"      = data.aws_region.current.name
    # SES takes nothing but ASCII before the @.
    "mail.smtputf8" = false
    # The sidecars of the mesh hand requests on from addresses of their own (components/istio).
    "trusted.proxies" = "${var.vpc_cidr},127.0.0.0/8"
    "aws.data.cidr"   = module.network.data_cidr
  }, { for hosts in [join(",", module.database.replica_hosts)] : "db.replica.hosts" => hosts if hosts != "" }) : "${key}=${value}\n"])
}

data "aws_region" "current" {}

output "cluster_name" {
  description = "Name of the cluster."
  value       = module.eks.cluster_name
}

output "deployer_role_arn" {
  description = "Variable AWS_ROLE of the environment in GitHub."
  value       = aws_iam_role.deployer.arn
}

output "name_servers" {
  description = "What the registrar or the parent zone is to be told."
  value       = module.dns.name_servers
}

output "certificate_arn" {
  description = "Certificate for a load balancer that ends TLS itself."
  value       = module.dns.certificate_arn
}

output "database_master_secret_arn" {
  description = "Secret of the role that makes the other roles."
  value       = module.database.master_secret_arn
}

output "secret_names" {
  description = "What external-secrets reads."
  value       = module.secrets.names
}

output "restore_drill" {
  description = "Variables AWS_DRILL_ROLE and DRILL_SECURITY_GROUP of the repository in GitHub."
  value       = local.production ? null : { role_arn = aws_iam_role.restore_drill["this"].arn, security_group_id = aws_security_group.restore_drill["this"].id }
}
