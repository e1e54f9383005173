"""The ladder: models of growing ability, trained on the same data, and a report of what each step gains."""
