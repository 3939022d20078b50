# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/some" }
  }
  mock_resource "aws_eks_cluster" {
    defaults = { arn = "arn:aws:eks:ap-southeast-3:123456789012:cluster/micro-sayur-test" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-southeast-3:123456789012:log-group:cluster" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-1", latest_version = 1 }
  }
}

variables {
  permissions_boundary    = "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
  name                    = "micro-sayur-test"
  kubernetes_version      = "1.34"
  subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
  kms_key_arn             = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
  log_retention_days      = 30
  administrator_role_arns = ["arn:aws:iam::123456789012:role/administrator"]
  deployer_role_arn       = "arn:aws:iam::123456789012:role/deployer"
  namespace               = "micro-sayur"
  domain_name             = "micro-sayur.com"
  zone_arn                = "arn:aws:route53:::hostedzone/Z1"
  secret_arns             = ["arn:aws:secretsmanager:ap-southeast-3:123456789012:secret:micro-sayur/test/redis-abc"]
  node_instance_types     = ["m5.large"]
  nodes                   = { least = 3, most = 6 }
}

run "private_unless_asked" {
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "the API must not be public"
  }
  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.access_config[0].authentication_mode == "API"
    error_message = "secrets are encrypted, and access is by entries"
  }
}

run "public_for_named_networks" {
  variables {
    api_allowed_cidrs = ["203.0.113.0/24"]
  }
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "the named network comes in, and no other"
  }
}

run "the_pipeline_may_write_in_its_namespace_only" {
  assert {
    condition     = aws_eks_access_policy_association.deployer.access_scope[0].type == "namespace" && aws_eks_access_policy_association.deployer.access_scope[0].namespaces == toset(["micro-sayur"])
    error_message = "the pipeline's rights end with its namespace"
  }
}

run "nodes_have_a_network_before_they_come" {
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies would not be enforced"
  }
  assert {
    condition     = keys(aws_eks_addon.after_nodes) == ["aws-ebs-csi-driver", "cert-manager", "coredns", "external-dns", "metrics-server"]
    error_message = jsonencode(keys(aws_eks_addon.after_nodes))
  }
  assert {
    condition     = aws_launch_template.node.metadata_options[0].http_tokens == "required" && aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "pods must not reach the nodes' role"
  }
}

run "nodes_may_join" {
  assert {
    condition     = keys(aws_iam_role_policy_attachment.node) == ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly", "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"]
    error_message = "a node asks for its own instance (ec2:DescribeInstances) before it joins, and pulls images"
  }
}

run "external_dns_starts_before_gateway_api_is_there" {
  assert {
    condition     = !contains(jsondecode(aws_eks_addon.after_nodes["external-dns"].configuration_values).sources, "gateway-httproute")
    error_message = "without the definitions it ends at once, and the add-on never gets active"
  }
}

run "and_looks_at_routes_afterwards" {
  variables {
    gateway_api = true
  }
  assert {
    condition     = contains(jsondecode(aws_eks_addon.after_nodes["external-dns"].configuration_values).sources, "gateway-httproute")
    error_message = "the host gets no record"
  }
}

run "a_runner_reaches_the_api" {
  variables {
    client_security_group_ids = ["sg-0123456789abcdef0"]
  }
  assert {
    condition = alltrue([for rule in aws_vpc_security_group_ingress_rule.api : rule.from_port == 443 && rule.to_port == 443]) && [
    for rule in aws_vpc_security_group_ingress_rule.api : rule.referenced_security_group_id] == ["sg-0123456789abcdef0"]
    error_message = "port 443 for the named group, and nothing else"
  }
}

run "no_security_group" {
  command = plan
  variables {
    client_security_group_ids = ["runner"]
  }
  expect_failures = [var.client_security_group_ids]
}

run "open_to_the_world" {
  command = plan
  variables {
    api_allowed_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.api_allowed_cidrs]
}

run "nobody_could_enter" {
  command = plan
  variables {
    administrator_role_arns = []
  }
  expect_failures = [var.administrator_role_arns]
}

run "a_user_is_no_role" {
  command = plan
  variables {
    administrator_role_arns = ["arn:aws:iam::123456789012:user/somebody"]
  }
  expect_failures = [var.administrator_role_arns]
}

run "two_nodes_for_three_zones" {
  command = plan
  variables {
    nodes = { least = 2, most = 6 }
  }
  expect_failures = [var.nodes]
}

run "a_patch_version" {
  command = plan
  variables {
    kubernetes_version = "1.34.4"
  }
  expect_failures = [var.kubernetes_version]
}
