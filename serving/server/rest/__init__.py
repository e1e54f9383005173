"""The HTTP port: routes, JSON in, JSON out."""
