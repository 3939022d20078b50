# SPDX-License-Identifier: Apache-2.0
output "host" {
  description = "Name that leads to the primary, whichever node that is."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "port" {
  description = "Its port."
  value       = aws_elasticache_replication_group.this.port
}
