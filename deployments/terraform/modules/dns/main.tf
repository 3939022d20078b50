# SPDX-License-Identifier: Apache-2.0
# The zone of an environment and a certificate for its host. Records of the load balancer are external-dns's.
resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38:DNSSEC wants a key in us-east-1 and a record at the registrar, and a mistake takes the domain off the net for a day; it is a step of its own in docs/operations/aws.md
  #checkov:skip=CKV2_AWS_39:query logs of a public zone say which resolvers asked, at a price per question, and nothing here reads them
  name    = var.domain_name
  comment = "MICRO-SAYUR"
}

# For a load balancer that ends TLS itself. The overlays end it behind the load balancer, with a certificate of cert-manager, and do not use this one.
resource "aws_acm_certificate" "this" {
  domain_name       = var.host
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  # One domain, one record: its name is known only after the certificate was asked for, so it is found by position.
  zone_id         = aws_route53_zone.this.zone_id
  name            = tolist(aws_acm_certificate.this.domain_validation_options)[0].resource_record_name
  type            = tolist(aws_acm_certificate.this.domain_validation_options)[0].resource_record_type
  records         = [tolist(aws_acm_certificate.this.domain_validation_options)[0].resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

# Only Amazon may make certificates for the host, and Let's Encrypt, which cert-manager asks.
resource "aws_route53_record" "authorities" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = var.domain_name
  type            = "CAA"
  ttl             = 3600
  records         = ["0 issue \"amazon.com\"", "0 issue \"letsencrypt.org\""]
  allow_overwrite = true
}
