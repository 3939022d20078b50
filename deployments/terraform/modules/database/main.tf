# SPDX-License-Identifier: Apache-2.0
# PostgreSQL 15. Backups are continuous (any second of the retention can be restored) and copied to a second region.
locals {
  restored = var.restore.snapshot_identifier != null || var.restore.automated_backups_arn != null
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "PostgreSQL from the cluster"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from nodes and pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres15"
  family      = "postgres15"
  description = "TLS forced; what is slow, waits or changes the schema is logged"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = "1"
      "log_statement"                       = "ddl"
      "log_min_duration_statement"          = "1000"
      "log_lock_waits"                      = "1"
      "log_error_verbosity"                 = "terse" # no row in a line, else addresses are
      "log_min_error_statement"             = "panic"
      "log_parameter_max_length"            = "0"
      "log_parameter_max_length_on_error"   = "0"
      "deadlock_timeout"                    = "200" # ms; below the services' time-out of calls
      "idle_in_transaction_session_timeout" = "60000"
    }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  # RDS takes this one at the next start of the server only.
  parameter {
    name         = "max_connections"
    value        = var.max_connections
    apply_method = "pending-reboot"
  }
}

resource "aws_db_instance" "primary" {
  #checkov:skip=CKV_AWS_157:multi_az is wanted of production by a validation; a trial environment may do without
  #checkov:skip=CKV_AWS_293:deletion protection is on where the environment is not to be taken away
  #checkov:skip=CKV2_AWS_69:TLS is forced by rds.force_ssl in the parameter group
  identifier     = var.name
  engine         = "postgres"
  engine_version = "15"
  instance_class = var.instance_class
  db_name        = local.restored ? null : "micro_sayur"
  username       = local.restored ? null : "micro_sayur"

  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn

  allocated_storage     = var.storage_gib
  max_allocated_storage = var.storage_gib * 5
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period   = var.backup_retention_days
  backup_window             = "19:00-19:30"
  maintenance_window        = "sun:20:00-sun:21:00"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final-${formatdate("YYYYMMDDhhmm", plantimestamp())}"

  # A lost database begins with what it had: see variable restore.
  snapshot_identifier = var.restore.snapshot_identifier
  dynamic "restore_to_point_in_time" {
    for_each = var.restore.automated_backups_arn[*]
    content {
      source_db_instance_automated_backups_arn = restore_to_point_in_time.value
      use_latest_restorable_time               = true
    }
  }

  auto_minor_version_upgrade            = true
  iam_database_authentication_enabled   = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7

  # AWS Backup finds it by this tag.
  tags = { Backup = var.name }

  lifecycle {
    # All of these are said when it is made. The name of the last snapshot tells this instance's from that of one before it; a restored
    # instance keeps the key of what it was restored from.
    ignore_changes = [final_snapshot_identifier, snapshot_identifier, restore_to_point_in_time, db_name, username, kms_key_id]
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

# Encrypted with the primary's key, which of a restored one is that of the copy.
resource "aws_db_instance" "replica" {
  #checkov:skip=CKV_AWS_157:a replica is the second of something already
  #checkov:skip=CKV_AWS_293:what it holds is the primary's, which is protected
  #checkov:skip=CKV2_AWS_69:TLS is forced by rds.force_ssl in the parameter group
  #checkov:skip=CKV_AWS_133:backups are the primary's
  #checkov:skip=CKV2_AWS_60:there are no snapshots of a replica
  count                                 = var.replicas
  identifier                            = "${var.name}-replica-${count.index + 1}"
  replicate_source_db                   = aws_db_instance.primary.identifier
  max_allocated_storage                 = aws_db_instance.primary.max_allocated_storage
  instance_class                        = var.instance_class
  storage_encrypted                     = true
  vpc_security_group_ids                = [aws_security_group.this.id]
  parameter_group_name                  = aws_db_parameter_group.this.name
  publicly_accessible                   = false
  skip_final_snapshot                   = true
  auto_minor_version_upgrade            = true
  iam_database_authentication_enabled   = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  depends_on                            = [aws_cloudwatch_log_group.this]
}

# The second region, where RDS offers the pair: the log arrives there minutes later, and any second of its retention can be restored there.
resource "aws_db_instance_automated_backups_replication" "this" {
  count                  = var.replicate_backups ? 1 : 0
  provider               = aws.backup
  source_db_instance_arn = aws_db_instance.primary.arn
  retention_period       = var.backup_retention_days
  kms_key_id             = var.backup_kms_key_arn
}
