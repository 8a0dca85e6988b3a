"""What was saved, and how sure that is: each method apart from the others. Pure but for `account`."""
