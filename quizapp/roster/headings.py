"""The headings under which clerks keep enterprises and people, and the words they use in them. Pure."""

from __future__ import annotations

import unicodedata
from types import MappingProxyType

from quizapp.directory.roles import JobRole, Scale
from quizapp.imports.rows import plain, words_of

USCC, UNIT, REGION, MEMBER_UNIT, TRADE = "uscc", "unit", "region", "member_unit", "trade"
REVENUE, SELF_EMPLOYED, SCALE, REASON = "revenue", "self_employed", "scale", "reason"
NAME, PHONE, ROLE, TITLE, STATE, IDENTITY = "name", "phone", "role", "title", "state", "identity"
#: How many people of a role the enterprise says it has.
DECLARED = MappingProxyType({role: f"declared:{role}" for role in JobRole})

#: Normalised heading → field.
FIELDS = MappingProxyType(
    words_of(
        {
            USCC: "统一社会信用代码 统一信用代码 社会信用代码 信用代码 uscc",
            UNIT: "企业名称 单位名称 公司名称 工作单位 所在企业 企业 单位 enterprise",
            REGION: "属地 所在镇街 所属镇街 镇街 所在镇 所属镇 所属板块 板块 所在地 region",
            MEMBER_UNIT: "成员单位 行业主管部门 主管部门 member_unit",
            TRADE: "行业 行业代码 行业门类 所属行业 国民经济行业 trade",
            REVENUE: "年主营业务收入 主营业务收入 年营业收入 营业收入 年收入 revenue",
            SELF_EMPLOYED: "个体工商户 是否个体 个体经营 是否个体工商户 self_employed",
            SCALE: "规模 企业规模 规上规下 规上/规下 是否规上 scale",
            REASON: "规模理由 规模依据 规模说明",
            DECLARED[JobRole.KEY_POST]: "关键岗位人数 关键岗位人员数 关键岗位人员人数 关键岗位底数",
            DECLARED[JobRole.SAFETY_MANAGER]: "安全管理人数 安全管理人员数 安全管理人员人数 安全管理人员底数",
            DECLARED[JobRole.PRINCIPAL]: "主要负责人人数 主要负责人数 主要负责人底数",
            NAME: "姓名 人员姓名 员工姓名 name",
            PHONE: "手机号 手机号码 手机 联系电话 联系方式 电话 电话号码 phone",
            ROLE: "岗位类别 人员类别 人员类型 岗位类型 类别 role",
            TITLE: "职务 职位 岗位 岗位名称 工种 title",
            STATE: "状态 在职状态 是否在职 state",
            IDENTITY: "身份证号 身份证 身份证号码 公民身份号码 证件号码 证件号 idcard",
        }
    )
)

ROLE_WORDS = MappingProxyType(
    words_of(
        {
            JobRole.KEY_POST: "关键岗位人员 关键岗位 车间主任 工段长 班组长 key_post",
            JobRole.SAFETY_MANAGER: "安全管理人员 安全管理 安全员 专职安全员 safety_manager",
            JobRole.PRINCIPAL: "主要负责人 实际控制人 负责人 企业主要负责人 principal",
        }
    )
)
SCALE_WORDS = MappingProxyType(
    words_of({Scale.ABOVE: "规上 规模以上 是 above", Scale.BELOW: "规下 规模以下 否 below"})
)
YES = frozenset("是 对 √ ✓ y yes true 1".split())
NO = frozenset("否 不是 × n no false 0".split())
LEFT_WORDS = frozenset("离职 已离职 离岗 不在职 否 left".split())
STAYED_WORDS = frozenset("在职 在岗 正常 是 held".split())


def field_of(heading: str) -> str | None:
    """Return the field that a heading stands for, None if unknown."""
    return FIELDS.get(plain(heading))


def is_in_yuan(heading: str) -> bool:
    """Say whether a heading of revenue names yuan, not 10,000 yuan."""
    folded = unicodedata.normalize("NFKC", heading).replace(" ", "")
    return "(元)" in folded or "/元" in folded
