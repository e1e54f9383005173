"""One chapter per task: presets, batches, loss, validation score, baseline, printed output."""
