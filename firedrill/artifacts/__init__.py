"""The folder of programs for hosts that cannot reach the vendors."""
