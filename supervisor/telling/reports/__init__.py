"""Reports on paper: what is told of a period, once, and put on a page and into a workbook."""
