"""What owners type: everyday words in both languages, misspelt ones among them, and what must be among the first five."""

from __future__ import annotations

import pytest

from capillary.content.library import Library
from capillary.matching.search import Index
from capillary.matching.search_content import listed_content, thesaurus_of, words_of
from capillary.matching.search_documents import listed_document, market_documents
from capillary.web.demo.market import demonstration_market

FIRST = 5
TABLE = {
    # what hurts, in Chinese
    "库存不准": ("measure:stock-spreadsheet",),
    "仓库乱": ("measure:stock-barcode-system",),
    "考勤": ("measure:attendance-machine", "measure:hr-system"),
    "工资": ("scenario:wages-take-three-days", "measure:attendance-machine"),
    "电费高": ("scenario:power-bill-surprise", "measure:energy-spreadsheet"),
    "交货晚": ("scenario:delivery-date-promised-blind",),
    "报价慢": ("scenario:furniture-quote-from-sketch",),
    "设备老坏": ("scenario:breaks-on-friday-night", "measure:equipment-predictive"),
    "老设备": ("measure:equipment-retrofit-first", "scenario:old-lathes-without-interface"),
    "业务员带走客户": ("scenario:salesman-leaves-with-customers",),
    "客户投诉": ("scenario:same-complaint-again", "course:service-tickets"),
    "质量追溯": ("measure:quality-traceability",),
    "次品多": ("scenario:tool-wear-found-in-scrap",),
    "排产": ("measure:planning-aps", "course:planning-board-live"),
    "生产进度看不到": ("scenario:where-is-my-order",),
    "采购价格": ("scenario:nobody-remembers-the-last-price",),
    "供应商": ("scenario:supplier-never-on-time", "measure:procurement-integrated"),
    "图纸": ("measure:drawing-version-register", "scenario:drawing-wrong-version"),
    "找不到文件": ("scenario:everything-in-chat-groups",),
    "备份": ("measure:backup-automatic", "measure:backup-offline"),
    "数据丢失": ("measure:backup-automatic",),
    "中毒": ("scenario:virus-stops-invoicing", "course:no-stick-in-the-machine"),
    "密码": ("measure:strong-unique-passwords", "course:accounts-and-passwords"),
    "被骗": ("course:payment-fraud", "course:spot-the-fraud-mail"),
    "发票": ("course:invoices-without-paper",),
    "财务报表": ("measure:accounting-software",),
    "贷款": ("scenario:bank-asks-for-figures",),
    "补贴": ("course:money-for-digital-work", "programme:cn-foshan"),
    "小巨人": ("programme:cn-little-giant",),
    "招工难": ("measure:hr-smart", "scenario:gone-after-new-year"),
    "员工培训": ("measure:training-first",),
    "网店": ("measure:online-shop", "capability:e-commerce"),
    "条形码": ("measure:stock-barcode-system",),
    "机器联网": ("measure:gateway-first",),
    "安全生产": ("capability:work-safety",),
    "外贸": ("scenario:foreign-enquiry-unanswered",),
    "没有IT人员": ("measure:digital-person",),
    # in English, as owners say it
    "late deliveries": ("scenario:delivery-date-promised-blind",),
    "backup": ("measure:backup-automatic", "measure:backup-offline"),
    "electricity bill": ("scenario:power-bill-surprise",),
    "machine breakdown": ("scenario:breaks-on-friday-night",),
    "scrap": ("scenario:tool-wear-found-in-scrap",),
    "quality complaints": ("scenario:same-complaint-again",),
    "payroll": ("measure:attendance-machine",),
    "invoice": ("course:invoices-without-paper",),
    "quotation": ("scenario:furniture-quote-from-sketch",),
    "cash flow": ("scenario:cash-gap-next-quarter",),
    "customers leave": ("scenario:salesman-leaves-with-customers",),
    "how do I prevent ransomware": ("scenario:virus-stops-invoicing",),
    "ransomware": ("measure:malware-complete",),
    "cyber security": ("standard:cis-ig1",),
    "grants": ("programme:sg-psg",),
    "loan": ("scenario:bank-asks-for-figures",),
    "hiring": ("measure:hr-smart",),
    "carbon footprint": ("capability:sustainable-operations",),
    "CRM": ("measure:crm-cloud",),
    "MES": ("measure:mes-core",),
    "Kit Digital": ("programme:es-kit-digital",),
    # misspelt
    "bakcup": ("measure:backup-automatic", "measure:backup-offline"),
    "shcedule": ("measure:planning-ai",),
    "maintainance": ("measure:equipment-maintenance-system",),
    "phising": ("course:spot-the-fraud-mail",),
    "wesbite": ("measure:website-and-social",),
}


@pytest.fixture(scope="module")
def index() -> Index:
    """Return the index over all content and the demonstration's market."""
    library = Library()
    words = words_of(library)
    content = [listed_document(item, words) for item in listed_content(library)]
    market = market_documents(demonstration_market(library), words)
    return Index.of([*content, *market], thesaurus_of(library))


@pytest.mark.parametrize("query", TABLE)
def test_what_helps_is_among_the_first(index: Index, query: str) -> None:
    found = index.search(query, count=FIRST).ids
    assert set(TABLE[query]) <= set(found), f"{query}: {found}"
