"""What an operator may say about a host, checked and typed: every problem is told with its remedy, all at once."""
