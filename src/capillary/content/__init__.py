"""Content: capabilities, standards and benchmarks as data, and their loader."""

from capillary.content.loader import (
    SHIPPED,
    load_benchmark,
    load_capabilities,
    load_standard,
    read_standard,
    standard_ids,
)

__all__ = [
    "SHIPPED",
    "load_benchmark",
    "load_capabilities",
    "load_standard",
    "read_standard",
    "standard_ids",
]
