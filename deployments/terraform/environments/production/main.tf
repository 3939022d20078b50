# SPDX-License-Identifier: Apache-2.0
# Production: whatever holds data is in three zones, and a copy of it in a second region.
module "environment" {
  source                    = "../../modules/environment"
  providers                 = { aws = aws, aws.backup = aws.backup }
  environment               = "production"
  domain_name               = var.domain_name
  vpc_cidr                  = var.vpc_cidr
  github_repository         = var.github_repository
  alert_email               = var.alert_email
  monthly_budget_usd        = var.monthly_budget_usd
  kubernetes_version        = "1.34"
  administrator_role_arns   = var.administrator_role_arns
  api_allowed_cidrs         = var.api_allowed_cidrs
  client_security_group_ids = var.client_security_group_ids
  gateway_api               = var.gateway_api
  name_suffix               = var.name_suffix
  secret_generations        = var.secret_generations
  deletion_protection       = var.deletion_protection

  node_instance_types = ["m6i.large", "m5.large"]
  nodes               = { least = 3, most = 9 }
  database = {
    instance_class        = "db.m5.large"
    max_connections       = 200
    storage_gib           = 100
    multi_az              = true
    replicas              = 1
    backup_retention_days = var.database_backup_retention_days
    replicate_backups     = var.database_replicate_backups
    restore               = var.database_restore
  }
  cache                 = { node_type = "cache.m5.large", nodes = 3 }
  broker                = { instance_type = "mq.m5.large", deployment_mode = "CLUSTER_MULTI_AZ" }
  backup_retention_days = var.backup_retention_days
}
