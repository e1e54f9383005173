"""The gRPC port: its services and how errors become statuses."""
