"""Banks typed in Word (.docx); they come in, none goes out.

The paragraphs are read as `quizapp.bank.formats.text` reads lines, with the numbers that Word shows before
them; pictures stand where they stand. A table with known headings is read as a sheet is, any other as text.
Follows ECMA-376 part 1 (WordprocessingML) as far as texts, numbering, pictures and tables go.
"""
