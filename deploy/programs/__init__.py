"""How a program that Debian lacks comes to a host, and what is proven about it before anything there changes."""
