# SPDX-License-Identifier: Apache-2.0
# Pod Identity: a role for each service account that speaks to AWS, and none for anything else.
locals {
  identities = {
    vpc-cni          = { namespace = "kube-system", account = "aws-node" }
    ebs-csi          = { namespace = "kube-system", account = "ebs-csi-controller-sa" }
    cert-manager     = { namespace = "cert-manager", account = "cert-manager" }
    external-dns     = { namespace = "external-dns", account = "external-dns" }
    external-secrets = { namespace = "external-secrets", account = "external-secrets" }
  }
  managed_policies = {
    vpc-cni = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    ebs-csi = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
  }
  own_policies = {
    cert-manager     = data.aws_iam_policy_document.zone.json
    external-dns     = data.aws_iam_policy_document.zone.json
    external-secrets = data.aws_iam_policy_document.secrets.json
  }
}

data "aws_iam_policy_document" "pod_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_eks_cluster.this.arn]
    }
  }
}

data "aws_iam_policy_document" "zone" {
  #checkov:skip=CKV_AWS_356:route53:GetChange and the two List actions know no narrower resource
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = [var.zone_arn]
  }
  statement {
    actions   = ["route53:GetChange"]
    resources = ["arn:aws:route53:::change/*"]
  }
  statement {
    actions   = ["route53:ListHostedZones", "route53:ListHostedZonesByName"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = var.secret_arns
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}

# For storage classes that name the environment's key (parameter kmsKeyId of ebs.csi.aws.com). The services have no volumes; what is installed beside them may.
data "aws_iam_policy_document" "volumes" {
  statement {
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"]
    resources = [var.kms_key_arn]
  }
  statement {
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "pod" {
  for_each             = local.identities
  name                 = "${var.name}-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.pod_trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "pod" {
  for_each   = local.managed_policies
  role       = aws_iam_role.pod[each.key].name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "pod" {
  for_each = local.own_policies
  name     = "own"
  role     = aws_iam_role.pod[each.key].id
  policy   = each.value
}

resource "aws_iam_role_policy" "volumes" {
  name   = "key"
  role   = aws_iam_role.pod["ebs-csi"].id
  policy = data.aws_iam_policy_document.volumes.json
}

resource "aws_eks_pod_identity_association" "this" {
  for_each        = local.identities
  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.account
  role_arn        = aws_iam_role.pod[each.key].arn
}
