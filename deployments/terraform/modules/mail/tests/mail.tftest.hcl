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
  name         = "micro-sayur-test"
  domain_name  = "micro-sayur.com"
  zone_id      = "Z1"
  from_address = "noreply@micro-sayur.com"
  report_email = "operations@micro-sayur.com"
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

run "a_sender_elsewhere" {
  command = plan
  variables {
    from_address = "noreply@example.com"
  }
  expect_failures = [var.from_address]
}
