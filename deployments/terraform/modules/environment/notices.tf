# SPDX-License-Identifier: Apache-2.0
# What a person has to hear of: money and failed backups.
resource "aws_sns_topic" "notices" {
  name              = "${local.name}-notices"
  kms_master_key_id = module.encryption.key_arn
}

data "aws_iam_policy_document" "notices" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.notices.arn]
    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com", "budgets.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_caller_identity" "current" {}

resource "aws_sns_topic_policy" "notices" {
  arn    = aws_sns_topic.notices.arn
  policy = data.aws_iam_policy_document.notices.json
}

resource "aws_sns_topic_subscription" "notices" {
  topic_arn = aws_sns_topic.notices.arn
  protocol  = "email"
  endpoint  = var.alert_email
  # Backup reports every job that ended, with its state; other messages have none.
  filter_policy = jsonencode({ State = [{ exists = false }, { "anything-but" = ["COMPLETED"] }] })
}

resource "aws_budgets_budget" "monthly" {
  name         = local.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:Environment$%s", var.environment)]
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }
    content {
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      notification_type         = notification.key
      subscriber_sns_topic_arns = [aws_sns_topic.notices.arn]
    }
  }
}
