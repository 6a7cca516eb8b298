"""Floor 3: the roadmap of one firm: the plan that reaches the goal, with its proof."""

from capillary.roadmap.goal import Goal, Subsidy
from capillary.roadmap.roadmap import Question, Roadmap, make_roadmap

__all__ = ["Goal", "Question", "Roadmap", "Subsidy", "make_roadmap"]
