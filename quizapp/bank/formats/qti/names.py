"""IMS QTI 2.1 and 2.2, and where what it has no field for is carried.

Items follow “IMS Question & Test Interoperability: Assessment Test, Section and Item Information Model” 2.1
and 2.2; packages follow “IMS Content Packaging 1.2” in the profile of QTI; what is said about a question
stands in the manifest as IEEE LOM in the binding “IMS Meta-data 1.3”. No schema is ever fetched.

===============  =========================================================================================
code             LOM ``general/identifier`` in the catalog ``quizapp``
tags             LOM ``general/keyword``
difficulty       LOM ``educational/difficulty``: easy, medium, difficult
source           LOM ``relation`` of the kind ``isbasedon``: its resource's description
roles            LOM ``classification`` with the purpose ``competency``, taxa of ``quizapp:job-role``
explanation      ``modalFeedback`` on the outcome FEEDBACK, shown always; of a case's part FEEDBACK_1 …
several answers  ``match_correct``: nothing but the whole key earns the mark
blanks           ``textEntryInteraction``; accepted texts in a ``mapping`` where each earns 1; a tolerance by
                 ``equal``
a case           one item: the text in a ``div`` of the class ``quizapp-material``, each part in one of the
                 class ``quizapp-part``
===============  =========================================================================================

What a line of text would lose as XHTML (two spaces, a tab) stands in a span, see `quizapp.bank.formats.flow`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from quizapp.messages import M

CATALOG, ROLES_TAXONOMY = "quizapp", "quizapp:job-role"
MATERIAL, PART = "quizapp-material", "quizapp-part"
RESPONSE, FEEDBACK, EXPLANATION = "RESPONSE", "FEEDBACK", "EXPLANATION"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PACKAGING = "http://www.imsglobal.org/xsd/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
LOM_SCHEMA = "http://www.imsglobal.org/xsd/imsmd_loose_v1p3p2.xsd"
MANIFEST = "imsmanifest.xml"

USABLE_NAMESPACE = re.compile(r"(?:.*/)?imsqti_v2p[12]")
USABLE_RESOURCE = re.compile(r"imsqti_(?:apip)?item_xmlv2p[12]")
ANY_RESOURCE = re.compile(r"imsqti_(?:\w*item_|assessment_)?xmlv(\d)p(\d)")


@dataclass(frozen=True, slots=True)
class Version:
    """The names that differ between the versions."""

    number: str
    short: str

    @property
    def items(self) -> str:
        """Return the namespace of items."""
        return f"http://www.imsglobal.org/xsd/imsqti_{self.short}"

    @property
    def items_schema(self) -> str:
        """Return where the standard keeps the schema of items."""
        return f"http://www.imsglobal.org/xsd/qti/qti{self.short}/imsqti_{self.short}.xsd"

    @property
    def packaging_schema(self) -> str:
        """Return where the standard keeps the schema of manifests."""
        return f"http://www.imsglobal.org/xsd/qti/qti{self.short}/qti{self.short}_imscpv1p2_v1p0.xsd"

    @property
    def resource(self) -> str:
        """Return the type of a resource that is an item."""
        return f"imsqti_item_xml{self.short}"

    def template(self, name: str) -> str:
        """Return the address of a template of response processing."""
        return f"http://www.imsglobal.org/question/qti_{self.short}/rptemplates/{name}"


V21, V22 = Version("2.1", "v2p1"), Version("2.2", "v2p2")

#: Interactions that QTI has and this product has not.
UNUSABLE = MappingProxyType(
    {
        "associateInteraction": M("配对题"),
        "customInteraction": M("自定义交互题"),
        "drawingInteraction": M("绘图题"),
        "endAttemptInteraction": M("结束作答按钮"),
        "extendedTextInteraction": M("论述题"),
        "gapMatchInteraction": M("选词填空（拖放）题"),
        "graphicAssociateInteraction": M("图形配对题"),
        "graphicGapMatchInteraction": M("图形填空题"),
        "graphicOrderInteraction": M("图形排序题"),
        "hotspotInteraction": M("热区题"),
        "hottextInteraction": M("热字题"),
        "inlineChoiceInteraction": M("下拉选词题"),
        "matchInteraction": M("匹配题"),
        "mediaInteraction": M("音视频题"),
        "orderInteraction": M("排序题"),
        "portableCustomInteraction": M("自定义交互题"),
        "positionObjectInteraction": M("放置图形题"),
        "selectPointInteraction": M("选点题"),
        "sliderInteraction": M("滑块题"),
        "uploadInteraction": M("上传文件题"),
    }
)
