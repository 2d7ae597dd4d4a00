"""What each act in the log is called on a page."""

from __future__ import annotations

from quizapp.messages import M, Message

ACTION_NAMES: dict[str, Message] = {
    "account.activate": M("激活账号"),
    "account.add_second_factor": M("启用两步验证"),
    "account.anonymise": M("到期匿名化"),
    "account.copy_data": M("下载本人信息"),
    "account.create": M("建立账号"),
    "account.grant": M("授权"),
    "account.issue_code": M("发激活码"),
    "account.link_identity": M("关联统一身份"),
    "account.refuse_code": M("激活码不对"),
    "account.refuse_second_factor": M("两步验证不对"),
    "account.refuse_sign_in": M("登录被拒"),
    "account.remove_second_factor": M("取消两步验证"),
    "account.reset_password": M("设置新密码"),
    "account.set_password": M("设置首个密码"),
    "account.sign_in": M("登录"),
    "account.sign_out": M("退出登录"),
    "account.sign_out_everywhere": M("退出全部设备"),
    "account.unlink_identity": M("取消关联统一身份"),
    "account.unlock": M("解除登录等待"),
    "account.use_recovery_code": M("使用恢复码"),
    "account.withdraw_grant": M("撤销授权"),
    "application.accept": M("确认登记申请"),
    "application.apply": M("登记申请"),
    "application.refuse": M("拒绝登记申请"),
    "audit.export": M("导出日志"),
    "bank.create": M("新建题库"),
    "bank.import": M("导入题库"),
    "bank.plan_import": M("预演题库导入"),
    "demo.load": M("载入演示区"),
    "enterprise.change": M("更改企业"),
    "enterprise.declare": M("填报底数"),
    "enterprise.register": M("登记企业"),
    "enterprise.renew_join_link": M("更换二维码"),
    "enterprise.set_state": M("更改经营状态"),
    "list.export": M("导出名单"),
    "member_unit.add": M("增加成员单位"),
    "member_unit.rename": M("成员单位改名"),
    "module.add": M("新增学习内容"),
    "module.load": M("载入学习内容"),
    "module.revise": M("修改学习内容"),
    "person.reveal_phone": M("查看完整手机号"),
    "post.begin": M("任职"),
    "post.change": M("更改职务"),
    "post.end": M("离职"),
    "question.add": M("新增试题"),
    "question.answer_report": M("答复纠错"),
    "question.regrade": M("更正答案并重新评分"),
    "question.report": M("试题纠错"),
    "question.restore": M("恢复试题"),
    "question.retire": M("停用试题"),
    "question.revise": M("修改试题"),
    "region.add": M("增加属地"),
    "region.rename": M("属地改名"),
    "roster.import": M("导入名册"),
    "roster.plan_import": M("预演名册导入"),
}


def action_name(action: str) -> Message:
    """Return what an act is called; one without a name stands for itself."""
    return ACTION_NAMES.get(action) or Message(action, {})
