"""Cooperation profiles for showing the product: made-up firms of eight countries, made by the services that the pages use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.matching.partner_life import InterestSide
from capillary.model.partner import PartnerProfile, ProfileIndustry, Words, last_day
from capillary.model.text import Text
from capillary.web.cooperation import services
from capillary.web.cooperation.selectors import Visit
from capillary.web.demo.history import MadeUp
from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from capillary.model.industry import Scheme
    from capillary.model.market import CooperationProfile as Kind
    from capillary.model.market import Partnership
    from capillary.web.accounts.models import User
    from capillary.web.assessments.models import Assessment
    from capillary.web.cooperation.models import CooperationProfile, Interest

    Assess = Callable[[Enterprise, MadeUp, str, int, dt.datetime], Assessment]

FIRST_NUMBER = 9001
DAYS_AGO = 40


@dataclass(frozen=True)
class _Firm:
    """A made-up firm and what it seeks.

    Attributes:
        standard: under which it was assessed; it shows its level.
        texts: title, summary and description, in Chinese and English each.
        industries: classification and codes.
    """

    name: str
    region: str
    sector: str
    employees: int
    standard: str
    strength: float
    kind: Kind
    texts: tuple[tuple[str, str], tuple[str, str], tuple[str, str]]
    industries: tuple[Scheme, tuple[str, ...]]
    partnerships: tuple[Partnership, ...]
    languages: tuple[str, ...]
    readiness: int | None = None
    amount: tuple[int, str] | None = None


ABROAD = _Firm(
    "示例企业（西班牙） · Demo firm (Spain)", "ES", "machinery", 64, "eu-dii-v3", 0.55, "business-request",
    (
        ("求购小批量精密轴", "Precise shafts in small lots wanted"),
        ("农机厂求购磨削轴，每月约两百件", "A maker of farm machines seeks ground shafts, about two hundred a month"),
        ("直径 20 至 60 毫米，材料可以商量。", "Diameters of 20 to 60 mm; the material can be discussed."),
    ),
    ("nace-2", ("C28", "C25")), ("supply",), ("es", "en"), None, (60_000, "EUR"),
)  # fmt: skip
FIRMS = (
    _Firm(
        "示例企业（德国） · Demo firm (Germany)", "DE", "electronics-electrical", 120, "eu-dii-v3", 0.7, "technology-offer",
        (
            ("可加装的主轴振动监测", "Vibration monitoring that is fitted to any spindle"),
            (
                "提前数天发现轴承磨损，不改动机床控制器",
                "Shows a worn bearing days ahead and leaves the control as it is",
            ),
            (
                "已在两种机床上运行。寻求本地改装与销售伙伴。",
                "It runs on two kinds of machine tools. Sought: who fits and sells it.",
            ),
        ),
        ("nace-2", ("C26",)), ("technical-assistance", "licence"), ("de", "en"), 8,
    ),
    _Firm(
        "示例企业（韩国） · Demo firm (South Korea)", "KR", "electronics-electrical", 45, "eu-dii-v3", 0.5,
        "technology-request",
        (
            ("求机床状态监测技术", "Condition monitoring of machine tools wanted"),
            ("零件厂想在二十台老机床上减少停机", "A maker of parts wants fewer stops of twenty older machine tools"),
            ("现有控制器没有数据接口。", "Their controls have no interface for data."),
        ),
        ("isic-4", ("C26", "C28")), ("technical-assistance", "research"), ("ko", "en"), 6, (90_000_000, "KRW"),
    ),
    _Firm(
        "示例企业（意大利） · Demo firm (Italy)", "IT", "machinery", 30, "eu-dii-v3", 0.45, "business-offer",
        (
            ("小型农机，寻求代理", "Small farm machines, an agent is sought"),
            ("果园用小型割草机和拖车", "Small mowers and trailers for orchards"),
            ("年产约四百台，提供培训与备件。", "About four hundred a year, with training and spare parts."),
        ),
        ("nace-2", ("C28",)), ("commercial", "supply"), ("it", "en"),
    ),
    _Firm(
        "示例企业（法国） · Demo firm (France)", "FR", "chemicals-plastics", 85, "eu-dii-v3", 0.6, "research-request",
        (
            ("寻求再生塑料共同研发伙伴", "A partner for research on recycled plastics"),
            ("用回收料生产薄壁件的联合项目", "A joint project on thin parts made of recycled material"),
            ("需要注塑模流和老化试验方面的经验。", "Experience with mould flow and tests of ageing is needed."),
        ),
        ("nace-2", ("C22",)), ("research",), ("fr", "en"), 4,
    ),
    _Firm(
        "示例企业（日本） · Demo firm (Japan)", "JP", "chemicals-plastics", 150, "eu-dii-v3", 0.65, "research-request",
        (
            ("寻求塑料老化试验合作", "Tests of ageing of plastics together"),
            ("有试验设备，寻求有回收料来源的伙伴", "Has the equipment, seeks a partner with recycled material"),
            ("可以提供样件和试验数据。", "Samples and data of tests can be shared."),
        ),
        ("isic-4", ("C22", "M72")), ("research", "licence"), ("ja", "en"), 5,
    ),
    _Firm(
        "示例企业（浙江） · Demo firm (Zhejiang)", "CN-ZJ", "textiles-clothing", 180, "miit-2024", 0.4, "business-offer",
        (
            ("功能面料小单快反", "Functional fabrics in small lots, quickly"),
            ("三百米起订，十天交货", "From three hundred metres, delivered within ten days"),
            ("可按来样染色和后整理。", "Dyed and finished after a sample."),
        ),
        ("gbt-4754", ("C17", "C18")), ("supply", "commercial"), ("zh", "en"), None, (500_000, "CNY"),
    ),
)  # fmt: skip
POLAND = _Firm(
    "示例企业（波兰） · Demo firm (Poland)", "PL", "information-software", 22, "eu-dii-v3", 0.6, "technology-offer",
    (
        ("多语言排产软件", "Software for scheduling in several languages"),
        ("小厂一周内可用，寻求本地化伙伴", "A small plant uses it within a week; a partner is sought for more languages"),
        ("界面文字可由伙伴翻译。", "A partner can translate what the screens say."),
    ),
    ("nace-2", ("J62",)), ("licence", "commercial"), ("pl", "en"), 9,
)  # fmt: skip
OWNERS = (
    ("小批量精密轴", "Precise shafts in small lots"),
    ("车削、磨削直径 80 毫米以下的轴，五十件起", "Shafts up to 80 mm, turned and ground, from fifty pieces"),
    ("公差可达 0.005 毫米，有三坐标检测。", "Tolerances down to 0.005 mm; every lot is measured."),
)
WAITING = (
    "我们做主轴监测，想在贵方磨床上试装两台，费用由我方承担。",
    "磨床的型号和年代？",
    "示例企业（德国），示例联系人，contact@demo.example",
)
AGREED = (
    "We would sell your mowers' parts and seek shafts ourselves.",
    "",
    "Demo firm (Italy), Demo contact, contact@demo.example",
)


def partners_load(users: Mapping[str, User], now: dt.datetime, assess: Assess) -> None:
    """Let made-up firms of eight countries have profiles, one of them in review, and interests at two stages.

    Args:
        users: by role; ``abroad`` owns the firm in Spain.
        now: from which the assessments are dated back.
        assess: makes a completed assessment of a made-up enterprise.
    """
    officer = users["officer"]
    abroad = _firm(ABROAD, 0, now, assess)
    Member.objects.create(enterprise=abroad, user=users["abroad"], role=Member.Role.OWNER)
    wanted = _published(_profile(abroad, ABROAD), officer)
    firms = {item.region: _firm(item, number, now, assess) for number, item in enumerate(FIRMS, start=1)}
    for item in FIRMS:
        _published(_profile(firms[item.region], item), officer)
    waits = _profile(_firm(POLAND, len(FIRMS) + 1, now, assess), POLAND)
    services.profile_submit(profile=waits, by=None)
    home = Enterprise.objects.filter(members__user=users["owner"], members__role=Member.Role.OWNER).first()
    if home is None:
        return
    shafts = _Firm(
        home.name, home.region, home.sector, home.employees or 0, "miit-2024", 0.0, "business-offer", OWNERS,
        ("gbt-4754", ("C33", "C34")), ("supply",), ("zh", "en"), None, (450_000, "CNY"),
    )  # fmt: skip
    offered = _published(_profile(home, shafts), officer)
    _interested(firms["DE"], offered, WAITING)
    row = _interested(firms["IT"], wanted, AGREED)
    services.interest_agree(visit=Visit(users["abroad"], row, InterestSide.PUBLISHER, signs=True))


def _firm(item: _Firm, number: int, now: dt.datetime, assess: Assess) -> Enterprise:
    made_up = MadeUp(
        number=FIRST_NUMBER + number, name=item.name, sector=item.sector, region=item.region, employees=item.employees,
        strength=item.strength, growth=0.05, days=(DAYS_AGO + number,), still_open=False,
    )  # fmt: skip
    began = made_up.completed(0, now)
    enterprise = Enterprise.objects.create(
        name=item.name, sector=item.sector, region=item.region, employees=item.employees, created_at=began, claimed_at=began
    )  # fmt: skip
    assess(enterprise, made_up, item.standard, 0, now)
    return enterprise


def _profile(enterprise: Enterprise, item: _Firm) -> CooperationProfile:
    today = timezone.localdate().isoformat()
    title, summary, description = item.texts
    scheme, codes = item.industries
    amount, currency = item.amount or (None, "CNY")
    profile = PartnerProfile(
        kind=item.kind,
        title=Text(*title),
        summary=Text(*summary),
        description=Words(zh=description[0], en=description[1]),
        region=item.region,
        size="micro",
        industries=tuple(ProfileIndustry(scheme=scheme, code=code) for code in codes),
        partnerships=item.partnerships,
        languages=item.languages,
        readiness=item.readiness,
        amount=amount,
        currency=currency,
        valid_from=today,
        valid_to=last_day(today),
    )
    row = services.profile_save(
        enterprise=enterprise,
        row=None,
        profile=profile,
        contact=f"{item.name}, contact@demo.example",
        shows_level=True,
        by=None,
    )
    row.demonstration = True
    row.save(update_fields=["demonstration"])
    return row


def _published(row: CooperationProfile, officer: User) -> CooperationProfile:
    services.profile_submit(profile=row, by=None)
    services.profile_publish(profile=row, by=officer)
    row.refresh_from_db()
    return row


def _interested(enterprise: Enterprise, row: CooperationProfile, words: tuple[str, str, str]) -> Interest:
    sought, missing, who = words
    values = {"sought": sought, "missing": missing, "who": who, "shows_level": True}
    return services.interest_express(profile=row, enterprise=enterprise, values=values, by=None)
