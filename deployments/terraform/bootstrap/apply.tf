# SPDX-License-Identifier: Apache-2.0
# What the roles apply-… may do. Everything but identities comes from PowerUserAccess; identities only of the environment's own name, and
# within a boundary that they cannot take off.
resource "aws_iam_role_policy_attachment" "apply" {
  for_each   = local.environment_of
  role       = aws_iam_role.github[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

locals {
  other      = { staging = "production", production = "staging" }
  account    = data.aws_caller_identity.current.account_id
  identities = { for role, environment in local.environment_of : role => [for kind in ["role", "user"] : "arn:aws:iam::${local.account}:${kind}/micro-sayur-${environment}-*"] }
}

# Whatever a role of an environment is given: it makes no identities, opens no other role of the pipeline, and reads no state.
data "aws_iam_policy_document" "boundary" {
  #checkov:skip=CKV_AWS_1:a boundary gives nothing; it says what may be given
  #checkov:skip=CKV_AWS_49:as above
  #checkov:skip=CKV_AWS_356:as above
  #checkov:skip=CKV_AWS_107:as above
  #checkov:skip=CKV_AWS_108:as above
  #checkov:skip=CKV_AWS_109:as above
  #checkov:skip=CKV_AWS_110:as above
  #checkov:skip=CKV_AWS_111:as above
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
  # A load balancer's service makes its role, and restoring a backup hands one on.
  statement {
    effect      = "Deny"
    not_actions = ["iam:CreateServiceLinkedRole", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:PassRole", "sts:AssumeRole"]
    resources   = [for kind in ["group", "instance-profile", "oidc-provider", "policy", "role", "saml-provider", "server-certificate", "user"] : "arn:aws:iam::*:${kind}/*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["organizations:*", "account:*"]
    resources = ["*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["sts:AssumeRole", "iam:PassRole"]
    resources = ["arn:aws:iam::${local.account}:role/micro-sayur-github-*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = flatten([for bucket in [module.state.arn, module.state_copy.arn] : [bucket, "${bucket}/*"]])
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "micro-sayur-boundary"
  description = "the most that a role of an environment can be given"
  policy      = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "apply" {
  for_each = local.environment_of
  statement {
    actions = [
      "iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:DeleteRole", "iam:DeleteUser", "iam:GetRole", "iam:GetRolePolicy", "iam:GetUser",
      "iam:GetUserPolicy", "iam:ListAccessKeys", "iam:ListAttachedRolePolicies", "iam:ListGroupsForUser", "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies", "iam:PassRole", "iam:TagRole", "iam:TagUser", "iam:UntagRole", "iam:UntagUser", "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
    resources = local.identities[each.key]
  }
  statement {
    actions = [
      "iam:AttachRolePolicy", "iam:CreateRole", "iam:CreateUser", "iam:DeleteRolePolicy", "iam:DeleteUserPolicy", "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy",
    ]
    resources = local.identities[each.key]
    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }
  # The services' own roles, which come with their first use in an account; EKS looks for its node groups'.
  statement {
    actions   = ["iam:CreateServiceLinkedRole", "iam:GetRole"]
    resources = ["arn:aws:iam::${local.account}:role/aws-service-role/*"]
  }
  # PowerUserAccess would let it read and write the other's state and secrets, and what both stand on.
  statement {
    effect  = "Deny"
    actions = ["s3:*"]
    resources = flatten([
      [for root in ["bootstrap", local.other[each.value]] : "${module.state.arn}/${root}/*"], module.state_copy.arn, "${module.state_copy.arn}/*",
    ])
  }
  statement {
    effect      = "Deny"
    not_actions = ["s3:ListBucket"]
    resources   = [module.state.arn]
  }
  statement {
    effect      = "Deny"
    not_actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    resources   = [module.encryption.key_arn, module.backup_encryption.key_arn]
  }
  statement {
    effect    = "Deny"
    actions   = ["secretsmanager:*"]
    resources = ["arn:aws:secretsmanager:*:${local.account}:secret:micro-sayur/${local.other[each.value]}/*"]
  }
}

resource "aws_iam_role_policy" "apply" {
  for_each = local.environment_of
  name     = "identities"
  role     = aws_iam_role.github[each.key].id
  policy   = data.aws_iam_policy_document.apply[each.key].json
}
