# SPDX-License-Identifier: Apache-2.0
# GitHub's workflows come with a token that GitHub signed: no key of this account is kept there. Each role takes one kind of
# job; those that deploy belong to their environments (modules/environment/deployer.tf).
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  repository = "repo:${var.github_repository}"
  # Role -> whose token opens it.
  subjects = {
    release          = ["${local.repository}:ref:refs/tags/v*"]
    plan             = ["${local.repository}:pull_request", "${local.repository}:ref:refs/heads/main"]
    apply-staging    = ["${local.repository}:environment:staging-infrastructure"]
    apply-production = ["${local.repository}:environment:production-infrastructure"]
  }
  environment_of = { apply-staging = "staging", apply-production = "production" }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subjects
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = each.value
    }
  }
}

resource "aws_iam_role" "github" {
  for_each             = local.subjects
  name                 = "micro-sayur-github-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  max_session_duration = startswith(each.key, "apply-") ? 7200 : 3600
}

# release: pushes images, and cannot overwrite one.
data "aws_iam_policy_document" "release" {
  #checkov:skip=CKV_AWS_356:ecr:GetAuthorizationToken knows no narrower resource
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    resources = module.registry.repository_arns
  }
}

resource "aws_iam_role_policy" "release" {
  name   = "push"
  role   = aws_iam_role.github["release"].id
  policy = data.aws_iam_policy_document.release.json
}

# plan and apply: the state and its lock; plan writes the lock alone.
data "aws_iam_policy_document" "state_access" {
  for_each = { plan = ["staging", "production"], apply-staging = ["staging"], apply-production = ["production"] }
  statement {
    actions   = ["s3:ListBucket"]
    resources = [module.state.arn]
  }
  statement {
    actions   = each.key == "plan" ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"]
    resources = [for environment in each.value : "${module.state.arn}/${environment}/terraform.tfstate"]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = [for environment in each.value : "${module.state.arn}/${environment}/terraform.tfstate.tflock"]
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.encryption.key_arn]
  }
  # The two passwords that ElastiCache and Amazon MQ are told; they are in the state too.
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for name in setproduct(each.value, ["rabbitmq", "redis"]) : "arn:aws:secretsmanager:*:${data.aws_caller_identity.current.account_id}:secret:micro-sayur/${name[0]}/${name[1]}-*"]
  }
}

resource "aws_iam_role_policy" "state_access" {
  for_each = data.aws_iam_policy_document.state_access
  name     = "state"
  role     = aws_iam_role.github[each.key].id
  policy   = each.value.json
}

# Reading a secret of an environment wants its key as well, whose ARN is not known before the environment is; and a plan asks for random
# passwords, which it throws away.
data "aws_iam_policy_document" "plan_secrets" {
  statement {
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:*:${data.aws_caller_identity.current.account_id}:key/*"]
    condition {
      test     = "ForAnyValue:StringLike"
      variable = "kms:ResourceAliases"
      values   = ["alias/micro-sayur-*"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["secretsmanager.*.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "plan_secrets" {
  name   = "secrets"
  role   = aws_iam_role.github["plan"].id
  policy = data.aws_iam_policy_document.plan_secrets.json
}

resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.github["plan"].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
