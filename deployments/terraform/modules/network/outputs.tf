# SPDX-License-Identifier: Apache-2.0
output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Where nodes live."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
}

output "private_subnet_cidrs" {
  description = "Addresses of nodes and pods."
  value       = [for zone in local.zones : local.subnets.private[zone]]
}

output "data_subnet_ids" {
  description = "Where PostgreSQL, Redis and RabbitMQ live."
  value       = [for zone in local.zones : aws_subnet.data[zone].id]
}

output "data_cidr" {
  description = "A network that holds all data subnets, and nothing else."
  value       = cidrsubnet(var.vpc_cidr, 2, local.first_sixteenth.data / 4)
}

output "nat_addresses" {
  description = "Addresses from which nodes are seen outside."
  value       = [for address in aws_eip.nat : address.public_ip]
}
