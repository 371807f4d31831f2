"""Bringing files of rows into any entity, and taking them back.

A file goes through five steps, each one module:

* `files` and its readers (`sheets`, `workbooks`, `cards`) bring CSV, workbooks and vCards
  into one form, `table`: a heading and rows of text, kept beside the batch. `convert` does
  that in a process of its own, so that no file can take the service's memory or time.
* `mapping` says which column is which field: by the labels of four languages, by what other
  systems' exports call it (`peers`), and by what somebody chose for the same headings before.
* `values` reads the cells, repairs what spreadsheets damage, and says what cannot be read.
* `planning` finds the rows that are there already and says what would become of each row;
  `writing` does it, block by block, and `working` runs batches in the background.
* `undoing` takes a batch back, all but what somebody changed since.
"""
