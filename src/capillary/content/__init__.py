"""Content: capabilities, standards, benchmarks, sectors and regions as data, and their loader."""

from capillary.content.loader import (
    SHIPPED,
    load_benchmark,
    load_capabilities,
    load_regions,
    load_sectors,
    load_standard,
    read_standard,
    standard_ids,
)

__all__ = [
    "SHIPPED",
    "load_benchmark",
    "load_capabilities",
    "load_regions",
    "load_sectors",
    "load_standard",
    "read_standard",
    "standard_ids",
]
