"""Translation quality of model variants on files of pairs."""
