# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["ap-southeast-3c", "ap-southeast-3a", "ap-southeast-3b", "ap-southeast-3d"] }
  }
  override_data {
    target = data.aws_region.current
    values = { name = "ap-southeast-3" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-southeast-3:123456789012:log-group:flow" }
  }
}

variables {
  permissions_boundary = "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
  name                 = "micro-sayur-test"
  vpc_cidr             = "10.0.0.0/16"
  nat_per_zone         = true
  log_retention_days   = 30
  kms_key_arn          = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
}

run "three_kinds_of_subnets_over_the_first_three_zones" {
  assert {
    condition     = keys(aws_subnet.private) == ["ap-southeast-3a", "ap-southeast-3b", "ap-southeast-3c"]
    error_message = "zones: ${jsonencode(keys(aws_subnet.private))}"
  }
  assert {
    condition = [for kind in [aws_subnet.private, aws_subnet.data, aws_subnet.public] : [for subnet in kind : subnet.cidr_block]] == [
      ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"], ["10.0.64.0/20", "10.0.80.0/20", "10.0.96.0/20"], ["10.0.128.0/20", "10.0.144.0/20", "10.0.160.0/20"],
    ]
    error_message = "the subnets are cut differently"
  }
  assert {
    condition     = output.data_cidr == "10.0.64.0/18"
    error_message = output.data_cidr
  }
}

run "each_zone_has_its_own_way_out" {
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(distinct([for route in aws_route.private_out : route.nat_gateway_id])) == 3
    error_message = "the loss of a zone would cut others off"
  }
}

run "or_all_share_one" {
  variables {
    nat_per_zone = false
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.private_out) == 3
    error_message = "one NAT gateway was to serve three zones"
  }
}

run "too_small" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/24"
  }
  expect_failures = [var.vpc_cidr]
}

run "no_network" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0"
  }
  expect_failures = [var.vpc_cidr]
}

run "an_address_inside_the_network" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.1/16"
  }
  expect_failures = [var.vpc_cidr]
}

run "public_addresses" {
  command = plan
  variables {
    vpc_cidr = "8.8.0.0/16"
  }
  expect_failures = [var.vpc_cidr]
}

run "two_zones_are_too_few" {
  command = plan
  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["us-west-1a", "us-west-1b"] }
  }
  expect_failures = [data.aws_availability_zones.available]
}
