# SPDX-License-Identifier: Apache-2.0
# A VPC over three zones. public: NAT gateways and load balancers; private: nodes, out through NAT; data: no way out at all.
data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:the first three names are taken, and a new zone gets the next letter
  state = "available"
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= 3
      error_message = "Region ${data.aws_region.current.name} offers ${length(self.names)} availability zones; set region to one with at least three, such as ap-southeast-3 or ap-southeast-1."
    }
  }
}

data "aws_region" "current" {}

locals {
  zones = slice(sort(data.aws_availability_zones.available.names), 0, min(3, length(data.aws_availability_zones.available.names)))
  # Sixteenths of the VPC: three for each kind of subnet, the fourth of each group kept free for a fourth zone.
  first_sixteenth = { private = 0, data = 4, public = 8 }
  subnets = {
    for kind, first in local.first_sixteenth : kind => {
      for index, zone in local.zones : zone => cidrsubnet(var.vpc_cidr, 4, first + index)
    }
  }
  nat_zones = var.nat_per_zone ? local.zones : slice(local.zones, 0, 1)
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# Whatever names no security group gets this one, which lets nothing through.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-closed" }
}

resource "aws_subnet" "private" {
  for_each          = local.subnets.private
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${var.name}-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "data" {
  for_each          = local.subnets.data
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${var.name}-data-${each.key}" }
}

resource "aws_subnet" "public" {
  for_each          = local.subnets.public
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${var.name}-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}
