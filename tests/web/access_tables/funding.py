"""Who may use the addresses of a firm's money and of incentive programmes."""

from __future__ import annotations

from ..kit import PEOPLE

READERS = {"owner", "colleague", "adviser", "assessor", "officer"}
TELLERS = {"owner", "colleague", "adviser"}

TABLE = {
    "assessment-money": {"GET": READERS, "POST": TELLERS},
    "assessment-facts": {"GET": TELLERS, "POST": TELLERS},
    "incentives": {"GET": set(PEOPLE)},
    "incentive": {"GET": set(PEOPLE)},
}
ARGS = {"incentive": lambda _world: ["cn-nanjing"]}
