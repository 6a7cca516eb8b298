"""Floor 1: the scoring program and its readings."""

from capillary.scoring.evaluate import Interval, SheetScore, bounds, evaluate, score_sheet
from capillary.scoring.program import Program, compile_standard

__all__ = ["Interval", "Program", "SheetScore", "bounds", "compile_standard", "evaluate", "score_sheet"]
