"""Sizes that decide whether a computation is worth starting, known without loading it."""

# The krippendorff package holds units x labels² numbers at once: 5e6 are 40 MB and half a second.
LARGEST_CROSS_CHECK = 5_000_000
