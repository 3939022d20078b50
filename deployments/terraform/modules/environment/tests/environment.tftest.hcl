# SPDX-License-Identifier: Apache-2.0
# How the modules are wired, and what an environment has beside them. The passwords are ephemeral, which cannot be mocked.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-3" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-southeast-3a", "ap-southeast-3b", "ap-southeast-3c"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/some" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-southeast-3:123456789012:key/1" }
  }
  mock_resource "aws_eks_cluster" {
    defaults = { arn = "arn:aws:eks:ap-southeast-3:123456789012:cluster/micro-sayur-staging" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-southeast-3:123456789012:notices" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-southeast-3:123456789012:log-group:some" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:ap-southeast-3:123456789012:backup-vault:own" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-1", latest_version = 1 }
  }
  mock_resource "aws_db_instance" {
    defaults = { arn = "arn:aws:rds:ap-southeast-3:123456789012:db:micro-sayur-staging" }
  }
  mock_resource "aws_mq_broker" {
    defaults = { instances = [{ console_url = "", ip_address = "", endpoints = ["amqps://b-1.mq.ap-southeast-3.amazonaws.com:5671"] }] }
  }
  mock_resource "aws_ses_domain_dkim" {
    defaults = { dkim_tokens = ["one", "two", "three"] }
  }
  mock_resource "aws_acm_certificate" {
    defaults = { domain_validation_options = [{ domain_name = "api.staging.micro-sayur.com", resource_record_name = "_1.api", resource_record_type = "CNAME", resource_record_value = "_2.aws" }] }
  }
}

mock_provider "aws" {
  alias = "backup"
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-southeast-1:123456789012:key/2" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:ap-southeast-1:123456789012:backup-vault:copy" }
  }
}

override_module {
  target = module.secrets
  outputs = {
    arns              = ["arn:aws:secretsmanager:ap-southeast-3:123456789012:secret:micro-sayur/staging/redis-abc"]
    names             = ["micro-sayur/staging/redis"]
    redis_passwords   = { default = "abcdefghijkl1234", notification_service = "abcdefghijkl1235", user_service = "abcdefghijkl1236", exporter = "abcdefghijkl1237" }
    rabbitmq_password = "abcdefghijkl1234"
  }
}

variables {
  environment               = "staging"
  domain_name               = "staging.micro-sayur.com"
  vpc_cidr                  = "10.1.0.0/16"
  github_repository         = "owner/micro-sayur"
  alert_email               = "operations@micro-sayur.com"
  monthly_budget_usd        = 700
  kubernetes_version        = "1.34"
  administrator_role_arns   = ["arn:aws:iam::123456789012:role/administrator"]
  api_allowed_cidrs         = []
  client_security_group_ids = []
  gateway_api               = false
  name_suffix               = ""
  node_instance_types       = ["t3.medium"]
  nodes                     = { least = 3, most = 5 }
  database = {
    instance_class        = "db.t3.micro"
    max_connections       = 80
    storage_gib           = 20
    multi_az              = false
    replicas              = 0
    backup_retention_days = 7
    replicate_backups     = true
    restore               = {}
  }
  cache                 = { node_type = "cache.t3.micro", nodes = 2 }
  broker                = { instance_type = "mq.t3.micro", deployment_mode = "SINGLE_INSTANCE" }
  backup_retention_days = 14
  secret_generations    = {}
  deletion_protection   = false
}

run "the_budget_counts_what_is_tagged" {
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist([join("$", ["user:Environment", "staging"])])
    error_message = jsonencode(one(aws_budgets_budget.monthly.cost_filter).values)
  }
}

run "notices_are_of_money_and_of_what_did_not_succeed" {
  assert {
    condition     = jsondecode(aws_sns_topic_subscription.notices.filter_policy).State == [{ exists = false }, { "anything-but" = ["COMPLETED"] }]
    error_message = "a budget's notice has no state; a backup's has"
  }
}

run "the_pipeline_comes_in_without_looking_for_the_provider" {
  assert {
    condition = one(one(data.aws_iam_policy_document.deployer_trust.statement).principals).identifiers == toset([
    "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"])
    error_message = "looking it up by its URL takes iam:ListOpenIDConnectProviders"
  }
  assert {
    condition     = aws_iam_role.deployer.permissions_boundary == "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
    error_message = "the role that applies may make no role without it"
  }
}

run "the_drill_changes_and_deletes_what_it_restored_and_nothing_else" {
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.restore_drill["this"].statement : statement.resources
    if contains(statement.actions, "rds:DeleteDBInstance") || contains(statement.actions, "rds:ModifyDBInstance")])) == toset(["arn:aws:rds:ap-southeast-3:123456789012:db:micro-sayur-staging-drill-*"])
    error_message = "the drill could delete the database itself"
  }
}

run "the_overlay_is_told_the_host_and_the_region" {
  assert {
    condition     = length(setsubtract(["aws.host=api.staging.micro-sayur.com", "aws.region=ap-southeast-3", "admin.email=admin@staging.micro-sayur.com"], split("\n", output.app_config))) == 0
    error_message = output.app_config
  }
}

run "a_second_one_beside_a_lost_one" {
  command   = plan
  state_key = "second"
  variables {
    name_suffix = "-2"
  }
  assert {
    condition     = aws_iam_role.deployer.name == "micro-sayur-staging-2-deployer"
    error_message = "names of roles are those of the whole account"
  }
}

run "no_suffix" {
  command = plan
  variables {
    name_suffix = "second"
  }
  expect_failures = [var.name_suffix]
}
