# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-3" }
  }
  mock_resource "aws_ses_domain_dkim" {
    defaults = { dkim_tokens = ["one", "two", "three"] }
  }
}

variables {
  permissions_boundary = "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
  name                 = "micro-sayur-test"
  domain_name          = "micro-sayur.com"
  zone_id              = "Z1"
  from_address         = "noreply@micro-sayur.com"
  report_email         = "operations@micro-sayur.com"
}

run "the_records_of_a_sender" {
  assert {
    condition     = [for record in aws_route53_record.dkim : record.name] == ["one._domainkey.micro-sayur.com", "two._domainkey.micro-sayur.com", "three._domainkey.micro-sayur.com"]
    error_message = "DKIM"
  }
  assert {
    condition     = startswith(one(aws_route53_record.text["_dmarc.micro-sayur.com"].records), "v=DMARC1; p=reject;")
    error_message = "DMARC"
  }
  assert {
    condition     = output.smtp_host == "email-smtp.ap-southeast-3.amazonaws.com"
    error_message = output.smtp_host
  }
}

run "jakarta_signs_under_its_own_domain" {
  assert {
    condition     = flatten([for record in aws_route53_record.dkim : record.records]) == [for token in ["one", "two", "three"] : "${token}.dkim.ap-southeast-3.amazonses.com"]
    error_message = "the keys are not where the records lead"
  }
}

run "singapore_under_that_of_most_regions" {
  override_data {
    target = data.aws_region.current
    values = { name = "ap-southeast-1" }
  }
  assert {
    condition     = one(aws_route53_record.dkim[0].records) == "one.dkim.amazonses.com"
    error_message = "the keys are not where the records lead"
  }
}

run "a_sender_elsewhere" {
  command = plan
  variables {
    from_address = "noreply@example.com"
  }
  expect_failures = [var.from_address]
}
