# SPDX-License-Identifier: Apache-2.0
# Staging: as production in kind, as small as its parts can be bought.
module "environment" {
  source                    = "../../modules/environment"
  providers                 = { aws = aws, aws.backup = aws.backup }
  environment               = "staging"
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

  node_instance_types = ["t3.medium"]
  nodes               = { least = 3, most = 5 }
  database = {
    instance_class        = "db.t3.micro"
    max_connections       = 80
    storage_gib           = 20
    multi_az              = false
    replicas              = 0
    backup_retention_days = var.database_backup_retention_days
    replicate_backups     = var.database_replicate_backups
    restore               = var.database_restore
  }
  cache                 = { node_type = "cache.t3.micro", nodes = 2 }
  broker                = { instance_type = "mq.t3.micro", deployment_mode = "SINGLE_INSTANCE" }
  backup_retention_days = var.backup_retention_days
}
