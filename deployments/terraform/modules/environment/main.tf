# SPDX-License-Identifier: Apache-2.0
# An environment: the modules, wired. The roots under environments/ differ only in what they pass here.
locals {
  name         = "micro-sayur-${var.environment}${var.name_suffix}"
  production   = var.environment == "production"
  namespace    = local.production ? "micro-sayur" : "micro-sayur-${var.environment}" # as in deployments/k8s/overlays
  host         = "api.${var.domain_name}"
  from_address = "noreply@${var.domain_name}"
  boundary     = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/micro-sayur-boundary" # bootstrap makes it
  log_days     = local.production ? 365 : 30
}

module "encryption" {
  source = "../encryption"
  name   = local.name
}

module "backup_encryption" {
  source    = "../encryption"
  providers = { aws = aws.backup }
  name      = "${local.name}-copy"
}

module "network" {
  source               = "../network"
  permissions_boundary = local.boundary
  name                 = local.name
  vpc_cidr             = var.vpc_cidr
  nat_per_zone         = local.production
  log_retention_days   = local.log_days
  kms_key_arn          = module.encryption.key_arn
}

module "dns" {
  source      = "../dns"
  domain_name = var.domain_name
  host        = local.host
}

module "mail" {
  source               = "../mail"
  permissions_boundary = local.boundary
  name                 = local.name
  domain_name          = var.domain_name
  zone_id              = module.dns.zone_id
  from_address         = local.from_address
  report_email         = var.alert_email
}

module "secrets" {
  source               = "../secrets"
  environment          = var.environment
  kms_key_arn          = module.encryption.key_arn
  recovery_window_days = var.deletion_protection ? 30 : 0
  generations          = var.secret_generations
  smtp_login           = { username = module.mail.smtp_username, password = module.mail.smtp_password }
}

module "eks" {
  source                    = "../eks"
  permissions_boundary      = local.boundary
  name                      = local.name
  kubernetes_version        = var.kubernetes_version
  subnet_ids                = module.network.private_subnet_ids
  kms_key_arn               = module.encryption.key_arn
  log_retention_days        = local.log_days
  api_allowed_cidrs         = var.api_allowed_cidrs
  administrator_role_arns   = var.administrator_role_arns
  deployer_role_arn         = aws_iam_role.deployer.arn
  namespace                 = local.namespace
  domain_name               = var.domain_name
  gateway_api               = var.gateway_api
  client_security_group_ids = var.client_security_group_ids
  zone_arn                  = module.dns.zone_arn
  secret_arns               = module.secrets.arns
  node_instance_types       = var.node_instance_types
  nodes                     = var.nodes
}

module "database" {
  source                   = "../database"
  providers                = { aws = aws, aws.backup = aws.backup }
  permissions_boundary     = local.boundary
  name                     = local.name
  environment              = var.environment
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.eks.security_group_id
  kms_key_arn              = module.encryption.key_arn
  backup_kms_key_arn       = module.backup_encryption.key_arn
  instance_class           = var.database.instance_class
  max_connections          = var.database.max_connections
  storage_gib              = var.database.storage_gib
  multi_az                 = var.database.multi_az
  replicas                 = var.database.replicas
  backup_retention_days    = var.database.backup_retention_days
  deletion_protection      = var.deletion_protection
  log_retention_days       = local.log_days
  replicate_backups        = var.database.replicate_backups
  restore                  = var.database.restore
}

module "cache" {
  source                   = "../cache"
  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.eks.security_group_id
  kms_key_arn              = module.encryption.key_arn
  log_retention_days       = local.log_days
  node_type                = var.cache.node_type
  nodes                    = var.cache.nodes
  passwords                = module.secrets.redis_passwords
}

module "broker" {
  source                   = "../broker"
  name                     = local.name
  environment              = var.environment
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.eks.security_group_id
  deployment_mode          = var.broker.deployment_mode
  instance_type            = var.broker.instance_type
  password                 = module.secrets.rabbitmq_password
}

module "backup" {
  source               = "../backup"
  providers            = { aws = aws, aws.backup = aws.backup }
  permissions_boundary = local.boundary
  name                 = local.name
  environment          = var.environment
  kms_key_arn          = module.encryption.key_arn
  backup_kms_key_arn   = module.backup_encryption.key_arn
  retention_days       = var.backup_retention_days
  locked               = local.production
  notice_topic_arn     = aws_sns_topic.notices.arn
}
