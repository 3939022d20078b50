# SPDX-License-Identifier: Apache-2.0
# What the manifests expect of a cluster. AWS keeps the versions fit for the cluster's; pods get no network before the first
# three run, so those are there before the nodes.
locals {
  before_nodes = {
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" })
    kube-proxy             = null
    eks-pod-identity-agent = null
  }
  after_nodes = {
    coredns            = null
    aws-ebs-csi-driver = null
    metrics-server     = null
    cert-manager       = null
    external-dns = jsonencode({
      domainFilters = [var.domain_name]
      policy        = "sync"
      sources       = concat(["service", "ingress"], var.gateway_api ? ["gateway-httproute"] : [])
      txtOwnerId    = var.domain_name # not the cluster: one that takes over from a lost one keeps its records
    })
  }
}

resource "aws_eks_addon" "before_nodes" {
  for_each                    = local.before_nodes
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  depends_on                  = [aws_eks_pod_identity_association.this]
}

resource "aws_eks_addon" "after_nodes" {
  for_each                    = local.after_nodes
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  depends_on                  = [aws_eks_node_group.this]
}
