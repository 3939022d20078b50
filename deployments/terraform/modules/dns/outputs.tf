# SPDX-License-Identifier: Apache-2.0
output "zone_id" {
  description = "Id of the zone."
  value       = aws_route53_zone.this.zone_id
}

output "zone_arn" {
  description = "ARN of the zone."
  value       = aws_route53_zone.this.arn
}

output "name_servers" {
  description = "What the registrar or the parent zone is to be told."
  value       = aws_route53_zone.this.name_servers
}

output "certificate_arn" {
  description = "Certificate for a load balancer that ends TLS itself; it is valid once the zone is delegated."
  value       = aws_acm_certificate.this.arn
}
