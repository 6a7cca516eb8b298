"""What the kinds of the market are called, in forms, tables and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.market import (
        CooperationProfile,
        OfferKind,
        Partnership,
        PriceModel,
        ProviderKind,
        SizeClass,
    )

OFFER_KIND_WORDS: Mapping[OfferKind, Text] = {
    "product": Text(zh="产品", en="Product"),
    "integration-service": Text(zh="集成服务", en="Integration service"),
    "consulting": Text(zh="咨询诊断", en="Consulting and diagnosis"),
    "course": Text(zh="课程", en="Course"),
    "security-service": Text(zh="安全服务", en="Security service"),
    "financing": Text(zh="融资", en="Financing"),
    "demonstration-visit": Text(zh="参观示范", en="Demonstration visit"),
    "cooperation": Text(zh="合作", en="Cooperation"),
}
PROVIDER_KIND_WORDS: Mapping[ProviderKind, Text] = {
    "integrator": Text(zh="集成服务商", en="Integrator"),
    "product-vendor": Text(zh="小快轻准产品商", en="Vendor of small, fast, light and precise products"),
    "chain-leader": Text(zh="链主企业", en="Chain leader"),
    "new-type-entity": Text(zh="新型实体企业", en="New-type entity enterprise"),
    "training-organisation": Text(zh="培训机构", en="Training organisation"),
    "university": Text(zh="高校", en="University"),
    "public-body": Text(zh="公共机构", en="Public body"),
    "bank": Text(zh="银行", en="Bank"),
}
PROFILE_WORDS: Mapping[CooperationProfile, Text] = {
    "business-offer": Text(zh="商务合作：提供", en="Business offer"),
    "business-request": Text(zh="商务合作：寻求", en="Business request"),
    "technology-offer": Text(zh="技术合作：提供", en="Technology offer"),
    "technology-request": Text(zh="技术合作：寻求", en="Technology request"),
    "research-request": Text(zh="研发合作：寻求", en="Research and development request"),
}
PARTNERSHIP_WORDS: Mapping[Partnership, Text] = {
    "commercial": Text(zh="代理、分销", en="Agency or distribution"),
    "investment": Text(zh="投资、合资", en="Investment or joint venture"),
    "supply": Text(zh="外包、供货", en="Outsourcing or supply"),
    "research": Text(zh="共同研发", en="Research and development together"),
    "technical-assistance": Text(zh="带技术支持的商务合作", en="Commercial with technical assistance"),
    "licence": Text(zh="许可", en="Licence"),
    "other": Text(zh="其他", en="Other"),
}
SIZE_WORDS: Mapping[SizeClass, Text] = {
    "micro": Text(zh="10 人以下", en="Fewer than 10 people"),
    "small": Text(zh="10–49 人", en="10–49 people"),
    "medium": Text(zh="50–249 人", en="50–249 people"),
    "large": Text(zh="250 人及以上", en="250 people or more"),
}
PRICE_WORDS: Mapping[PriceModel, Text] = {
    "free": Text(zh="免费", en="Free"),
    "listed": Text(zh="明码标价", en="Listed"),
    "on-request": Text(zh="面议", en="On request"),
}
