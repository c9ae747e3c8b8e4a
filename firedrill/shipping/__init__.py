"""Sees to it that every line of the log files is in Loki, whatever stopped in between. A shipper forgets what it had
read and Loki had not yet taken; this room finds those lines in the files and sends them."""
