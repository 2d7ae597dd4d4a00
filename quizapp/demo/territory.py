"""Wujin's towns, streets and zones as the district's own pages name them, and made-up member units."""

from __future__ import annotations

from quizapp.directory.roles import RegionKind

DISTRICT = ("wujin", "武进区", RegionKind.DISTRICT)
REGIONS = (
    ("hutang", "湖塘镇", RegionKind.TOWN),
    ("jiaze", "嘉泽镇", RegionKind.TOWN),
    ("lijia", "礼嘉镇", RegionKind.TOWN),
    ("luoyang", "洛阳镇", RegionKind.TOWN),
    ("niutang", "牛塘镇", RegionKind.TOWN),
    ("qianhuang", "前黄镇", RegionKind.TOWN),
    ("xueyan", "雪堰镇", RegionKind.TOWN),
    ("huangli", "湟里镇", RegionKind.TOWN),
    ("nanxiashu", "南夏墅街道", RegionKind.STREET),
    ("xihu", "西湖街道", RegionKind.STREET),
    ("gaoxin", "武进国家高新区", RegionKind.ZONE),
    ("xitaihu", "武进经济开发区（西太湖科技产业园）", RegionKind.ZONE),
    ("kejiaocheng", "常州科教城", RegionKind.ZONE),
)
MEMBER_UNITS = ("机械行业主管部门（演示）", "化工行业主管部门（演示）", "纺织行业主管部门（演示）")
