"""Throwaway real systemd hosts on this machine: an overlay over a cached bare Debian, booted by systemd-nspawn.

Holds the making, listing and clearing away of hosts. Refuses to know what is deployed on them.
"""
