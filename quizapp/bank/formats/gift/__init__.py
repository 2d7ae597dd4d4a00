"""Moodle's GIFT, in and out.

Follows the page “GIFT format” of Moodle's documentation (docs.moodle.org/en/GIFT_format): questions parted by
blank lines, ``::title::``, ``[html]`` and the like, ``{answers}``, ``#feedback``, ``####general feedback``,
``$CATEGORY:``, comments, and ``[id:…] [tag:…]`` in a comment above a question.

What GIFT has no field for stands in a comment that other systems skip, ``// quizapp {JSON}``: source,
difficulty, roles, and texts that GIFT would change. A question with several blanks, and a case, become one
GIFT question for each blank and part, each complete in itself (the material before it, the blank to fill
named after it), which the comments bring together again. Pictures are ``<img>`` with ``data:`` addresses.
"""
