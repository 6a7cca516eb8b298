"""What the demonstration's enterprises tell of themselves for the sake of incentives."""

from __future__ import annotations

# made up, like everything here; the level comes from the assessment
MONEY_FACTS: dict[str, object] = {
    "country": "cn",
    "city": "hangzhou",
    "is_pilot_industry": True,
    "has_central_funding": False,
    "is_accepted": True,
    "turnover": "18000000",
    "spend_software": "420000",
    "spend_cloud": "60000",
    "spend_gateways": "38000",
}
