"""Model lifecycle: configuration, discovery on disk, loading, leases, unloading."""
