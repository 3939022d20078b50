# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = { domain_validation_options = [{ domain_name = "api.micro-sayur.com", resource_record_name = "_1.api", resource_record_type = "CNAME", resource_record_value = "_2.aws" }] }
  }
}

variables {
  domain_name = "micro-sayur.com"
  host        = "api.micro-sayur.com"
}

run "the_certificate_can_be_validated" {
  assert {
    condition     = aws_route53_record.validation.name == "_1.api" && aws_route53_record.validation.records == toset(["_2.aws"])
    error_message = "the record that ACM looks for is absent"
  }
}

run "a_host_elsewhere" {
  command = plan
  variables {
    host = "api.example.com"
  }
  expect_failures = [var.host]
}

run "no_domain" {
  command = plan
  variables {
    domain_name = "https://micro-sayur.com/"
    host        = "api.https://micro-sayur.com/"
  }
  expect_failures = [var.domain_name]
}
