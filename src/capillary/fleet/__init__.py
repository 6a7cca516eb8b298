"""Floor 4: the engines over a population."""

from capillary.fleet.score import ScoredBatch, batches_of, score_batch

__all__ = ["ScoredBatch", "batches_of", "score_batch"]
