# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_resource "aws_mq_broker" {
    defaults = { instances = [{ console_url = "", ip_address = "", endpoints = ["amqps://b-1.mq.ap-southeast-3.amazonaws.com:5671"] }] }
  }
}

variables {
  name                     = "micro-sayur-test"
  environment              = "production"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2", "subnet-3"]
  client_security_group_id = "sg-1"
  deployment_mode          = "CLUSTER_MULTI_AZ"
  instance_type            = "mq.m5.large"
  password                 = "abcdefghijkl1234"
}

run "a_cluster_over_three_zones" {
  assert {
    condition     = length(aws_mq_broker.this.subnet_ids) == 3 && !aws_mq_broker.this.publicly_accessible
    error_message = "three zones, not public"
  }
  assert {
    condition     = output.host == "b-1.mq.ap-southeast-3.amazonaws.com" && output.port == 5671
    error_message = "host is ${output.host}"
  }
}

run "one_instance_has_one_subnet" {
  variables {
    environment     = "staging"
    deployment_mode = "SINGLE_INSTANCE"
    instance_type   = "mq.t3.micro"
  }
  assert {
    condition     = length(aws_mq_broker.this.subnet_ids) == 1
    error_message = "Amazon MQ refuses a single instance with more than one subnet"
  }
}

run "one_instance_in_production" {
  command = plan
  variables {
    deployment_mode = "SINGLE_INSTANCE"
  }
  expect_failures = [var.deployment_mode]
}

run "a_mode_of_activemq" {
  command = plan
  variables {
    deployment_mode = "ACTIVE_STANDBY_MULTI_AZ"
  }
  expect_failures = [var.deployment_mode]
}

run "a_cluster_of_the_smallest" {
  command = plan
  variables {
    instance_type = "mq.t3.micro"
  }
  expect_failures = [var.instance_type]
}

run "a_password_that_amazon_mq_refuses" {
  command = plan
  variables {
    password = "abc,def"
  }
  expect_failures = [var.password]
}
