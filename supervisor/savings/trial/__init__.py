"""The randomised trial: drawn, lived day by day, and read at the ends of its blocks."""
