"""The life of models: configured, found on disk, loaded, asked, unloaded."""
