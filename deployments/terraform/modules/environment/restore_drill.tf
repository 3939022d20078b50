# SPDX-License-Identifier: Apache-2.0
# What .github/workflows/restore-drill.yml may do, in staging alone: restore its database into an instance whose name begins with `drill`,
# and look at that instance and delete it. It reads no secret, and the database itself lets its runner not in.
locals {
  drills     = local.production ? {} : { this = "arn:aws:rds:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}" }
  drill_name = "${local.name}-drill-*"
}

resource "aws_security_group" "restore_drill" {
  #checkov:skip=CKV2_AWS_5:the instance that the drill makes is in it
  for_each    = local.drills
  name        = "${local.name}-restore-drill"
  description = "A restored PostgreSQL, from the runner that looks at it"
  vpc_id      = module.network.vpc_id
  tags        = { Name = "${local.name}-restore-drill" }
}

resource "aws_vpc_security_group_ingress_rule" "restore_drill" {
  for_each                     = local.production ? [] : var.client_security_group_ids
  security_group_id            = aws_security_group.restore_drill["this"].id
  description                  = "PostgreSQL from the runner"
  referenced_security_group_id = each.key
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

data "aws_iam_policy_document" "restore_drill_trust" {
  #checkov:skip=CKV_AWS_358:the repository is a variable, which a validation wants to be OWNER/NAME; checkov reads no variables
  for_each = local.drills
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.github_repository}:ref:refs/heads/main"]
    }
  }
}

data "aws_iam_policy_document" "restore_drill" {
  for_each = local.drills
  statement {
    actions   = ["rds:DescribeDBInstances", "rds:RestoreDBInstanceToPointInTime"]
    resources = [module.database.arn, "${each.value}:db:${local.drill_name}"]
  }
  # What a restore names besides the two instances.
  statement {
    actions   = ["rds:RestoreDBInstanceToPointInTime"]
    resources = ["${each.value}:subgrp:${local.name}", "${each.value}:pg:${local.name}-*", "${each.value}:og:default:postgres-15"]
  }
  statement {
    actions   = ["rds:DeleteDBInstance", "rds:ModifyDBInstance"]
    resources = ["${each.value}:db:${local.drill_name}"]
  }
  # The new instance is encrypted by the same key, which RDS uses in the name of who restores.
  statement {
    actions   = ["kms:CreateGrant", "kms:DescribeKey"]
    resources = [module.encryption.key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["rds.${data.aws_region.current.name}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "restore_drill" {
  for_each             = local.drills
  name                 = "${local.name}-restore-drill"
  assume_role_policy   = data.aws_iam_policy_document.restore_drill_trust[each.key].json
  permissions_boundary = local.boundary
  max_session_duration = 7200
}

resource "aws_iam_role_policy" "restore_drill" {
  for_each = local.drills
  name     = "drill"
  role     = aws_iam_role.restore_drill[each.key].id
  policy   = data.aws_iam_policy_document.restore_drill[each.key].json
}
