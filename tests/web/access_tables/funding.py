"""Who may use the addresses of a firm's money and of incentive programmes."""

from __future__ import annotations

from ..kit import PEOPLE

TELLERS = {"owner", "colleague", "adviser"}

TABLE = {
    "assessment-money": {"GET": TELLERS, "POST": TELLERS},
    "assessment-facts": {"GET": TELLERS, "POST": TELLERS},
    "incentives": {"GET": set(PEOPLE)},
    "incentive": {"GET": set(PEOPLE)},
}
ARGS = {"incentive": lambda _world: ["cn-nanjing"]}
