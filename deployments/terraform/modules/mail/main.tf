# SPDX-License-Identifier: Apache-2.0
# SES: the domain as a sender, with DKIM, SPF by a MAIL FROM of its own, and DMARC; and the user of its SMTP port.
data "aws_region" "current" {}

locals {
  bounce_domain = "bounce.${var.domain_name}"
  # "DKIM domains" of the AWS General Reference: these regions have their own, all others share one.
  own_dkim = [
    "af-south-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ca-west-1", "eu-central-2", "eu-south-1",
    "il-central-1", "me-central-1", "us-gov-east-1",
  ]
  dkim_domain = contains(local.own_dkim, data.aws_region.current.name) ? "dkim.${data.aws_region.current.name}.amazonses.com" : "dkim.amazonses.com"
}

resource "aws_ses_domain_identity" "this" {
  domain = var.domain_name
}

resource "aws_ses_domain_dkim" "this" {
  domain = aws_ses_domain_identity.this.domain
}

resource "aws_ses_domain_mail_from" "this" {
  domain                 = aws_ses_domain_identity.this.domain
  mail_from_domain       = local.bounce_domain
  behavior_on_mx_failure = "RejectMessage"
}

# Records may be there already, where an environment takes over the zone of one that was lost.
resource "aws_route53_record" "dkim" {
  count           = 3
  zone_id         = var.zone_id
  name            = "${aws_ses_domain_dkim.this.dkim_tokens[count.index]}._domainkey.${var.domain_name}"
  type            = "CNAME"
  ttl             = 1800
  records         = ["${aws_ses_domain_dkim.this.dkim_tokens[count.index]}.${local.dkim_domain}"]
  allow_overwrite = true
}

resource "aws_route53_record" "text" {
  for_each = {
    "_amazonses.${var.domain_name}" = aws_ses_domain_identity.this.verification_token
    (local.bounce_domain)           = "v=spf1 include:amazonses.com -all"
    "_dmarc.${var.domain_name}"     = "v=DMARC1; p=reject; adkim=s; aspf=r; rua=mailto:${var.report_email}"
  }
  zone_id         = var.zone_id
  name            = each.key
  type            = "TXT"
  ttl             = 1800
  records         = [each.value]
  allow_overwrite = true
}

resource "aws_route53_record" "bounce" {
  zone_id         = var.zone_id
  name            = local.bounce_domain
  type            = "MX"
  ttl             = 1800
  records         = ["10 feedback-smtp.${data.aws_region.current.name}.amazonses.com"]
  allow_overwrite = true
}

data "aws_iam_policy_document" "send" {
  statement {
    actions   = ["ses:SendRawEmail"]
    resources = [aws_ses_domain_identity.this.arn]
    condition {
      test     = "StringEquals"
      variable = "ses:FromAddress"
      values   = [var.from_address]
    }
  }
}

# SES's SMTP port knows users with keys only, no roles.
resource "aws_iam_user" "smtp" {
  #checkov:skip=CKV_AWS_273:SMTP has no way to come with a role; the user may send mail from one address and nothing else
  name                 = "${var.name}-smtp"
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_user_policy" "smtp" {
  #checkov:skip=CKV_AWS_40:a group of one would say no more
  name   = "send"
  user   = aws_iam_user.smtp.name
  policy = data.aws_iam_policy_document.send.json
}

resource "aws_iam_access_key" "smtp" {
  user = aws_iam_user.smtp.name
}
