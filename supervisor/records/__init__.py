"""What is kept so that a day can be told again."""
