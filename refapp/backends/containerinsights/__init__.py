"""The CloudWatch agent: it tells Container Insights what the cluster, its node, its pods and their containers use."""
