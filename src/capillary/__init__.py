"""Capillary: diagnosis, plan and proof for the digital transformation of small and medium-sized enterprises.

The engines are a plain library::

    from capillary.content import load_standard
    from capillary.scoring import score_sheet
    from capillary.sheets import read_sheets
"""

__version__ = "0.1.0"
