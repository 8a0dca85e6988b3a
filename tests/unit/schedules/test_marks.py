"""What a title says of a day, and what it leaves in doubt."""

from __future__ import annotations

import pytest

from schedules.marks import Meaning, plain, told


@pytest.mark.parametrize(
    "title",
    [
        "休", "国庆节（休）", "春节(休)", "[休] 元旦", "休 国庆节", "春节休", "国庆节 假期 第1天/共8天", "国庆节假期", "休息", "放假",
        "全馆闭馆", "国庆节放假", "中秋节休假", "站庆 休息", "closed", "Closed for Christmas", "The office is closed", "关闭",
    ],
)  # fmt: skip
def test_plain_words_of_rest(title: str) -> None:
    """As the calendars of China's programs and people's own lists have them."""
    assert plain(title) is Meaning.CLOSED


@pytest.mark.parametrize(
    "title",
    [
        "班", "国庆节（班）", "春节(班)", "[班] 元旦", "班 国庆节", "春节班", "国庆节 补班 第1天/共2天", "补班", "调休上班",
        "国庆节 调休 上班", "上班", "上班(补国庆节假期)", "正常上班", "国庆节补班", "工作日", "worked", "Make-up workday",
        "makeup workday", "Working day",
    ],
)  # fmt: skip
def test_plain_words_of_work(title: str) -> None:
    """Make-up days by their marks."""
    assert plain(title) is Meaning.WORKED


@pytest.mark.parametrize(
    "title",
    [
        "", "调休", "国庆节 调休", "休/班", "午休", "退休", "退休干部座谈会", "午休时间", "值班", "国庆节值班", "国庆节 假期 值班",
        "加班", "班会", "开班", "下班", "培训班", "立春", "夏至", "张三生日", "王工休假", "不放假", "不休息", "取消 放假",
        "部分 闭馆", "放假通知", "不上班", "春节", "Christmas", "Car park closed", "not closed", "Elevator closed for repair",
        "寒假", "张三（休）", "李四（班）", "中秋节 休假", "休息室 班", "电梯关闭", "休会", "双休日活动",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_in_doubt(title: str) -> None:
    """A word inside another, a person's leave, a negation, rest and work at once: nobody guesses."""
    assert plain(title) is None


def test_the_sites_own_words_go_by_the_whole_title_then_the_longest_word() -> None:
    """Letters are whole words in any case; words of one length that disagree are in doubt."""
    means = {"立春": Meaning.NOTHING, "节": Meaning.CLOSED, "培训节": Meaning.WORKED, "Fair": Meaning.CLOSED}
    assert told("立春", means) is Meaning.NOTHING
    assert told("艺术节", means) is Meaning.CLOSED
    assert told("培训节开幕", means) is Meaning.WORKED
    assert told("spring fair", means) is Meaning.CLOSED
    assert told("fairness talk", means) is None
    assert told("谷雨", means) is None
    assert told("生日 会议", {"生日": Meaning.NOTHING, "会议": Meaning.CLOSED}) is None
    assert told("生日", {"": Meaning.CLOSED}) is None
