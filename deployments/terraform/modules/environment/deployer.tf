# SPDX-License-Identifier: Apache-2.0
# The role of .github/workflows/deploy.yml: GitHub's word for the environment opens it, no key does.
data "aws_iam_policy_document" "deployer_trust" {
  #checkov:skip=CKV_AWS_358:the repository is a variable, which a validation wants to be OWNER/NAME; checkov reads no variables
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
      values   = ["repo:${var.github_repository}:environment:${var.environment}"]
    }
  }
}

data "aws_iam_policy_document" "deployer" {
  #checkov:skip=CKV_AWS_356:ecr:GetAuthorizationToken knows no narrower resource
  statement {
    actions   = ["eks:DescribeCluster"]
    resources = [module.eks.cluster_arn]
  }
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  # Its image is looked for, and its signature checked, before anything is changed.
  statement {
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:DescribeImages"]
    resources = ["arn:aws:ecr:*:${data.aws_caller_identity.current.account_id}:repository/micro-sayur/*"]
  }
}

resource "aws_iam_role" "deployer" {
  name                 = "${local.name}-deployer"
  assume_role_policy   = data.aws_iam_policy_document.deployer_trust.json
  permissions_boundary = local.boundary
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "deployer" {
  name   = "deploy"
  role   = aws_iam_role.deployer.id
  policy = data.aws_iam_policy_document.deployer.json
}
