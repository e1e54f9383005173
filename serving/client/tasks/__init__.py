"""One file a task: its results, its methods, and the declaration by which it is recognised."""
