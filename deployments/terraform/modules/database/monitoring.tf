# SPDX-License-Identifier: Apache-2.0
data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  name                 = "${var.name}-database-monitoring"
  assume_role_policy   = data.aws_iam_policy_document.monitoring_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

locals {
  instances = concat([var.name], [for index in range(var.replicas) : "${var.name}-replica-${index + 1}"])
}

# RDS would make them without an end and without the key.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:a year is kept in production (log_retention_days); a trial environment keeps less
  for_each          = toset([for pair in setproduct(local.instances, ["postgresql", "upgrade"]) : "${pair[0]}/${pair[1]}"])
  name              = "/aws/rds/instance/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
