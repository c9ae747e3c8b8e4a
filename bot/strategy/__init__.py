"""What to quote, given what is seen. Knows no order ids, no venue and no limits."""
