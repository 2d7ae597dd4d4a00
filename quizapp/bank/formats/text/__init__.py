"""Banks typed as plain text, the way Chinese clerks and publishers do; they come in, none goes out.

There is no written standard. What is understood: numbered stems (``1.`` ``1、`` ``（1）`` ``第1题``),
lettered options on one line or several, answers beside the question (``答案：`` ``【答案】`` ``（ A ）``
``（√）``) or collected behind it (``1-5 ABCDE``, ``1.A 2.BC 3.√``), ``解析：``, headings that give the type,
and marked cases. What could be read in two ways is refused with its line, never guessed.
"""
