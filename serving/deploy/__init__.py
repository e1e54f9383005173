"""Container image, compose file, server configuration and Kubernetes manifests, and what checks them."""
