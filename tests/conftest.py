"""What holds for all tests."""

from hypothesis import settings

# No time limit for an example: the machine may be busy, and speed is measured in benchmarks/.
settings.register_profile("seqapp", deadline=None)
settings.load_profile("seqapp")
